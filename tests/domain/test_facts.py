"""Facts of categories: true after every kind of change, for the branch and for each of its categories."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from catalog import categories, facts, stock
from catalog.facts import Facts
from catalog.models import (
    Category,
    MovementKind,
    Price,
    Product,
    ProductStatus,
    ProductVariant,
    StockLevel,
    StockLocation,
)
from catalog.models.price import base_of
from shop.money import Money
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> dict[str, Category]:
    """Two roots, home and office: home > kitchen > cups, and home > garden."""
    home = builders.a_category("home")
    kitchen = builders.a_category("kitchen", parent=home)
    cups = builders.a_category("cups", parent=kitchen)
    garden = builders.a_category("garden", parent=home)
    return {"home": home, "kitchen": kitchen, "cups": cups, "garden": garden, "office": builders.a_category("office")}


def seen(tree: dict[str, Category], *names: str, currency: str = "USD") -> dict[str, tuple[int, int, int, str]]:
    """Of each branch: products, in stock, on sale, and the range of prices."""
    found = facts.subtrees([tree[name].pk for name in names], base_of(currency), currency)
    return {name: brief(found[tree[name].pk]) for name in names}


def brief(one: Facts) -> tuple[int, int, int, str]:
    prices = "-" if one.price_min is None else f"{one.price_min:.2f}-{one.price_max:.2f}"
    return one.product_count, one.in_stock_count, one.on_sale_count, prices


NOTHING = (0, 0, 0, "-")


def test_an_empty_branch_has_no_prices(tree: dict[str, Category]) -> None:
    assert facts.subtrees([tree["home"].pk], base_of("USD"), "USD") == {
        tree["home"].pk: Facts(tree["home"].pk, base_of("USD"), "USD")
    }


def test_a_product_counts_in_every_branch_above_it(tree: dict[str, Category]) -> None:
    builders.a_product(category=tree["cups"], price="10.00")
    builders.a_product(category=tree["garden"], price="30.00", stock_=0, compare_at="40.00")

    assert seen(tree, "home", "kitchen", "cups", "garden", "office") == {
        "home": (2, 1, 1, "10.00-30.00"),
        "kitchen": (1, 1, 0, "10.00-10.00"),
        "cups": (1, 1, 0, "10.00-10.00"),
        "garden": (1, 0, 1, "30.00-30.00"),
        "office": NOTHING,
    }


def test_a_product_counts_with_its_cheapest_variant(tree: dict[str, Category]) -> None:
    product = builders.a_product(category=tree["cups"], price="10.00", variants=3)
    reprice(product.variants.order_by("pk")[1], "7.00")

    assert seen(tree, "cups") == {"cups": (1, 1, 0, "7.00-7.00")}


def test_currencies_are_counted_apart(tree: dict[str, Category]) -> None:
    product = builders.a_product(category=tree["cups"], price="10.00")
    with transaction.atomic():
        builders.a_price(product.variants.get(), "9.00", currency="EUR")
        facts.refresh([product.pk])

    assert seen(tree, "home") == {"home": (1, 1, 0, "10.00-10.00")}
    assert seen(tree, "home", currency="EUR") == {"home": (1, 1, 0, "9.00-9.00")}
    assert seen(tree, "home", currency="GBP") == {"home": NOTHING}


def test_a_price_that_is_taken_away_no_longer_counts(tree: dict[str, Category]) -> None:
    product = builders.a_product(category=tree["cups"])
    with transaction.atomic():
        Price.objects.filter(variant__product=product).delete()
        facts.refresh([product.pk])

    assert seen(tree, "home") == {"home": NOTHING}


def test_follow_a_price_change(tree: dict[str, Category]) -> None:
    variant = builders.a_product(category=tree["cups"], price="10.00").variants.get()

    reprice(variant, "12.00", compare_at="15.00")

    assert seen(tree, "home") == {"home": (1, 1, 1, "12.00-12.00")}


def test_a_compare_at_price_that_is_no_higher_is_no_sale(tree: dict[str, Category]) -> None:
    variant = builders.a_product(category=tree["cups"], price="10.00").variants.get()

    reprice(variant, "12.00", compare_at="12.00")

    assert seen(tree, "home") == {"home": (1, 1, 0, "12.00-12.00")}


def test_follow_stock_that_runs_out_and_comes_back(tree: dict[str, Category]) -> None:
    variant = builders.a_product(category=tree["cups"], stock_=2).variants.get()

    with transaction.atomic():
        stock.hold({variant.pk: 2}, reference="order", expires_at=None)
    held = seen(tree, "home")
    with transaction.atomic():
        stock.release("order")

    assert held == {"home": (1, 0, 0, "10.00-10.00")}
    assert seen(tree, "home") == {"home": (1, 1, 0, "10.00-10.00")}


def test_stock_of_one_variant_keeps_its_product_in_stock(tree: dict[str, Category]) -> None:
    first, _ = builders.a_product(category=tree["cups"], variants=2, stock_=1).variants.order_by("pk")

    with transaction.atomic():
        stock.set_on_hand({first.pk: 0}, stock.Reason(MovementKind.DAMAGE))

    assert seen(tree, "home") == {"home": (1, 1, 0, "10.00-10.00")}


def test_stock_at_a_closed_location_cannot_be_bought(tree: dict[str, Category]) -> None:
    variant = builders.a_product(category=tree["cups"], stock_=0).variants.get()
    closed = StockLocation.objects.create(code="closed", name="Closed", is_active=False)

    with transaction.atomic():
        stock.set_on_hand({variant.pk: 5}, stock.Reason(MovementKind.PURCHASE), closed)

    assert seen(tree, "home") == {"home": (1, 0, 0, "10.00-10.00")}
    assert facts.differences() == []


@pytest.mark.parametrize("status", [ProductStatus.DRAFT, ProductStatus.ARCHIVED])
def test_only_published_products_count(tree: dict[str, Category], status: ProductStatus) -> None:
    product = builders.a_product(category=tree["cups"])
    become(product, status)
    hidden = seen(tree, "home")

    become(product, ProductStatus.ACTIVE)

    assert hidden == {"home": NOTHING}
    assert seen(tree, "home") == {"home": (1, 1, 0, "10.00-10.00")}


def test_follow_a_product_to_another_category(tree: dict[str, Category]) -> None:
    product = builders.a_product(category=tree["cups"])

    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(category=tree["office"])
        facts.refresh([product.pk])

    assert seen(tree, "home", "cups", "office") == {
        "home": NOTHING,
        "cups": NOTHING,
        "office": (1, 1, 0, "10.00-10.00"),
    }


def test_follow_a_category_to_another_parent(tree: dict[str, Category]) -> None:
    builders.a_product(category=tree["cups"])

    with transaction.atomic():
        categories.lock_tree()
        Category.objects.move(
            Category.objects.get(pk=tree["kitchen"].pk), Category.objects.get(pk=tree["office"].pk), "last-child"
        )

    assert seen(tree, "home", "kitchen", "office") == {
        "home": NOTHING,
        "kitchen": (1, 1, 0, "10.00-10.00"),
        "office": (1, 1, 0, "10.00-10.00"),
    }


def test_an_inactive_branch_counts_nothing_until_it_is_active_again(tree: dict[str, Category]) -> None:
    builders.a_product(category=tree["cups"])
    builders.a_product(category=tree["garden"], price="20.00")
    branch = Category.objects.filter(path__startswith=tree["kitchen"].path)

    branch.update(is_listed=False)
    hidden = seen(tree, "home", "kitchen", "cups")
    branch.update(is_listed=True)

    assert hidden == {"home": (1, 1, 0, "20.00-20.00"), "kitchen": NOTHING, "cups": NOTHING}
    assert seen(tree, "home") == {"home": (2, 2, 0, "10.00-20.00")}


def test_a_branch_does_not_take_in_its_neighbours(tree: dict[str, Category]) -> None:
    """Paths such as 0001 and 00010001 begin alike, and so do 000Z and what follows it."""
    for number in range(40):
        builders.a_product(category=builders.a_category(f"root-{number}"))

    counted = facts.subtrees(list(Category.objects.filter(depth=1).values_list("pk", flat=True)), base_of("USD"), "USD")

    assert sorted(one.product_count for one in counted.values()) == [0, 0] + [1] * 40


def test_the_average_is_rounded_once_to_the_currency(tree: dict[str, Category]) -> None:
    for price in ("10.00", "10.00", "10.01"):
        builders.a_product(category=tree["cups"], price=price)

    found = facts.subtrees([tree["home"].pk], base_of("USD"), "USD")[tree["home"].pk]

    assert found.price_sum == Decimal("30.01")
    assert found.price_average == Money(Decimal("10.00"), "USD")


def test_the_histogram_is_the_sum_of_the_branch(tree: dict[str, Category]) -> None:
    for price, name in (
        ("0.50", "cups"),
        ("1.00", "cups"),
        ("1.49", "garden"),
        ("1.50", "garden"),
        ("2000000", "home"),
    ):
        builders.a_product(category=tree[name], price=price)

    buckets = facts.histograms([tree["home"].pk, tree["office"].pk], base_of("USD"))

    assert [(bucket.low, bucket.high, bucket.product_count) for bucket in buckets[tree["home"].pk]] == [
        (Decimal(0), Decimal(1), 1),
        (Decimal(1), Decimal("1.5"), 2),
        (Decimal("1.5"), Decimal(2), 1),
        (Decimal(1_000_000), None, 1),
    ]
    assert buckets[tree["office"].pk] == []


def test_the_median_lies_within_its_bucket(tree: dict[str, Category]) -> None:
    for price in ("11.00", "12.00", "100.00"):
        builders.a_product(category=tree["cups"], price=price)
    key = tree["home"].pk

    usd = base_of("USD")
    median = facts.Histogram(facts.subtrees([key], usd, "USD")[key], facts.histograms([key], usd)[key]).median

    assert median == Money(Decimal("14.00"), "USD")


def test_any_number_of_branches_is_one_query(tree: dict[str, Category], django_assert_num_queries: Any) -> None:
    builders.a_product(category=tree["cups"])

    with django_assert_num_queries(1):
        facts.subtrees([category.pk for category in tree.values()], base_of("USD"), "USD")


@pytest.mark.parametrize("size", [1, 20])
def test_refreshing_costs_the_same_for_any_number_of_products(
    tree: dict[str, Category], size: int, django_assert_num_queries: Any
) -> None:
    products = [builders.a_product(category=tree["cups"]) for _ in range(size)]
    Price.objects.update(amount=Decimal("3.00"))

    with django_assert_num_queries(8):
        facts.refresh(product.pk for product in products)

    assert facts.differences() == []


def test_refreshing_what_did_not_change_recounts_nothing(
    tree: dict[str, Category], django_assert_num_queries: Any
) -> None:
    product = builders.a_product(category=tree["cups"])

    with django_assert_num_queries(5):
        facts.refresh([product.pk])


def test_what_ran_out_is_counted_without_a_look_at_prices(
    tree: dict[str, Category], django_assert_num_queries: Any
) -> None:
    products = [builders.a_product(category=tree["cups"], stock_=1) for _ in range(3)]
    StockLevel.objects.filter(variant__product=products[0]).update(on_hand=0)

    with django_assert_num_queries(8) as queries:
        facts.refresh([product.pk for product in products])

    [recounted] = [query["sql"] for query in queries.captured_queries if "SET in_stock_count" in str(query["sql"])]
    assert "price_" not in recounted.replace("price_list_id", "")
    assert facts.differences() == []
    assert seen(tree, "cups") == {"cups": (3, 2, 0, "10.00-10.00")}


def test_prices_that_change_with_the_stock_are_counted_too(tree: dict[str, Category]) -> None:
    sold_out, cheaper = builders.a_product(category=tree["cups"]), builders.a_product(category=tree["home"])
    StockLevel.objects.filter(variant__product=sold_out).update(on_hand=0)
    Price.objects.filter(variant__product=cheaper).update(amount=Decimal("3.00"))

    facts.refresh([sold_out.pk, cheaper.pk])

    assert facts.differences() == []


def test_gathered_refreshes_are_one_at_the_end(tree: dict[str, Category], django_assert_num_queries: Any) -> None:
    products = [builders.a_product(category=tree["cups"]) for _ in range(2)]
    Price.objects.update(amount=Decimal("3.00"))

    with django_assert_num_queries(8), facts.gathered():
        for product in products:
            facts.refresh([product.pk])
        with facts.gathered():
            facts.refresh([products[0].pk])

    assert seen(tree, "cups") == {"cups": (2, 2, 0, "3.00-3.00")}


def test_gathered_refreshes_are_forgotten_when_the_command_fails(tree: dict[str, Category]) -> None:
    product = builders.a_product(category=tree["cups"])

    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway(product)
    reprice(product.variants.get(), "4.00")

    assert seen(tree, "cups") == {"cups": (1, 1, 0, "4.00-4.00")}


@transaction.atomic
def fail_halfway(product: Product) -> None:
    with facts.gathered():
        facts.refresh([product.pk])
        raise RuntimeError("halfway")


def test_differences_name_a_wrong_offer_and_wrong_facts(tree: dict[str, Category]) -> None:
    product = builders.a_product(category=tree["cups"])

    Price.objects.update(amount=Decimal("3.00"))
    offer_only = facts.differences()
    product.offers.update(price_min=Decimal("3.00"), price_max=Decimal("3.00"), ranges=1 << 4)

    assert offer_only == [f"offer of product {product.pk} in USD differs"]
    assert facts.differences() == [f"facts of category {tree['cups'].pk} in USD differ"]


def test_differences_name_an_offer_whose_prices_lie_in_other_ranges(tree: dict[str, Category]) -> None:
    product = builders.a_product(category=tree["cups"])

    product.offers.update(ranges=F("ranges") + 1)

    assert facts.differences() == [f"offer of product {product.pk} in USD differs"]


def reprice(variant: ProductVariant, amount: str, compare_at: str | None = None) -> None:
    with transaction.atomic():
        Price.objects.filter(variant=variant).update(
            amount=Decimal(amount), compare_at=None if compare_at is None else Decimal(compare_at)
        )
        facts.refresh([variant.product_id])
    assert facts.differences() == []


def become(product: Product, status: ProductStatus) -> None:
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(status=status)
        facts.refresh([product.pk])
    assert facts.differences() == []
