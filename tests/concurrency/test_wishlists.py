"""Wishlists changed at the same moment: one default list, and nothing lost."""

import pytest

from accounts import actors
from catalog import wishlists
from catalog.models import Wishlist
from tests import builders
from tests.concurrency.test_facts import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def test_several_first_things_make_one_default_list():
    alice = actors.of_user(builders.a_customer())
    variants = [builders.a_variant().pk for _ in range(4)]

    in_threads(*(lambda pk=pk: wishlists.add(actor=alice, wishlist_id=None, variant_ids=[pk]) for pk in variants))

    assert set(Wishlist.objects.get(is_default=True).items.values_list("variant_id", flat=True)) == set(variants)
    assert Wishlist.objects.count() == 1
