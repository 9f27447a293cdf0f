"""Collections changed at the same moment: no two products in one place, and nothing lost."""

import pytest

from catalog import collections
from catalog.models import Collection, CollectionProduct
from tests import builders
from tests.concurrency.test_facts import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def test_products_added_and_moved_at_once_stand_in_places_of_their_own():
    held = [builders.a_product() for _ in range(3)]
    gifts = builders.a_collection("Gifts", products=held)
    more = [builders.a_product().pk for _ in range(4)]

    in_threads(
        *(lambda pk=pk: collections.add(collection_id=gifts.pk, product_ids=[pk]) for pk in more),
        *(lambda pk=one.pk: collections.reorder(collection_id=gifts.pk, product_ids=[pk]) for one in held),
    )

    places = list(CollectionProduct.objects.order_by("position").values_list("position", "product_id"))
    assert [position for position, _ in places] == list(range(7))
    assert {product_id for _, product_id in places} == {*more, *(one.pk for one in held)}


def test_two_made_at_once_with_one_title_have_handles_of_their_own():
    in_threads(*(lambda: collections.create(collection={"title": "Gifts"}) for _ in range(3)))

    handles = set(Collection.objects.values_list("handle", flat=True))
    assert handles == {"gifts", "gifts-2", "gifts-3"}
