"""orderEdit: what was not sent may change; what was agreed stays, and the difference is owed or given back."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from catalog import facts, stock
from catalog.models import Price, ProductVariant, StockHold, StockLevel, StockLocation
from checkout import cancellations, fulfilment, payments, returns
from checkout.cancellations import Cancellation
from checkout.fulfilment import Tracking
from checkout.models import (
    Cart,
    GiftCard,
    Invoice,
    Order,
    OrderEdit,
    OrderEvent,
    Payment,
    PaymentEntry,
    Refund,
    TaxRate,
)
from shop import relay
from tests import builders, figures
from tests.builders import id_of
from tests.conftest import Execute

EDIT = """
mutation ($id: ID!, $changes: [OrderEditChangeInput!]!, $reason: String! = "", $notify: Boolean! = true,
          $dry: Boolean! = false) {
  orderEdit(id: $id, changes: $changes, reason: $reason, notifyCustomer: $notify, dryRun: $dry) {
    order {
      status edited financialStatus totalPrice { amount } subtotalPrice { amount }
      currentSubtotalPrice { amount } currentTotalTax { amount } currentTotalPrice { amount }
      totalOutstanding { amount } amountDue { amount }
      lineItems { nodes { sku quantity currentQuantity isAdded originalUnitPrice { amount } } }
      events(last: 1) { nodes { kind message } }
    }
    outcome {
      removed { title quantity } added { sku quantity unitPrice { amount } totalPrice { amount } }
      subtotalChange { amount } taxChange { amount } totalChange { amount }
      currentTotalPrice { amount } amountDue { amount } refundAmount { amount }
    }
    userErrors { code field message }
  }
}
"""


@pytest.fixture
def mug(db: None) -> ProductVariant:
    return builders.a_variant("MUG", stock=9, price="10.00", title="Mug")


@pytest.fixture
def order(mug: ProductVariant) -> Order:
    """Three mugs and a jug, paid: 3 x 10 + 7 + 5 for delivery."""
    return builders.an_order((mug, 3), (builders.a_variant("JUG", stock=2, price="7.00", title="Jug"), 1))


@pytest.fixture
def edit(execute: Execute, sam: User) -> Execute:
    def send(order: Order, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = execute(EDIT, as_=sam, id=id_of(order), changes=list(changes), **more)
        return answer["orderEdit"]

    return send


def add(variant: ProductVariant, quantity: int = 1) -> dict[str, Any]:
    return {"addVariant": {"variantId": id_of(variant), "quantity": quantity}}


def put(order: Order, position: int, quantity: int) -> dict[str, Any]:
    line = order.lines.get(position=position)
    return {"setQuantity": {"orderLineItemId": id_of(line), "quantity": quantity}}


def remove(order: Order, position: int) -> dict[str, Any]:
    return {"removeLine": id_of(order.lines.get(position=position))}


def levels() -> dict[str, tuple[int, int]]:
    rows = StockLevel.objects.values_list("variant__sku", "on_hand", "reserved")
    return {sku: (on_hand, reserved) for sku, on_hand, reserved in rows}


def ledger() -> list[tuple[str, str]]:
    return [(entry.kind, f"{entry.amount:.2f}") for entry in PaymentEntry.objects.order_by("pk")]


def amounts(found: dict[str, Any], *names: str) -> list[str]:
    return [found[name]["amount"] for name in names]


def test_adds_changes_and_removes_at_once(
    edit: Execute, order: Order, mug: ProductVariant, mailoutbox: list[Any], assert_verified: Any
) -> None:
    relay.drain()
    tea = builders.a_variant("TEA", stock=4, price="4.00", title="Tea")
    Price.objects.filter(variant=mug).update(amount=Decimal(12))
    facts.refresh([mug.product_id])
    mailoutbox.clear()

    payload = edit(order, put(order, 0, 5), remove(order, 1), add(tea, 3), reason="By phone")
    relay.drain()

    assert payload["userErrors"] == []
    assert payload["outcome"] == {
        "removed": [{"title": "Jug", "quantity": 1}],
        "added": [
            {"sku": "MUG", "quantity": 2, "unitPrice": {"amount": "12.00"}, "totalPrice": {"amount": "24.00"}},
            {"sku": "TEA", "quantity": 3, "unitPrice": {"amount": "4.00"}, "totalPrice": {"amount": "12.00"}},
        ],
        "subtotalChange": {"amount": "29.00"},
        "taxChange": {"amount": "0.00"},
        "totalChange": {"amount": "29.00"},
        "currentTotalPrice": {"amount": "71.00"},
        "amountDue": {"amount": "29.00"},
        "refundAmount": {"amount": "0.00"},
    }
    found = payload["order"]
    assert (found["status"], found["edited"], found["financialStatus"]) == ("CONFIRMED", True, "PARTIALLY_PAID")
    assert amounts(found, "subtotalPrice", "totalPrice") == ["37.00", "42.00"]
    assert amounts(found, "currentSubtotalPrice", "currentTotalPrice") == ["66.00", "71.00"]
    assert amounts(found, "totalOutstanding", "amountDue") == ["29.00", "29.00"]
    assert [
        (line["sku"], line["quantity"], line["currentQuantity"], line["isAdded"], line["originalUnitPrice"]["amount"])
        for line in found["lineItems"]["nodes"]
    ] == [
        ("MUG", 3, 3, False, "10.00"),
        ("JUG", 1, 0, False, "7.00"),
        ("MUG", 2, 2, True, "12.00"),
        ("TEA", 3, 3, True, "4.00"),
    ]
    said = "Edited: added 2 of Mug, added 3 of Tea, removed 1 of Jug; 29.00 USD more is owed. By phone"
    assert found["events"]["nodes"] == [{"kind": "EDITED", "message": said}]
    assert levels() == {"MUG": (9, 5), "JUG": (2, 0), "TEA": (4, 3)}
    assert ledger() == [("CAPTURE", "42.00")]
    [mail] = mailoutbox
    assert mail.subject.endswith(f"order {order.name} was changed")
    for words in ("71.00 USD now", "29.00 USD are left to pay", "By phone", "3 x 4.00 USD: 12.00 USD"):
        assert words in mail.body
    assert "Jug" not in mail.body
    assert_verified()


def test_gives_back_what_was_paid_too_much(
    edit: Execute, order: Order, mailoutbox: list[Any], assert_verified: Any
) -> None:
    relay.drain()
    mailoutbox.clear()

    payload = edit(order, put(order, 0, 1), notify=False)
    relay.drain()

    assert amounts(payload["outcome"], "totalChange", "refundAmount", "amountDue") == ["-20.00", "20.00", "0.00"]
    assert ledger() == [("CAPTURE", "42.00"), ("REFUND", "20.00")]
    assert [mail.subject for mail in mailoutbox if "changed" in mail.subject] == []
    assert levels() == {"MUG": (9, 1), "JUG": (2, 1)}
    assert_verified()


def test_a_dry_run_tells_all_and_writes_nothing(
    edit: Execute, order: Order, mug: ProductVariant, assert_verified: Any
) -> None:
    relay.drain()
    before = levels(), list(OrderEvent.objects.values_list("pk")), list(order.lines.values())

    payload = edit(order, put(order, 0, 4), remove(order, 1), dry=True)
    refused = edit(order, add(mug, 7), dry=True)
    relay.drain()

    assert amounts(payload["outcome"], "totalChange", "currentTotalPrice", "amountDue") == ["3.00", "45.00", "3.00"]
    assert payload["order"]["edited"] is False
    assert amounts(payload["order"], "currentTotalPrice", "amountDue") == ["42.00", "0.00"]
    assert refused["userErrors"][0]["message"] == "Only 6 of MUG left."
    assert (levels(), list(OrderEvent.objects.values_list("pk")), list(order.lines.values())) == before
    assert not OrderEdit.objects.exists()
    assert not Cart.objects.exclude(orders=order).exists()
    assert_verified()


def test_of_what_is_promised_only_what_is_owed_is_taken(edit: Execute, sam: User, assert_verified: Any) -> None:
    less = builders.an_order((builders.a_variant("MUG", price="10.00"), 2), token="authorize")
    more = builders.an_order((builders.a_variant("JUG", price="10.00"), 2), token="authorize")

    edit(less, put(less, 0, 1))
    payload = edit(more, put(more, 0, 3))
    for order in (less, more):
        fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    relay.drain()

    assert amounts(payload["order"], "totalOutstanding", "amountDue") == ["35.00", "10.00"]
    captured = Payment.objects.order_by("pk").values_list("status", "captured")
    assert list(captured) == [("CAPTURED", Decimal(15)), ("CAPTURED", Decimal(25))]
    assert_verified()


def test_what_is_paid_by_agreement_is_agreed_upon_as_a_whole(edit: Execute, assert_verified: Any) -> None:
    order = builders.an_order((builders.a_variant("MUG", price="10.00"), 1), gateway="manual")

    payload = edit(order, put(order, 0, 2))
    payments.mark_as_paid(order_key=order.key)
    relay.drain()

    assert amounts(payload["order"], "totalOutstanding", "amountDue") == ["25.00", "0.00"]
    assert ledger() == [
        ("AUTHORIZATION", "15.00"), ("AUTHORIZATION", "10.00"), ("CAPTURE", "15.00"), ("CAPTURE", "10.00")
    ]  # fmt: skip
    assert_verified()


def test_a_dry_run_is_no_payment_to_count(
    edit: Execute, mug: ProductVariant, django_capture_on_commit_callbacks: Any
) -> None:
    order = builders.an_order((mug, 1), gateway="manual")

    def send(*, dry: bool) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            edit(order, add(mug), dry=dry)

    counted = [figures.growth(partial(send, dry=dry)) for dry in (True, False)]

    agreed = "shop_payment_outcomes_total gateway=manual outcome=AUTHORIZED"
    assert [grown.get(agreed, 0) for grown in counted] == [0, 1]


def test_what_is_bought_on_invoice_takes_more_credit_as_far_as_there_is(
    edit: Execute, alice: User, settings: Any, assert_verified: Any
) -> None:
    settings.PAYMENT_GATEWAYS = ["invoice"]
    limit = builders.a_credit_limit(alice, "40.00")
    order = builders.an_order((builders.a_variant("MUG", price="10.00"), 1), owner=alice, gateway="invoice")

    payload = edit(order, put(order, 0, 3))
    refused = edit(order, add(builders.a_variant("JUG", price="10.00")))

    assert amounts(payload["order"], "totalOutstanding", "amountDue") == ["35.00", "0.00"]
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("CREDIT_LIMIT_EXCEEDED", ["changes"])
    ]
    assert refused["userErrors"][0]["message"] == (
        "5.00 USD of a credit of 40.00 USD are available; this takes 10.00 USD. Pay open invoices first, or have the "
        "limit raised."
    )
    limit.refresh_from_db()
    assert limit.used == Decimal(35)
    assert_verified()


def test_discounts_stay_with_the_units_they_were_given_for(
    edit: Execute, mug: ProductVariant, assert_verified: Any
) -> None:
    """Neither does a promotion come with what is added, nor is its condition asked for again."""
    builders.a_promotion("Sale", percentage="10", min_subtotal="30.00")
    order = builders.an_order((mug, 3))

    payload = edit(order, put(order, 0, 1), add(builders.a_variant("TEA", price="40.00"), 1))

    assert order.total == Decimal(32)  # 30 less 3, and the delivery
    assert amounts(payload["order"], "currentSubtotalPrice", "currentTotalPrice") == ["49.00", "54.00"]
    assert_verified()


def test_what_is_added_bears_the_taxes_of_where_it_goes(edit: Execute, assert_verified: Any) -> None:
    TaxRate.objects.create(title="Sales tax", country="US", region="CA", rate=Decimal("0.08"))
    order = builders.an_order((builders.a_variant("MUG", price="10.00"), 1))
    TaxRate.objects.update(rate=Decimal("0.10"))

    payload = edit(order, put(order, 0, 2))

    assert amounts(payload["outcome"], "subtotalChange", "taxChange", "totalChange") == ["10.00", "1.00", "11.00"]
    assert amounts(payload["order"], "currentTotalTax", "currentTotalPrice") == ["2.20", "27.20"]
    assert_verified()


def test_an_exempt_buyer_stays_so(edit: Execute, alice: User, settings: Any, assert_verified: Any) -> None:
    settings.PRICES_INCLUDE_TAX = True
    TaxRate.objects.create(title="VAT", country="US", rate=Decimal("0.25"))
    alice.tax_id, alice.is_tax_exempt = "DE136695976", True
    alice.save()
    order = builders.an_order((builders.a_variant("MUG", price="10.00"), 1), owner=alice)
    User.objects.update(is_tax_exempt=False)

    payload = edit(order, put(order, 0, 2))

    assert amounts(payload["outcome"], "subtotalChange", "taxChange") == ["8.00", "0.00"]
    assert_verified()


def test_prices_for_many_count_what_is_in_the_order(edit: Execute, order: Order, mug: ProductVariant) -> None:
    builders.a_price(mug, "8.00", from_=4)

    payload = edit(order, put(order, 0, 4))

    assert [line["unitPrice"]["amount"] for line in payload["outcome"]["added"]] == ["8.00"]
    assert amounts(payload["outcome"], "totalChange") == ["8.00"]


def test_what_was_sent_stays_and_the_rest_may_go(edit: Execute, order: Order, assert_verified: Any) -> None:
    mug_line = order.lines.get(position=0)
    fulfilment.create(order_key=order.key, lines=[(mug_line.pk, 2)], tracking=Tracking(), actor=SYSTEM)
    before = order.lines.order_by("pk").values_list("cancelled_quantity", flat=True)

    refused = [edit(order, change)["userErrors"] for change in (put(order, 0, 1), remove(order, 0))]
    assert list(before) == [0, 0]
    payload = edit(order, put(order, 0, 2), remove(order, 1))
    relay.drain()

    assert refused == [
        [{"code": "ALREADY_SENT", "field": ["changes", "0", "setQuantity", "quantity"],
          "message": "2 of MUG were sent; what comes back is a return."}],
        [{"code": "ALREADY_SENT", "field": ["changes", "0", "removeLine"],
          "message": "2 of MUG were sent; set the quantity to that, or take them back as a return."}],
    ]  # fmt: skip
    assert payload["order"]["status"] == "FULFILLED"
    assert levels() == {"MUG": (7, 0), "JUG": (2, 0)}
    assert ledger() == [("CAPTURE", "42.00"), ("REFUND", "17.00")]
    assert_verified()


def test_a_line_goes_whose_sent_units_all_came_back(
    edit: Execute, order: Order, sam: User, assert_verified: Any
) -> None:
    line = order.lines.get(position=0)
    fulfilment.create(order_key=order.key, lines=[(line.pk, 1)], tracking=Tracking(), actor=SYSTEM)
    back = returns.request(order_key=order.key, lines=[(line.pk, 1)], reason="", actor=SYSTEM)
    returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=True, actor=SYSTEM)

    payload = edit(order, remove(order, 0))
    relay.drain()

    assert payload["userErrors"] == []
    assert payload["outcome"]["removed"] == [{"title": "Mug", "quantity": 2}]
    assert (levels()["MUG"], ledger()[1:]) == ((9, 0), [("REFUND", "10.00"), ("REFUND", "20.00")])
    assert_verified()


def test_what_goes_makes_room_for_what_comes(edit: Execute, order: Order) -> None:
    """An order has 250 lines at the most, when it was edited."""
    tea, cup = builders.a_variant("TEA", stock=4), builders.a_variant("CUP", stock=4)
    jug = order.lines.get(position=1)
    for position in range(2, 250):
        jug.pk, jug.position = None, position
        jug.save(force_insert=True)

    refused = edit(order, remove(order, 0), add(tea), add(cup))
    payload = edit(order, remove(order, 0), add(tea))

    assert [(error["code"], error["message"]) for error in refused["userErrors"]] == [
        ("CART_TOO_LARGE", "An order has 250 lines at the most.")
    ]
    assert payload["userErrors"] == []


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_much_changes(
    edit: Execute, sam: User, size: int, django_assert_num_queries: Any, assert_verified: Any
) -> None:
    """So many lines have more units, so many go, and so many come: in categories of their own, held at two places."""
    stock.default_location()
    StockLocation.objects.update(priority=5)
    near = builders.a_location("Near", priority=1)
    more, less, new = (
        [builders.a_product(f"{name} {number}").variants.get() for number in range(size)]
        for name in ("More", "Less", "New")
    )
    for variant in (*more, *less, *new):
        builders.stocked(variant, near, 1)
    order = builders.an_order(*((variant, 2) for variant in (*more, *less)), (builders.a_variant("KEPT"), 1))
    changes = [put(order, number, 3) for number in range(size)]
    changes += [remove(order, size + number) for number in range(size)] + [add(variant, 2) for variant in new]

    with django_assert_num_queries(53):
        payload = edit(order, *changes)

    assert payload["userErrors"] == []
    assert_verified()


def test_more_is_held_where_the_order_is_sent_from(edit: Execute, mug: ProductVariant, assert_verified: Any) -> None:
    """What is held stays where it lies, at a place that is closed meanwhile too."""
    stock.default_location()
    StockLocation.objects.update(priority=5)
    near = builders.a_location("Near", priority=1)
    builders.stocked(mug, near, 2)
    order = builders.an_order((mug, 3))
    near.is_active = False
    near.save()

    edit(order, put(order, 0, 5))

    held = StockHold.objects.order_by("location__priority").values_list("location__name", "quantity", "expires_at")
    assert list(held) == [("Near", 2, None), ("Main warehouse", 3, None)]
    assert_verified()


def test_an_edited_order_is_invoiced_anew_and_credited(
    edit: Execute, order: Order, settings: Any, assert_verified: Any
) -> None:
    settings.INVOICE_WHEN = "paid"
    relay.drain()

    edit(order, put(order, 0, 4), remove(order, 1))  # 10 more, 7 less: 3 are left to pay
    relay.drain()
    assert list(Invoice.objects.order_by("pk").values_list("kind", "total")) == [
        ("INVOICE", Decimal(42)),
        ("CREDIT_NOTE", Decimal(7)),
    ]
    payments.mark_as_paid(order_key=order.key)
    relay.drain()
    edit(order, put(order, 0, 1))
    relay.drain()

    assert list(Invoice.objects.order_by("pk").values_list("kind", "total", "is_further"))[2:] == [
        ("INVOICE", Decimal(10), True),
        ("CREDIT_NOTE", Decimal(3), False),  # of what came in last, and then of what came in first
        ("CREDIT_NOTE", Decimal(17), False),
    ]
    assert_verified()


def test_an_edit_before_the_invoice_stands_on_it(edit: Execute, order: Order, settings: Any) -> None:
    settings.INVOICE_WHEN = "shipped"
    relay.drain()
    edit(order, put(order, 0, 4), remove(order, 1))

    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    relay.drain()

    invoice, note = Invoice.objects.order_by("pk")
    assert (invoice.total, invoice.snapshot["total"], note.total) == (Decimal(52), "52.00", Decimal(7))
    assert [line["quantity"] for line in invoice.snapshot["lines"]] == [3, 1, 1, 1]


def test_goodwill_is_not_asked_for_again(edit: Execute, execute: Execute, order: Order, sam: User) -> None:
    give = "mutation ($id: ID!) { refundCreate(refund: {orderId: $id, amount: 5}) { userErrors { message } } }"
    execute(give, as_=sam, id=id_of(order))

    payload = edit(order, put(order, 0, 4))

    assert amounts(payload["order"], "totalOutstanding", "amountDue") == ["10.00", "10.00"]
    assert Refund.objects.get().goodwill == Decimal(5)


def test_gift_cards_come_once_paid_and_go_only_before(edit: Execute, order: Order, assert_verified: Any) -> None:
    card = builders.a_variant("CARD", price="20.00")
    card.is_gift_card, card.requires_shipping = True, False
    card.save()

    edit(order, add(card, 2))
    relay.drain()
    assert not GiftCard.objects.exists()
    edit(order, put(order, 2, 1))
    payments.mark_as_paid(order_key=order.key)
    relay.drain()

    assert GiftCard.objects.get().balance == Decimal(20)
    assert edit(order, remove(order, 2))["userErrors"][0]["code"] == "ALREADY_SENT"
    assert_verified()


def test_nothing_may_be_left_over(edit: Execute, order: Order) -> None:
    payload = edit(order, remove(order, 0), remove(order, 1))

    assert payload == {"order": None, "outcome": None, "userErrors": [
        {"code": "ORDER_NOT_EDITABLE", "field": ["changes"],
         "message": "Nothing would be left of the order; cancel it instead."}]}  # fmt: skip
    assert levels() == {"MUG": (9, 3), "JUG": (2, 1)}


def test_refuses_what_cannot_be(edit: Execute, order: Order, mug: ProductVariant) -> None:
    euros = builders.a_variant("EUROS", price="1.00", currency="EUR")
    draft = builders.a_variant("DRAFT", status="DRAFT")
    few = builders.a_variant("FEW", stock=1)
    limited = builders.a_product("Rare", category=builders.a_category("Rare")).variants.get()
    category_rules_limit(limited, 2)
    here, there = order.lines.get(position=0), builders.an_order((mug, 1)).lines.get()

    def told(*changes: dict[str, Any]) -> list[tuple[str, list[str], str]]:
        payload = edit(order, *changes)
        assert payload["order"] is None
        return [(error["code"], error["field"], error["message"]) for error in payload["userErrors"]]

    quantity = ["changes", "0", "setQuantity", "quantity"]
    one_or_more = "The quantity must be 1 or more; a line is removed by `removeLine`."
    not_sold = "This product is not for sale in USD."
    added = ["changes", "0", "addVariant"]
    assert told() == [("INVALID", ["changes"], "Name at least one change.")]
    assert told(*[add(mug)] * 251) == [("INVALID", ["changes"], "An edit has 250 changes at the most.")]
    assert told({}) == [
        ("INVALID", ["changes", "0"], "Name exactly one of `addVariant`, `setQuantity` and `removeLine`.")
    ]
    assert told(put(order, 0, 0)) == [("INVALID", quantity, one_or_more)]
    assert told(put(order, 0, -1)) == [("INVALID", quantity, one_or_more)]
    assert told(add(mug, 0)) == [("INVALID", [*added, "quantity"], one_or_more)]
    assert told(put(order, 0, 3)) == [("INVALID", ["changes"], "Nothing of the order would change.")]
    assert told(put(order, 0, 2), remove(order, 0)) == [
        ("INVALID", ["changes", "1", "removeLine"], "Name each line of the order once.")
    ]
    assert told({"removeLine": id_of(there)}) == [
        ("INVALID", ["changes", "0", "removeLine"], "This line is not in the order, or no more.")
    ]
    assert told({"removeLine": "nonsense"}) == [
        ("NOT_FOUND", ["changes", "0", "removeLine"], "OrderLineItem not found.")
    ]
    for variant in (euros, draft):
        assert told(add(variant)) == [("INVALID_MERCHANDISE_LINE", [*added, "variantId"], not_sold)]
    assert told({"addVariant": {"variantId": "gid://shop/ProductVariant/0"}}) == [
        ("INVALID_MERCHANDISE_LINE", [*added, "variantId"], not_sold)
    ]
    assert told(add(few, 2)) == [("INSUFFICIENT_STOCK", [*added, "quantity"], "Only 1 of FEW left.")]
    assert told(add(limited, 3)) == [("MAXIMUM_EXCEEDED", [*added, "quantity"], "An order has 2 of Rare at the most.")]
    assert told(put(order, 0, 10_001)) == [
        ("MAXIMUM_EXCEEDED", quantity, "An order has 10000 units of a product at the most.")
    ]
    # Together they would be one again, where 32 bits wrap around.
    assert told(add(mug, 2**31 - 1), add(mug, 2**31 - 1), add(mug, 3)) == [
        ("MAXIMUM_EXCEEDED", [*added, "quantity"], "An order has 10000 units of a product at the most.")
    ]
    assert told(add(mug, 5_000), add(mug, 4_999)) == [
        ("MAXIMUM_EXCEEDED", ["changes", "1", "addVariant", "quantity"],
         "An order has 10000 units of a product at the most.")
    ]  # fmt: skip
    assert here.order.lines.count() == 2
    assert not OrderEdit.objects.exists()
    assert levels()["MUG"] == (9, 4)


def category_rules_limit(variant: ProductVariant, most: int) -> None:
    category = variant.product.category
    category.max_quantity = category.effective_max_quantity = most
    category.save(update_fields=["max_quantity", "effective_max_quantity"])


def test_only_confirmed_orders_can_be_edited(edit: Execute, order: Order, mug: ProductVariant) -> None:
    waiting = builders.an_order((mug, 1), token="pending")
    sent = builders.an_order((mug, 1))
    fulfilment.create(order_key=sent.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    called_off = builders.an_order((mug, 1))
    cancellations.cancel_lines(
        order_key=called_off.key,
        lines=[(called_off.lines.get().pk, 1)],
        cancellation=Cancellation(),
        actor=SYSTEM,
    )

    told = [edit(one, add(mug))["userErrors"] for one in (waiting, sent, called_off)]

    assert [(error["code"], error["field"], error["message"]) for [error] in told] == [
        ("ORDER_NOT_EDITABLE", ["id"],
         f"Order {waiting.name} still waits for its payment; it can be edited once that is sure."),
        ("ORDER_NOT_EDITABLE", ["id"], f"Order {sent.name} is fulfilled; it cannot be edited any more."),
        ("ORDER_NOT_EDITABLE", ["id"], f"Order {called_off.name} is cancelled; it cannot be edited any more."),
    ]  # fmt: skip


def test_is_for_staff_who_keep_orders(request_graphql: Execute, alice: User, order: Order, mug: ProductVariant) -> None:
    clerk = builders.a_clerk(*(set(Permission) - {Permission.MANAGE_ORDERS}))

    answers = [request_graphql(EDIT, as_=user, id=id_of(order), changes=[add(mug)]) for user in (None, alice, clerk)]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]
    assert levels() == {"MUG": (9, 3), "JUG": (2, 1)}


DUES = "{ orders(first: 20) { nodes { financialStatus amountDue { amount } totalOutstanding { amount } } } }"


@pytest.mark.parametrize("size", [1, 20])
def test_what_is_due_costs_the_same_however_many_orders(
    execute: Execute, sam: User, size: int, django_assert_num_queries: Any
) -> None:
    mug = builders.a_variant("MUG", stock=50, price="10.00")
    for _ in range(size):
        builders.an_order((mug, 1), token="authorize")

    with django_assert_num_queries(6):
        nodes = execute(DUES, as_=sam)["orders"]["nodes"]

    due = {"financialStatus": "AUTHORIZED", "amountDue": {"amount": "0.00"}, "totalOutstanding": {"amount": "15.00"}}
    assert nodes == [due] * size
