"""The mail that tells a customer their order is confirmed."""

from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from checkout.models import Order, OrderLine, OrderStatus
from shop import outbox, relay
from shop.models import OutboxDelivery

ALICE = {
    "first_name": "Alice",
    "last_name": "Owner",
    "address1": "1 Main Street",
    "address2": "Apt 2",
    "city": "New York",
    "province_code": "NY",
    "zip": "10001",
    "country_code": "US",
}
PLAIN = """\
Thank you for your order

Order #1001 of November 25, 2026 at Clay & Co is confirmed. We will get it ready now.

View your order: https://clay.example/orders/5ec2e7

WHAT YOU ORDERED

Mug (Blue / Large)
  Engraving: For <Bob>
  2 x 18.00 USD = 36.00 USD

Tom & Jerry's bowl
  1 x 115.00 USD = 115.00 USD

Subtotal: 151.00 USD
Shipping: 5.90 USD (Standard)
Tax: 12.46 USD
Total: 169.36 USD

DELIVERY ADDRESS

Alice Owner
1 Main Street
Apt 2
NEW YORK, NY 10001
UNITED STATES

--
You receive this e-mail because an order was placed at Clay & Co with this address.

Clay & Co Ltd.
1 Kiln Lane
Leeds LS1 4AP
hello@clay.example
Tax ID: GB123456789
"""


@pytest.fixture(autouse=True)
def clay_and_co(settings: Any) -> None:
    settings.SHOP_NAME = "Clay & Co"
    settings.DEFAULT_FROM_EMAIL = "Clay & Co <hello@clay.example>"
    settings.STOREFRONT_URL = "https://clay.example"
    settings.ORDER_STATUS_URL = "https://clay.example/orders/{token}"
    settings.MERCHANT_NAME = "Clay & Co Ltd."
    settings.MERCHANT_ADDRESS = ["1 Kiln Lane", "Leeds LS1 4AP"]
    settings.MERCHANT_EMAIL = "hello@clay.example"
    settings.MERCHANT_TAX_ID = "GB123456789"
    settings.STAFF_MAILS = []


def an_order(**fields: Any) -> Order:
    """Alice's confirmed order of two mugs and a bowl."""
    order = Order.objects.create(
        **{
            "number": 1001,
            "status": OrderStatus.CONFIRMED,
            "status_token": "5ec2e7",
            "email": "alice@example.com",
            "currency": "USD",
            "subtotal": Decimal("151.00"),
            "shipping_total": Decimal("5.90"),
            "tax_total": Decimal("12.46"),
            "total": Decimal("169.36"),
            "delivery_address": ALICE,
            "delivery_method": "Standard",
            "placed_at": datetime(2026, 11, 25, 23, 30, tzinfo=UTC),
            **fields,
        }
    )
    engraved = [{"key": "Engraving", "value": "For <Bob>"}, {"key": "_bundle", "value": "7"}]
    a_line(order, 0, "Mug", 2, "18", variant_title="Blue / Large", attributes=engraved)
    a_line(order, 1, "Tom & Jerry's bowl", 1, "115", variant_title="Default Title")
    return order


def a_line(order: Order, position: int, title: str, quantity: int, price: str, **fields: Any) -> None:
    unit_price = Decimal(price)
    total = unit_price * quantity
    OrderLine.objects.create(
        order=order, position=position, title=title, quantity=quantity, unit_price=unit_price, total=total, **fields
    )


def confirm(order: Order) -> OutboxDelivery:
    outbox.publish("order.confirmed", order_id=order.pk)
    relay.drain()
    return OutboxDelivery.objects.get(handler="checkout.notifications.confirm_order")


