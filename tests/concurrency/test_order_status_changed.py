"""Somebody watches an order in one process while it changes in another."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import RequestFactory

from accounts import actors, sessions
from accounts.actors import SYSTEM
from accounts.models import User
from accounts.staff import Permission
from checkout import fulfilment, payments
from checkout.fulfilment import Tracking
from checkout.gateways import Outcome
from checkout.models import Order, PaymentStatus
from schema.incoming import Incoming
from schema.streams import live, websocket
from schema.streams.live import Asked, Streams
from schema.streams.websocket import PROTOCOL
from shop import relay
from shop.models import OutboxMessage
from tests import builders
from tests.concurrency.streams import Events, Server, Socket, a_streaming_server
from tests.concurrency.waiting import PATIENCE, eventually

pytestmark = pytest.mark.django_db(transaction=True)

WATCH = """
subscription Watch($id: ID, $token: String) {
  orderStatusChanged(id: $id, token: $token) {
    name status financialStatus fulfillmentStatus successfulFulfillments { trackingCompany }
  }
}
"""
NOT_FOUND = {"code": "NOT_FOUND", "message": "Order not found.", "path": ["orderStatusChanged"], "field": ["id"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Server]:
    with django_db_blocker.unblock():
        folder = tmp_path_factory.mktemp("metrics")
        with a_streaming_server(folder, STREAM_MAX_PER_ADDRESS="8", GRAPHQL_MAX_BODY_BYTES="5000") as found:
            yield found


@pytest.fixture
def owner() -> User:
    return builders.a_customer("alice@example.com")


@pytest.fixture
def order(owner: User) -> Order:
    """An order of alice's, paid by cash on delivery, of two mugs; what it had to tell was told."""
    placed = builders.an_order((builders.a_variant("MUG", stock=5), 2), owner=owner, gateway="manual")
    relay.drain()
    return placed


def send(order: Order, quantity: int, carrier: str = "") -> None:
    line = order.lines.get()
    fulfilment.create(order_key=order.key, lines=[(line.pk, quantity)], tracking=Tracking(carrier), actor=SYSTEM)
    relay.drain()


def seen(answer: dict[str, Any]) -> tuple[Any, ...]:
    """Status, money, parcels and carriers of an answer."""
    assert "errors" not in answer, answer
    found = answer["data"]["orderStatusChanged"]
    carriers = [parcel["trackingCompany"] for parcel in found["successfulFulfillments"]]
    return found["status"], found["financialStatus"], found["fulfillmentStatus"], carriers


def refusal(answer: dict[str, Any]) -> dict[str, Any]:
    """The one error of an answer without data."""
    assert answer.get("data") is None
    [error] = answer["errors"]
    told = {"message": error["message"], "path": error.get("path"), **error["extensions"]}
    return {name: value for name, value in told.items() if value is not None}


def watch_to_the_end(client: Events | Socket, order: Order) -> None:
    assert seen(client.next()) == ("CONFIRMED", "AUTHORIZED", "UNFULFILLED", [])

    send(order, 1, "Post")
    assert seen(client.next()) == ("CONFIRMED", "AUTHORIZED", "PARTIALLY_FULFILLED", ["Post"])

    payments.record(order.payments.get().pk, Outcome(PaymentStatus.CAPTURED))
    relay.drain()
    assert seen(client.next()) == ("CONFIRMED", "PAID", "PARTIALLY_FULFILLED", ["Post"])

    send(order, 1, "Courier")
    assert seen(client.next()) == ("FULFILLED", "PAID", "FULFILLED", ["Post", "Courier"])


def test_its_owner_watches_it_over_a_websocket(server: Server, order: Order, owner: User):
    with server.socket({"Authorization": f"Bearer {builders.an_access_token(owner)}"}) as client:
        client.subscribe(WATCH, id=builders.id_of(order))

        watch_to_the_end(client, order)


def test_its_owner_watches_it_over_an_event_stream(server: Server, order: Order, owner: User):
    with server.events(WATCH, builders.an_access_token(owner), id=builders.id_of(order)) as events:
        watch_to_the_end(events, order)


def test_the_token_may_come_in_the_header_of_a_websocket_too(server: Server, order: Order, owner: User):
    with server.socket(header={"Authorization": f"Bearer {builders.an_access_token(owner)}"}) as client:
        client.subscribe(WATCH, id=builders.id_of(order))

        assert seen(client.next())[0] == "CONFIRMED"


def test_staff_who_keep_orders_watch_any(server: Server, order: Order):
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    with server.events(WATCH, builders.an_access_token(clerk), id=builders.id_of(order)) as events:
        assert seen(events.next())[0] == "CONFIRMED"


