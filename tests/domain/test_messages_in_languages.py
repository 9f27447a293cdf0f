"""Mails, text messages and documents in the language an order was placed in, or without words for it in the shop's."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from pypdf import PdfReader
from pytest_django import Settings

from accounts.actors import SYSTEM
from accounts.models import User
from checkout import fulfilment, invoice_pdf, orders
from checkout.fulfilment import Tracking
from checkout.models import Invoice, Order
from shop import clock, mails, relay, sms, speech
from tests import builders
from tests.conftest import Execute

COMPLETE = """
mutation ($cart: ID!) @inContext(language: %s) {
  checkoutComplete(cartId: $cart, payment: {gateway: "test", token: "success"}) { userErrors { message } }
}
"""
Place = Callable[[str], Order]


@pytest.fixture(autouse=True)
def _clay(settings: Settings) -> None:
    settings.SHOP_LANGUAGES = ["EN", "DE", "FR", "IT"]
    settings.SHOP_NAME = "Clay & Co"
    settings.STAFF_MAILS = []
    settings.INVOICE_WHEN = "paid"
    settings.MERCHANT_TAX_ID = "GB123456789"
    settings.CUSTOMER_SMS = ["order.confirmed", "order.shipped"]
    settings.ORDER_STATUS_URL = "https://clay.example/o/{token}"


@pytest.fixture
def place(execute: Execute, alice: User) -> Place:
    """Has two mugs bought in a language; what is to be told of it was told."""
    mug = builders.a_variant("MUG", price="1250.00")
    builders.a_translation(mug.product, "DE", title="Becher")
    builders.a_translation(mug.product, "FR", title="Tasse")

    def place(language: str) -> Order:
        cart = builders.a_ready_cart((mug, 2), owner=alice, phone="+4915112345678")
        answer = execute(COMPLETE % language, as_=alice, cart=f"gid://shop/Cart/{cart.secret}")
        assert answer["checkoutComplete"]["userErrors"] == []
        relay.drain()
        return Order.objects.latest("pk")

    return place


def today(language: str) -> str:
    with speech.speaking(language):
        return speech.day(clock.now().date())


def text_of(content: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return " ".join(" ".join(pages).split())


def both(mail: EmailMessage) -> tuple[str, str]:
    """Its plain text, and its HTML."""
    assert isinstance(mail, EmailMultiAlternatives)
    return str(mail.body), str(mail.alternatives[0][0])


def test_a_german_order_is_confirmed_in_german(place: Place, mailoutbox: list[EmailMessage]) -> None:
    order = place("DE")

    [mail] = mailoutbox
    plain, html = both(mail)
    assert mail.subject == f"Clay & Co: Bestellung {order.name} bestätigt"
    assert plain.startswith(
        f"Danke für Ihre Bestellung\n\nBestellung {order.name} vom {today('DE')} bei Clay & Co ist bestätigt. "
        "Sie ist bezahlt. Wir machen sie jetzt fertig.\n\nIhre Bestellung ansehen: https://clay.example/o/"
    )
    assert "WAS SIE BESTELLT HABEN\n\nBecher\n  2 x 1.250,00 USD = 2.500,00 USD\n" in plain
    assert "Zwischensumme: 2.500,00 USD" in plain
    assert "Steuernummer: GB123456789" in plain
    assert '<html lang="de">' in html
    assert f"Bestellung <strong>{order.name}</strong> vom" in html
    assert "Falls der Knopf nicht geht, öffnen Sie diese Adresse:" in html
    for english in ("Order ", "Total", "You ", "Item", "View"):
        assert english not in plain + html


def test_a_french_order_is_told_of_in_french_to_its_end(
    place: Place, mailoutbox: list[EmailMessage], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="shop.sms"):
        order = place("FR")
        fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(company="DHL"), actor=SYSTEM)
        relay.drain()

    n = order.name
    assert [mail.subject for mail in mailoutbox] == [
        f"Clay & Co: commande {n} confirmée",
        f"Clay & Co: commande {n} en route",
    ]
    assert "DANS CE COLIS\n\n2 x Tasse\n" in both(mailoutbox[1])[0]
    texts = [record.args[-1] for record in caplog.records if record.name == "shop.sms"]  # type: ignore[index]
    assert [text.partition(" https")[0] for text in map(str, texts)] == [
        f"Clay & Co: la commande {n} est confirmée, 2 505,00 USD.",
        f"Clay & Co: la commande {n} est en route avec DHL.",
    ]
    assert [sms.parts(str(text)) for text in texts] == [1, 1]


def test_documents_are_in_the_language_of_the_order(place: Place, settings: Settings) -> None:
    order = place("DE")
    slip = text_of(invoice_pdf.packing_slip(order, "Clay & Co", mails.imprint))
    orders.cancel(order_key=order.key, reason="Ofen kaputt")
    relay.drain()
    invoice, note = (text_of(invoice_pdf.invoice(one.snapshot)) for one in Invoice.objects.order_by("pk"))

    for words in ("Rechnung", today("DE"), "Becher", "Einzelpreis, netto", "1.250,00", "Summe", "Steuernummer"):
        assert words in invoice
    for words in ("Rechnungskorrektur", "Zu Rechnung", f"INV-000001 vom {today('DE')}", "Grund: Ofen kaputt"):
        assert words in note
    for words in ("Lieferschein", "Art.-Nr.", "Menge", "Becher", today("DE")):
        assert words in slip
    for english in ("Invoice", "Total", "Units", "Ordered", "Order ", "Packing"):
        assert english not in invoice + note + slip


def test_an_invoice_of_before_stays_as_it_was(place: Place, settings: Settings) -> None:
    place("DE")
    snapshot = Invoice.objects.get().snapshot
    del snapshot["language"]
    settings.SHOP_LANGUAGES = ["DE"]

    said = text_of(invoice_pdf.invoice({**snapshot, "title": "Invoice", "due_on": "2026-12-25 (30 days)"}))

    for words in ("Payable by", "2026-12-25 (30 days)", today("EN"), "2,505.00 USD"):
        assert words in said


def test_a_language_without_words_is_written_to_in_that_of_the_shop(
    place: Place, mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    place("IT")
    settings.SHOP_LANGUAGES = ["DE", "IT"]
    place("IT")

    english, german = (mail.subject for mail in mailoutbox)
    assert english.endswith(" confirmed")
    assert german.endswith(" bestätigt")


def test_staff_are_written_to_in_the_language_of_the_shop(
    place: Place, mailoutbox: list[EmailMessage], settings: Settings, sam: User
) -> None:
    settings.STAFF_MAILS = ["order.confirmed"]
    settings.CUSTOMER_MAILS = []

    order = place("FR")

    [mail] = mailoutbox
    assert mail.subject == f"Clay & Co: new order {order.name}, 2,505.00 USD"


def test_alerts_and_recovery_are_in_the_language_they_were_asked_in(
    execute: Execute, alice: User, mailoutbox: list[EmailMessage]
) -> None:
    cup = builders.a_variant("CUP", stock=0)
    builders.a_translation(cup.product, title="Tasse")
    execute(
        """mutation ($variant: ID!) @inContext(language: FR) {
          backInStockAlertCreate(variantId: $variant, email: "eve@example.com") { userErrors { code } } }""",
        variant=builders.id_of(cup),
    )
    execute('mutation @inContext(language: DE) { customerRecover(email: "alice@example.com") { userErrors { code } } }')
    relay.drain()

    alert, recovery = sorted(mailoutbox, key=lambda mail: mail.to, reverse=True)
    assert alert.subject == "Clay & Co: devons-nous vous écrire ?"
    assert "quand Tasse sera de nouveau disponible" in both(alert)[0]
    assert recovery.subject == "Clay & Co: neues Passwort wählen"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("EN", ("1,234.50 EUR", "7.5\u00a0%", "November 25, 2026")),
        ("DE", ("1.234,50 EUR", "7,5\u00a0%", "25. November 2026")),
        ("FR", ("1\u00a0234,50 EUR", "7,5\u00a0%", "25 novembre 2026")),
        ("IT", ("1,234.50 EUR", "7.5\u00a0%", "November 25, 2026")),  # with English words, as English writes them
    ],
)
def test_numbers_and_days_are_written_as_the_language_does(language: str, said: Any) -> None:
    with speech.speaking(language):
        told = (
            speech.price(Decimal("1234.5"), "EUR"),
            speech.percent(Decimal("0.0750")),
            speech.day(datetime(2026, 11, 25, tzinfo=UTC).date()),
        )

    assert told == said
