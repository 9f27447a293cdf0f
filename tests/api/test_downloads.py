"""Downloads of an order: granted when it is paid, counted, limited, taken back, and let again by staff."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail

from accounts.actors import SYSTEM
from accounts.staff import Permission
from checkout import edits, further_payments, gift_cards, orders, payments
from checkout.checkouts import PaymentWish
from checkout.edits import AddVariant, RemoveLine, Wish
from checkout.gateways import Outcome
from checkout.models import DownloadGrant, PaymentStatus
from shop import clock, relay
from tests import builders

STATUS = """
query ($token: String!) {
  orderStatus(token: $token) {
    downloads { id title fileName sizeBytes url expiresAt availableUntil remaining }
  }
}
"""
RESET = """
mutation ($id: ID!) {
  downloadGrantReset(id: $id) { download { remaining } userErrors { code field message } }
}
"""
PENDING = PaymentWish("test", "pending")
MINE = "{ orders(first: 50) { nodes { downloads { title } } } }"

pytestmark = pytest.mark.usefixtures("private_root")


@pytest.fixture
def score(db):
    return builders.a_variant("SCORE", stock=90)


@pytest.fixture
def downloads(execute):
    def look(order):
        return execute(STATUS, token=order.status_token)["orderStatus"]["downloads"]

    return look


@pytest.fixture
def link(downloads):
    """The link of an order's only download."""

    def look(order):
        [download] = downloads(order)
        return urlsplit(download["url"]).path

    return look


def bought(*lines, **said):
    order = builders.an_order(*lines, **said)
    relay.drain()
    return order


def test_a_paid_order_has_links_that_are_counted(client, downloads, link, score, settings):
    builders.a_digital_file(score, b"do re mi", title="Score", download_limit=2, valid_days=10)
    before = clock.now()
    order = bought((score, 1))

    [shown] = downloads(order)

    assert (shown["title"], shown["fileName"], shown["sizeBytes"], shown["remaining"]) == ("Score", "score.pdf", 8.0, 2)
    assert shown["url"].startswith(f"{settings.SHOP_URL}/downloads/")
    assert before.isoformat() < shown["expiresAt"] <= (clock.now() + timedelta(minutes=60)).isoformat()
    assert shown["availableUntil"] > (before + timedelta(days=9)).isoformat()
    response = client.get(link(order))
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"do re mi")
    assert response["Content-Disposition"] == 'attachment; filename="score.pdf"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Length"] == "8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert downloads(order)[0]["remaining"] == 1


def test_asking_by_head_counts_nothing(client, link, score):
    builders.a_digital_file(score, download_limit=1)
    order = bought((score, 1))

    response = client.head(link(order))

    assert (response.status_code, response["Content-Length"], response.content) == (200, "9", b"")
    assert response["Content-Disposition"] == 'attachment; filename="score.pdf"'
    assert DownloadGrant.objects.get().download_count == 0
    assert client.post(link(order)).status_code == 405


def test_a_limit_is_for_each_unit_and_ends_in_no_link(client, downloads, link, score):
    builders.a_digital_file(score, download_limit=1)
    order = bought((score, 2))
    address = link(order)

    statuses = [client.get(address).status_code for _ in range(3)]

    assert statuses == [200, 200, 410]
    assert [(one["url"], one["expiresAt"], one["remaining"]) for one in downloads(order)] == [(None, None, 0)]


@pytest.mark.parametrize("token", ["nonsense", "WyJhIiwxXQ:abc", "%00"])
def test_a_link_that_is_not_ours_leads_nowhere(client, db, token):
    response = client.get(f"/downloads/{token}")

    assert (response.status_code, response.content) == (404, b"There is no such download.\n")


def test_a_changed_link_leads_nowhere(client, link, score):
    builders.a_digital_file(score)
    address = link(bought((score, 1)))

    assert client.get(f"{address[:-1]}{'A' if address[-1] != 'A' else 'B'}").status_code == 404
    assert DownloadGrant.objects.get().download_count == 0


def test_a_link_ends_and_the_order_gives_a_new_one(client, link, score, monkeypatch):
    builders.a_digital_file(score)
    order = bought((score, 1))
    old = link(order)
    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)

    response = client.get(old)

    assert (response.status_code, response.content) == (
        410,
        b"This link has expired. Open your order again for a new one.\n",
    )
    assert client.get(link(order)).status_code == 200


def test_the_time_to_download_ends(downloads, score, monkeypatch):
    builders.a_digital_file(score, valid_days=2)
    order = bought((score, 1))
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert [(one["title"], one["url"]) for one in downloads(order)] == [("score.pdf", None)]


def test_a_cancelled_order_has_no_downloads_from_that_moment(client, downloads, link, score):
    builders.a_digital_file(score)
    order = bought((score, 1))
    address = link(order)

    orders.cancel(order_key=order.key, reason="")

    assert client.get(address).status_code == 410
    assert downloads(order) == []
    relay.drain()
    assert DownloadGrant.objects.get().revoked_at is not None
    assert client.get(address).status_code == 410


def test_money_given_back_takes_downloads_back(client, downloads, link, score):
    builders.a_digital_file(score)
    order = bought((score, 1))
    address = link(order)

    payments.record(order.payments.get().pk, Outcome(PaymentStatus.REFUNDED))
    relay.drain()

    assert client.get(address).status_code == 410
    assert downloads(order) == []