def test_a_guest_watches_by_the_status_token_until_the_payment_is_decided(server: Server):
    placed = builders.an_order((builders.a_variant("MUG"), 1), token="pending")

    with server.socket() as client:
        client.subscribe(WATCH, token=placed.status_token)
        assert seen(client.next()) == ("PLACED", "PENDING", "UNFULFILLED", [])

        payments.record(placed.payments.get().pk, Outcome(PaymentStatus.FAILED))
        relay.drain()

        assert seen(client.next()) == ("CANCELLED", "VOIDED", "UNFULFILLED", [])


def test_what_one_transaction_changed_is_told_once(server: Server, order: Order):
    with server.events(WATCH, token=order.status_token) as events:
        assert seen(events.next())[0] == "CONFIRMED"

        send(order, 2, "Post")
        payments.record(order.payments.get().pk, Outcome(PaymentStatus.CAPTURED))
        relay.drain()

        topics = OutboxMessage.objects.values_list("topic", flat=True)
        assert {"order.shipped", "order.fulfilled", "payment.captured"} <= set(topics)
        assert seen(events.next()) == ("FULFILLED", "AUTHORIZED", "FULFILLED", ["Post"])
        assert seen(events.next()) == ("FULFILLED", "PAID", "FULFILLED", ["Post"])


@pytest.mark.parametrize("who", ["bob", "a guest"])
def test_nobody_else_sees_it(server: Server, order: Order, who: str):
    access = builders.an_access_token(builders.a_customer("bob@example.com")) if who == "bob" else ""

    with server.events(WATCH, access, id=builders.id_of(order)) as events:
        assert refusal(events.next()) == NOT_FOUND
        assert events.event() == ("complete", "")
        assert events.event() is None


