"""Handles and skus wanted by many at once: each goes to one, and the others are told."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from accounts.actors import SYSTEM
from catalog import categories, products, variants
from catalog.models import Category, Product, ProductVariant
from catalog.products import NewProduct
from tests import builders
from tests.concurrency.refusals import refused_at_once

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8


def codes_of(*works: Callable[[], object]) -> list[tuple[str, tuple[str | int, ...]]]:
    """Code and field of what was refused when all ran at once."""
    return [(refusal.code, refusal.field) for refusal in refused_at_once(*works)]


def creating(place: Category, *skus: str, handle: str | None = None, vendor: str = "") -> Callable[[], Product]:
    """A command that makes a mug with a variant for each sku."""
    product: NewProduct = {
        "title": "Mug",
        "category_id": place.pk,
        "handle": handle,
        "vendor": vendor,
        "options": [{"name": "Size", "values": list(skus)}],
        "variants": [
            {"sku": sku, "price": Decimal(8), "option_values": [{"name": "Size", "value": sku}]} for sku in skus
        ],
    }
    return lambda: products.create(product=product, actor=SYSTEM)


def test_products_of_one_title_all_get_handles_of_their_own(assert_verified: Callable[[], None]) -> None:
    place = builders.a_category()

    refused = codes_of(*(creating(place, f"MUG-{number}", vendor="Clay") for number in range(WRITERS)))

    assert refused == []
    assert set(Product.objects.values_list("handle", flat=True)) == {"mug", *(f"mug-{n}" for n in range(2, 9))}
    assert set(Product.objects.values_list("brand__name", flat=True)) == {"Clay"}
    assert_verified()


def test_a_handle_asked_for_by_many_goes_to_one(assert_verified: Callable[[], None]) -> None:
    place = builders.a_category()

    refused = codes_of(*(creating(place, f"MUG-{number}", handle="the-mug") for number in range(WRITERS)))

    assert refused == [("HANDLE_TAKEN", ("product", "handle"))] * (WRITERS - 1)
    assert Product.objects.get().handle == "the-mug"
    assert_verified()


def test_a_handle_of_a_category_and_a_sibling_asked_for_at_once_goes_to_one() -> None:
    works = [lambda: categories.create(category={"title": "Mugs", "handle": "mugs"})] * WRITERS

    assert codes_of(*works) == [("HANDLE_TAKEN", ("category", "handle"))] * (WRITERS - 1)


def test_skus_asked_for_in_opposite_orders_go_to_one_and_nobody_waits_in_a_circle() -> None:
    place = builders.a_category()
    skus = [f"MUG-{number}" for number in range(50)]
    orders = [skus, skus[::-1]] * (WRITERS // 2)

    refused = codes_of(*(creating(place, *skus, handle=f"mug-{number}") for number, skus in enumerate(orders)))

    assert {code for code, _ in refused} == {"SKU_TAKEN"}
    assert {field[:2] + field[3:] for _, field in refused} == {("product", "variants", "sku")}
    assert Product.objects.count() == 1
    # Written in one order whatever the list says: in opposite ones, two writers could wait for each other for ever.
    assert list(ProductVariant.objects.order_by("pk").values_list("sku", flat=True)) == sorted(skus)


def test_a_sku_that_two_variants_change_to_at_once_goes_to_one() -> None:
    changing = [builders.a_variant().pk for _ in range(WRITERS)]

    refused = codes_of(*(partial(variants.update, variant_id=pk, variant={"sku": "MUG"}) for pk in changing))

    assert refused == [("SKU_TAKEN", ("variant", "sku"))] * (WRITERS - 1)
    assert ProductVariant.objects.filter(sku="MUG").count() == 1
