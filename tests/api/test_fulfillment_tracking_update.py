"""fulfillmentTrackingUpdate and fulfillmentMarkDelivered: parcels on their way, and their arrival."""

import pytest

from accounts.actors import SYSTEM
from accounts.staff import Permission
from checkout import fulfilment
from checkout.fulfilment import Tracking
from shop.models import OutboxMessage
from tests import builders

UPDATE = """
mutation ($id: ID!, $tracking: FulfillmentTrackingInput!) {
  fulfillmentTrackingUpdate(fulfillmentId: $id, trackingInfo: $tracking) {
    fulfillment { trackingCompany trackingInfo { number url } }
    userErrors { code field message }
  }
}
"""
DELIVERED = """
mutation ($id: ID!) {
  fulfillmentMarkDelivered(fulfillmentId: $id) { fulfillment { deliveredAt } userErrors { code field message } }
}
"""


@pytest.fixture
def sent(db):
    order = builders.an_order((builders.a_variant("MUG"), 1))
    return fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)


def test_tells_numbers_of_several_parcels_and_fills_in_the_pages_of_known_carriers(execute, sam, sent):
    payload = update(
        execute, sam, sent, company="Royal Mail", numbers=["AB 1/2", "CD"], urls=["", "https://own.example/"]
    )

    assert payload == {
        "fulfillment": {
            "trackingCompany": "Royal Mail",
            "trackingInfo": [
                {"number": "AB 1/2", "url": "https://www.royalmail.com/track-your-item#/tracking-results/AB1%2F2"},
                {"number": "CD", "url": "https://own.example/"},
            ],
        },
        "userErrors": [],
    }
    assert OutboxMessage.objects.filter(topic="order.tracking_changed").count() == 1

    payload = update(execute, sam, sent, company="Uncle Bob", number="7")

    assert payload["fulfillment"]["trackingInfo"] == [{"number": "7", "url": None}]


@pytest.mark.parametrize(
    ("tracking", "field", "message"),
    [
        ({"urls": ["javascript:alert(1)"]}, ["urls", "0"], "This is not a web address."),
        ({"numbers": ["1"] * 51}, ["numbers"], "There are 50 parcels at the most."),
    ],
)
def test_refuses_what_leads_nowhere(execute, sam, sent, tracking, field, message):
    payload = update(execute, sam, sent, **tracking)

    assert payload == {
        "fulfillment": None,
        "userErrors": [{"code": "INVALID", "field": ["trackingInfo", *field], "message": message}],
    }
    sent.refresh_from_db()
    assert sent.parcels == []
    assert not OutboxMessage.objects.filter(topic="order.tracking_changed").exists()


def test_says_once_that_it_has_arrived(execute, sam, sent):
    first = execute(DELIVERED, as_=sam, id=builders.id_of(sent))["fulfillmentMarkDelivered"]
    again = execute(DELIVERED, as_=sam, id=builders.id_of(sent))["fulfillmentMarkDelivered"]

    assert first["fulfillment"]["deliveredAt"] is not None
    assert again == first
    assert OutboxMessage.objects.get(topic="order.delivered").payload == {
        "order_id": sent.order_id,
        "fulfillment_id": sent.pk,
    }


def test_knows_no_other_fulfilment(execute, sam, sent):
    id = "gid://shop/Fulfillment/00000000-0000-0000-0000-000000000000"

    payload = execute(DELIVERED, as_=sam, id=id)["fulfillmentMarkDelivered"]

    assert payload["userErrors"] == [
        {"code": "NOT_FOUND", "field": ["fulfillmentId"], "message": "Fulfillment not found."}
    ]


def test_is_for_staff_who_manage_orders(request_graphql, sent):
    clerk = builders.a_clerk(Permission.MANAGE_CATALOG)

    answer = request_graphql(DELIVERED, as_=clerk, id=builders.id_of(sent))

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def update(execute, sam, sent, **tracking) -> dict:
    payload: dict = execute(UPDATE, as_=sam, id=builders.id_of(sent), tracking=tracking)["fulfillmentTrackingUpdate"]
    return payload
