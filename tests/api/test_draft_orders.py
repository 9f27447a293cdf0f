"""draftOrderCreate, …Update, …Delete and …Complete: staff prepare an order, see what it costs, and complete it once."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import of_user
from accounts.models import User
from accounts.staff import Permission
from catalog.models import Price, ProductVariant, StockHold, StockLevel, TaxClass
from checkout import cancellations, fulfilment, invoices, letters, returns
from checkout.cancellations import Cancellation
from checkout.fulfilment import Tracking
from checkout.models import DraftOrder, Order, PaymentEntry, TaxRate
from shop import relay
from shop.models import OutboxMessage
from tests import builders
from tests.conftest import Execute

DRAFT = """
id name status email currencyCode taxesIncluded
lineItems { nodes { title sku quantity isSold originalUnitPrice { amount } discountedTotalPrice { amount }
  discountAllocations { title allocatedAmount { amount } } taxLines { title price { amount } } variant { sku } } }
subtotalPrice { amount } totalDiscounts { amount } totalShippingPrice { amount } totalTax { amount }
totalPrice { amount } deliveryMethod deliveryOptions { handle price { amount } }
appliedDiscount { percentage amount { amount } reason } customer { email } order { name }
"""
CREATE = f"""
mutation ($draft: DraftOrderInput!) {{
  draftOrderCreate(draftOrder: $draft) {{ draftOrder {{ {DRAFT} }} userErrors {{ code field message }} }}
}}
"""
UPDATE = f"""
mutation ($id: ID!, $draft: DraftOrderInput!) {{
  draftOrderUpdate(id: $id, draftOrder: $draft) {{ draftOrder {{ {DRAFT} }} userErrors {{ code field message }} }}
}}
"""
DELETE = "mutation ($id: ID!) { draftOrderDelete(id: $id) { deletedId userErrors { code field message } } }"
COMPLETE = """
mutation ($id: ID!, $isPaid: Boolean! = false) {
  draftOrderComplete(id: $id, isPaid: $isPaid) {
    draftOrder { status }
    order {
      id status financialStatus totalPrice { amount } statusUrl
      lineItems { nodes { title sku quantity variant { sku } } }
    }
    userErrors { code field message }
  }
}
"""
READ = f"query ($id: ID!) {{ draftOrder(id: $id) {{ {DRAFT} }} }}"
LIST = f"""
query ($first: Int, $after: String, $status: DraftOrderStatus) {{
  draftOrders(first: $first, after: $after, status: $status) {{
    totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {DRAFT} }}
  }}
}}
"""
ADDRESS = {
    "firstName": "Ada",
    "lastName": "Byron",
    "address1": "12 Analytical Way",
    "city": "Mountain View",
    "provinceCode": "CA",
    "zip": "94043",
    "countryCode": "US",
}


@pytest.fixture
def mug(db: None) -> ProductVariant:
    return builders.a_variant("MUG", stock=5, price="10.00", title="Mug")


@pytest.fixture
def engraved(mug: ProductVariant) -> dict[str, Any]:
    """Two mugs, one of which costs less, and an engraving, 10 % off, sent for 5.00, with 8 % of tax but on services."""
    builders.a_shipping_method("Standard", amount="5.00")
    services = TaxClass.objects.create(handle="services", title="Services")
    TaxRate.objects.create(title="Sales tax", country="US", rate=Decimal("0.08"), applies_to_shipping=False)
    TaxRate.objects.create(title="None", country="US", tax_class=services, rate=0)
    return {
        "email": "ada@example.com",
        "shippingAddress": ADDRESS,
        "lineItems": [
            {"variantId": builders.id_of(mug), "quantity": 2},
            {"variantId": builders.id_of(mug), "price": "7.50", "priceReason": "A scratch"},
            {
                "title": "Engraving",
                "price": "2.50",
                "quantity": 3,
                "taxClassId": f"gid://shop/TaxClass/{services.pk}",
                "requiresShipping": False,
            },
        ],
        "appliedDiscount": {"percentage": "10", "reason": "A good customer"},
        "delivery": {"handle": "standard"},
    }


def made(execute: Execute, sam: User, draft: dict[str, Any]) -> dict[str, Any]:
    answer = execute(CREATE, as_=sam, draft=draft)["draftOrderCreate"]
    assert answer["userErrors"] == []
    found: dict[str, Any] = answer["draftOrder"]
    return found


def completed(execute: Execute, sam: User, draft: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = execute(COMPLETE, as_=sam, id=draft["id"], **more)["draftOrderComplete"]
    return answer


def test_tells_what_it_costs_as_a_cart_does(execute: Execute, sam: User, engraved: dict[str, Any]) -> None:
    draft = made(execute, sam, engraved)

    assert draft["name"] == f"D{DraftOrder.objects.get().pk}"
    assert [
        (
            line["title"],
            line["sku"],
            line["quantity"],
            line["originalUnitPrice"]["amount"],
            line["discountedTotalPrice"]["amount"],
            [(tax["title"], tax["price"]["amount"]) for tax in line["taxLines"]],
        )
        for line in draft["lineItems"]["nodes"]
    ] == [
        ("Mug", "MUG", 2, "10.00", "18.00", [("Sales tax", "1.44")]),
        ("Mug", "MUG", 1, "7.50", "6.75", [("Sales tax", "0.54")]),
        ("Engraving", None, 3, "2.50", "6.75", [("None", "0.00")]),
    ]
    assert draft["lineItems"]["nodes"][0]["discountAllocations"] == [
        {"title": "A good customer", "allocatedAmount": {"amount": "2.00"}}
    ]
    sums = ("subtotalPrice", "totalDiscounts", "totalShippingPrice", "totalTax", "totalPrice")
    assert [draft[name]["amount"] for name in sums] == ["31.50", "3.50", "5.00", "1.98", "38.48"]
    assert (draft["deliveryMethod"], draft["deliveryOptions"]) == (
        "Standard",
        [{"handle": "standard", "price": {"amount": "5.00"}}],
    )
    assert execute(READ, as_=sam, id=draft["id"])["draftOrder"] == draft
    assert not StockHold.objects.exists()


def test_becomes_an_order_that_is_paid_later(
    execute: Execute, sam: User, engraved: dict[str, Any], assert_verified: Any
) -> None:
    draft = made(execute, sam, engraved)

    answer = completed(execute, sam, draft)

    order = Order.objects.get()
    assert answer == {
        "draftOrder": {"status": "COMPLETED"},
        "order": {
            "id": builders.id_of(order),
            "status": "CONFIRMED",
            "financialStatus": "PENDING",
            "totalPrice": {"amount": "38.48"},
            "statusUrl": letters.status_url(order),
            "lineItems": {
                "nodes": [
                    {"title": "Mug", "sku": "MUG", "quantity": 2, "variant": {"sku": "MUG"}},
                    {"title": "Mug", "sku": "MUG", "quantity": 1, "variant": {"sku": "MUG"}},
                    {"title": "Engraving", "sku": None, "quantity": 3, "variant": None},
                ]
            },
        },
        "userErrors": [],
    }
    assert list(StockHold.objects.values_list("quantity", "expires_at")) == [(3, None)]
    assert list(order.events.order_by("pk").values_list("kind", "is_public", "actor")) == [
        ("PLACED", True, sam.pk),
        ("CONFIRMED", True, None),
        ("NOTE", False, sam.pk),
    ]
    assert order.events.get(kind="NOTE").message == "Mug at 7.50 USD: A scratch"
    assert OutboxMessage.objects.filter(topic="order.confirmed").count() == 1

    again = completed(execute, sam, draft)

    assert again["order"]["id"] == answer["order"]["id"]
    assert (Order.objects.count(), OutboxMessage.objects.filter(topic="order.confirmed").count()) == (1, 1)
    relay.drain()
    assert_verified()


def test_is_paid_already_where_staff_say_so(execute: Execute, sam: User, mug: ProductVariant) -> None:
    draft = made(
        execute,
        sam,
        {"email": "a@example.com", "lineItems": [{"title": "Repair", "price": "20", "requiresShipping": False}]},
    )

    answer = completed(execute, sam, draft, isPaid=True)

    assert (answer["order"]["status"], answer["order"]["financialStatus"]) == ("CONFIRMED", "PAID")
    assert [f"{entry.kind} {entry.amount:.2f}" for entry in PaymentEntry.objects.all()] == ["CAPTURE 20.00"]


def test_what_has_no_variant_goes_the_way_of_all_lines(
    execute: Execute, sam: User, engraved: dict[str, Any], settings: Any, assert_verified: Any
) -> None:
    settings.INVOICE_WHEN = "paid"
    completed(execute, sam, made(execute, sam, engraved), isPaid=True)
    order = Order.objects.get()
    mug, _, engraving = order.lines.order_by("position")
    relay.drain()
    actor = of_user(sam)

    with pytest.raises(Exception, match="Only 3 of Engraving are left to send"):
        fulfilment.create(order_key=order.key, lines=[(engraving.pk, 4)], tracking=Tracking(), actor=actor)
    cancellations.cancel_lines(order_key=order.key, lines=[(engraving.pk, 1)], cancellation=Cancellation(), actor=actor)
    fulfilment.create(order_key=order.key, lines=[(engraving.pk, 1)], tracking=Tracking(), actor=actor)
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=actor)
    back = returns.request(order_key=order.key, lines=[(engraving.pk, 1), (mug.pk, 1)], reason="", actor=actor)
    returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=True, actor=actor)
    relay.drain()

    order.refresh_from_db()
    assert (order.status, order.current_total.amount) == (
        "FULFILLED",
        Decimal("38.48") - Decimal("4.50") - Decimal("9.72"),
    )
    [invoice, *notes] = [shown.invoice for shown in invoices.of_orders([order.pk])[order.pk]]
    assert [line["title"] for line in invoice.snapshot["lines"]] == ["Mug", "Mug", "Engraving", "Shipping (Standard)"]
    assert sum(note.total for note in notes) == Decimal("14.22")
    assert StockLevel.objects.get().on_hand == 3
    assert_verified()


def test_costs_what_staff_saw_or_is_not_completed(
    execute: Execute, sam: User, mug: ProductVariant, engraved: dict[str, Any]
) -> None:
    draft = made(execute, sam, engraved)
    Price.objects.filter(variant=mug).update(amount=11)

    refused = completed(execute, sam, draft)

    assert refused["userErrors"] == [
        {
            "code": "TOTAL_CHANGED",
            "field": ["id"],
            "message": "It was priced anew, and comes to 40.42 USD. Save the draft again to see what changed.",
        }
    ]
    assert not Order.objects.exists()

    saved = execute(UPDATE, as_=sam, id=draft["id"], draft={})["draftOrderUpdate"]["draftOrder"]

    assert saved["totalPrice"]["amount"] == "40.42"
    assert completed(execute, sam, draft)["order"]["totalPrice"]["amount"] == "40.42"


def test_changes_what_is_given(execute: Execute, sam: User, alice: User, engraved: dict[str, Any]) -> None:
    draft = made(execute, sam, engraved)

    changed = execute(
        UPDATE,
        as_=sam,
        id=draft["id"],
        draft={
            "customerId": builders.id_of(alice),
            "email": None,
            "lineItems": [{"title": "Repair", "price": "20.00"}],
            "appliedDiscount": {"amount": "30.00", "reason": "Our fault"},
            "delivery": {"title": "Courier", "price": "0"},
        },
    )["draftOrderUpdate"]

    assert changed["userErrors"] == []
    found = changed["draftOrder"]
    assert (found["email"], found["customer"], found["deliveryMethod"]) == (None, {"email": alice.email}, "Courier")
    assert found["appliedDiscount"] == {"percentage": None, "amount": {"amount": "30.00"}, "reason": "Our fault"}
    assert [found[name]["amount"] for name in ("totalDiscounts", "totalShippingPrice", "totalPrice")] == [
        "20.00",
        "0.00",
        "0.00",
    ]
    assert (DraftOrder.objects.get().lines.count(), DraftOrder.objects.get().delivery_method) == (1, None)


@pytest.mark.parametrize(
    ("draft", "field", "message"),
    [
        ({"customerId": "gid://shop/Customer/99999999"}, ["customerId"], "Customer not found."),
        ({"email": "nonsense"}, ["email"], "This is not an e-mail address; one looks like name@example.com."),
        ({"shippingAddress": {"countryCode": "US"}}, ["shippingAddress", "lastName"], "Say who receives the parcel."),
        (
            {"lineItems": [{"variantId": "gid://shop/ProductVariant/99999999"}]},
            ["lineItems", "0", "variantId"],
            "ProductVariant not found.",
        ),
        ({"lineItems": [{"title": "Repair"}]}, ["lineItems", "0", "price"], "What has no variant needs a price."),
        ({"lineItems": [{"price": "1"}]}, ["lineItems", "0", "title"], "This must not be empty."),
        (
            {"lineItems": [{"title": "Repair", "price": "-1"}]},
            ["lineItems", "0", "price"],
            "A price must be zero or more.",
        ),
        (
            {"lineItems": [{"title": "Repair", "price": "1.005"}]},
            ["lineItems", "0", "price"],
            "A price in USD has 2 decimals at the most.",
        ),
        (
            {"currencyCode": "JPY", "lineItems": [{"title": "Repair", "price": "1.5"}]},
            ["lineItems", "0", "price"],
            "A price in JPY has 0 decimals at the most.",
        ),
        (
            {"lineItems": [{"title": "Repair", "price": "1", "quantity": 0}]},
            ["lineItems", "0", "quantity"],
            "The quantity must be from 1 to 10000.",
        ),
        (
            {"lineItems": [{"title": "Repair", "price": "1", "taxClassId": "gid://shop/TaxClass/99999999"}]},
            ["lineItems", "0", "taxClassId"],
            "TaxClass not found.",
        ),
        (
            {"lineItems": [{"title": "x", "price": "1"}] * 251},
            ["lineItems"],
            "A draft has 250 lines at the most.",
        ),
        (
            {"lineItems": [{"title": "Gold", "price": "999999999999", "quantity": 2}]},
            [],
            "An order's total is 999999999999 at the most.",
        ),
        (
            {"appliedDiscount": {"reason": "x"}},
            ["appliedDiscount"],
            "Give either a percentage or an amount.",
        ),
        ({"appliedDiscount": {"amount": "1", "reason": ""}}, ["appliedDiscount", "reason"], "This must not be empty."),
        (
            {"appliedDiscount": {"amount": "0", "reason": "x"}},
            ["appliedDiscount", "amount"],
            "The amount must be more than zero.",
        ),
        (
            {"appliedDiscount": {"percentage": "101", "reason": "x"}},
            ["appliedDiscount", "percentage"],
            "A percentage is more than 0 and at most 100, with 4 decimals at the most.",
        ),
        (
            {"delivery": {"handle": "teleport"}},
            ["delivery", "handle"],
            "This is not offered there; offered are: none.",
        ),
        (
            {"delivery": {"title": "Courier"}},
            ["delivery", "price"],
            "Name a delivery option, or say what the delivery costs.",
        ),
        ({"attributes": [{"key": "", "value": "x"}]}, ["attributes", "0", "key"], "This must not be empty."),
        ({"note": "x" * 5001}, ["note"], "At most 5000 characters are allowed; these are 5001."),
    ],
)
def test_refuses_what_cannot_be(
    execute: Execute, sam: User, draft: dict[str, Any], field: list[str], message: str
) -> None:
    answer = execute(CREATE, as_=sam, draft=draft)["draftOrderCreate"]

    errors = {(tuple(error["field"]), error["message"]) for error in answer["userErrors"]}
    assert (("draftOrder", *field), message) in errors
    assert answer["draftOrder"] is None
    assert not DraftOrder.objects.exists()


def test_another_price_of_a_variant_has_a_reason(execute: Execute, sam: User, mug: ProductVariant) -> None:
    line = {"variantId": builders.id_of(mug), "price": "1.00"}

    answer = execute(CREATE, as_=sam, draft={"lineItems": [line, line | {"title": "Mug", "priceReason": "x"}]})

    assert answer["draftOrderCreate"]["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["draftOrder", "lineItems", "0", "priceReason"],
            "message": "This must not be empty.",
        },
        {
            "code": "INVALID",
            "field": ["draftOrder", "lineItems", "1", "title"],
            "message": "Give either a variant, or the title of what has none.",
        },
    ]


def test_says_what_is_missing_before_it_is_completed(execute: Execute, sam: User, mug: ProductVariant) -> None:
    draft = made(execute, sam, {})
    line = {"variantId": builders.id_of(mug), "quantity": 6}

    def refused(**more: Any) -> tuple[str, str]:
        answer = execute(UPDATE, as_=sam, id=draft["id"], draft=more)["draftOrderUpdate"]
        assert answer["userErrors"] == []
        [error] = completed(execute, sam, draft)["userErrors"]
        assert error["field"] == ["id"]
        return error["code"], error["message"]

    unready = "DRAFT_ORDER_NOT_READY"
    assert refused() == (unready, "Add a line first.")
    assert refused(lineItems=[line]) == (unready, "Give an e-mail address or a phone number first.")
    assert refused(email="ada@example.com") == (unready, "Give a delivery address first.")
    chosen = "Choose a delivery option, or give the delivery a price, first."
    assert refused(shippingAddress=ADDRESS) == (unready, chosen)
    assert refused(delivery={"price": "4"}) == ("INSUFFICIENT_STOCK", "Only 5 of MUG left.")
    mug.product.status = "ARCHIVED"
    mug.product.save()
    assert refused() == ("MERCHANDISE_NOT_SOLD", "Mug is not sold in USD; remove it.")
    assert not Order.objects.exists()
    assert not StockHold.objects.exists()


def test_a_draft_that_is_an_order_stays(execute: Execute, sam: User, engraved: dict[str, Any]) -> None:
    draft, other = made(execute, sam, engraved), made(execute, sam, engraved)
    completed(execute, sam, draft)

    refused = [
        execute(UPDATE, as_=sam, id=draft["id"], draft={"note": "x"})["draftOrderUpdate"]["userErrors"],
        execute(DELETE, as_=sam, id=draft["id"])["draftOrderDelete"]["userErrors"],
    ]

    said = {
        "code": "DRAFT_ORDER_COMPLETED",
        "field": ["id"],
        "message": f"Draft {draft['name']} has become an order; change the order instead.",
    }
    assert refused == [[said], [said]]
    assert execute(DELETE, as_=sam, id=other["id"])["draftOrderDelete"] == {"deletedId": other["id"], "userErrors": []}
    assert execute(READ, as_=sam, id=other["id"])["draftOrder"] is None
    [error] = execute(DELETE, as_=sam, id=other["id"])["draftOrderDelete"]["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["id"])
    [left] = execute(LIST, as_=sam, status="COMPLETED")["draftOrders"]["nodes"]
    assert (left["id"], left["order"]["name"]) == (draft["id"], Order.objects.get().name)


def test_is_for_staff_who_keep_orders(request_graphql: Any, alice: User) -> None:
    clerk = builders.a_clerk(*set(Permission) - {Permission.MANAGE_ORDERS})
    id = "gid://shop/DraftOrder/019bf8a0-0000-7000-8000-000000000000"
    asked: list[tuple[str, dict[str, Any]]] = [
        (CREATE, {"draft": {}}),
        (UPDATE, {"id": id, "draft": {}}),
        (DELETE, {"id": id}),
        (COMPLETE, {"id": id}),
    ]
    asked += [(READ, {"id": id}), (LIST, {})]

    for document, variables in asked:
        for somebody in (alice, clerk):
            answer = request_graphql(document, as_=somebody, **variables)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert not DraftOrder.objects.exists()


def test_lists_the_newest_first_at_the_cost_of_one(execute: Execute, sam: User, engraved: dict[str, Any]) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            execute(LIST, as_=sam, first=50)
        return len(queries)

    names = [made(execute, sam, engraved)["name"]]
    one = cost()
    names += [made(execute, sam, engraved)["name"] for _ in range(19)]

    assert cost() == one
    page = execute(LIST, as_=sam, first=2)["draftOrders"]
    assert ([node["name"] for node in page["nodes"]], page["totalCount"]) == (names[:-3:-1], 20)
    after = execute(LIST, as_=sam, first=2, after=page["pageInfo"]["endCursor"])["draftOrders"]
    assert [node["name"] for node in after["nodes"]] == names[-3:-5:-1]


def test_buyers_without_taxes_pay_none(
    execute: Execute, sam: User, alice: User, engraved: dict[str, Any], settings: Any
) -> None:
    settings.PRICES_INCLUDE_TAX = True
    alice.is_tax_exempt, alice.tax_id = True, "X1"
    alice.save()
    custom = [{"title": "Repair", "price": "10.80"}]

    draft = made(
        execute, sam, engraved | {"customerId": builders.id_of(alice), "lineItems": custom, "appliedDiscount": None}
    )
    completed(execute, sam, draft)

    assert [draft[name]["amount"] for name in ("subtotalPrice", "totalTax", "totalPrice")] == ["10.00", "0.00", "15.00"]
    assert Order.objects.get().buyer_tax_id == "X1"


def test_is_taken_by_nobody_else(execute: Execute, sam: User, mug: ProductVariant, engraved: dict[str, Any]) -> None:
    draft = made(execute, sam, engraved)
    builders.an_order((mug, 3))

    assert completed(execute, sam, draft)["userErrors"] == [
        {"code": "INSUFFICIENT_STOCK", "field": ["id"], "message": "Only 2 of MUG left."}
    ]
    assert DraftOrder.objects.get().order is None