REFUSED = [
    ("{ shop { name } }", {}, "BAD_REQUEST", "Only subscriptions are answered here; send this by POST to /graphql/."),
    (
        "subscription { nonsense }",
        {},
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'nonsense' on type 'Subscription'.",
    ),
    ("subscription {", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
    (WATCH, {"id": 1.5}, "BAD_USER_INPUT", "Variable '$id' got invalid value 1.5; ID cannot represent value: 1.5"),
    (
        "subscription { orderStatusChanged { lineItems(first: 250) { nodes { variant { product { variants(first: 250)"
        " { nodes { product { variants(first: 250) { nodes { id } } } } } } } } } } }",
        {},
        "QUERY_TOO_COMPLEX",
        None,
    ),
]


@pytest.mark.parametrize(("query", "variables", "code", "message"), REFUSED)
def test_what_cannot_be_carried_out_is_refused_with_the_codes_of_http(server: Server, query, variables, code, message):
    with server.events(query, **variables) as events, server.socket() as client:
        answer = events.next()
        assert events.event() == ("complete", "")
        client.subscribe(query, **variables)
        heard = client.hear()

    assert refusal(answer)["code"] == code
    assert refusal(answer)["message"] == (message or answer["errors"][0]["message"])
    assert heard == {"id": "1", "type": "error", "payload": answer["errors"]}


@pytest.mark.parametrize("variables", [{}, {"id": "gid://shop/Order/1", "token": "x"}])
def test_wants_one_name_for_the_order(server: Server, variables):
    with server.events(WATCH, **variables) as events:
        error = refusal(events.next())

    assert error == {
        "code": "INVALID",
        "message": "Name the order either by its id or by its status token.",
        "path": ["orderStatusChanged"],
        "field": ["id"],
    }


def test_speaks_the_language_of_its_directives(server: Server, order: Order):
    query = WATCH.replace(
        "subscription Watch($id: ID, $token: String)", "subscription ($id: ID, $token: String) @inContext(country: DE)"
    )

    with server.events(query, token=order.status_token) as events:
        assert seen(events.next())[0] == "CONFIRMED"


def test_a_bad_access_token_is_told(server: Server, order: Order):
    with server.socket({"authorization": "Bearer nonsense"}) as client:
        client.subscribe(WATCH, id=builders.id_of(order))

        assert refusal(client.next())["code"] == "UNAUTHENTICATED"
        assert client.hear() == {"id": "1", "type": "complete"}


def test_ends_when_the_access_token_expires(server: Server, order: Order, owner: User, settings):
    settings.ACCESS_TOKEN_LIFETIME = timedelta(seconds=2)

    with server.events(WATCH, builders.an_access_token(owner), id=builders.id_of(order)) as events:
        assert seen(events.next())[0] == "CONFIRMED"

        assert refusal(events.next()) == {
            "code": "UNAUTHENTICATED",
            "message": "The access token has expired: refresh it with tokenRefresh.",
            "path": ["orderStatusChanged"],
        }
        assert events.event() == ("complete", "")


def test_ends_at_the_next_change_for_who_signed_out_everywhere(server: Server, order: Order, owner: User):
    with server.events(WATCH, builders.an_access_token(owner), id=builders.id_of(order)) as events:
        events.next()

        sessions.end_all(actor=actors.of_user(owner))
        send(order, 2)

        assert refusal(events.next())["code"] == "UNAUTHENTICATED"


def test_one_connection_carries_several_and_ends_each_by_itself(server: Server, order: Order):
    other = builders.an_order((builders.a_variant("TEA", stock=5), 1), gateway="manual")
    with server.socket() as client:
        client.subscribe(WATCH, "a", token=order.status_token)
        assert client.hear()["id"] == "a"
        client.subscribe(WATCH, "b", token=other.status_token)
        assert client.hear()["id"] == "b"
        client.say(type="complete", id="a")
        assert eventually(lambda: server.figures()["shop_subscriptions protocol=graphql-transport-ws"] == 1)

        send(order, 2)
        send(other, 1)

        heard = client.hear()
        assert (heard["id"], seen(heard["payload"])[0]) == ("b", "FULFILLED")
        client.subscribe(WATCH, "a", token=order.status_token)
        assert client.hear()["id"] == "a"


def nobody_is_there(server: Server) -> bool:
    told = server.figures()
    return all(value == 0 for name, value in told.items() if name.partition(" ")[0] == "shop_subscriptions")


def test_more_than_is_allowed_from_one_address_is_refused_until_somebody_leaves(server: Server, order: Order):
    assert eventually(lambda: nobody_is_there(server))
    variables = {"token": order.status_token}
    with ExitStack() as held:
        crowd = [held.enter_context(server.events(WATCH, **variables)) for _ in range(7)]
        client = held.enter_context(server.socket())
        for one in crowd:
            assert seen(one.next())[0] == "CONFIRMED"
        client.subscribe(WATCH, "a", **variables)
        assert client.hear()["type"] == "next"

        with server.asked(WATCH, variables) as response:
            refused = json.loads(response.read())
        client.subscribe(WATCH, "b", **variables)
        heard = client.hear()
        with server.raw_socket() as late:
            closed = late.closed()

    assert (response.status, refused["errors"][0]["extensions"]["code"]) == (429, "TOO_MANY_SUBSCRIPTIONS")
    assert refused["errors"][0]["message"] == "8 connections from one network address are allowed."
    assert (heard["id"], heard["type"]) == ("b", "error")
    assert heard["payload"][0]["message"] == "8 subscriptions from one network address are allowed."
    assert closed == (1013, "8 connections from one network address are allowed.")
    assert eventually(lambda: nobody_is_there(server))
    with server.events(WATCH, **variables) as events:
        assert seen(events.next())[0] == "CONFIRMED"


INIT = {"type": "connection_init"}
SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": WATCH}}
RULES = [
    (["nonsense"], (4400, "Messages are JSON")),
    (["[]"], (4400, "Messages are JSON objects")),
    ([{"type": "dance"}], (4400, "Unknown type of message")),
    ([SUBSCRIBE], (4401, "Unauthorized")),
    ([INIT, INIT], (4429, "Too many initialisation requests")),
    ([{**INIT, "payload": 1}], (4400, "The payload of connection_init must be an object")),
    ([INIT, {"type": "subscribe", "id": "1"}], (4400, "subscribe needs an id and a payload")),
    ([INIT, {**SUBSCRIBE, "payload": {}}], (4400, "`query` is missing: send the GraphQL document in it.")),
    (["x" * 6000], (1009, "5000 bytes are allowed")),
]


@pytest.mark.parametrize(("said", "closed"), RULES, ids=[reason for _, (_, reason) in RULES])
def test_keeps_the_rules_of_the_websocket_protocol(server: Server, said, closed):
    with server.raw_socket() as client:
        for message in said:
            client.say_raw(message if isinstance(message, str) else json.dumps(message))

        assert client.closed() == closed


def test_an_id_names_one_subscription_at_a_time(server: Server, order: Order):
    with server.socket() as client:
        client.subscribe(WATCH, "1", token=order.status_token)
        assert client.hear()["type"] == "next"
        client.subscribe(WATCH, "1", token=order.status_token)

        assert client.closed() == (4409, "Subscriber for 1 already exists")


def test_answers_a_ping_and_speaks_one_protocol(server: Server):
    with server.socket() as client:
        client.say(type="ping")
        assert client.hear() == {"type": "pong"}

    with server.raw_socket(protocol=None) as client:
        assert client.closed() == (4406, "Speak graphql-transport-ws.")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Accept": "application/json"}, "{}", 406),
        ({"Content-Type": "text/plain"}, "{}", 415),
        ({}, "nonsense", 400),
        ({}, "x" * 6000, 413),
        ({"Host": "elsewhere.example"}, "{}", 400),
    ],
)
def test_tells_what_is_no_request_for_an_event_stream(server: Server, headers, body, status):
    told = {"Content-Type": "application/json", "Accept": "text/event-stream", **headers}
    with server.request("POST", "/graphql/stream", body, **told) as response:
        assert response.status == status
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
        assert json.loads(response.read())["errors"]


