"""reviewVote: each customer says once that a review is helpful, and may take it back."""

import pytest

from catalog.models import Review, ReviewVote
from tests import builders

VOTE = """
mutation ($id: ID!, $helpful: Boolean! = true) {
  reviewVote(id: $id, isHelpful: $helpful) {
    review { helpfulCount isFoundHelpful } userErrors { code field message }
  }
}
"""
NOT_FOUND = {
    "review": None,
    "userErrors": [{"code": "NOT_FOUND", "field": ["id"], "message": "Review not found."}],
}


@pytest.fixture
def review(alice):
    return builders.a_review(builders.a_product("Mug"), author=alice)


@pytest.fixture
def vote(execute, bob, review):
    return lambda helpful=True, as_=bob: execute(VOTE, as_=as_, id=builders.id_of(review), helpful=helpful)[
        "reviewVote"
    ]


def test_counts_each_customer_once(vote, sam, assert_verified):
    assert [vote()["review"] for _ in range(2)] == [{"helpfulCount": 1, "isFoundHelpful": True}] * 2
    assert vote(as_=sam)["review"] == {"helpfulCount": 2, "isFoundHelpful": True}
    assert_verified()


def test_takes_a_vote_back(vote, sam, assert_verified):
    vote()
    vote(as_=sam)

    assert [vote(helpful=False)["review"] for _ in range(2)] == [{"helpfulCount": 1, "isFoundHelpful": False}] * 2
    assert_verified()


def test_a_vote_outlives_the_account(vote, bob, assert_verified):
    vote()

    bob.delete()

    assert Review.objects.get().helpful_count == 1
    assert_verified()


def test_refuses_the_authors_own_vote(vote, alice):
    assert vote(as_=alice) == {
        "review": None,
        "userErrors": [
            {
                "code": "OWN_REVIEW",
                "field": ["id"],
                "message": "This review is your own: others say whether it is helpful.",
            }
        ],
    }
    assert not ReviewVote.objects.exists()


@pytest.mark.parametrize("status", ["PENDING", "REJECTED"])
def test_knows_only_reviews_that_are_shown(vote, status):
    Review.objects.update(status=status)

    assert vote() == NOT_FOUND
    assert not ReviewVote.objects.exists()


def test_turns_away_a_guest(request_graphql, review):
    answer = request_graphql(VOTE, id=builders.id_of(review))

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert not ReviewVote.objects.exists()
