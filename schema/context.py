"""What one request knows: who asks, in which currency, and the batches under way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import orjson
import strawberry
from asgiref.sync import sync_to_async
from strawberry.dataloader import DataLoader

from accounts.actors import GUEST, Actor
from catalog import tariffs
from catalog.tariffs import Choice
from schema.errors import Unauthenticated
from shop import languages


@dataclass(frozen=True)
class Watched:
    """What a subscription watches: under which subject notices of it come, and how it stood when it was read."""

    subject: str
    state: object


Load: TypeAlias = Callable[..., Sequence[Any]]


@dataclass
class Context:
    """Made anew for each request.

    A bad access token is told only when somebody asks who the actor is: what needs no actor, such as refreshing the
    token, still works.
    """

    shop_currency: str
    language: str = field(default_factory=languages.own)
    country: str = ""
    request_id: str = ""
    client_address: str = ""
    idempotency_key: str = ""
    has_refused: bool = False
    signed_in: Actor = GUEST
    token_problem: str = ""
    token: str = ""
    token_expires_at: datetime | None = None
    watched: Watched | None = None
    loaders: dict[tuple[int, bytes], DataLoader[Any, Any]] = field(default_factory=dict)

    # Which price list the shopper sees, once somebody asked.
    choice: Choice | None = None

    @property
    def prices(self) -> Choice:
        """Whose prices are told: by the country of the request, and the groups of who signed in."""
        if self.choice is None:
            self.choice = tariffs.chosen(self.country, self.signed_in.user_id)
        return self.choice

    @property
    def currency(self) -> str:
        """The currency of the prices that are told."""
        return self.prices.currency

    @property
    def actor(self) -> Actor:
        """Who asks; a guest where no token came. Raises Unauthenticated for a token that does not hold."""
        if self.token_problem:
            raise Unauthenticated(self.token_problem)
        return self.signed_in

    def loader(
        self, load: Load, arguments: dict[str, Any], convert: Callable[[Any], Any] | None = None
    ) -> DataLoader[Any, Any]:
        """The DataLoader of a batch function with these arguments: one call for all keys asked for at a time."""
        name = (id(load) ^ id(convert), orjson.dumps(arguments, default=str))
        if name not in self.loaders:

            def run(keys: list[Any]) -> list[Any]:
                rows = load(self, keys, **arguments)
                if len(rows) != len(keys):
                    raise RuntimeError(f"{load.__name__} gave {len(rows)} values for {len(keys)} keys.")
                return [None if row is None else convert(row) for row in rows] if convert else list(rows)

            # Runs in the request's own thread: one database connection, one transaction.
            self.loaders[name] = DataLoader(load_fn=sync_to_async(run, thread_sensitive=True))
        return self.loaders[name]


Info: TypeAlias = strawberry.Info[Context, None]
