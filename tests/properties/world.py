"""A shop that is driven at random through its API, with real commits, and asked after each step whether it adds up.

Rules live beside this module, one module for each part of the shop. A rule sends one request by `ask`, which proves
that what is refused changed nothing; `verify` runs after every rule.
"""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias, TypeVar

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, invariant, multiple

from accounts.models import User
from catalog import stock
from tests import builders

class Goods(NamedTuple):
    """A product, by its id and those of its variants."""

    id: str
    variants: list[str]


CATEGORIES: "Bundle[str]" = Bundle("categories")
GOODS: "Bundle[Goods]" = Bundle("goods")
PRODUCT = GOODS.map(attrgetter("id"))
VARIANT = GOODS.flatmap(lambda goods: st.sampled_from(goods.variants))
COLLECTIONS: "Bundle[str]" = Bundle("collections")
REVIEWS: "Bundle[str]" = Bundle("reviews")
LOCATIONS: "Bundle[str]" = Bundle("locations")
TRANSFERS: "Bundle[str]" = Bundle("transfers")
CARTS: "Bundle[str]" = Bundle("carts")
ORDERS: "Bundle[str]" = Bundle("orders")

T = TypeVar("T")
Made: TypeAlias = T | MultipleResults[T]

# Few words, so that handles and skus collide; accents and an emoji, which every text may have.
WORDS = st.sampled_from(["Mug", "Cup", "Café", "Tea pot", "🫖"])

# Who is signed in, and what Django keeps about itself, is the same in every example.
_KEPT = {"accounts", "auth", "contenttypes", "sessions", "admin"}


class World(RuleBasedStateMachine):
    """The shop, empty but for its staff: sam, who may do everything, and alice, a customer. Subclasses add rules."""

    sam: User
    alice: User
    client: Client

    def __init__(self) -> None:
        super().__init__()
        settings.PAYMENT_GATEWAYS = ["test"]
        clear()
        builders.a_shipping_method("Standard", amount="4.90")
        self.headers = {
            name: {"HTTP_AUTHORIZATION": f"Bearer {builders.an_access_token(user)}"}
            for name, user in (("sam", self.sam), ("alice", self.alice))
        }
        self.stood = state()

    def ask(self, document: str, as_: str = "sam", partly: Iterable[str] = (), **variables: Any) -> dict[str, Any]:
        """The payload of the one mutation in the document; empty if it was refused, and then nothing may have changed.

        Refusals with a code of `partly` are the ones that leave a record behind.
        """
        body = {"query": document, "variables": variables}
        answer = self.client.post("/graphql/", body, "application/json", **self.headers.get(as_, {})).json()
        assert "errors" not in answer, answer["errors"]
        [payload] = answer["data"].values()
        refused = payload["userErrors"]
        if not refused:
            return payload
        if not {error["code"] for error in refused} & set(partly):
            changed = [table for table, rows in state().items() if self.stood[table] != rows]
            assert not changed, f"refused with {refused}, and yet {changed} changed"
        return {}

    @invariant()
    def verify(self) -> None:
        """What `manage.py verify` proves."""
        call_command("verify", verbosity=0)
        self.stood = state()


def made(payload: dict[str, Any], what: Callable[[], T]) -> "Made[T]":
    """What a rule adds to its bundle: nothing where it was refused."""
    return what() if payload else multiple()


def state() -> dict[str, tuple[int, int]]:
    """Of every table how many rows it has, and a digest of what they say."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return {table: (rows, digest) for table, rows, digest in cursor.fetchall()}


@transaction.atomic
def clear() -> None:
    """Empty the shop. Foreign keys are checked at commit, so the tables go in any order; and rows are few."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f'DELETE FROM "{table}"' for table in _tables()))
    stock.default_location()


def _tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    return [model._meta.db_table for model in models if model._meta.managed and model._meta.app_label not in _KEPT]


_STATE = " UNION ALL ".join(
    f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) FROM \"{table}\" row"  # noqa: S608
    for table in _tables()
)
