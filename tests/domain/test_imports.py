"""Importing a catalog: what a line may say, what is refused, and that a second run changes nothing."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.postgres.search import SearchQuery
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from catalog import facts, imports, soundness, stock
from catalog.imports import products as product_writer
from catalog.models import (
    Brand,
    Category,
    Collection,
    ListHandle,
    Menu,
    Page,
    Price,
    Product,
    ProductStatus,
    ProductVariant,
    StockHold,
    StockMovement,
)
from tests import builders

pytestmark = pytest.mark.django_db

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "catalog-small.jsonl"


def a_category_line(id_: str = "c1", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "category",
        "id": id_,
        "parent": None,
        "name": id_.upper(),
        "slug": id_,
        "description": "",
    } | changes


def a_variant_line(sku: str = "MUG", **changes: Any) -> dict[str, Any]:
    common: dict[str, Any] = {
        "name": sku,
        "price": "12.50",
        "compare_at_price": None,
        "currency": "USD",
        "stock": 3,
        "options": {},
    }
    return {"sku": sku, **common} | changes


def a_product_line(id_: str = "p1", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "product",
        "id": id_,
        "name": id_.upper(),
        "slug": id_,
        "description": "",
        "brand": None,
        "categories": ["c1"],
        "images": [],
        "variants": [a_variant_line(f"SKU-{id_}")],
    } | changes


def without(record: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != key}


class Reports(list[tuple[int, str]]):
    """Keeps what an import reports."""

    def __call__(self, number: int, reason: str) -> None:
        self.append((number, reason))


def run(*lines: Any, strict: bool = False) -> tuple[imports.Summary, Reports]:
    reports = Reports()
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    return imports.run(texts, strict=strict, report=reports), reports


def load(*lines: Any) -> imports.Summary:
    """Import lines that must all be good."""
    summary, reports = run(*lines)
    assert reports == []
    return summary


def counts(summary: imports.Summary) -> dict[str, dict[str, int]]:
    return {kind: {str(outcome): n for outcome, n in found.items()} for kind, found in summary.counts.items()}


def everything() -> dict[str, list[Any]]:
    """Every row of the catalog with its place in the table, which any write would change."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'catalog_%' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT ctid::text, t.* FROM "{table}" t ORDER BY 1')  # noqa: S608  (a name from the catalog)
            found[table] = cursor.fetchall()
    return found


def differences() -> list[str]:
    return [*facts.differences(), *stock.differences(), *soundness.tree_differences(), *soundness.handle_differences()]


FULL = (
    a_category_line(
        "home", name="Home", description="<p>All for <b>home</b> &amp;\ngarden.</p><p>And pets.</p><script>x()</script>"
    ),
    a_category_line("cups", parent="home", name="Cups", seo={"title": "Cups!", "description": "Buy cups"}),
    a_product_line(
        "mug",
        name="Mug",
        brand="Clay & Co",
        description="Thick.\n• Holds <half> a pint\n• Dishwasher & all\nBuy it.",
        categories=["cups", "home"],
        images=[{"path": "demo/mug-1.svg", "alt": "A red mug", "width": 10, "height": 20}, "https://img.example/2.jpg"],
        tags=["new", "gift", "new"],
        product_type="Drinkware",
        seo={"title": "The mug", "description": "Of all mugs"},
        variants=[
            a_variant_line("M-R-S", options={"Color": "Red", "Size": "S"}, weight_grams=250, image="demo/mug-1.svg"),
            a_variant_line("M-B-S", options={"Color": "Blue", "Size": "S"}, stock=0, barcode="4006381333931"),
            a_variant_line("M-R-L", options={"Size": "L", "Color": "Red"}, price="15.00", compare_at_price="20.00"),
        ],
    ),
    {"kind": "collection", "id": "gifts", "name": "Gifts", "slug": "gifts", "description": "", "products": ["mug"]},
    {"kind": "page", "id": "about", "name": "About", "slug": "about", "body": "<p>Us</p><script>x()</script>"},
    {
        "kind": "menu",
        "id": "main",
        "name": "Main",
        "slug": "main",
        "items": [{"title": "Home", "path": "/", "items": [{"title": "Cups", "path": "/collections/cups"}]}],
    },
)


