"""The benchmark is honest: floors answer what pages answer, ways end where they should, and figures are exact."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client

from catalog.models import Product, StockHold, StockLevel, StockMovement
from checkout.models import (
    Cart,
    CartAddress,
    CartLine,
    Order,
    OrderLine,
    Payment,
    PaymentEntry,
    TestCharge,
)
from shop.benchmark import counting, figures, large, measuring, pages, report, targets
from shop.benchmark.figures import ClosedLoop, OpenLoop
from shop.benchmark.goods import Goods, choose
from shop.benchmark.load import Request
from shop.benchmark.measuring import Figures, Result
from shop.benchmark.pages import Journey, Page, Way
from shop.management.commands import bench
from shop.models import OutboxMessage

# What buying writes, and what of it differs from one time to the next.
BOUGHT = [
    Cart,
    CartAddress,
    CartLine,
    Order,
    OrderLine,
    OutboxMessage,
    Payment,
    PaymentEntry,
    StockHold,
    StockMovement,
    TestCharge,
]
INDIVIDUAL = {
    *("id", "key", "secret", "status_token", "number", "request_id", "payload"),
    *("cart_id", "order_id", "payment_id"),
    *("created_at", "updated_at", "completed_at", "placed_at", "confirmed_at", "hold_expires_at"),
}
INDIVIDUAL_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|#\d+")

READS = ["PLP", "FILTERED", "SEARCH", "PDP", "PDP15", "NAV", "NAVFACTS", "FACTS", "HISTOGRAM", "SMALLEST"]


@pytest.fixture
def goods(db: None, settings: Any, tmp_path: Path) -> Goods:
    """What is measured on a small invented catalog, of which some has been sold."""
    settings.MEDIA_ROOT = tmp_path
    settings.PAYMENT_GATEWAYS = ["test"]
    call_command("seed", products=250, categories=20, verbosity=0)
    Product.objects.update(sold_count=F("pk") % 7)
    for row in serializers.deserialize("python", bench.DELIVERY):
        row.save()
    return choose(ask, "USD")


def ask(statement: str, variables: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, variables)
        return cursor.fetchall()


def read(goods: Goods, name: str) -> Page:
    return next(page for page in pages.reads(goods) if page.name == name)


def way(goods: Goods, name: str) -> Way:
    return next(one for one in pages.ways(goods) if one.name == name)


def walk(client: Client, journey: Journey) -> list[dict[str, Any]]:
    """The data of each answer on a journey."""
    values: dict[bytes, bytes] = {}
    found = []
    for step in journey:
        request = Request.of(asdict(step))
        body = request.filled(values)
        response = client.post(step.path, body, "application/json") if body else client.get(step.path)
        assert request.problem_of(b"HTTP/1.1 200 " + response.content, values) == ""
        found.append(response.json())
    return found


@pytest.mark.urls("shop.benchmark.urls")
@pytest.mark.parametrize("name", READS)
def test_a_floor_answers_the_data_of_its_page(client, goods, name):
    page = read(goods, name)

    for above, below in zip(page.journeys[:15], page.floor[:15], strict=True):
        [answer], [floor] = walk(client, above), walk(client, below)

        assert measuring.difference_of(answer["data"], floor) == ""


def test_every_page_with_a_floor_is_tried(goods):
    assert [page.name for page in pages.reads(goods)] == READS
    assert set(targets.TIMES_OF_FLOOR) == set(READS)


@pytest.mark.urls("shop.benchmark.urls")
def test_the_list_is_read_to_its_end(client, goods):
    [first, *_, last] = read(goods, "PLP").journeys

    [start], [end] = walk(client, first), walk(client, last)

    products = start["data"]["category"]["products"]
    assert len(products["nodes"]) == 24
    assert products["totalCount"] > 48
    assert products["pageInfo"]["hasNextPage"]
    assert not end["data"]["category"]["products"]["pageInfo"]["hasNextPage"]


def test_a_cart_is_filled_and_read(client, goods):
    created, added, found = walk(client, way(goods, "CART").journeys[0])

    assert created["data"]["cartCreate"]["cart"]["totalQuantity"] == 0
    assert added["data"]["cartLinesAdd"]["cart"]["totalQuantity"] == 3
    assert len(found["data"]["cart"]["lines"]["nodes"]) == 2


def test_a_checkout_ends_at_a_paid_order(client, goods):
    *_, completed = walk(client, way(goods, "CHECKOUT").journeys[0])

    order = completed["data"]["checkoutComplete"]["order"]
    assert (order["status"], order["financialStatus"]) == ("CONFIRMED", "PAID")
    assert Order.objects.count() == 1


def written() -> dict[str, list[Any]]:
    """All that buying writes, but for what tells one time from another, and what is left in stock."""
    found = {}
    for model in BOUGHT:
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in INDIVIDUAL]
        found[model.__name__] = [
            {name: INDIVIDUAL_TEXT.sub("", value) if isinstance(value, str) else value for name, value in row.items()}
            for row in model._default_manager.order_by("pk").values(*names)
        ]
    # What was done when is told apart to the day.
    days = Order.objects.values("placed_at__date", "confirmed_at__date", "hold_expires_at", "cart__completed_at__date")
    return found | {"days": list(days)}


@pytest.mark.urls("shop.benchmark.urls")
def test_the_floor_of_a_checkout_answers_and_writes_what_the_checkout_does(client, goods, assert_verified):
    checkout, number = way(goods, "CHECKOUT"), 3
    before = transaction.savepoint()
    answers = walk(client, checkout.journeys[number])
    rows = written()
    transaction.savepoint_rollback(before)

    floor = walk(client, checkout.floor[number])

    for answer, data in zip(answers, floor, strict=True):
        above, below = (json.loads(INDIVIDUAL_TEXT.sub("", json.dumps(one))) for one in (answer["data"], data))
        assert measuring.difference_of(above, below) == ""
    assert written() == rows
    assert [len(rows[name]) for name in ("Order", "OrderLine", "StockHold", "OutboxMessage")] == [1, 2, 2, 2]
    assert_verified()


@pytest.mark.urls("shop.benchmark.urls")
def test_the_floor_takes_no_last_unit(client, goods):
    journey = way(goods, "CHECKOUT").floor[0]
    [first, *_] = json.loads(journey[0].body)["variants"]
    StockLevel.objects.filter(variant=first).update(on_hand=F("reserved") + 1)

    *steps, last = journey
    values: dict[bytes, bytes] = {}
    for step in steps:
        request = Request.of(asdict(step))
        response = client.post(step.path, request.filled(values), "application/json")
        assert request.problem_of(b"HTTP/1.1 200 " + response.content, values) == ""

    with pytest.raises(ValueError, match="not enough values to unpack"):
        client.post(last.path, Request.of(asdict(last)).filled(values), "application/json")
    assert Order.objects.count() == 0


def test_the_goods_are_the_same_on_every_run(goods):
    assert choose(ask, "USD") == goods


@pytest.mark.parametrize(
    ("page", "floor", "difference"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, ""),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ""),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "data.a[0].b is 1 on the page and 2 on the floor"),
        ({"a": [1]}, {"a": [1, 2]}, "data.a is [1] on the page and [1, 2] on the floor"),
        ({"a": 1}, {"b": 1}, 'data is {"a": 1} on the page and {"b": 1} on the floor'),
        ({"a": 1}, {"a": True}, "data.a is 1 on the page and true on the floor"),
        ({"a": 1}, {"a": 1.0}, "data.a is 1 on the page and 1.0 on the floor"),
        (None, {"a": 1}, 'data is null on the page and {"a": 1} on the floor'),
    ],
)
def test_tells_where_a_page_differs_from_its_floor(page, floor, difference):
    assert measuring.difference_of(page, floor) == difference


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, 0.0),
        ([7.0], 99, 7.0),
        ([3.0, 1.0, 2.0, 4.0], 50, 2.0),
        ([3.0, 1.0, 2.0, 4.0], 51, 3.0),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 1001)), 99, 990),
        ([1.0, 2.0], 0, 1.0),
        ([1.0, 2.0], 100, 2.0),
    ],
)
def test_percentiles(values, percent, expected):
    assert figures.percentile(values, percent) == expected


def test_the_ratio_is_that_of_the_middle_round():
    assert figures.ratio(page=[50, 10, 40], floor=[100, 100, 100]) == 2.5
    assert figures.ratio(page=[0], floor=[100]) == float("inf")


def test_an_open_loop_begins_at_its_ticks_and_times_from_them():
    loop = OpenLoop(rate=10, seconds=0.5)

    taken = [loop.take(now) for now in (0.0, 0.05, 0.1, 0.31, 0.31, 0.31)]

    # What could not begin at 0.2 and 0.3, because nobody was there to send it, is timed from then.
    assert taken == [0.0, None, 0.1, 0.2, 0.3, None]
    assert loop.wait(0.31) == pytest.approx(0.09)
    assert not loop.is_over(9.0)
    assert loop.take(9.0) == 0.4
    assert loop.is_over(0.4)
    assert loop.take(9.0) is None


def test_a_closed_loop_begins_at_once_until_the_time_is_up():
    loop = ClosedLoop(seconds=2)

    assert [loop.take(now) for now in (0.0, 1.5, 2.0)] == [0.0, 1.5, None]
    assert [loop.is_over(now) for now in (0.0, 1.5, 2.0)] == [False, False, True]
    assert loop.wait(1.0) == 0.0


def test_a_request_carries_what_an_earlier_answer_said():
    first = Request.of({"path": "/a", "body": "{}", "expected": '"ok":1', "captures": {"cart": r'"id":"([^"]+)"'}})
    second = Request.of({"path": "/b", "body": '{"id":"@cart"}', "expected": "", "captures": {}})
    values: dict[bytes, bytes] = {}

    assert first.problem_of(b'HTTP/1.1 200 OK\r\n\r\n{"ok":1,"id":"x-7"}', values) == ""
    assert second.encoded(values).endswith(b'Content-Length: 12\r\n\r\n{"id":"x-7"}')
    assert first.encoded({}).endswith(b"Content-Length: 2\r\n\r\n{}")


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 500 Internal Server Error\r\n\r\n{"ok":1,"id":"x"}',
        b'HTTP/1.1 200 OK\r\n\r\n{"data":null,"errors":[],"ok":1,"id":"x"}',
        b'HTTP/1.1 200 OK\r\n\r\n{"ok":2,"id":"x"}',
        b'HTTP/1.1 200 OK\r\n\r\n{"ok":1}',
    ],
)
def test_a_wrong_answer_is_a_problem(answer):
    request = Request.of({"path": "/a", "body": "{}", "expected": '"ok":1', "captures": {"cart": r'"id":"([^"]+)"'}})

    assert request.problem_of(answer, {}) != ""


@pytest.mark.django_db
def test_counts_the_statements_of_a_request():
    said: dict[str, str] = {}

    def shop(environ: Any, start_response: Any) -> list[bytes]:
        ask("SELECT 1", {})
        ask("SELECT 2", {})
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    def start_response(status: str, headers: list[tuple[str, str]]) -> Any:
        said.update(headers)

    assert list(counting.counted(shop, {}, start_response)) == [b"ok"]
    assert float(said.pop("X-Benchmark-Database")) > 0
    assert said == {"Content-Type": "text/plain", "X-Benchmark-Statements": "2"}


def a_result(name: str, ratio: float, *, per_second: float = 70, errors: int = 0, statements: int = 1) -> Result:
    measured = Figures(per_second, 1.0, 2.0, 3.0, 0.5, 0.5, 0.1, errors, "", [per_second])
    ratios = {"1": ratio, "16": ratio} if ratio else {}
    floor = {"1": measured, "16": replace(measured, per_second=280.4)}
    return Result(name, name, [statements] * 4, 100, {"1": measured, "16": measured}, floor, ratios)


def test_targets_are_met_or_missed():
    results = {
        "PLP": a_result("PLP", 2.0),
        "FACTS": a_result("FACTS", 1.51),
        "CART": a_result("CART", 0, statements=12),
        "CHECKOUT": a_result("CHECKOUT", 4.7, statements=11, per_second=59.9, errors=1),
    }

    held = targets.held_against(results, [{"rss": 199.0, "pss": 90.0}, {"rss": 201.0, "pss": 80.0}])

    assert [(target.name, target.is_met) for target in held] == [
        ("PLP: times the floor, by 1", True),
        ("PLP: times the floor, by 16", True),
        ("FACTS: times the floor, by 1", False),
        ("FACTS: times the floor, by 16", False),
        ("CART: SQL statements of adding lines", True),
        ("CHECKOUT: SQL statements of all requests", False),
        ("CHECKOUT: paid orders per second, where its floor reaches 280", False),
        ("megabytes of the largest server process", False),
        ("errors", False),
    ]


def test_a_report_is_json_and_a_chart():
    results = {"PLP": a_result("PLP", 1.4), "CART": a_result("CART", 0), "CHECKOUT": a_result("CHECKOUT", 4.7)}
    made = report.Report("<invented>", "tiny", 9000.0, results, [], targets.held_against(results, []), "")

    drawing = report.chart([made], {"date": "today", "revision": "abc", "machine": "a & b"})
    drawn = ElementTree.fromstring(drawing)  # noqa: S314  (it is our own)

    assert json.loads(json.dumps(made.as_json()))["results"]["PLP"]["ratios"] == {"1": 1.4, "16": 1.4}
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert words[1:] == [
        *("today, abc, a & b", "<invented>"),
        *("PLP, 1 connection", "1.40", "PLP, 16 connections", "1.40"),
        *("CHECKOUT, 1 connection", "4.70", "CHECKOUT, 16 connections", "4.70"),
    ]
    # A line across the bars of what has a limit.
    assert len(drawn.findall("{http://www.w3.org/2000/svg}path")) == 2


def test_shows_the_same_branch_however_many_products(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def branch(products: int) -> str:
        call_command("seed", products=products, categories=40, fresh=True, verbosity=0)
        pages_read, told = large.chosen(lambda statement: ask(statement, {}))
        assert {page.name for page in pages_read} == set(large.NAMES)
        return told.split(":")[0]

    assert branch(30) == branch(60)


@pytest.mark.parametrize(("at_100k", "is_met"), [(1.4, True), (1.6, False)])
def test_facts_may_not_take_longer_of_more_products(at_100k, is_met):
    def measured(products: int, sql: float) -> large.Measured:
        times = large.Times(statements=2, p50=3.0, p95=4.0, sql_p50=sql, sql_p95=2.0)
        return large.Measured("FACTS", products, times, times)

    targets = large.held_against([measured(10_000, 1.0), measured(100_000, at_100k)])

    assert [target.is_met for target in targets] == [True, True, True, True, is_met]
