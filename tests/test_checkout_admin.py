"""What is sold, paid and delivered in Django's admin: everything can be read, nothing can be changed."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission as StoredPermission

from accounts.actors import SYSTEM
from accounts.staff import Permission
from checkout import fulfilment, refunds, returns
from checkout.fulfilment import Tracking
from checkout.models import WebhookEvent
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("noun", ["shippingzone", "shippingmethod"])
def test_staff_look_around_and_change_nothing(client, noun):
    method = builders.a_shipping_method("Standard")
    clerk = builders.a_customer(is_staff=True)
    clerk.user_permissions.set(StoredPermission.objects.filter(codename=Permission.MANAGE_CATALOG))
    client.force_login(clerk)
    key = method.pk if noun == "shippingmethod" else method.zone_id

    for page in ("", f"{key}/change/"):
        assert b"Standard" in client.get(f"/admin/checkout/{noun}/{page}").content

    assert client.post(f"/admin/checkout/{noun}/{key}/change/", {"title": "Other"}).status_code == 403
    assert client.get(f"/admin/checkout/{noun}/add/").status_code == 403


@pytest.mark.parametrize("noun", ["payment", "webhookevent"])
def test_staff_who_keep_orders_read_payments_and_notices(client, noun):
    payment = builders.an_order((builders.a_variant("MUG"), 1)).payments.get()
    event = WebhookEvent.objects.create(gateway="test", event_id="evt_1", kind="paid", payload="a client secret")
    clerk = builders.a_customer(is_staff=True)
    key = {"payment": payment, "webhookevent": event}[noun].pk

    def answers(permission):
        clerk.user_permissions.set(StoredPermission.objects.filter(codename=permission))
        client.force_login(clerk)
        return [client.get(f"/admin/checkout/{noun}/{page}") for page in ("", f"{key}/change/")]

    assert [answer.status_code for answer in answers(Permission.MANAGE_CATALOG)] == [403, 403]
    read = answers(Permission.MANAGE_ORDERS)
    assert [answer.status_code for answer in read] == [200, 200]
    assert b"a client secret" not in read[1].content
    assert client.post(f"/admin/checkout/{noun}/{key}/change/", {"gateway": "other"}).status_code == 403


def test_verify_finds_an_order_that_keeps_more_than_its_total():
    order = builders.an_order((builders.a_variant("MUG", price="10.00"), 1))
    assert refunds.differences() == []

    extra = order.payments.create(
        gateway="test", status="CAPTURED", amount=Decimal(1), captured=Decimal(1), currency="USD"
    )
    extra.entries.create(kind="CAPTURE", amount=Decimal(1))

    assert refunds.differences() == [f"order #{order.number} keeps more than its total"]


@pytest.mark.django_db
def test_staff_who_keep_orders_look_at_orders_and_returns(client):
    order = builders.an_order((builders.a_variant("MUG", title="Mug"), 1))
    fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)
    line = order.lines.get()
    back = returns.request(order_key=order.key, lines=[(line.pk, 1)], reason="Too blue", actor=SYSTEM)
    pages = [f"/admin/checkout/order/{order.pk}/change/", f"/admin/checkout/return/{back.pk}/change/"]
    clerk = builders.a_customer(is_staff=True)
    client.force_login(clerk)
    clerk.user_permissions.set(StoredPermission.objects.filter(codename=Permission.MANAGE_CATALOG))
    assert [client.get(page).status_code for page in pages] == [403, 403]
    clerk.user_permissions.set(StoredPermission.objects.filter(codename=Permission.MANAGE_ORDERS))

    shown, returned = (client.get(page).content.decode() for page in pages)

    assert all(words in shown for words in ("MUG", "The order was confirmed.", str(order.number)))
    assert order.status_token not in shown
    assert "Too blue" in returned
    assert str(order.number) in client.get(f"/admin/checkout/order/?q={order.number}").content.decode()
    assert order.name in client.get("/admin/checkout/return/").content.decode()
    assert [client.post(page, {"email": "x@example.com"}).status_code for page in pages] == [403, 403]
