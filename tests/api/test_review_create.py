"""reviewCreate: a customer reviews a product once, and staff look at it before anybody else does."""

import pytest

from catalog.models import Product, Review
from checkout import orders
from shop import relay
from tests import builders

CREATE = """
mutation ($product: ID!, $review: ReviewCreateInput!) {
  reviewCreate(productId: $product, review: $review) {
    review { rating title body authorName status isVerifiedPurchase helpfulCount product { handle } author { email } }
    userErrors { code field message }
  }
}
"""
SHOWN = '{ product(handle: "mug") { rating { average count } reviews { nodes { body } } } }'


@pytest.fixture
def mug(db):
    return builders.a_product("Mug")


@pytest.fixture
def create(execute, alice, mug):
    def send(as_=alice, product=None, **review):
        variables = {"product": product or builders.id_of(mug), "review": {"rating": 4, **review}}
        return execute(CREATE, as_=as_, **variables)["reviewCreate"]

    return send


def refused(*errors):
    return {
        "review": None,
        "userErrors": [{"code": code, "field": field, "message": message} for code, field, message in errors],
    }


def test_waits_to_be_looked_at(create, execute, assert_verified):
    assert create(title=" Sturdy ", body="Keeps tea warm.\nLooks good.") == {
        "review": {
            "rating": 4,
            "title": "Sturdy",
            "body": "Keeps tea warm.\nLooks good.",
            "authorName": "Alice O.",
            "status": "PENDING",
            "isVerifiedPurchase": False,
            "helpfulCount": 0,
            "product": {"handle": "mug"},
            "author": {"email": "alice@example.com"},
        },
        "userErrors": [],
    }
    assert execute(SHOWN) == {"product": {"rating": {"average": None, "count": 0}, "reviews": {"nodes": []}}}
    assert_verified()


@pytest.mark.parametrize(
    ("given", "shown"),
    [("Queen of Tea", "Queen of Tea"), ("  ", "Alice O."), (None, "Alice O."), ("Zoë 🫖", "Zoë 🫖")],
)
def test_shows_the_name_the_author_likes(create, given, shown):
    assert create(authorName=given)["review"]["authorName"] == shown


def test_never_shows_the_address_of_who_gave_no_name(create):
    assert create(as_=builders.a_customer("secret@example.com"))["review"]["authorName"] == "Anonymous"


def test_tells_who_bought_the_product(create, alice, mug):
    builders.an_order((mug.variants.get(), 1), owner=alice)

    assert create()["review"]["isVerifiedPurchase"] is True


def test_what_others_bought_or_is_not_paid_verifies_nothing(create, alice, bob, mug):
    variant = mug.variants.get()
    builders.an_order((variant, 1), owner=bob)
    builders.an_order((variant, 1))
    builders.an_order((variant, 1), owner=alice, token="pending")
    builders.an_order((builders.a_variant(), 1), owner=alice)

    assert create()["review"]["isVerifiedPurchase"] is False


def test_hears_of_a_later_purchase_and_of_its_end(create, alice, bob, mug, django_capture_on_commit_callbacks):
    create()
    create(as_=bob)
    order = builders.an_order((mug.variants.get(), 1), owner=alice)

    relay.drain()
    assert dict(Review.objects.values_list("author__email", "is_verified_purchase")) == {
        "alice@example.com": True,
        "bob@example.com": False,
    }

    orders.cancel(order_key=order.key, reason="")
    relay.drain()
    assert not Review.objects.filter(is_verified_purchase=True).exists()


def test_a_cancelled_order_leaves_the_mark_of_another(create, alice, mug):
    order, _ = (builders.an_order((mug.variants.get(), 1), owner=alice) for _ in range(2))
    create()

    orders.cancel(order_key=order.key, reason="")
    relay.drain()

    assert Review.objects.get().is_verified_purchase


def test_refuses_a_second_review_of_a_product(create, bob):
    create()

    assert create(rating=1) == refused(
        ("ALREADY_REVIEWED", None, "You reviewed this product already; change that review with reviewUpdate.")
    )
    assert create(as_=bob)["userErrors"] == []
    assert sorted(Review.objects.values_list("rating", flat=True)) == [4, 4]


@pytest.mark.parametrize("rating", [0, 6, -1, 2_000_000_000])
def test_refuses_other_numbers_of_stars(create, rating):
    assert create(rating=rating) == refused(("INVALID", ["review", "rating"], "A rating is 1 to 5 stars."))
    assert not Review.objects.exists()


def test_tells_everything_that_is_wrong_at_once(create):
    payload = create(rating=9, title="two\nlines", body="x" * 5_001, authorName="y" * 101)

    assert payload == refused(
        ("INVALID", ["review", "rating"], "A rating is 1 to 5 stars."),
        ("INVALID", ["review", "title"], "The character U+000A is not allowed."),
        ("INVALID", ["review", "body"], "At most 5000 characters are allowed; these are 5001."),
        ("INVALID", ["review", "authorName"], "At most 100 characters are allowed; these are 101."),
    )
    assert not Review.objects.exists()


@pytest.mark.parametrize("id_", ["gid://shop/Product/404", "gid://shop/Category/1", "mug"])
def test_refuses_a_product_that_is_not_there(create, id_):
    assert create(product=id_) == refused(("NOT_FOUND", ["productId"], "Product not found."))


def test_refuses_a_product_that_is_not_shown(create, mug):
    Product.objects.update(status="DRAFT")

    assert create() == refused(("NOT_FOUND", ["productId"], "Product not found."))
    assert not Review.objects.exists()


def test_turns_away_a_guest(request_graphql, mug):
    answer = request_graphql(CREATE, product=builders.id_of(mug), review={"rating": 5})

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert not Review.objects.exists()
