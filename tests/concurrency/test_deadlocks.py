"""A mutation that the database gives up, for it and another transaction wait for each other, is run again."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from catalog import stock
from catalog.models import ProductVariant
from checkout.models import CartLine
from shop import deadlocks
from tests import builders
from tests.concurrency.test_facts import in_threads, somebody_waits
from tests.concurrency.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

REMOVE = """
mutation ($id: ID!, $variants: [ID!]!) {
  productVariantsRemove(productId: $id, variantIds: $variants) KEY { userErrors { code field message } }
}
"""


@pytest.mark.parametrize("key", ["", '@idempotent(key: "remove-the-second")'])
def test_who_is_given_up_is_run_again(
    request_graphql: Any, sam: User, assert_verified: Callable[[], None], key: str
) -> None:
    shirt = builders.a_product(variants=2)
    first, second = ProductVariant.objects.filter(product=shirt).order_by("position")
    builders.a_cart((second, 1))
    has_line = threading.Event()
    answers: list[Any] = []

    def remove() -> None:
        assert has_line.wait(10)
        sent = {"id": builders.id_of(shirt), "variants": [builders.id_of(second)]}
        answers.append(request_graphql(REMOVE.replace("KEY", key), as_=sam, **sent))

    @transaction.atomic
    def buy() -> None:
        """As a checkout would lock: the line of the cart, then the stock of what it holds."""
        list(CartLine.objects.select_for_update().filter(variant=second))
        has_line.set()
        assert eventually(somebody_waits)
        stock.lock([second.pk])

    in_threads(remove, lambda: deadlocks.again(buy))

    assert answers == [{"data": {"productVariantsRemove": {"userErrors": []}}}]
    assert list(ProductVariant.objects.filter(product=shirt)) == [first]
    assert not CartLine.objects.exists()
    assert_verified()