def test_imports_every_kind() -> None:
    summary = load(*FULL)

    assert counts(summary) == {
        "category": {"created": 2},
        "product": {"created": 1},
        "collection": {"created": 1},
        "page": {"created": 1},
        "menu": {"created": 1},
    }
    assert differences() == []


def test_places_categories_in_the_tree() -> None:
    load(*FULL)

    home, cups = Category.objects.order_by("path")
    assert (home.title, home.depth, home.numchild, home.is_listed) == ("Home", 1, 1, True)
    assert home.description == "All for home &\ngarden.\nAnd pets."
    assert (cups.path[:4], cups.seo_title, cups.seo_description) == (home.path, "Cups!", "Buy cups")
    assert set(ListHandle.objects.values_list("handle", flat=True)) == {"home", "cups", "gifts"}


def test_publishes_a_new_product_with_all_it_says() -> None:
    load(*FULL)

    mug = Product.objects.select_related("category", "brand").get(external_id="mug")
    assert (mug.title, mug.handle, mug.status, mug.published_at is not None) == ("Mug", "mug", "ACTIVE", True)
    assert mug.category.external_id == "cups"
    assert mug.brand is not None
    assert (mug.brand.name, mug.brand.handle) == ("Clay & Co", "clay-co")
    assert mug.description_html == (
        "<p>Thick.</p><ul><li>Holds &lt;half&gt; a pint</li><li>Dishwasher &amp; all</li></ul><p>Buy it.</p>"
    )
    assert (mug.tags, mug.product_type) == (["new", "gift"], "Drinkware")
    assert (mug.seo_title, mug.seo_description) == ("The mug", "Of all mugs")
    assert list(mug.images.order_by("position").values_list("src", "alt", "width", "height")) == [
        ("demo/mug-1.svg", "A red mug", 10, 20),
        ("https://img.example/2.jpg", "", None, None),
    ]
    assert list(mug.options.order_by("position").values_list("name", "values")) == [
        ("Color", ["Red", "Blue"]),
        ("Size", ["S", "L"]),
    ]


def test_writes_variants_with_prices_and_stock() -> None:
    load(*FULL)

    variants = ProductVariant.objects.order_by("position")
    assert list(variants.values_list("sku", "title", "option_values", "weight_grams", "barcode", "image__src")) == [
        ("M-R-S", "Red / S", ["Red", "S"], 250, "", "demo/mug-1.svg"),
        ("M-B-S", "Blue / S", ["Blue", "S"], 0, "4006381333931", None),
        ("M-R-L", "Red / L", ["Red", "L"], 0, "", None),
    ]
    assert list(Price.objects.order_by("variant__position").values_list("currency", "amount", "compare_at")) == [
        ("USD", Decimal("12.50"), None),
        ("USD", Decimal("12.50"), None),
        ("USD", Decimal("15.00"), Decimal("20.00")),
    ]
    assert list(StockMovement.objects.order_by("variant__position").values_list("kind", "on_hand_delta")) == [
        ("PURCHASE", 3),
        ("PURCHASE", 3),
    ]


def test_writes_collections_pages_and_menus() -> None:
    load(*FULL)

    assert [product.handle for product in Collection.objects.get(handle="gifts").products.all()] == ["mug"]
    assert Page.objects.get(handle="about").body == "<p>Us</p>"
    [home, cups] = Menu.objects.get(handle="main").items.order_by("pk")
    assert (home.title, home.path, cups.title, cups.parent) == ("Home", "/", "Cups", home)


def test_a_product_can_be_found_by_its_words() -> None:
    load(*FULL)

    found = Product.objects.filter(
        search=SearchQuery("clay & thick & drinkware & gift & m & !bottle", config="simple", search_type="raw")
    )

    assert [product.handle for product in found] == ["mug"]


