"""A tax service tells the taxes: asked while nothing is locked, kept by what was asked, stored with its reference."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.actors import SYSTEM
from accounts.models import User
from checkout import drafts, exchanges, fulfilment, returns
from checkout.draft_fields import Delivery, DraftFields, NewLine
from checkout.exchanges import Wish
from checkout.fulfilment import Tracking
from checkout.models import Cart, DraftOrder, Order, TaxAnswer, TaxRate
from shop import clock
from tests import builders
from tests.api.checkout_documents import CHECKOUT_COMPLETE
from tests.conftest import Execute
from tests.http_double import Double, running

EXPLAINED = "explanation { taxService taxReference delivery { steps { kind title } } lines { steps { kind title } } }"
CART = f"""
query ($id: ID!) {{
  cart(id: $id) {{ cost {{ totalAmount {{ amount }} totalTaxAmount {{ amount }} }} warnings {{ code }} {EXPLAINED} }}
}}
"""
ORDER = f"query ($token: String!) {{ orderStatus(token: $token) {{ {EXPLAINED} }} }}"
NOTE = """
mutation ($id: ID!) {
  cartNoteUpdate(cartId: $id, note: "Ring twice") @idempotent(key: "only once, of course") { warnings { code } }
}
"""
EXCHANGE = """
mutation ($id: ID!, $lineItems: [DraftOrderLineItemInput!]!) {
  returnExchange(id: $id, lineItems: $lineItems) @idempotent(key: "exchanged once") {
    exchangeOrder { totalTax { amount } } userErrors { code message }
  }
}
"""
DRAFT = """
mutation ($draft: DraftOrderInput!) {
  draftOrderCreate(draftOrder: $draft) { draftOrder { totalTax { amount } } userErrors { code field message } }
}
"""
TOKEN = "the token of tests"


class Taxes(Double):
    """Takes a tenth of each line, and 0.25 of each delivery."""

    def __init__(self) -> None:
        super().__init__(self._answered)
        self.questions: list[dict[str, Any]] = []
        self.status = 200
        self.told: Any = None

    def _answered(self, method: str, path: str, asked: dict[str, Any]) -> tuple[int, Any]:
        self.questions.append(asked)
        lines = [
            [{"title": "Tenth", "rate": "0.1", "amount": f"{Decimal(line['amount']) / 10:.2f}"}]
            for line in asked["lines"]
        ]
        shipping = [{"title": "Road", "rate": "0.05", "amount": "0.25"}] if asked["shipping"] else []
        answer = {"reference": f"T-{len(self.questions)}", "lines": lines, "shipping": shipping}
        return self.status, self.told if self.told is not None else answer


@pytest.fixture
def service(settings: Any) -> Iterator[Taxes]:
    double = Taxes()
    with running(double):
        settings.TAX_SERVICE = "checkout.tax_services.http.HttpTaxService"
        settings.TAX_SERVICE_URL, settings.TAX_SERVICE_TOKEN = f"{double.address}/taxes", TOKEN
        settings.TAX_SERVICE_TIMEOUT = 0.3
        yield double


@pytest.fixture
def cart(transactional_db: None) -> Cart:
    """Two mugs at 10.00 and delivery for 5.00, to California, where own rates take a fifth of the goods."""
    TaxRate.objects.create(title="Own", rate="0.2", country="US", applies_to_shipping=False)
    return builders.a_ready_cart((builders.a_variant("MUG", price="10.00", stock=9), 2))


def read(execute: Execute, cart: Cart) -> dict[str, Any]:
    found: dict[str, Any] = execute(CART, id=builders.id_of(cart))["cart"]
    return found


def taxes(found: dict[str, Any]) -> str:
    return str(found["cost"]["totalTaxAmount"]["amount"])


def complete(execute: Execute, cart: Cart) -> dict[str, Any]:
    payload: dict[str, Any] = execute(CHECKOUT_COMPLETE, cartId=builders.id_of(cart), payment={"gateway": "test"})[
        "checkoutComplete"
    ]
    return payload


def test_the_order_bears_what_was_told_and_keeps_the_reference(
    execute: Execute, service: Taxes, cart: Cart, assert_verified: Any
) -> None:
    builders.a_promotion(kind="PERCENTAGE", percentage="10", title="Sale")

    shown = [read(execute, cart) for _ in range(2)]
    payload = complete(execute, cart)

    assert shown[0] == shown[1]
    assert (taxes(shown[0]), shown[0]["warnings"]) == ("2.05", [])
    assert payload["userErrors"] == []
    order = Order.objects.get()
    assert (order.tax_reference, str(order.tax_total), str(order.total)) == ("T-1", "2.0500", "25.0500")
    assert order.lines.get().taxes == [{"title": "Tenth", "rate": "0.1", "amount": "1.80"}]
    assert order.shipping_taxes == [{"title": "Road", "rate": "0.05", "amount": "0.25"}]
    explained = execute(ORDER, token=order.status_token)["orderStatus"]["explanation"]
    assert explained == shown[0]["explanation"]
    assert (explained["taxService"], explained["taxReference"]) == ("Tax service", "T-1")
    assert explained["lines"][0]["steps"][-1] == {"kind": "TAX", "title": "Tenth"}
    assert service.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    assert service.questions == [
        {
            "currency": "USD",
            "destination": {"country": "US", "province": "CA", "postcode": "94043"},
            "pricesIncludeTax": False,
            "isExempt": False,
            "shipping": "5.00",
            "lines": [{"amount": "18.00", "discount": "2.00", "quantity": 2, "taxClass": "", "isGiftCard": False}],
        }
    ]
    assert_verified()


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (500, None),
        (200, ["garbage"]),
        (200, {"reference": "T", "lines": [], "shipping": []}),
        (200, {"reference": "T", "lines": [[{"title": "A", "rate": "x", "amount": "1"}]], "shipping": []}),
        (200, {"reference": "T", "lines": [[{"title": "A", "rate": "NaN", "amount": "1"}]], "shipping": []}),
        (0, None),
    ],
)
def test_without_an_answer_own_rates_count_or_nobody_can_buy(
    execute: Execute, service: Taxes, cart: Cart, settings: Any, status: int, told: Any
) -> None:
    service.status, service.told = status or 200, told
    if not status:
        service.befalls["/taxes"] = Double.SLOW

    strict = read(execute, cart)
    refused = complete(execute, cart)
    settings.TAX_SERVICE_FALLBACK = True
    lenient = read(execute, cart)
    bought = complete(execute, cart)

    assert (taxes(strict), strict["warnings"]) == ("4.00", [{"code": "TAXES_OUTDATED"}])
    assert [(error["code"], error["message"]) for error in refused["userErrors"]] == [
        ("CART_NOT_READY", "What taxes come to cannot be told now; try again in a minute.")
    ]
    assert (taxes(lenient), lenient["warnings"], lenient["explanation"]["taxService"]) == ("4.00", [], None)
    assert bought["userErrors"] == []
    assert (Order.objects.get().tax_service, len(service.asked)) == ("", 1)


def test_what_is_outdated_is_told_and_not_bought_until_it_is_read_again(
    execute: Execute, service: Taxes, cart: Cart
) -> None:
    read(execute, cart)
    TaxAnswer.objects.update(ask_again_at=clock.now(), expires_at=clock.now())

    warned = execute(NOTE, id=builders.id_of(cart))["cartNoteUpdate"]
    refused = complete(execute, cart)
    bought = complete(execute, cart)

    assert warned == {"warnings": [{"code": "TAXES_OUTDATED"}]}
    assert [error["code"] for error in refused["userErrors"]] == ["CART_NOT_READY"]
    assert bought["userErrors"] == [], "a refused checkout answers the cart, which is read for it"
    assert Order.objects.get().tax_reference == "T-2"


def test_taxes_within_prices_are_no_higher_than_the_prices(
    execute: Execute, service: Taxes, cart: Cart, settings: Any
) -> None:
    settings.PRICES_INCLUDE_TAX = True
    service.told = {
        "reference": "T",
        "lines": [[{"title": "All of it", "rate": "1", "amount": "20.00"}]],
        "shipping": [{"title": "More", "rate": "1", "amount": "5.01"}],
    }

    found = read(execute, cart)

    assert (taxes(found), found["cost"]["totalAmount"]["amount"]) == ("3.33", "25.00")
    assert service.questions[0]["pricesIncludeTax"] is True


def test_an_estimate_before_there_is_an_address_is_the_shops_own(execute: Execute, service: Taxes, cart: Cart) -> None:
    cart.addresses.all().delete()

    found = read(execute, cart)

    assert (taxes(found), found["warnings"], service.asked) == ("4.00", [], [])


def test_drafts_of_staff_and_exchanges_are_taxed_by_it_too(service: Taxes, cart: Cart) -> None:
    """Asked while nothing is locked, and stored with the order."""
    mug = cart.lines.get().variant
    fields: DraftFields = {
        "email": "ada@example.com",
        "shipping_address": builders.ADDRESS,
        "line_items": [NewLine(mug.pk, 1)],
        "delivery": Delivery(price=Decimal(5)),
    }

    draft = drafts.create(draft=fields, actor=SYSTEM)

    assert draft.quote["tax"] == "1.25"
    order = drafts.complete(draft_key=draft.key, is_paid=True, actor=SYSTEM).order
    assert order is not None
    assert (order.tax_reference, len(service.questions)) == ("T-1", 1)
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    back = returns.request(order_key=order.key, lines=[(order.lines.get().pk, 1)], reason="", actor=SYSTEM)
    returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=False, actor=SYSTEM)
    back = exchanges.exchange(return_key=back.key, wish=Wish([NewLine(mug.pk, 2)]), actor=SYSTEM)
    assert back.exchange_order is not None
    assert (back.exchange_order.tax_total, back.exchange_order.tax_reference) == (Decimal("2.25"), "T-2")
    assert Order.objects.count() == 2


EDIT = """
mutation ($id: ID!, $changes: [OrderEditChangeInput!]!, $dry: Boolean! = false) {
  orderEdit(id: $id, changes: $changes, dryRun: $dry) DIRECTIVE {
    outcome { subtotalChange { amount } taxChange { amount } totalChange { amount } }
    userErrors { code field message }
  }
}
"""
ONCE, FREELY = EDIT.replace("DIRECTIVE", '@idempotent(key: "once, of course")'), EDIT.replace("DIRECTIVE", "")
UNKNOWN = [
    {
        "code": "ORDER_TAXES_UNKNOWN",
        "field": ["changes"],
        "message": "What taxes on what is added come to is not known now. Nobody is asked about it under an "
        "idempotency key: try it with `dryRun: true` and without one, and then again.",
    }
]


def changes(answer: dict[str, Any]) -> list[str]:
    return [answer["orderEdit"]["outcome"][name]["amount"] for name in ("subtotalChange", "taxChange", "totalChange")]


@pytest.mark.parametrize("is_collected", [False, True])
def test_what_an_edit_adds_is_taxed_by_it_too(
    execute: Execute, service: Taxes, cart: Cart, sam: User, is_collected: bool, assert_verified: Any
) -> None:
    """Asked while nothing is locked; under an idempotency key it is not asked, and nothing is added untaxed."""
    read(execute, cart)
    order = builders.completed(cart)
    if is_collected:
        there = builders.ADDRESS.as_json()
        Order.objects.update(delivery_address=None, pickup={"name": "Main", "address": there, "ready_text": ""})
    mug = cart.lines.get().variant
    wish = {
        "id": builders.id_of(order),
        "changes": [{"addVariant": {"variantId": builders.id_of(mug), "quantity": 3}}],
    }

    refused = execute(ONCE, as_=sam, **wish)["orderEdit"]
    assert (refused, len(service.questions), order.lines.count()) == ({"outcome": None, "userErrors": UNKNOWN}, 1, 1)
    tried = execute(FREELY, as_=sam, dry=True, **wish)
    edited = [execute(ONCE, as_=sam, **wish) for _ in range(2)]

    assert [changes(answer) for answer in (tried, *edited)] == [["30.00", "3.00", "33.00"]] * 3
    assert order.lines.get(edit__isnull=False).taxes == [{"title": "Tenth", "rate": "0.1", "amount": "3.00"}]
    there = {"country": "US", "province": "", "postcode": ""}
    assert service.questions[1:] == [
        {
            "currency": "USD",
            "destination": there if is_collected else {"country": "US", "province": "CA", "postcode": "94043"},
            "pricesIncludeTax": False,
            "isExempt": False,
            "shipping": None,
            "lines": [{"amount": "30.00", "discount": "0.00", "quantity": 3, "taxClass": "", "isGiftCard": False}],
        }
    ]
    notes = order.events.filter(kind="NOTE").values_list("message", "is_public")
    assert list(notes) == [("Tax service knows the taxes on what was added as T-2.", False)]
    assert_verified()


def test_nothing_is_added_whose_taxes_nobody_tells(
    execute: Execute, service: Taxes, cart: Cart, sam: User, settings: Any
) -> None:
    read(execute, cart)
    order = builders.completed(cart)
    service.status = 500
    wish = {
        "id": builders.id_of(order),
        "changes": [{"addVariant": {"variantId": builders.id_of(cart.lines.get().variant)}}],
    }

    refused = [execute(FREELY, as_=sam, dry=dry, **wish)["orderEdit"]["userErrors"] for dry in (True, False)]
    assert (refused, order.lines.count()) == ([UNKNOWN, UNKNOWN], 1)
    settings.TAX_SERVICE_FALLBACK = True
    assert changes(execute(FREELY, as_=sam, **wish)) == ["10.00", "2.00", "12.00"]
    assert not order.events.filter(kind="NOTE").exists()


def test_an_exchange_is_made_once_with_its_key(execute: Execute, service: Taxes, cart: Cart, sam: User) -> None:
    read(execute, cart)
    complete(execute, cart)
    order = Order.objects.get()
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    back = returns.request(order_key=order.key, lines=[(order.lines.get().pk, 1)], reason="", actor=SYSTEM)
    returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=False, actor=SYSTEM)
    mug = order.lines.get().variant

    def send() -> dict[str, Any]:
        wanted = [{"variantId": builders.id_of(mug)}]
        return dict(execute(EXCHANGE, as_=sam, id=builders.id_of(back), lineItems=wanted)["returnExchange"])

    first, again = send(), send()

    assert first == again == {"exchangeOrder": {"totalTax": {"amount": "1.25"}}, "userErrors": []}
    assert Order.objects.count() == 2


@pytest.fixture
def circle(transactional_db: None) -> Iterator[None]:
    """The database gives up whoever changes a draft for the first time, as it does to end a circle of locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE SEQUENCE changes;
            CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('changes') = 1 THEN RAISE EXCEPTION 'a circle' USING ERRCODE = 'deadlock_detected'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER given_up BEFORE UPDATE ON checkout_draftorder FOR EACH ROW EXECUTE FUNCTION give_up();
            """
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER given_up ON checkout_draftorder; DROP FUNCTION give_up; DROP SEQUENCE changes")


def test_a_draft_that_is_given_up_while_it_is_taxed_is_made_once(
    execute: Execute, service: Taxes, sam: User, circle: None
) -> None:
    address = {"lastName": "Byron", "address1": "1 Way", "city": "Reno", "provinceCode": "NV", "zip": "89501"}
    draft = {
        "email": "ada@example.com",
        "shippingAddress": {**address, "countryCode": "US"},
        "lineItems": [{"title": "Engraving", "price": "10.00"}],
        "delivery": {"price": "5.00"},
    }

    made = execute(DRAFT, as_=sam, draft=draft)["draftOrderCreate"]

    assert made == {"draftOrder": {"totalTax": {"amount": "1.25"}}, "userErrors": []}
    assert DraftOrder.objects.count() == 1
