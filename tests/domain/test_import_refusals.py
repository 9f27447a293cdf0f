"""Importing a catalog: every kind of bad line, with its number and its reason."""

from typing import Any

import pytest

from catalog import imports
from catalog.models import Collection
from tests import builders
from tests.domain.import_lines import a_category_line, a_product_line, a_variant_line, hold, load, run, without

pytestmark = pytest.mark.django_db

BAD_LINES = [
    ("{", "This is not JSON: Expecting property name enclosed in double quotes at character 2."),
    ("[" * 100_000, "This is not JSON that can be read: a number is too long or the nesting too deep."),
    ("[]", "A line must be a JSON object."),
    ({"id": "x"}, '"kind" is missing.'),
    ({"kind": 5}, '"kind" must be text.'),
    (
        {"kind": "planet"},
        'There is no kind "planet"; the kinds are attribute, category, product, bundle, collection, page, '
        "menu and translation.",
    ),
    (without(a_category_line("c2"), "parent"), '"parent" is missing.'),
    (without(a_category_line("c2"), "name"), '"name" is missing.'),
    (a_category_line("c2", parent=7), '"parent" must be text.'),
    (a_category_line("c2", name="  "), '"name" is empty.'),
    (a_category_line("c2", name="x" * 256), '"name" has 256 characters; 255 is the most.'),
    (a_category_line("x" * 101), '"id" has 101 characters; 100 is the most.'),
    (a_category_line("c2", name="a\x00b"), '"name" holds U+0000, a character that cannot be stored.'),
    (a_category_line("c2", name="a\nb"), '"name" holds U+000A, a character that cannot be stored.'),
    (a_category_line("c2", name="a\ud800b"), '"name" holds U+D800, a character that cannot be stored.'),
    (a_category_line("c2", description="a\x1bb"), '"description" holds U+001B, a character that cannot be stored.'),
    (a_category_line("c2", slug="a b"), '"slug" is part of an address and cannot hold " ".'),
    (a_category_line("c2", slug="a/b"), '"slug" is part of an address and cannot hold "/".'),
    (
        a_category_line("c2", parent="c9"),
        'There is no category "c9" to be the parent; parents come before their children.',
    ),
    (a_category_line("c1"), 'The id "c1" is already on line 1.'),
    (a_category_line("c2", slug="c1"), 'The slug "c1" is already on line 1.'),
    (a_product_line("p2", categories=["c9"]), 'There is no category "c9"; categories come before their products.'),
    (without(a_product_line("p2"), "categories"), '"categories" is missing.'),
    (a_product_line("p2", categories="c1"), '"categories" must be a list.'),
    (a_product_line("p2", categories=[1]), '"categories[0]" must be text.'),
    (a_product_line("p1"), 'The id "p1" is already on line 2.'),
    (a_product_line("p2", slug="p1"), 'The slug "p1" is already on line 2.'),
    (a_product_line("p2", variants=[a_variant_line("SKU-p1")]), 'The sku "SKU-p1" is already on line 2.'),
    (a_product_line("p2", variants=[]), '"variants" is missing or empty; a product has at least one.'),
    (a_product_line("p2", variants=["x"]), '"variants[0]" must be an object.'),
    (
        a_product_line("p2", variants=[a_variant_line(), a_variant_line()]),
        'Variants "MUG" and "MUG" have the same options.',
    ),
    (
        a_product_line("p2", variants=[a_variant_line("A", options={"X": "1"}), a_variant_line("B")]),
        '"variants[1].options" must name the options of the first variant.',
    ),
    (a_product_line("p2", variants=[a_variant_line(options={"X": 1})]), '"variants[0].options.X" must be text.'),
    (a_product_line("p2", variants=[a_variant_line(options=[])]), '"variants[0].options" must be an object.'),
    (a_product_line("p2", variants=[without(a_variant_line(), "price")]), '"variants[0].price" is missing.'),
    (a_product_line("p2", variants=[a_variant_line(price="-1")]), '"variants[0].price": A price must be zero or more.'),
    (
        a_product_line("p2", variants=[a_variant_line(price="1.999")]),
        '"variants[0].price": A price in USD has 2 decimals at the most.',
    ),
    (
        a_product_line("p2", variants=[a_variant_line(price="cheap")]),
        '"variants[0].price": A price must be a decimal number such as 19.90.',
    ),
    (
        a_product_line("p2", variants=[a_variant_line(price="NaN")]),
        '"variants[0].price": A price must be zero or more.',
    ),
    (
        a_product_line("p2", variants=[a_variant_line(price="1e99")]),
        '"variants[0].price": A price may be 999999999999 at the most.',
    ),
    (
        a_product_line("p2", variants=[a_variant_line(price=12.5)]),
        '"variants[0].price" must be a decimal number in quotes, such as "19.90".',
    ),
    (
        a_product_line("p2", variants=[a_variant_line(compare_at_price="-2")]),
        '"variants[0].compare_at_price": A price must be zero or more.',
    ),
    (a_product_line("p2", variants=[a_variant_line(currency="XXL")]), '"variants[0].currency" is not a currency: XXL.'),
    (
        a_product_line("p2", variants=[a_variant_line(stock=-1)]),
        '"variants[0].stock" must be a whole number from 0 to 1000000000.',
    ),
    (
        a_product_line("p2", variants=[a_variant_line(stock=True)]),
        '"variants[0].stock" must be a whole number from 0 to 1000000000.',
    ),
    (
        a_product_line("p2", variants=[a_variant_line(image="x.svg")]),
        '"variants[0].image" is not among the images of the product.',
    ),
    (a_product_line("p2", images=[{"alt": "x"}]), '"images[0].path" is missing.'),
    (a_product_line("p2", brand=["x"]), '"brand" must be text.'),
    (
        {"kind": "collection", "id": "x", "name": "X", "slug": "x", "products": ["p9"]},
        'There is no product "p9"; products come before the collections that list them.',
    ),
    ({"kind": "collection", "id": "x", "name": "X", "slug": "c1"}, 'The slug "c1" is already on line 1.'),
    ({"kind": "menu", "name": "M", "slug": "m", "items": [{"title": "x"}]}, '"items[0].path" is missing.'),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES, ids=[reason[:60] for _, reason in BAD_LINES])
