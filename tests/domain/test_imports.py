"""Importing a catalog: what is written, what changes, and that a second run changes nothing."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import transaction

from catalog import facts, imports, stock
from catalog.imports import products as product_writer
from catalog.imports import running
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
    StockMovement,
)
from tests import builders
from tests.domain.import_lines import (
    FULL,
    a_category_line,
    a_product_line,
    a_variant_line,
    counts,
    differences,
    everything,
    hold,
    load,
    run,
    without,
)

pytestmark = pytest.mark.django_db


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
    assert list(
        Price.objects.order_by("variant__position").values_list("price_list__currency", "amount", "compare_at")
    ) == [
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


def test_imports_more_lines_than_a_batch_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 10)
    products = [a_product_line(f"p{number}") for number in range(1, 32)]

    summary, reports = run(a_category_line(), *products, a_product_line("last", categories=["c9"]))

    assert counts(summary)["product"] == {"created": 31, "skipped": 1}
    assert reports == [(33, 'There is no category "c9"; categories come before their products.')]
    assert differences() == []


def test_the_database_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that another writer commits between the check and the write makes one bad line, not a lost batch."""
    load(a_category_line())
    builders.a_product("Taken")
    monkeypatch.setattr(product_writer._Handles, "take", lambda *_: None)

    summary, reports = run(
        a_category_line(), *(a_product_line(f"p{n}", slug=slug) for n, slug in enumerate(["a", "taken", "b"]))
    )

    assert reports == [(3, "The database refuses it: catalog_product_handle_key.")]
    assert counts(summary)["product"] == {"created": 2, "skipped": 1}
