"""The same mutation from many at the same moment, with one idempotency key: it acts once, and all get its answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from checkout.models import Cart
from shop.models import IdempotencyRecord
from tests.concurrency.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def test_of_many_at_the_same_moment_one_acts() -> None:
    together = Barrier(THREADS)

    def create(_: int) -> dict[str, Any]:
        body = {"query": 'mutation { cartCreate(input: { note: "once" }) { cart { id } userErrors { code } } }'}
        try:
            together.wait(PATIENCE)
            answer: dict[str, Any] = (
                Client()
                .post("/graphql/", body, "application/json", headers={"Idempotency-Key": "one-key-for-one-and-all"})
                .json()
            )
        finally:
            connections.close_all()
        return answer

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(create, range(THREADS)))

    assert len({answer["data"]["cartCreate"]["cart"]["id"] for answer in answers}) == 1
    assert sum("replayed" not in answer.get("extensions", {}) for answer in answers) == 1
    assert Cart.objects.get().note == "once"
    assert IdempotencyRecord.objects.count() == 1