@pytest.mark.parametrize(
    ("gateway", "token", "count"), [("test", "authorize", 0), ("test", "pending", 0), ("manual", "", 1)]
)
def test_is_granted_for_what_is_paid_or_owed_by_agreement(downloads, score, gateway, token, count):
    builders.a_digital_file(score)

    order = bought((score, 1), gateway=gateway, token=token)

    assert len(downloads(order)) == count


def test_what_was_authorised_is_granted_once_it_is_captured(downloads, score):
    builders.a_digital_file(score)
    order = bought((score, 1), token="authorize")

    payments.record(order.payments.get().pk, Outcome(PaymentStatus.CAPTURED))
    relay.drain()

    assert len(downloads(order)) == 1


def test_a_gift_card_that_pays_a_part_grants_nothing_before_the_rest_came_in(downloads, score):
    builders.a_digital_file(score)
    cart = builders.a_ready_cart((score, 1))
    _, code = builders.a_gift_card("5.00")
    gift_cards.add_codes(cart.secret, [code], client_address="")
    order = builders.completed(cart, token="authorize")
    relay.drain()
    before = downloads(order)

    payments.record(order.payments.get(gateway="test").pk, Outcome(PaymentStatus.CAPTURED))
    relay.drain()

    assert (before, len(downloads(order))) == ([], 1)


def test_one_payment_that_came_in_is_not_the_whole_money(execute, sam, downloads, score):
    """A gift card paid a part, and the rest, which was owed by agreement, is given up."""
    builders.a_digital_file(score)
    cart = builders.a_ready_cart((score, 1))
    _, code = builders.a_gift_card("5.00")
    gift_cards.add_codes(cart.secret, [code], client_address="")
    order = builders.completed(cart, gateway="manual")
    relay.drain()
    [shown] = downloads(order)

    payments.void(payment_key=order.payments.get(gateway="manual").key)
    relay.drain()
    refused = execute(RESET, as_=sam, id=shown["id"])["downloadGrantReset"]

    assert downloads(order) == []
    message = f"Order {order.name} is not paid, or no more; nothing of it can be downloaded."
    assert refused["userErrors"] == [{"code": "ORDER_NOT_PAID", "field": ["id"], "message": message}]


def test_an_edit_grants_what_it_adds_once_paid_and_takes_only_its_lines_back(execute, sam, downloads, score):
    builders.a_digital_file(score, download_limit=2)
    song = builders.a_variant("SONG", stock=9, price="3.00")
    builders.a_digital_file(song)
    order = bought((score, 1))
    [shown] = downloads(order)

    edits.edit(order_key=order.key, wish=Wish([AddVariant(song.pk)]), actor=SYSTEM)
    payments.void(payment_key=further_payments.pay(order_key=order.key, wish=PENDING, buyer=SYSTEM).payment.key)
    relay.drain()
    unpaid = len(downloads(order))
    payments.mark_as_paid(order_key=order.key)
    relay.drain()
    paid = len(downloads(order))
    edits.edit(order_key=order.key, wish=Wish([RemoveLine(order.lines.earliest("pk").pk)]), actor=SYSTEM)
    relay.drain()
    refused = execute(RESET, as_=sam, id=shown["id"])["downloadGrantReset"]["userErrors"]

    assert (unpaid, paid, len(downloads(order))) == (1, 2, 1)
    assert [error["message"] for error in refused] == [
        f"This is no part of order {order.name} any more; it cannot be downloaded."
    ]


def test_a_bundle_brings_the_files_of_its_parts(downloads, score):
    builders.a_digital_file(score, download_limit=2)
    box = builders.a_bundle((score, 3))

    order = bought((box, 2))

    assert [one["remaining"] for one in downloads(order)] == [12]


def test_staff_let_a_buyer_download_anew(client, execute, sam, downloads, link, score):
    builders.a_digital_file(score, download_limit=1)
    order = bought((score, 1))
    client.get(link(order))
    [shown] = downloads(order)

    payload = execute(RESET, as_=sam, id=shown["id"])["downloadGrantReset"]

    assert payload == {"download": {"remaining": 1}, "userErrors": []}
    assert client.get(link(order)).status_code == 200
    orders.cancel(order_key=order.key, reason="")
    refused = execute(RESET, as_=sam, id=shown["id"])["downloadGrantReset"]
    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("ORDER_NOT_PAID", ["id"])]


def test_only_staff_who_manage_orders_reset(request_graphql, alice, score):
    clerk = builders.a_clerk(Permission.MANAGE_CATALOG)
    id = "gid://shop/OrderDownload/0190163d-8694-739b-aea5-966c26f8ad91"

    codes = [request_graphql(RESET, as_=who, id=id)["errors"][0]["extensions"]["code"] for who in (None, alice, clerk)]

    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]


def test_the_mail_says_where_to_download(score):
    builders.a_digital_file(score)

    order = bought((score, 1))

    [sent] = mail.outbox
    assert f"Download your files: http://localhost:8000/orders/{order.status_token}" in sent.body


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_orders(execute, sam, size, score, django_assert_num_queries):
    builders.a_digital_file(score)
    for _ in range(size):
        bought((score, 1))

    with django_assert_num_queries(4):
        found = execute(MINE, as_=sam)["orders"]["nodes"]

    assert [order["downloads"] for order in found] == [[{"title": "score.pdf"}]] * size
