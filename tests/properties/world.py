"""A shop that is driven at random through its API, with real commits, and asked after each step whether it adds up.

Rules live beside this module, one module for each part of the shop. A rule sends its requests by `ask`, which proves
that what is refused changed nothing, and what is sent again changes nothing more; `verify` runs after every rule.
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
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, invariant, multiple, rule

from accounts.models import CreditLimit, LoyaltyProgram, LoyaltyRate, PointsAccount, PointsEntry, User
from catalog import stock, tariffs
from checkout import promotion_facts
from shop import money
from tests import builders
from tests.api import inputs


class Answered(NamedTuple):
    """A request that had an effect, by whom and under which key it was sent, and what was answered."""

    body: dict[str, Any]
    headers: dict[str, str]
    data: dict[str, Any]


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

# Refused because somebody outside did not answer: sent again, the request goes on where it stopped.
UNANSWERED = {"PAYMENT_GATEWAY_UNAVAILABLE"}

# Who is signed in, and what Django keeps about itself, is the same in every example.
_KEPT = {"accounts", "auth", "contenttypes", "sessions", "admin"}
# Of customers, what they owe and have.
_CHANGED = {CreditLimit, LoyaltyProgram, LoyaltyRate, PointsAccount, PointsEntry}


class World(RuleBasedStateMachine):
    """The shop, empty but for its staff: sam, who may do everything, and alice, a customer. Subclasses add rules."""

    sam: User
    alice: User
    client: Client
    currency = "USD"

    def __init__(self) -> None:
        super().__init__()
        settings.PAYMENT_GATEWAYS, settings.SHOP_CURRENCY = ["test"], self.currency
        clear()
        self.answered: list[Answered] = []
        self.requests = 0
        self.method = builders.a_shipping_method("Standard", amount=self.amount(490), currency=self.currency)
        self.category = builders.a_category("Shop")
        self.tokens = {"sam": builders.an_access_token(self.sam), "alice": builders.an_access_token(self.alice)}
        self.stood = state()

    @initialize(target=CATEGORIES)
    def open_with_a_category(self) -> str:
        return builders.id_of(self.category)

    @initialize(target=LOCATIONS)
    def open_with_a_location(self) -> str:
        return builders.id_of(stock.default_location())

    @initialize(target=LOCATIONS)
    def open_with_another_location(self) -> str:
        return builders.id_of(builders.a_location("Oslo"))

    @initialize(target=GOODS)
    def open_with_a_product(self) -> Goods:
        return self.product("Tea")

    @initialize(target=GOODS, variants=st.sampled_from([2, 1]), own=st.sampled_from([True, True, False]))
    def open_with_another_product(self, variants: int, own: bool) -> Goods:
        return self.product("Pot", variants=variants, currency=self.currency if own else "JPY", price="1005")

    @initialize(target=CARTS)
    def open_with_a_cart(self) -> str:
        green: dict[str, Any] = {"category": self.category, "stock_": 9, "currency": self.currency}
        tea = builders.a_product("Green tea", price=self.amount(1000), **green).variants.get()
        return builders.id_of(builders.a_ready_cart((tea, 2), currency=self.currency))

    @rule(which=st.integers(min_value=0, max_value=999))
    def send_again(self, which: int) -> None:
        """A request of long ago comes once more, after whatever was done since."""
        if self.answered:
            self._send_again(self.answered[which % len(self.answered)])

    def ask(
        self, mutation: str, answer: str = "", /, *, as_: str = "sam", recorded: Iterable[str] = (), **arguments: Any
    ) -> dict[str, Any]:
        """The payload of a mutation; empty if it was refused, and then nothing may have changed.

        Each has an idempotency key and is sent up to three times more. Refusals with a code that is `recorded` leave an
        entry in the books behind.
        """
        self.requests += 1
        body = {"query": inputs.document(mutation, arguments, answer), "variables": arguments}
        headers = {"Idempotency-Key": f"the-request-number-{self.requests}"}
        if as_ in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[as_]}"
        said = self._post(body, headers)
        assert "errors" not in said, said["errors"]
        payload: dict[str, Any] = said["data"][mutation]
        refused = {error["code"] for error in payload["userErrors"]}
        if refused and not refused & set(recorded):
            self._assert_nothing_changed(f"refused with {payload['userErrors']}")
            return {}
        self.stood = state()
        if refused and refused <= UNANSWERED:
            return {}
        self.answered.append(Answered(body, headers, said["data"]))
        for _ in range(self.requests % 3 + 1):
            self._send_again(self.answered[-1])
        return {} if refused else payload

    def _send_again(self, known: Answered) -> None:
        said = self._post(known.body, known.headers)
        assert said["data"] == known.data, f"{known.body} was answered with {known.data}, and then with {said}"
        self._assert_nothing_changed(f"sent again: {known.body}")

    def _post(self, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        # What a process remembers for a second must not decide what an example does.
        promotion_facts.forget()
        tariffs.forget()
        said: dict[str, Any] = self.client.post(
            "/graphql/", body, content_type="application/json", headers=headers
        ).json()
        return said

    def _assert_nothing_changed(self, why: str) -> None:
        changed = [table for table, rows in state().items() if self.stood[table] != rows]
        assert not changed, f"{why}, and yet {changed} changed"

    def amount(self, units: int) -> str:
        """So many of the smallest unit of the shop's currency."""
        return str(units * money.quantum(self.currency))

    def product(self, title: str, **fields: Any) -> Goods:
        fields = {"currency": self.currency, "price": self.amount(1000), **fields}
        product = builders.a_product(title, category=self.category, **fields)
        return Goods(builders.id_of(product), [builders.id_of(variant) for variant in product.variants.order_by("pk")])

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
        # Whose rows nobody may change.
        cursor.execute(f'TRUNCATE "{PointsEntry._meta.db_table}"')
        cursor.execute("; ".join(f'DELETE FROM "{table}"' for table in _tables()))  # noqa: S608  (our tables)


def _tables() -> list[str]:
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return [one._meta.db_table for one in models if one in _CHANGED or one._meta.app_label not in _KEPT]


_STATE = " UNION ALL ".join(
    f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(row::text, 0)::numeric), 0) FROM \"{table}\" row"  # noqa: S608
    for table in _tables()
)