def test_a_second_run_changes_nothing() -> None:
    load(*FULL)
    before = everything()

    summary = load(*FULL)

    assert {kind: set(found) for kind, found in counts(summary).items()} == {
        kind: {"unchanged"} for kind in ("category", "product", "collection", "page", "menu")
    }
    assert everything() == before


def test_a_strict_run_stops_and_leaves_the_database_as_it_was() -> None:
    load(a_category_line())
    before = everything()

    with pytest.raises(imports.Stopped, match=r'^Line 3: "slug" is missing\.$'):
        run(a_category_line(name="New"), a_product_line(), without(a_product_line("p2"), "slug"), strict=True)

    assert everything() == before


def test_a_strict_run_imports_what_is_good() -> None:
    summary, reports = run(*FULL, strict=True)

    assert (summary.count(imports.Outcome.CREATED), reports) == (6, [])
    assert differences() == []


def test_lines_beside_a_bad_one_are_imported() -> None:
    summary, reports = run(a_category_line(), "{", "", a_product_line(), a_product_line("p2", categories=["c9"]))

    assert [number for number, _ in reports] == [2, 5]
    assert counts(summary) == {
        "category": {"created": 1},
        "line": {"skipped": 1},
        "product": {"created": 1, "skipped": 1},
    }


BAD_LINES = [
    ("{", "This is not JSON: Expecting property name enclosed in double quotes at character 2."),
    ("[" * 100_000, "This is not JSON that can be read: a number is too long or the nesting too deep."),
    ("[]", "A line must be a JSON object."),
    ({"id": "x"}, '"kind" is missing.'),
    ({"kind": 5}, '"kind" must be text.'),
    (
        {"kind": "planet"},
        'There is no kind "planet"; the kinds are category, product, collection, page and menu.',
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


def test_moves_a_category_with_its_branch() -> None:
    load(a_category_line("a"), a_category_line("b", parent="a"), a_category_line("c", parent="b"), a_category_line("d"))

    load(a_category_line("d"), a_category_line("b", parent="d"))

    by_id = {category.external_id: category for category in Category.objects.all()}
    assert by_id["b"].path.startswith(by_id["d"].path)
    assert by_id["c"].path.startswith(by_id["b"].path)
    assert (by_id["c"].depth, by_id["a"].numchild, by_id["d"].numchild) == (3, 0, 1)
    assert differences() == []


def test_a_branch_moved_below_an_inactive_category_is_not_listed() -> None:
    load(a_category_line("a"), a_category_line("b", parent="a"), a_category_line("off"))
    Category.objects.filter(external_id="off").update(is_active=False, is_listed=False)

    load(a_category_line("a", parent=None), a_category_line("off"), a_category_line("b", parent="off"))

    assert dict(Category.objects.values_list("external_id", "is_listed")) == {"a": True, "b": False, "off": False}


def test_handles_may_change_hands() -> None:
    load(a_category_line("c1"), a_category_line("c2"), a_product_line("p1"), a_product_line("p2"))

    _, reports = run(
        a_category_line("c2", slug="c3"),
        a_category_line("c1", slug="c2"),
        a_product_line("p2", slug="p3"),
        a_product_line("p1", slug="p2"),
    )

    assert reports == []
    assert dict(Category.objects.values_list("external_id", "handle")) == {"c1": "c2", "c2": "c3"}
    assert set(ListHandle.objects.values_list("handle", flat=True)) == {"c2", "c3"}
    assert dict(Product.objects.values_list("external_id", "handle")) == {"p1": "p2", "p2": "p3"}


def test_changes_what_differs() -> None:
    load(a_category_line(), a_category_line("c2"), a_product_line(brand="Old", images=["1.jpg", "2.jpg"]))
    before = Product.objects.get().updated_at

    summary = load(
        a_category_line(),
        a_product_line(
            name="Better",
            brand="New",
            images=["2.jpg"],
            categories=["c2"],
            variants=[a_variant_line("SKU-p1", price="9.00", compare_at_price="10.00", stock=0)],
        )
        | {"kind": "product"},
    )

    product = Product.objects.select_related("brand", "category").get()
    assert counts(summary)["product"] == {"updated": 1}
    assert (product.title, product.category.external_id, str(product.brand)) == ("Better", "c2", "New")
    assert product.updated_at > before
    assert [image.src for image in product.images.all()] == ["2.jpg"]
    assert Price.objects.values_list("amount", "compare_at").get() == (Decimal("9.00"), Decimal("10.00"))
    assert list(StockMovement.objects.order_by("pk").values_list("kind", "on_hand_delta")) == [
        ("PURCHASE", 3),
        ("ADJUSTMENT", -3),
    ]
    assert differences() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"variants": [a_variant_line("SKU-p1", price="9.00")]},
        {"variants": [a_variant_line("SKU-p1", compare_at_price="20.00")]},
        {"variants": [a_variant_line("SKU-p1", currency="EUR")]},
        {"categories": ["c2"]},
    ],
)
def test_facts_follow_a_change_that_leaves_stock_alone(changes: dict[str, Any]) -> None:
    load(a_category_line(), a_category_line("c2"), a_product_line(variants=[a_variant_line("SKU-p1")]))

    summary = load(a_product_line(variants=[a_variant_line("SKU-p1")]) | changes)

    assert counts(summary) == {"product": {"updated": 1}}
    assert differences() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"images": ["1.jpg", "3.jpg"]},
        {"images": ["1.jpg"]},
        {"images": [{"path": "1.jpg", "alt": "One"}, "2.jpg"]},
        {"variants": [a_variant_line("SKU-p1", options={"Colour": "Red"})]},
        {"variants": [a_variant_line("SKU-p1", options={"Color": "Red"}, weight_grams=5)]},
        {"seo": {"title": "T", "description": "D"}},
        {"tags": ["x"]},
    ],
)
def test_every_part_of_a_product_can_change(changes: dict[str, Any]) -> None:
    line = a_product_line(images=["1.jpg", "2.jpg"], variants=[a_variant_line("SKU-p1", options={"Color": "Red"})])
    load(a_category_line(), line)
    before = Product.objects.get().updated_at

    first, second = load(line | changes), load(line | changes)

    assert (counts(first), counts(second)) == ({"product": {"updated": 1}}, {"product": {"unchanged": 1}})
    assert Product.objects.get().updated_at > before


