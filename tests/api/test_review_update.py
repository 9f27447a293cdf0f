"""reviewUpdate: authors change their own reviews, which then wait to be looked at again."""

import pytest

from catalog.models import Review, ReviewStatus
from tests import builders

UPDATE = """
mutation ($id: ID!, $review: ReviewUpdateInput!) {
  reviewUpdate(id: $id, review: $review) {
    review { rating title body authorName status rejectionReason } userErrors { code field message }
  }
}
"""
RATING = '{ product(handle: "mug") { rating { count } } }'


@pytest.fixture
def review(alice):
    return builders.a_review(builders.a_product("Mug"), author=alice, title="Good", body="Very.")


@pytest.fixture
def update(execute, alice, review):
    return lambda as_=alice, **said: execute(UPDATE, as_=as_, id=builders.id_of(review), review=said)["reviewUpdate"]


def test_goes_back_into_the_queue_and_out_of_the_rating(update, execute, review, assert_verified):
    before = review.edited_at

    assert update(rating=2, body="It broke.") == {
        "review": {
            "rating": 2,
            "title": "Good",
            "body": "It broke.",
            "authorName": "Ada B.",
            "status": "PENDING",
            "rejectionReason": None,
        },
        "userErrors": [],
    }
    assert execute(RATING) == {"product": {"rating": {"count": 0}}}
    review.refresh_from_db()
    assert review.edited_at > before
    assert_verified()


@pytest.mark.parametrize("status", ["PENDING", "REJECTED"])
def test_forgets_why_it_was_rejected(update, status):
    Review.objects.update(status=status, rejection_reason="Rude")

    payload = update(title=None)["review"]

    assert (payload["title"], payload["status"], payload["rejectionReason"]) == (None, "PENDING", None)


@pytest.mark.parametrize("said", [{}, {"rating": 5, "title": "Good "}])
def test_a_review_that_stays_as_it_is_stays_shown(update, execute, said):
    assert update(**said)["review"]["status"] == "APPROVED"
    assert execute(RATING) == {"product": {"rating": {"count": 1}}}


def test_gives_the_authors_own_name_for_none(update):
    assert update(authorName=None)["review"]["authorName"] == "Alice O."


@pytest.mark.parametrize("rating", [None, 0, 6])
def test_refuses_other_numbers_of_stars(update, review, rating):
    assert update(rating=rating, title="New") == {
        "review": None,
        "userErrors": [{"code": "INVALID", "field": ["review", "rating"], "message": "A rating is 1 to 5 stars."}],
    }
    review.refresh_from_db()
    assert (review.title, review.status) == ("Good", ReviewStatus.APPROVED)


@pytest.mark.parametrize("who", ["bob", "sam"])
def test_nobody_else_may_change_it(update, review, request, who):
    payload = update(as_=request.getfixturevalue(who), rating=1)

    assert payload == {
        "review": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Review not found."}],
    }
    review.refresh_from_db()
    assert (review.rating, review.status) == (5, ReviewStatus.APPROVED)