def test_names_the_line_and_the_reason(line: Any, reason: str) -> None:
    summary, reports = run(a_category_line(), a_product_line(), line)

    assert reports == [(3, reason)]
    assert (summary.count(imports.Outcome.CREATED), summary.count(imports.Outcome.SKIPPED)) == (2, 1)


def test_refuses_a_category_slug_that_a_collection_of_the_shop_has() -> None:
    builders.a_collection("Gifts")

    _, reports = run(a_category_line("c1", slug="gifts"))

    assert reports == [(1, 'The slug "gifts" is taken by another category or collection of the shop.')]


def test_refuses_a_collection_slug_that_a_category_of_the_shop_has() -> None:
    builders.a_category("Gifts")

    _, reports = run({"kind": "collection", "id": "x", "name": "X", "slug": "gifts"})

    assert reports == [(1, 'The slug "gifts" is taken by another category or collection of the shop.')]


def test_refuses_products_for_a_collection_that_has_rules() -> None:
    builders.a_collection("Gifts", external_id="x", rule_match="ALL").rules.create(position=0, tag="new")
    collection = {"kind": "collection", "id": "x", "name": "X", "slug": "gifts"}

    _, reports = run(a_category_line(), a_product_line(), collection | {"products": [a_product_line()["id"]]})

    reason = 'The products of "gifts" are found by its rules; leave out "products", or remove the rules.'
    assert reports == [(3, reason)]
    assert not Collection.objects.get().places.exists()


def test_refuses_a_product_slug_that_another_product_of_the_shop_has() -> None:
    builders.a_product("Mug")

    _, reports = run(a_category_line(), a_product_line(slug="mug"))

    assert reports == [(2, 'The slug "mug" is taken by another product of the shop.')]


def test_refuses_a_sku_that_another_product_of_the_shop_has() -> None:
    builders.a_variant("MUG")

    _, reports = run(a_category_line(), a_product_line(variants=[a_variant_line("MUG")]))

    assert reports == [(2, 'The sku "MUG" is taken by another product of the shop.')]


def test_refuses_to_move_a_category_below_itself() -> None:
    load(a_category_line("a"), a_category_line("b", parent="a"))

    _, reports = run(a_category_line("a", parent="b"), a_category_line("b", parent="a"))

    assert reports == [(1, 'Category "a" cannot be moved below itself.')]


def test_refuses_stock_below_what_orders_hold() -> None:
    load(a_category_line(), a_product_line(variants=[a_variant_line("MUG", stock=3)]))
    hold("MUG", 2)

    _, reports = run(a_category_line(), a_product_line(variants=[a_variant_line("MUG", stock=1)]))

    assert reports == [(2, 'Orders hold 2 of "MUG"; its stock cannot go below that.')]
