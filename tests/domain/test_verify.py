"""`manage.py verify`: silent about a sound shop, and naming whatever does not add up."""

from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from catalog import facts
from catalog.models import (
    AttributeKind,
    AttributeValue,
    Category,
    CategoryFacts,
    ListHandle,
    Offer,
    Price,
    Product,
    Review,
    StockHold,
    StockLevel,
)
from tests import builders

pytestmark = pytest.mark.django_db


def complaints() -> list[str]:
    """What verify says before it sums up."""
    with pytest.raises(CommandError) as failed:
        call_command("verify")
    assert failed.value.returncode == 1
    *wrong, total = str(failed.value).splitlines()
    assert total.endswith(f" checks, {len(wrong)} wrong")
    return wrong


def test_says_how_much_it_checked() -> None:
    builders.a_product(variants=3, compare_at="20.00")
    builders.a_collection("Gifts")
    out = StringIO()

    call_command("verify", stdout=out)

    assert out.getvalue().endswith(" checks, nothing wrong\n")


def test_names_an_offer_that_differs() -> None:
    product = builders.a_product()
    Price.objects.update(amount=F("amount") + 1)

    assert complaints() == [f"offer of product {product.pk} in USD differs"]


def test_names_an_offer_without_prices() -> None:
    product = builders.a_product()
    Price.objects.all().delete()

    assert complaints() == [f"offer of product {product.pk} in USD differs"]


@pytest.mark.parametrize("column", ["product_count", "on_sale_count", "price_sum", "price_min", "price_max"])
def test_names_facts_that_differ(column: str) -> None:
    product = builders.a_product()
    CategoryFacts.objects.update(**{column: F(column) + 1})

    assert complaints() == [f"facts of category {product.category_id} in USD differ"]


def test_names_facts_that_are_missing() -> None:
    product = builders.a_product()
    CategoryFacts.objects.all().delete()

    assert complaints() == [f"facts of category {product.category_id} in USD differ"]


def test_names_facts_of_products_that_are_gone() -> None:
    product = builders.a_product()
    Offer.objects.all().delete()
    Price.objects.all().delete()

    assert complaints() == [f"facts of category {product.category_id} in USD differ"]


def test_names_stock_that_differs_from_its_ledger() -> None:
    variant = builders.a_variant()
    StockLevel.objects.update(on_hand=F("on_hand") + 1)
    level = StockLevel.objects.get()

    assert complaints() == [f"stock of variant {variant.pk} at location {level.location_id} differs from its ledger"]


def test_names_holds_that_differ_from_what_is_reserved() -> None:
    variant = builders.a_variant()
    level = StockLevel.objects.get()
    StockHold.objects.create(reference="order", variant=variant, location_id=level.location_id, quantity=1)

    assert complaints() == [
        f"holds of variant {variant.pk} at location {level.location_id} differ from what is reserved"
    ]


def test_names_a_ledger_without_a_level() -> None:
    variant = builders.a_variant()
    level = StockLevel.objects.get()
    StockLevel.objects.all().delete()
    facts.refresh([variant.product_id])

    assert complaints() == [f"ledger of variant {variant.pk} at location {level.location_id} has no level"]


@pytest.mark.parametrize(
    "wrong", [{"rating_average": None}, {"rating_average": "4.01"}, {"rating_counts": [0, 1, 0, 0, 0]}]
)
def test_names_a_rating_that_differs_from_the_reviews(wrong: dict[str, object]) -> None:
    product = builders.a_product()
    builders.a_review(product, rating=4)
    Product.objects.update(**wrong)

    assert complaints() == [f"rating of product {product.pk} differs from its reviews"]


def test_names_a_helpful_count_that_differs_from_the_votes() -> None:
    review = builders.a_review(builders.a_product())
    Review.objects.update(helpful_count=1)

    assert complaints() == [f"helpful count of review {review.pk} differs from its votes"]


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("depth", 3, "has a depth that is not its path's"),
        ("numchild", 1, "has a number of children that is not theirs"),
        ("is_listed", False, "is listed although a category at or above it is inactive, or the other way round"),
    ],
)
def test_names_a_category_that_its_path_contradicts(column: str, value: int, complaint: str) -> None:
    child = builders.a_category(parent=builders.a_category())
    Category.objects.filter(pk=child.pk).update(**{column: value})

    assert complaints() == [f"category {child.pk} {complaint}"]


def test_names_a_category_listed_below_an_inactive_one() -> None:
    parent = builders.a_category()
    child = builders.a_category(parent=parent)
    Category.objects.filter(pk=parent.pk).update(is_active=False, is_listed=False)

    assert complaints() == [
        f"category {child.pk} is listed although a category at or above it is inactive, or the other way round"
    ]


def test_names_a_category_without_a_parent() -> None:
    child = builders.a_category(parent=builders.a_category())
    Category.objects.filter(pk=child.pk).update(path="00990001")
    Category.objects.update(numchild=0)

    assert complaints() == [f"category {child.pk} has no parent"]


def test_names_a_path_that_is_none() -> None:
    category = builders.a_category()
    Category.objects.filter(pk=category.pk).update(path="000a")

    assert complaints() == [f"category {category.pk} has a path that is none"]


def test_names_a_list_that_reserved_another_handle() -> None:
    category = builders.a_category("Cups")
    Category.objects.update(handle="mugs")

    assert complaints() == [f"category {category.pk} has not reserved its handle"]


def test_names_lists_that_have_not_reserved_their_handles() -> None:
    category, collection = builders.a_category("Cups"), builders.a_collection("Gifts")
    ListHandle.objects.all().delete()

    assert complaints() == [
        f"category {category.pk} has not reserved its handle",
        f"collection {collection.pk} has not reserved its handle",
    ]


def test_names_a_value_that_breaks_its_definition() -> None:
    place = builders.a_category()
    length = builders.an_attribute("Length", AttributeKind.NUMBER, on=place)
    colour = builders.an_attribute("Colour", AttributeKind.CHOICE, "Red", "Blue", on=place)
    size = builders.an_attribute("Size", AttributeKind.CHOICE, "S", on=place)
    product, other = builders.a_product(category=place), builders.a_product(category=place)
    put = partial(AttributeValue.objects.create, product=product)
    wrong_kind = put(attribute=length, text="long")
    red = put(attribute=colour, choice=colour.choices.get(handle="red"))
    too_many = put(attribute=colour, choice=colour.choices.get(handle="blue"))
    wrong_choice = put(attribute=size, choice=red.choice)
    wrong_variant = put(attribute=length, number=3, variant=other.variants.get())
    unseen = put(attribute=length, number=3, applies=False, variant=product.variants.get())

    said = f"of product {product.pk} is"
    assert complaints() == [
        f"attribute value {unseen.pk} applies, or does not, otherwise than it says",
        f"attribute value {wrong_kind.pk} {said} of another kind than its attribute",
        f"attribute value {wrong_choice.pk} {said} a choice of another attribute",
        f"attribute value {wrong_variant.pk} {said} of another product's variant",
        f"attribute value {too_many.pk} {said} one choice too many",
    ]