class Reader(HTMLParser):
    """What a person reads and where the links lead, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.words += [" ".join(data.split())] if data.strip() else []


def html_of(mail: EmailMultiAlternatives) -> Reader:
    ((content, mimetype),) = mail.alternatives
    assert mimetype == "text/html"
    reader = Reader()
    reader.feed(str(content))
    return reader


def test_tells_in_plain_text_all_that_was_ordered(db, mailoutbox):
    confirm(an_order())

    (mail,) = mailoutbox
    assert mail.subject == "Clay & Co: order #1001 confirmed"
    assert mail.to == ["alice@example.com"]
    assert mail.from_email == "Clay & Co <hello@clay.example>"
    assert mail.body == PLAIN


def test_tells_the_same_in_html_with_every_word_escaped(db, mailoutbox):
    confirm(an_order())

    page = html_of(mailoutbox[0])
    assert page.words[page.words.index("What you ordered") :] == [
        "What you ordered", "Item", "Price",
        "Mug", "Blue / Large", "Engraving: For <Bob>", "2 \u00d7 18.00 USD", "36.00 USD",
        "Tom & Jerry's bowl", "1 \u00d7 115.00 USD", "115.00 USD",
        "Subtotal", "151.00 USD", "Shipping", "(Standard)", "5.90 USD", "Tax", "12.46 USD", "Total", "169.36 USD",
        "Delivery address", "Alice Owner", "1 Main Street", "Apt 2", "NEW YORK, NY 10001", "UNITED STATES",
        "If the button does not work, open this address:", "https://clay.example/orders/5ec2e7",
        "You receive this e-mail because an order was placed at Clay & Co with this address.",
        "Clay & Co Ltd.", "1 Kiln Lane", "Leeds LS1 4AP", "hello@clay.example", "Tax ID: GB123456789",
    ]  # fmt: skip
    status = "https://clay.example/orders/5ec2e7"
    assert page.links == ["https://clay.example", status, status]
    assert "bob" not in page.tags


@pytest.mark.parametrize(
    ("currency", "prices"), [("JPY", ["36 JPY", "36 JPY", "0 JPY"]), ("KWD", ["36.000 KWD", "36.000 KWD", "0.000 KWD"])]
)
def test_writes_amounts_with_the_decimals_of_their_currency(db, mailoutbox, currency, prices):
    amounts = {"subtotal": 36, "shipping_total": 0, "tax_total": 0, "total": 36}
    order = Order.objects.create(number=1, email="a@example.com", currency=currency, **amounts)

    confirm(order)

    subtotal, shipping, total = (
        line.partition(": ")[2] for line in mailoutbox[0].body.splitlines() if line.startswith(("Sub", "Ship", "Total"))
    )
    assert [total, subtotal, shipping] == prices
    assert "Tax:" not in mailoutbox[0].body
    assert "DELIVERY ADDRESS" not in mailoutbox[0].body


@pytest.mark.parametrize(
    ("address", "envelope"),
    [
        (
            {
                **ALICE,
                "company": "Töpferei",
                "city": "Berlin",
                "zip": "10115",
                "province_code": "",
                "country_code": "DE",
            },
            ["Alice Owner", "Töpferei", "1 Main Street", "Apt 2", "10115 BERLIN", "GERMANY"],
        ),
        (
            {"first_name": "Alice", "address1": "1 Far Away", "city": "Nowhere", "zip": "7", "country_code": "ZZ"},
            ["Alice", "1 Far Away", "Nowhere 7", "ZZ"],
        ),
    ],
)
def test_writes_the_address_as_its_country_does(db, mailoutbox, address, envelope):
    confirm(an_order(delivery_address=address))

    assert mailoutbox[0].body.partition("DELIVERY ADDRESS\n\n")[2].partition("\n\n--")[0].splitlines() == envelope


@pytest.mark.parametrize("fields", [{"email": ""}, {"status": OrderStatus.CANCELLED}])
def test_sends_nothing_without_an_address_or_an_order_that_stands(db, mailoutbox, fields):
    delivery = confirm(an_order(**fields))

    assert mailoutbox == []
    assert delivery.done_at is not None


def test_the_same_mail_sent_twice_has_the_same_name(db, mailoutbox):
    order = an_order()
    confirm(order)
    OutboxDelivery.objects.update(done_at=None, due_at="2020-01-01T00:00Z")

    relay.drain()

    names = [mail.message()["Message-ID"] for mail in mailoutbox]
    assert names == [f"<order_confirmed.{order.key}@clay.example>"] * 2


def test_a_shop_name_cannot_add_headers(db, mailoutbox, settings):
    settings.SHOP_NAME = "Clay\r\nBcc: eve@example.com"

    confirm(an_order())

    sent = mailoutbox[0].message()
    assert sent["Subject"] == "Clay Bcc: eve@example.com: order #1001 confirmed"
    assert sent["Bcc"] is None


def test_an_address_cannot_add_headers(db, mailoutbox):
    delivery = confirm(an_order(email="alice@example.com\nBcc: eve@example.com"))

    assert mailoutbox == []
    assert delivery.done_at is None
    assert "BadHeaderError" in delivery.last_error