def test_lets_pages_of_other_origins_read_it(server: Server, order: Order):
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    with server.request("OPTIONS", "/graphql/stream", **asked) as preflight:
        assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    with server.asked(WATCH, {"token": order.status_token}, Origin="http://localhost:3000") as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("path", "status"), [("/health/live", 200), ("/health/ready", 200), ("/admin/", 404)])
def test_serves_probes_and_nothing_else(server: Server, path: str, status: int):
    with server.request("GET", path) as response:
        assert response.status == status


def test_a_server_that_is_stopped_says_so_and_is_gone_at_once(tmp_path, order: Order):
    with a_streaming_server(tmp_path) as stopped:
        with stopped.socket() as client, stopped.events(WATCH, token=order.status_token) as events:
            events.next()
            stopped.process.terminate()

            assert client.closed() == (1012, "The server restarts; connect again")
            # No `complete`: a client that hears none connects again.
            assert events.event() is None
        stopped.process.wait(PATIENCE)
        said = stopped.log.read_text()

    assert "Killing" not in said
    assert "Traceback" not in said


def test_watchers_read_again_when_the_connection_that_listens_was_cut(server: Server, order: Order):
    before = readings(server)
    with server.events(WATCH, token=order.status_token) as events:
        events.next()
        assert eventually(lambda: readings(server) == before + 2)  # nothing but a notice makes it read again
        # Nobody rings: the worker is away.
        fulfilment.create(order_key=order.key, lines=None, tracking=Tracking(), actor=SYSTEM)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname = %s",
                [connection.settings_dict["NAME"]],
            )

        assert seen(events.next())[2] == "FULFILLED"


def readings(server: Server) -> float:
    told = server.figures()
    return told.get("shop_graphql_request_duration_seconds_count kind=subscription outcome=ok", 0)


def test_a_notice_that_was_lost_is_made_up_for(order: Order, monkeypatch: pytest.MonkeyPatch):
    """Here nobody listens at all, and it is looked at again every moment."""
    monkeypatch.setattr(live, "REREAD", 0.01)
    request = RequestFactory().post("/graphql/stream")
    asked = Asked(Incoming(WATCH, {"token": order.status_token}), request)

    async def watch() -> list[dict[str, Any]]:
        answers = Streams().answers(asked)
        first = await anext(answers)
        second = asyncio.create_task(anext(answers))
        await asyncio.to_thread(send_in_a_thread, order)
        return [first, await asyncio.wait_for(second, PATIENCE)]

    first, second = asyncio.run(watch())

    assert (seen(first)[2], seen(second)[2]) == ("UNFULFILLED", "FULFILLED")


def test_who_answers_no_ping_is_let_go(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "KEEP_ALIVE", 0.01)
    heard = ["websocket.connect", {"type": "connection_init"}]
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not heard:
            await asyncio.Event().wait()
        match heard.pop(0):
            case str(kind):
                return {"type": kind}
            case message:
                return {"type": "websocket.receive", "text": json.dumps(message)}

    async def send(message: Mapping[str, Any]) -> None:
        said.append(json.loads(message["text"])["type"] if "text" in message else message)

    scope = {"type": "websocket", "path": "/graphql/stream", "subprotocols": [PROTOCOL], "headers": []}
    asyncio.run(
        websocket.answer(Streams(), {**scope, "client": ("192.0.2.1", 1), "server": ("localhost", 80)}, receive, send)
    )

    assert said[1:-1] == ["connection_ack", "ping"]
    assert said[-1] == {"type": "websocket.close", "code": 4499, "reason": "Nothing was heard for long"}


@pytest.mark.parametrize("path", ["/graphql/stream", "/graphql/"])
def test_a_browsers_event_source_watches_too(server: Server, order: Order, path: str):
    query = urlencode({"query": WATCH, "variables": json.dumps({"token": order.status_token})})
    with server.request("GET", f"{path}?{query}", Accept="text/event-stream") as response:
        assert seen(Events(response).next())[0] == "CONFIRMED"


def send_in_a_thread(order: Order) -> None:
    send(order, 2)
    connection.close()
