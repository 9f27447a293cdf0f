"""Reviews written, judged and voted for at the same moment: one for each customer, and every count exact."""

import pytest

from accounts import actors
from catalog import reviews
from catalog.models import Product, Review
from checkout import purchases
from tests import builders
from tests.concurrency.refusals import refused_at_once
from tests.concurrency.test_facts import in_threads

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4


def test_one_customer_reviews_a_product_once(assert_verified):
    alice = actors.of_user(builders.a_customer())
    mug = builders.a_product()

    refused = refused_at_once(
        *[lambda: purchases.review(actor=alice, product_id=mug.pk, review={"rating": 5})] * THREADS
    )

    assert [refusal.code for refusal in refused] == ["ALREADY_REVIEWED"] * (THREADS - 1)
    assert Review.objects.count() == 1
    assert_verified()


def test_reviews_judged_at_once_are_all_counted(assert_verified):
    sam = actors.of_user(builders.a_customer(is_staff=True))
    mug = builders.a_product()
    waiting = [builders.a_review(mug, rating=1 + number % 5, status="PENDING").pk for number in range(8)]

    def judge(mine: list[int]):
        def approve_all() -> None:
            for review_id in mine:
                reviews.approve(actor=sam, review_id=review_id)

        return approve_all

    in_threads(*(judge(waiting[place::THREADS]) for place in range(THREADS)))

    assert Product.objects.get().rating_counts == [2, 2, 2, 1, 1]
    assert_verified()


def test_votes_at_once_are_all_counted(assert_verified):
    voters = [actors.of_user(builders.a_customer()) for _ in range(THREADS)]
    review = builders.a_review(builders.a_product())

    in_threads(*(lambda who=who: reviews.vote(actor=who, review_id=review.pk, is_helpful=True) for who in voters))

    assert Review.objects.get().helpful_count == THREADS
    assert_verified()
