"""Reading reviews: under a product, in the queue of the staff, and one's own."""

from datetime import UTC, datetime

import pytest

from accounts.staff import Permission
from catalog.models import Product
from tests import builders

SHOWN = """
query (
  $first: Int, $after: String, $last: Int, $before: String, $sort: ReviewSortKeys, $reverse: Boolean, $stars: Int
) {
  product(handle: "mug") {
    reviews(
      first: $first, after: $after, last: $last, before: $before, sortKey: $sort, reverse: $reverse, stars: $stars
    ) { totalCount nodes { body } edges { cursor } pageInfo { hasNextPage hasPreviousPage } }
  }
}
"""
QUEUE = "query ($status: ReviewStatus = PENDING) { reviews(status: $status) { totalCount nodes { body status } } }"
MINE = "{ me { reviews { totalCount nodes { body status } } } }"


@pytest.fixture
def mug(db):
    """A mug with three approved reviews, and two that are not shown."""
    product = builders.a_product("Mug")
    for day, (body, rating, helpful) in enumerate([("a", 3, 2), ("b", 5, 0), ("c", 5, 7)], start=1):
        moment = datetime(2026, 1, day, tzinfo=UTC)
        builders.a_review(product, rating=rating, body=body, helpful_count=helpful, created_at=moment, edited_at=moment)
    for status in ("PENDING", "REJECTED"):
        builders.a_review(product, body=status.lower(), status=status)
    return product


@pytest.fixture
def shown(execute, mug):
    return lambda **arguments: execute(SHOWN, **arguments)["product"]["reviews"]


def bodies(page):
    return [node["body"] for node in page["nodes"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["c", "a", "b"]),
        ({"sort": "HELPFUL", "reverse": True}, ["b", "a", "c"]),
        ({"sort": "CREATED_AT"}, ["a", "b", "c"]),
        ({"sort": "CREATED_AT", "reverse": True}, ["c", "b", "a"]),
        ({"sort": "RATING"}, ["c", "b", "a"]),
        ({"sort": "RATING", "reverse": True}, ["a", "b", "c"]),
        ({"sort": None}, ["c", "a", "b"]),
        ({"stars": 5}, ["c", "b"]),
        ({"stars": 1}, []),
        ({"last": 2}, ["a", "b"]),
    ],
)
def test_lists_what_is_approved_in_the_order_asked_for(shown, arguments, expected):
    assert bodies(shown(**arguments)) == expected


@pytest.mark.parametrize("sort", ["HELPFUL", "CREATED_AT", "RATING"])
@pytest.mark.parametrize("reverse", [True, False])
def test_pages_on_in_both_directions(shown, sort, reverse):
    order = {"sort": sort, "reverse": reverse}
    whole = bodies(shown(**order))

    first = shown(first=2, **order)
    rest = shown(first=2, after=first["edges"][-1]["cursor"], **order)
    back = shown(last=2, before=rest["edges"][0]["cursor"], **order)

    assert [bodies(page) for page in (first, rest, back)] == [whole[:2], whole[2:], whole[:2]]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (3, True, False)


@pytest.mark.parametrize("stars", [0, 6, -5])
def test_refuses_other_numbers_of_stars(request_graphql, mug, stars):
    [error] = request_graphql(SHOWN, stars=stars)["errors"]

    assert (error["message"], error["extensions"]["code"]) == ("A rating is 1 to 5 stars.", "INVALID")


def test_each_product_has_its_own(execute, mug):
    bowl = builders.a_product("Bowl")
    builders.a_review(bowl, body="bowl", rating=1)
    builders.a_product("Lamp")

    found = execute(
        "{ products(sortKey: TITLE) { nodes { rating { average count } reviews(first: 1) { nodes { body } } } } }"
    )

    assert found["products"]["nodes"] == [
        {"rating": {"average": 1.0, "count": 1}, "reviews": {"nodes": [{"body": "bowl"}]}},
        {"rating": {"average": None, "count": 0}, "reviews": {"nodes": []}},
        {"rating": {"average": 4.33, "count": 3}, "reviews": {"nodes": [{"body": "c"}]}},
    ]


def test_a_product_costs_nothing_more_where_they_are_not_asked_for(execute, mug, django_assert_num_queries):
    with django_assert_num_queries(1):
        execute('{ product(handle: "mug") { title } }')
    with django_assert_num_queries(2):
        execute('{ product(handle: "mug") { title rating { average } } }')


def test_staff_see_what_waits_longest_first(execute, mug):
    clerk = builders.a_clerk(Permission.MANAGE_REVIEWS)
    waiting = execute(QUEUE, as_=clerk)["reviews"]
    everything = execute(QUEUE, as_=clerk, status=None)["reviews"]

    assert waiting == {"totalCount": 1, "nodes": [{"body": "pending", "status": "PENDING"}]}
    assert (everything["totalCount"], bodies(everything)) == (5, ["a", "b", "c", "pending", "rejected"])


@pytest.mark.parametrize("who", ["guest", "customer", "clerk"])
def test_nobody_else_sees_the_queue(request_graphql, alice, mug, who):
    clerk = builders.a_clerk(Permission.MANAGE_CATALOG, Permission.MANAGE_ORDERS)

    answer = request_graphql(QUEUE, as_={"guest": None, "customer": alice, "clerk": clerk}[who])

    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == ("UNAUTHENTICATED" if who == "guest" else "FORBIDDEN")


def test_authors_see_what_becomes_of_their_own(execute, alice, bob, mug):
    builders.a_review(mug, author=alice, body="mine", status="PENDING")

    assert execute(MINE, as_=alice)["me"]["reviews"] == {
        "totalCount": 1,
        "nodes": [{"body": "mine", "status": "PENDING"}],
    }
    assert execute(MINE, as_=bob)["me"]["reviews"] == {"totalCount": 0, "nodes": []}


def test_a_review_of_what_is_not_shown_is_not_shown(execute, mug):
    review = builders.id_of(mug.reviews.get(body="a"))
    Product.objects.update(status="DRAFT")

    assert execute("query ($id: ID!) { review(id: $id) { body } node(id: $id) { id } }", id=review) == {
        "review": None,
        "node": None,
    }


def test_tells_nobody_else_who_the_author_is(execute, alice, bob, sam, mug):
    review = builders.id_of(builders.a_review(mug, author=alice))
    document = "query ($id: ID!) { review(id: $id) { author { email } } }"

    assert [execute(document, as_=who, id=review)["review"]["author"] for who in (None, bob)] == [None, None]
    assert [execute(document, as_=who, id=review)["review"]["author"] for who in (alice, sam)] == [
        {"email": "alice@example.com"}
    ] * 2