def test_leaves_alone_what_the_file_does_not_speak_of() -> None:
    load(a_category_line(), a_product_line())
    Product.objects.update(tags=["mine"], status=ProductStatus.ARCHIVED, product_type="Thing", seo_title="Mine")
    facts.refresh(Product.objects.values_list("pk", flat=True))
    before = everything()

    load(a_category_line(), a_product_line())

    assert everything() == before


def test_spellings_of_a_brand_are_one_brand() -> None:
    load(a_category_line(), a_product_line("p1", brand="OtterBox"), a_product_line("p2", brand="Otterbox"))

    assert list(Brand.objects.values_list("name", "handle")) == [("OtterBox", "otterbox")]


def test_brands_whose_names_make_the_same_handle_are_told_apart() -> None:
    load(a_category_line(), a_product_line("p1", brand="A & B"), a_product_line("p2", brand="A B"))

    assert dict(Brand.objects.values_list("name", "handle")) == {"A & B": "a-b", "A B": "a-b-2"}


def test_products_without_a_category_go_to_one_of_their_own() -> None:
    summary = load(a_product_line(categories=[]))

    assert counts(summary) == {"product": {"created": 1}}
    assert Product.objects.get().category.handle == "uncategorized"


def test_options_may_change_hands_between_variants() -> None:
    load(
        a_category_line(),
        a_product_line(
            variants=[a_variant_line("A", options={"Size": "S"}), a_variant_line("B", options={"Size": "M"})]
        ),
    )

    load(
        a_category_line(),
        a_product_line(
            variants=[a_variant_line("A", options={"Size": "M"}), a_variant_line("B", options={"Size": "S"})]
        ),
    )

    assert dict(ProductVariant.objects.values_list("sku", "option_values")) == {"A": ["M"], "B": ["S"]}


