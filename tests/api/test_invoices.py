"""Order.invoices, invoiceCreate and Order.packingSlipUrl: what is issued, what stands on it, and who may read it."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.db import ProgrammingError, transaction
from pypdf import PdfReader

from accounts.actors import SYSTEM
from checkout import fulfilment, invoice_pdf, invoices, orders, payments, refunds, returns
from checkout.fulfilment import Tracking
from checkout.models import Invoice, Order, OrderLine
from shop import clock, outbox, relay
from tests import builders
from tests.builders import id_of

INVOICES = "query ($id: ID!) { order(id: $id) { invoices { number kind total { amount } issuedAt url } } }"
SLIP = "query ($id: ID!) { order(id: $id) { packingSlipUrl } }"
CREATE = """mutation ($id: ID!) {
    invoiceCreate(orderId: $id) { invoice { number kind } userErrors { code field message } }
}"""
VAT = {"title": "VAT", "rate": "0.19", "amount": "3.19"}


@pytest.fixture(autouse=True)
def clay(settings):
    settings.SHOP_NAME, settings.MERCHANT_NAME = "Clay & Co", "Clay & Co Ltd."
    settings.MERCHANT_ADDRESS, settings.MERCHANT_TAX_ID = ["1 Kiln Lane", "Leeds LS1 4AP"], "GB123456789"
    settings.INVOICE_WHEN, settings.CUSTOMER_MAILS, settings.STAFF_MAILS = "paid", [], []


@pytest.fixture
def order(alice):
    return builders.an_order((builders.a_variant("MUG", stock=9, title="Mug", price="10.00"), 2), owner=alice)


def text_of(content):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def taxed(currency="EUR", lines=1, **fields):
    """An order whose prices include 19 % VAT: each line 20.00, of which 3.19 are tax."""
    order = Order.objects.create(
        **{
            "number": 7, "status": "CONFIRMED", "currency": currency, "email": "ada@example.com",
            "taxes_included": True,
            "subtotal": 20 * lines, "shipping_total": 0, "tax_total": Decimal("3.19") * lines, "total": 20 * lines,
            **fields,
        }
    )  # fmt: skip
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=number, title=f"Bowl {number}", sku=f"B-{number}", quantity=2,
                  unit_price=Decimal(10), total=Decimal(20), tax_total=Decimal("3.19"), taxes=[VAT])
        for number in range(lines)
    )  # fmt: skip
    return order


def test_a_paid_order_is_invoiced_once_and_its_refunds_are_credited(execute, order, alice):
    relay.drain()
    outbox.publish("payment.captured", order_id=order.pk, payment_id=order.payments.get().pk)
    relay.drain()
    refunds.create(order_key=order.key, amount=Decimal(5), reason="Chipped", actor=SYSTEM)
    relay.drain()

    [invoice, note] = execute(INVOICES, as_=alice, id=id_of(order))["order"]["invoices"]
    assert (invoice["number"], invoice["kind"], invoice["total"]) == ("INV-000001", "INVOICE", {"amount": "25.00"})
    assert (note["number"], note["kind"], note["total"]) == ("CN-000001", "CREDIT_NOTE", {"amount": "5.00"})


def test_the_link_leads_to_the_pdf_until_it_expires(execute, order, alice, client, monkeypatch):
    relay.drain()
    [invoice] = execute(INVOICES, as_=alice, id=id_of(order))["order"]["invoices"]
    path = urlsplit(invoice["url"]).path

    answer = client.get(path)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'inline; filename="INV-000001.pdf"'
    said = text_of(answer.content)
    for words in ("Clay & Co Ltd.", "GB123456789", "INV-000001", order.name, "Mug", "Ada Byron", "25.00 USD", "1 / 1"):
        assert words in said
    assert client.get(path).content == answer.content
    assert client.get(path[:-1] + ("a" if path[-1] != "a" else "b")).status_code == 404
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get(path).status_code == 410


def test_strangers_see_no_invoice_and_customers_no_packing_slip(
    execute, request_graphql, order, alice, bob, sam, client
):
    relay.drain()

    assert execute(INVOICES, as_=bob, id=id_of(order))["order"] is None
    [error] = request_graphql(SLIP, as_=alice, id=id_of(order))["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    said = text_of(
        client.get(urlsplit(execute(SLIP, as_=sam, id=id_of(order))["order"]["packingSlipUrl"]).path).content
    )
    assert "Packing slip" in said
    assert "MUG" in said
    assert "10.00" not in said


def test_staff_issue_an_invoice_when_they_like_and_once(execute, order, sam, alice, settings):
    settings.INVOICE_WHEN = "never"
    relay.drain()
    assert execute(INVOICES, as_=alice, id=id_of(order))["order"]["invoices"] == []

    for _ in range(2):
        payload = execute(CREATE, as_=sam, id=id_of(order))["invoiceCreate"]
        assert payload == {"invoice": {"number": "INV-000001", "kind": "INVOICE"}, "userErrors": []}


def test_refuses_to_invoice_what_is_cancelled(execute, order, sam):
    orders.cancel(order_key=order.key, reason="")
    relay.drain()

    payload = execute(CREATE, as_=sam, id=id_of(order))["invoiceCreate"]

    assert payload == {"invoice": None, "userErrors": [
        {"code": "ORDER_NOT_INVOICEABLE", "field": ["orderId"],
         "message": f"Order {order.name} is cancelled; there is nothing to invoice."}]}  # fmt: skip
    assert not Invoice.objects.exists()


def test_a_cancelled_order_is_credited_as_a_whole_and_its_refund_not_again(order):
    relay.drain()
    orders.cancel(order_key=order.key, reason="The kiln broke")
    relay.drain()

    invoice, note = Invoice.objects.order_by("pk")
    assert (note.corrects, note.total, note.refund) == (invoice, Decimal("25.00"), None)
    assert note.snapshot["lines"] == invoice.snapshot["lines"]
    assert "INV-000001" in text_of(invoice_pdf.invoice(note.snapshot))


def test_an_invoice_may_wait_for_the_parcel_and_goes_with_its_mail(order, settings, mailoutbox):
    settings.INVOICE_WHEN = "shipped"
    relay.drain()
    assert not Invoice.objects.exists()

    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    relay.drain()

    invoice = Invoice.objects.get()
    assert invoice.name == "INV-000001"
    settings.CUSTOMER_MAILS = ["order.shipped"]
    outbox.publish("order.shipped", order_id=order.pk, fulfillment_id=order.fulfillments.get().pk)
    relay.drain()
    assert mailoutbox[0].attachments == [("INV-000001.pdf", invoice_pdf.invoice(invoice.snapshot), "application/pdf")]


def test_lines_that_were_cancelled_unpaid_are_credited_with_the_invoice(execute, sam):
    order = taxed(lines=2, total_change=-20, subtotal_change=-20, tax_change=Decimal("-3.19"))
    order.lines.filter(position=0).update(cancelled_quantity=2)

    execute(CREATE, as_=sam, id=id_of(order))

    note = Invoice.objects.get(kind="CREDIT_NOTE")
    assert (note.total, note.snapshot["groups"]) == (Decimal(20), [{"net": "16.81", "taxes": [VAT]}])


def test_goods_are_credited_once_whether_their_money_goes_back_then_or_later(alice, settings, assert_verified):
    """On invoice what came back is credited at once; the refund of it is not credited again, one of goodwill is."""
    settings.PAYMENT_GATEWAYS = ["invoice"]
    builders.a_credit_limit(alice, "95.00")
    mug = builders.a_variant(stock=50, price="10.00")
    order = builders.completed(builders.a_ready_cart((mug, 3), owner=alice), gateway="invoice")
    payments.mark_as_paid(order_key=order.key)
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    back = returns.request(order_key=order.key, lines=[(order.lines.get().pk, 2)], reason="", actor=SYSTEM)
    returns.receive(return_key=back.key, arrivals=None, location_id=None, refund=False, actor=SYSTEM)
    relay.drain()

    def notes():
        found = Invoice.objects.filter(order=order, kind="CREDIT_NOTE").order_by("pk")
        return [f"{note.total:.2f}" for note in found]

    assert notes() == ["20.00"]
    refunds.create(order_key=order.key, amount=Decimal(20), reason="", actor=SYSTEM)
    relay.drain()
    assert notes() == ["20.00"]
    refunds.create(order_key=order.key, amount=Decimal(3), reason="Sorry", actor=SYSTEM)
    relay.drain()
    assert notes() == ["20.00", "3.00"]
    last = returns.request(order_key=order.key, lines=[(order.lines.get().pk, 1)], reason="", actor=SYSTEM)
    returns.receive(return_key=last.key, arrivals=None, location_id=None, refund=False, actor=SYSTEM)
    relay.drain()
    assert notes() == ["20.00", "3.00", "10.00"]
    assert_verified()
    with transaction.atomic():
        OrderLine.objects.filter(order=order).update(returned_quantity=2)
        assert invoices.credited_twice() == [f"order {order.number} has more credited for goods than is gone of them"]
        transaction.set_rollback(True)


def test_taxes_within_prices_are_told_apart_line_by_line(execute, sam, settings):
    settings.INVOICE_NOTE = "Grüße, Ευχαριστώ, Спасибо"
    order = taxed()
    execute(CREATE, as_=sam, id=id_of(order))

    snapshot = Invoice.objects.get().snapshot
    assert snapshot["lines"] == [
        {"title": "Bowl 0", "notes": ["B-0"], "quantity": 2, "unit_price": "8.4034", "net": "16.81", "taxes": [VAT]}
    ]
    assert snapshot["groups"] == [{"net": "16.81", "taxes": [VAT]}]
    said = text_of(invoice_pdf.invoice(snapshot))
    assert "VAT 19 % of 16.81" in said
    assert "Grüße, Ευχαριστώ, Спасибо" in said


@pytest.mark.parametrize(("currency", "total"), [("JPY", "80 JPY"), ("KWD", "80.000 KWD")])
def test_amounts_have_the_decimals_of_their_currency_on_every_page(execute, sam, currency, total):
    tax, note = {**VAT, "amount": "4"}, [{"key": "Note", "value": "words " * 2000}]
    order = taxed(currency, 0, subtotal=80, total=80, tax_total=4 * 40)
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=number, title="A very long title indeed " * 9, sku="B", quantity=1,
                  attributes=note if number == 1 else [],
                  unit_price=Decimal(2), total=Decimal(2), tax_total=Decimal(0), taxes=[tax] if number % 2 else [])
        for number in range(40)
    )  # fmt: skip
    Order.objects.filter(pk=order.pk).update(tax_total=80)
    execute(CREATE, as_=sam, id=id_of(order))

    content = invoice_pdf.invoice(Invoice.objects.get().snapshot)

    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    assert len(pages) > 2
    assert [f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    assert all("Unit price" in page for page in pages[:-1])
    assert total in pages[-1]


def test_nobody_changes_or_deletes_an_invoice(order):
    relay.drain()
    for change in (lambda: Invoice.objects.update(name="X"), lambda: Invoice.objects.all()._raw_delete("default")):
        with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic():
            change()


@pytest.mark.parametrize("size", [1, 20])
def test_a_list_of_orders_costs_the_same_however_many(execute, alice, sam, django_assert_num_queries, size):
    mug = builders.a_variant(stock=99)
    for _ in range(size):
        builders.an_order((mug, 1), owner=alice)
    relay.drain()
    execute("{ orders { nodes { id } } }", as_=alice)

    with django_assert_num_queries(3):
        nodes = execute("{ orders(first: 20) { nodes { invoices { number } } } }", as_=alice)["orders"]["nodes"]

    assert [len(node["invoices"]) for node in nodes] == [1] * size
