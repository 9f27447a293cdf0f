"""reviewDelete: a review goes with its votes, and out of the rating."""

import pytest

from accounts import actors
from accounts.staff import Permission
from catalog import reviews
from catalog.models import Review, ReviewVote
from tests import builders

DELETE = "mutation ($id: ID!) { reviewDelete(id: $id) { deletedReviewId userErrors { code field message } } }"
NOT_FOUND = {
    "deletedReviewId": None,
    "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Review not found."}],
}


@pytest.fixture
def review(alice):
    return builders.a_review(builders.a_product("Mug"), author=alice)


def test_deletes_ones_own(execute, alice, bob, review, assert_verified):
    reviews.vote(actor=actors.of_user(bob), review_id=review.pk, is_helpful=True)
    id_ = builders.id_of(review)

    payload = execute(DELETE, as_=alice, id=id_)["reviewDelete"]

    assert payload == {"deletedReviewId": id_, "userErrors": []}
    assert not Review.objects.exists()
    assert not ReviewVote.objects.exists()
    assert execute('{ product(handle: "mug") { rating { average count } } }') == {
        "product": {"rating": {"average": None, "count": 0}}
    }
    assert_verified()
    assert execute(DELETE, as_=alice, id=id_)["reviewDelete"] == NOT_FOUND


def test_staff_who_look_at_reviews_delete_any(execute, review):
    clerk = builders.a_clerk(Permission.MANAGE_REVIEWS)

    payload = execute(DELETE, as_=clerk, id=builders.id_of(review))["reviewDelete"]

    assert payload["userErrors"] == []
    assert not Review.objects.exists()


@pytest.mark.parametrize("permission", [None, Permission.MANAGE_CATALOG])
def test_nobody_else_does(execute, bob, review, permission):
    who = builders.a_clerk(permission) if permission else bob

    assert execute(DELETE, as_=who, id=builders.id_of(review))["reviewDelete"] == NOT_FOUND
    assert Review.objects.exists()


def test_turns_away_a_guest(request_graphql, review):
    answer = request_graphql(DELETE, id=builders.id_of(review))

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert Review.objects.exists()