def test_a_variant_that_left_the_file_is_removed_with_its_stock() -> None:
    load(
        a_category_line(),
        a_product_line(
            variants=[a_variant_line("A", options={"Size": "S"}), a_variant_line("B", options={"Size": "M"})]
        ),
    )

    load(a_category_line(), a_product_line(variants=[a_variant_line("C", options={"Size": "S"})]))

    assert list(ProductVariant.objects.values_list("sku", flat=True)) == ["C"]
    assert differences() == []


def test_a_variant_that_orders_hold_stays_with_nothing_free() -> None:
    small, large = a_variant_line("A", options={"Size": "S"}), a_variant_line("B", options={"Size": "M"})
    load(a_category_line(), a_product_line(variants=[small, large]))
    hold("B", 2)

    load(a_category_line(), a_product_line(variants=[small]))
    before = everything()
    load(a_category_line(), a_product_line(variants=[small]))

    kept = ProductVariant.objects.get(sku="B")
    assert stock.free([kept.pk]) == {kept.pk: 0}
    assert list(kept.product.options.values_list("values", flat=True)) == [["S", "M"]]
    assert everything() == before
    assert differences() == []


def test_a_variant_that_orders_hold_goes_once_they_are_sent() -> None:
    small, large = a_variant_line("A", options={"Size": "S"}), a_variant_line("B", options={"Size": "M"})
    load(a_category_line(), a_product_line(variants=[small, large]))
    hold("B", 2)
    load(a_category_line(), a_product_line(variants=[small]))
    with transaction.atomic():
        stock.ship("order", {ProductVariant.objects.get(sku="B").pk: 2})

    load(a_category_line(), a_product_line(variants=[small]))

    assert list(ProductVariant.objects.values_list("sku", flat=True)) == ["A"]
    assert differences() == []


def test_refuses_to_give_the_options_of_a_held_variant_to_another() -> None:
    load(a_category_line(), a_product_line(variants=[a_variant_line("A", options={"Size": "S"})]))
    hold("A", 1)

    _, reports = run(a_category_line(), a_product_line(variants=[a_variant_line("B", options={"Size": "S"})]))

    assert reports == [(2, 'Orders hold "A", which does not fit the new options; import again once they are sent.')]


def test_repairs_windows_punctuation_read_as_latin_1() -> None:
    load(a_category_line("c1", name="Lego\x99 \x93Bricks\x94"))

    assert Category.objects.get().title == "Lego™ “Bricks”"


def test_imports_more_lines_than_a_batch_holds() -> None:
    products = [a_product_line(f"p{number}") for number in range(1, 2102)]

    summary, reports = run(a_category_line(), *products, a_product_line("last", categories=["c9"]))

    assert counts(summary)["product"] == {"created": 2101, "skipped": 1}
    assert reports == [(2103, 'There is no category "c9"; categories come before their products.')]
    assert differences() == []


