"""reviewApprove and reviewReject: staff decide what is shown, and the rating follows in the same moment."""

import pytest

from accounts.models import User
from catalog.models import Review
from tests import builders

APPROVE = """
mutation ($id: ID!, $read: DateTime) {
  reviewApprove(id: $id, editedAt: $read) { review { status editedAt } userErrors { code field message } }
}
"""
REJECT = """
mutation ($id: ID!, $reason: String! = "", $read: DateTime) {
  reviewReject(id: $id, reason: $reason, editedAt: $read) {
    review { status rejectionReason } userErrors { code field message }
  }
}
"""
RATING = '{ product(handle: "mug") { rating { average count distribution { stars count } } } }'
REVIEW = "query ($id: ID!) { review(id: $id) { status rejectionReason } }"


@pytest.fixture
def mug(db):
    return builders.a_product("Mug")


def refused(code, message, field="id"):
    return {"review": None, "userErrors": [{"code": code, "field": [field], "message": message}]}


def test_shows_a_review_and_counts_it(execute, sam, mug, assert_verified):
    for rating in (5, 4, 4):
        review = builders.a_review(mug, rating=rating, status="PENDING")
        payload = execute(APPROVE, as_=sam, id=builders.id_of(review))["reviewApprove"]
        assert (payload["review"]["status"], payload["userErrors"]) == ("APPROVED", [])

    assert execute(RATING)["product"]["rating"] == {
        "average": 4.33,
        "count": 3,
        "distribution": [{"stars": stars, "count": count} for stars, count in [(5, 1), (4, 2), (3, 0), (2, 0), (1, 0)]],
    }
    assert execute(REVIEW, id=builders.id_of(review)) == {"review": {"status": "APPROVED", "rejectionReason": None}}
    review.refresh_from_db()
    assert (review.moderator, review.moderated_at is not None) == (sam, True)
    assert_verified()


@pytest.mark.parametrize("status", ["PENDING", "APPROVED"])
def test_rejects_a_review_and_tells_its_author_why(execute, alice, sam, mug, status, assert_verified):
    review = builders.a_review(mug, author=alice, status=status)
    id_ = builders.id_of(review)

    payload = execute(REJECT, as_=sam, id=id_, reason=" Names a person. ")["reviewReject"]

    told = {"status": "REJECTED", "rejectionReason": "Names a person."}
    assert payload == {"review": told, "userErrors": []}
    assert execute(REVIEW, as_=alice, id=id_) == {"review": told}
    assert execute(REVIEW, id=id_) == {"review": None}
    assert execute(RATING)["product"]["rating"]["count"] == 0
    assert_verified()


def test_a_rejected_review_can_be_approved_after_all(execute, sam, mug):
    review = builders.a_review(mug, status="REJECTED", rejection_reason="Rude")

    execute(APPROVE, as_=sam, id=builders.id_of(review))

    review.refresh_from_db()
    assert (review.status, review.rejection_reason) == ("APPROVED", "")


@pytest.mark.parametrize(("document", "status"), [(APPROVE, "APPROVED"), (REJECT, "REJECTED")])
def test_refuses_what_the_status_does_not_allow(execute, sam, mug, document, status):
    review = builders.a_review(mug, status=status)

    [payload] = execute(document, as_=sam, id=builders.id_of(review)).values()

    message = f"This review is {status.lower()} and cannot become {status.lower()}."
    assert payload == refused("REVIEW_STATUS_REFUSED", message)


@pytest.mark.parametrize("document", [APPROVE, REJECT])
def test_refuses_words_that_nobody_read(execute, sam, mug, document):
    review = builders.a_review(mug, status="PENDING")
    id_, read = builders.id_of(review), review.edited_at.isoformat()
    Review.objects.update(edited_at="2030-01-01T00:00:00Z", body="Something else.")

    [payload] = execute(document, as_=sam, id=id_, read=read).values()

    assert payload == refused(
        "REVIEW_CHANGED", "The author changed this review meanwhile; read it again.", field="editedAt"
    )
    assert Review.objects.get().status == "PENDING"
    [again] = execute(document, as_=sam, id=id_, read="2030-01-01T00:00:00Z").values()
    assert again["userErrors"] == []


def test_refuses_a_long_reason(execute, sam, mug):
    review = builders.a_review(mug, status="PENDING")

    payload = execute(REJECT, as_=sam, id=builders.id_of(review), reason="x" * 501)["reviewReject"]

    assert payload == refused("INVALID", "At most 500 characters are allowed; these are 501.", field="reason")
    assert Review.objects.get().status == "PENDING"


@pytest.mark.parametrize("document", [APPROVE, REJECT])
@pytest.mark.parametrize("id_", ["gid://shop/Review/404", "gid://shop/Product/1", "x"])
def test_refuses_a_review_that_is_not_there(execute, sam, document, id_):
    [payload] = execute(document, as_=sam, id=id_).values()

    assert payload == refused("NOT_FOUND", "Review not found.")


def test_a_review_outlives_the_account_of_its_author(execute, alice, mug, assert_verified):
    review = builders.a_review(mug, author=alice, author_name="Alice O.")

    User.objects.get(pk=alice.pk).delete()

    review.refresh_from_db()
    assert (review.author, review.author_name) == (None, "Alice O.")
    assert execute(RATING)["product"]["rating"]["count"] == 1
    assert_verified()
