"""Paging: every row once, from both ends, whatever is inserted meanwhile; and cursors that are not ours are refused."""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

import orjson
import pytest
from django.db.models import Count

from checkout.models import Cart
from shop import clock, paging
from shop.paging import InvalidPage, Order, PageRequest
from tests import builders

NOTE = Order("NOTE", "note")
NEWEST = Order("NEWEST", "created_at", descending=True, parse=datetime.fromisoformat)
BY_ID = Order("ID", "pk")


@pytest.fixture
def carts(db) -> list[Cart]:
    """Seven carts, in pairs of the same note."""
    return [builders.a_cart(note="aabbccd"[place]) for place in range(7)]


def page(order: Order = NOTE, **request):
    key = {"note": lambda row: (row.note, row.pk), "pk": lambda row: (row.pk,)}.get(
        order.key, lambda row: (row.created_at, row.pk)
    )
    return paging.page(Cart.objects.all(), order, PageRequest(**request), list, key)


@pytest.mark.parametrize("order", [NOTE, BY_ID, Order("NOTE", "note", descending=True), NEWEST])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_meets_every_row_once_from_either_end(carts, order, size):
    sign = "-" if order.descending else ""
    expected = list(Cart.objects.order_by(*[f"{sign}{column}" for column in order.columns]))

    forward, cursor = [], None
    while True:
        found = page(order, first=size, after=cursor)
        forward += found.rows
        if not found.has_next:
            break
        cursor = found.cursors[-1]
    backward: list[Cart] = []
    cursor = None
    while True:
        found = page(order, last=size, before=cursor)
        backward = [*found.rows, *backward]
        if not found.has_previous:
            break
        cursor = found.cursors[0]

    assert forward == backward == expected


def test_goes_on_after_a_row_that_is_gone_and_before_one_that_came(carts):
    first = page(first=3)
    carts[2].delete()
    builders.a_cart(note="aa")
    late = builders.a_cart(note="bz")

    second = page(first=3, after=first.cursors[-1])

    assert list(second.rows) == [carts[3], late, carts[4]]


def test_stands_between_two_cursors(carts):
    everything = page()

    between = page(after=everything.cursors[1], before=everything.cursors[5])

    assert list(between.rows) == carts[2:5]
    assert (between.has_previous, between.has_next) == (True, False)


def test_is_empty_at_size_zero_and_knows_there_is_more(carts):
    nothing = page(first=0)

    assert (list(nothing.rows), nothing.has_next) == ([], True)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"first": 1, "last": 1}, "Ask for the first or for the last rows, not for both."),
        ({"first": 251}, "A page has 0 to 250 rows; 251 were asked for."),
        ({"last": -1}, "A page has 0 to 250 rows; -1 were asked for."),
    ],
)
def test_refuses_a_size_that_is_none(request_, message):
    with pytest.raises(InvalidPage, match=message):
        PageRequest(**request_)


def forged(*values: object) -> str:
    return urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%",
        "é",
        "bm9uc2Vuc2U",
        "a" * 100_000,
        forged(),
        forged("NOTE"),
        forged("NOTE", "a"),
        forged("NOTE", "a", "b"),
        forged("NOTE", "a", -1),
        forged("NOTE", "a", 2**63),
        forged("NOTE", "a\0", 1),
        forged("TITLE", "a", 1),
        forged("position", 1),
        forged({"a": 1}),
    ],
)
def test_refuses_a_cursor_that_is_not_ours(carts, cursor):
    with pytest.raises(InvalidPage) as refused:
        page(after=cursor)

    assert refused.value.field == ("after",)


@pytest.mark.parametrize("moment", ["nonsense", "2026-01-01T00:00:00", 5, None])
def test_refuses_a_moment_that_is_none(carts, moment):
    with pytest.raises(InvalidPage):
        page(NEWEST, before=forged("NEWEST", moment, 1))


def test_slices_a_list_in_memory_as_it_would_a_table():
    rows = list("abcdefg")

    first = paging.slice_of(rows, PageRequest(first=3))
    middle = paging.slice_of(rows, PageRequest(first=3, after=first.cursors[-1]))
    last = paging.slice_of(rows, PageRequest(last=2))
    before = paging.slice_of(rows, PageRequest(last=3, before=last.cursors[0]))
    beyond = paging.slice_of(rows, PageRequest(after=last.cursors[-1]))

    assert ["".join(part.rows) for part in (first, middle, last, before, beyond)] == ["abc", "def", "fg", "cde", ""]
    assert [part.has_next for part in (first, middle, last, before, beyond)] == [True, True, False, True, False]
    assert [part.has_previous for part in (first, middle, last, before, beyond)] == [False, True, True, True, True]


@pytest.mark.parametrize("cursor", [forged("position"), forged("position", "1"), forged("NOTE", "a", 1), "x"])
def test_refuses_a_place_in_a_list_that_is_none(cursor):
    with pytest.raises(InvalidPage):
        paging.slice_of("abc", PageRequest(after=cursor))


@pytest.mark.parametrize("place", [-(2**62), -5, 3, 2**62])
def test_finds_nothing_or_all_beyond_the_ends_of_a_list(place):
    found = paging.slice_of("abc", PageRequest(after=forged("position", place)))

    assert list(found.rows) == ([] if place > 0 else list("abc"))
    assert len(found.cursors) == len(found.rows)


def test_counts_the_lists_of_several_pages_in_one_statement(carts, django_assert_num_queries):
    pages = [page(first=1), paging.slice_of("abc", PageRequest(first=1)), page(BY_ID, first=1)]

    with django_assert_num_queries(1):
        assert paging.totals(pages) == [7, 3, 7]


def test_asks_the_database_for_one_row_more_than_the_page(carts):
    wanted = paging.window(Cart.objects.annotate(number=Count("lines")), NOTE, PageRequest(first=2))

    assert len(wanted) == 3


def test_lets_a_month_old_cursor_stand(carts):
    Cart.objects.update(created_at=clock.now() - timedelta(days=30))

    found = page(NEWEST, first=2)

    assert list(page(NEWEST, first=9, after=found.cursors[-1]).rows) == carts[4::-1]