def test_the_database_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that another writer commits between the check and the write makes one bad line, not a lost batch."""
    load(a_category_line())
    builders.a_product("Taken")
    monkeypatch.setattr(product_writer._Handles, "fault", lambda *_: None)

    summary, reports = run(
        a_category_line(), *(a_product_line(f"p{n}", slug=slug) for n, slug in enumerate(["a", "taken", "b"]))
    )

    assert reports == [(3, "The database refuses it: catalog_product_handle_key.")]
    assert counts(summary)["product"] == {"created": 2, "skipped": 1}


def test_the_command_reports_bad_lines_and_sums_up(tmp_path: Path) -> None:
    path = tmp_path / "catalog.jsonl"
    path.write_text(json.dumps(a_category_line()) + "\n{\n", encoding="utf-8")
    out, err = StringIO(), StringIO()

    call_command("import_catalog", str(path), stdout=out, stderr=err)

    assert err.getvalue() == (
        "Line 2: This is not JSON: Expecting property name enclosed in double quotes at character 2.\n"
    )
    rows = [line.split() for line in out.getvalue().replace("│", " ").splitlines()]
    assert ["category", "1", "0", "0", "0"] in rows
    assert ["line", "0", "0", "0", "1"] in rows


def test_the_command_reads_gzip(tmp_path: Path) -> None:
    path = tmp_path / "catalog.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(a_category_line()).encode()))

    call_command("import_catalog", str(path), stdout=StringIO())

    assert Category.objects.get().external_id == "c1"


def test_the_strict_command_fails(tmp_path: Path) -> None:
    path = tmp_path / "catalog.jsonl"
    path.write_text(json.dumps(a_category_line()) + "\n[]\n", encoding="utf-8")

    with pytest.raises(CommandError) as failed:
        call_command("import_catalog", str(path), "--strict", stderr=StringIO())

    assert str(failed.value) == "Nothing was imported. Line 2: A line must be a JSON object."
    assert failed.value.returncode == 1
    assert not Category.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.jsonl", None, "There is no file {path}."),
        ("plain.jsonl.gz", b"{}", "{path} is not a sound gzip file: Not a gzipped file (b'{{}}')."),
        ("cut.jsonl.gz", gzip.compress(b"{}" * 9999)[:-9], "{path} is a gzip file that was cut off before its end."),
        ("latin.jsonl", b'{"a": "\xe9"}', "{path} is not UTF-8 text: invalid continuation byte at byte 7."),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CommandError) as failed:
        call_command("import_catalog", str(path))

    assert (str(failed.value), failed.value.returncode) == (sentence.format(path=path), 1)


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/catalog-small.jsonl, a real catalog, is not here")
def test_facts_of_a_real_catalog_equal_a_naive_recount() -> None:
    with REAL.open(encoding="utf-8") as lines:
        summary = imports.run(lines, strict=True, report=Reports())
    keys = dict(Category.objects.values_list("external_id", "pk"))

    found = facts.subtrees(list(keys.values()), "USD")

    with REAL.open(encoding="utf-8") as lines:
        expected = dict(naive_facts(map(json.loads, lines)))
    assert summary.count(imports.Outcome.CREATED) == 107 + 446
    assert {
        external_id: (
            found[key].product_count,
            found[key].in_stock_count,
            found[key].on_sale_count,
            found[key].price_sum,
            found[key].price_min,
            found[key].price_max,
        )
        for external_id, key in keys.items()
    } == expected
    assert differences() == []


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/catalog-small.jsonl, a real catalog, is not here")
def test_a_second_run_of_a_real_catalog_changes_nothing() -> None:
    with REAL.open(encoding="utf-8") as lines:
        imports.run(lines, strict=False, report=Reports())
    before = everything()

    with REAL.open(encoding="utf-8") as lines:
        summary = imports.run(lines, strict=False, report=Reports())

    assert counts(summary) == {"category": {"unchanged": 107}, "product": {"unchanged": 446}}
    assert everything() == before


def hold(sku: str, units: int) -> None:
    with transaction.atomic():
        stock.hold({ProductVariant.objects.get(sku=sku).pk: units}, reference="order", expires_at=None)
    assert StockHold.objects.filter(reference="order").exists()


def naive_facts(records: Iterable[dict[str, Any]]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Of each category: products at or below it, in stock, on sale, and the sum and range of their cheapest prices."""
    parents: dict[str, str | None] = {}
    below: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        if record["kind"] == "category":
            parents[record["id"]] = record["parent"]
            continue
        above: str | None = record["categories"][0]
        while above is not None:
            below[above].append(record)
            above = parents[above]
    for category in parents:
        goods = [product["variants"] for product in below[category]]
        cheapest = [min(Decimal(variant["price"]) for variant in variants) for variants in goods]
        yield (
            category,
            (
                len(goods),
                sum(any(variant["stock"] for variant in variants) for variants in goods),
                sum(any(on_sale(variant) for variant in variants) for variants in goods),
                sum(cheapest, Decimal(0)),
                min(cheapest, default=None),
                max(cheapest, default=None),
            ),
        )


def on_sale(variant: dict[str, Any]) -> bool:
    return variant["compare_at_price"] is not None and Decimal(variant["compare_at_price"]) > Decimal(variant["price"])
