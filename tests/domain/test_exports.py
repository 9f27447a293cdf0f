"""Export of the catalog: what it writes, the import reads, and an empty shop filled from it writes the same again."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction

from catalog import applying, bundles, category_rules, exports, imports, stock
from catalog.imports import Format, Outcome
from catalog.models import (
    Attribute,
    AttributeKind,
    Category,
    Collection,
    ListHandle,
    MovementKind,
    Page,
    Product,
    ProductVariant,
    ShippingClass,
    TaxClass,
    UrlRedirect,
)
from catalog.stock import Reason
from tests import builders
from tests.domain.import_lines import FULL, Reports, a_category_line, a_product_line, differences, everything, load, run

pytestmark = pytest.mark.django_db


def exported(form: Format, wanted: exports.Wanted | None = None) -> bytes:
    return b"".join(piece.content for piece in exports.pieces(form, wanted or exports.Wanted()))


def read(form: Format, content: bytes) -> tuple[imports.Summary, Reports]:
    reports = Reports()
    return imports.run_rows(imports.rows(form, BytesIO(content)), strict=False, report=reports), reports


def a_full_shop() -> None:
    load(*FULL)
    outlet = builders.a_location("Outlet")
    words: dict[str, Any] = {
        "title": '=2+2, said "she"',
        "description_html": '<p>One,\n"two"</p>',
        "tags": ["a,b", "-c", '"d"'],
    }
    mug = builders.a_product(handle="sum", price="3.00", status="DRAFT", **words)
    builders.a_product("Two sizes", handle="two", variants=2, currency="JPY", price="300", images=2)
    builders.stocked(mug.variants.get(), outlet, 4)
    builders.a_collection("By hand", products=[mug])


@pytest.fixture(params=[1, 500])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The export goes piece by piece, however small the pieces."""
    monkeypatch.setattr(exports, "PIECE", request.param)


def empty(*, categories: bool) -> None:
    Collection.objects.all().delete()
    Product.objects.all().delete()
    Page.objects.all().delete()
    UrlRedirect.objects.all().delete()
    if categories:
        ListHandle.objects.all().delete()
        Category.objects.all().delete()


@pytest.mark.usefixtures("pieces")
def test_an_empty_shop_filled_from_lines_writes_the_same_lines() -> None:
    a_full_shop()
    first = exported(Format.JSONL)
    empty(categories=True)

    summary, reports = read(Format.JSONL, first)

    assert reports == []
    assert {kind: dict(counts) for kind, counts in summary.counts.items()} == {
        "category": {Outcome.CREATED: 4},
        "product": {Outcome.CREATED: 3},
        "collection": {Outcome.CREATED: 2},
        "page": {Outcome.CREATED: 1},
    }
    assert exported(Format.JSONL) == first
    assert differences() == []


@pytest.mark.usefixtures("pieces")
def test_a_shop_without_products_filled_from_a_sheet_writes_the_same_sheet() -> None:
    a_full_shop()
    first = exported(Format.CSV)
    empty(categories=False)

    summary, reports = read(Format.CSV, first)

    assert reports == []
    assert summary.count(Outcome.CREATED) == 3
    assert exported(Format.CSV) == first
    assert differences() == []


@pytest.mark.parametrize("form", Format)
def test_what_was_exported_changes_nothing_in_the_same_shop(form: Format) -> None:
    a_full_shop()
    before = everything()

    summary, reports = read(form, exported(form))

    assert reports == []
    assert (summary.count(Outcome.CREATED), summary.count(Outcome.UPDATED)) == (0, 0)
    assert everything() == before


def test_a_line_tells_all_of_a_product() -> None:
    load(*FULL)

    lines = [json.loads(line) for line in exported(Format.JSONL).splitlines()]

    assert [(line["kind"], line["slug"]) for line in lines] == [
        ("category", "home"),
        ("category", "cups"),
        ("product", "mug"),
        ("collection", "gifts"),
        ("page", "about"),
    ]
    assert lines[2]["categories"] == ["cups"]
    assert lines[2]["options"] == [{"name": "Color", "values": ["Red", "Blue"]}, {"name": "Size", "values": ["S", "L"]}]
    assert lines[2]["variants"][2] == {
        "sku": "M-R-L",
        "options": {"Color": "Red", "Size": "L"},
        "prices": [{"currency": "USD", "amount": "15.00", "compare_at": "20.00"}],
        "stock": 3,
        "weight_grams": 0,
        "barcode": "",
        "requires_shipping": True,
        "image": None,
    }


def test_no_cell_is_a_formula() -> None:
    load(a_category_line(), a_product_line("p1", name="=HYPERLINK(1)", tags=["@x"], brand="+1", product_type="'=kept"))

    sheet = exported(Format.CSV).decode("utf-8-sig")

    assert ",'=HYPERLINK(1)," in sheet
    assert ",'@x," in sheet
    assert ",'+1," in sheet
    assert ",''=kept," in sheet
    summary, _ = read(Format.CSV, sheet.encode())
    assert summary.count(Outcome.UNCHANGED) == 1


def test_a_wish_narrows_the_export_to_products() -> None:
    load(*FULL)
    garden = builders.a_category("Garden")
    builders.a_product("Hose", category=garden, tags=["new"])
    builders.a_product("Rake", category=garden, status="DRAFT")
    path = garden.path

    def slugs(**wishes: object) -> list[str]:
        content = exported(Format.JSONL, exports.Wanted(**wishes))  # type: ignore[arg-type]
        return [json.loads(line)["slug"] for line in content.splitlines()]

    assert slugs(category_path=path) == ["hose", "rake"]
    assert slugs(category_path=path, statuses=["ACTIVE"]) == ["hose"]
    assert slugs(tag="new") == ["mug", "hose"]


def test_a_sku_may_move_to_a_product_of_a_later_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.imports.running.BATCH", 1)
    load(a_category_line(), a_product_line("p1"), a_product_line("p2"))
    lines = [
        a_product_line("p1", variants=[a_product_line("new")["variants"][0]]),
        a_product_line("p2", variants=[*a_product_line("p1")["variants"]]),
    ]

    _, strictly = run(*lines, strict=True)

    assert strictly == []
    skus = Product.objects.order_by("pk").values_list("variants__sku", flat=True)
    assert list(skus) == ["SKU-new", "SKU-p1"]
    assert differences() == []


def a_described_shop() -> None:
    """A shop with attributes, bundles, costs, translations, and categories that are hidden or limited."""
    home = builders.a_category(
        "Home", is_active=False, max_quantity=3, image_src="home.jpg", image_width=40, image_height=30
    )
    food, bulky = TaxClass.objects.create(handle="food"), ShippingClass.objects.create(handle="bulky")
    builders.a_category("Cups", parent=home, tax_class=food, shipping_class=bulky)
    material = builders.an_attribute("Material", AttributeKind.CHOICE, "Oak", "Ash", on=home, is_required=True)
    colours = builders.an_attribute("Colours", AttributeKind.MULTI_CHOICE, "Red", "Blue", on=home)
    width = builders.an_attribute("Width", AttributeKind.NUMBER, on=home, unit="cm")
    safe = builders.an_attribute("Safe", AttributeKind.BOOLEAN, on=home)
    note = builders.an_attribute("Note", AttributeKind.TEXT, on=home)
    made = builders.an_attribute("Made", AttributeKind.DATE, on=home)
    pot = builders.a_product("Pot", category=home, variants=2)
    builders.described(pot, material, "ash")
    builders.described(pot, colours, "red", "blue")
    builders.described(pot, safe, False)
    builders.described(pot, note, "=of clay, glazed")
    builders.described(pot, made, date(2026, 5, 31))
    small, large = pot.variants.order_by("position")
    builders.described(small, width, Decimal("12.5000"))
    builders.described(large, width, Decimal(100))
    builders.a_bundle((small, 2), (large, 1), pricing="SUM", sku="SET")
    with transaction.atomic():
        place = stock.default_location().pk
        stock.adjust_each({(small.pk, place): 4}, Reason(MovementKind.PURCHASE), {(small.pk, place): Decimal("2.345")})
    builders.a_translation(pot, title="Topf", handle="topf")
    builders.a_translation(pot.options.get(), name="Taille")
    builders.a_translation(home, title="Maison")
    builders.a_translation(material, name="Matière", **{"choice.ash": "Frêne"})


def test_a_category_gives_up_a_class_where_a_line_says_so_and_refuses_one_that_is_not_there() -> None:
    food = TaxClass.objects.create(handle="food")

    load(a_category_line("home", tax_class="food"), a_category_line("cups", parent="home"))
    assert list(Category.objects.values_list("tax_class", "effective_tax_class").order_by("path")) == [
        (food.pk, food.pk),
        (None, food.pk),
    ]
    load(a_category_line("home"))
    assert Category.objects.filter(tax_class=food).count() == 1
    load(a_category_line("home", tax_class=None))
    assert not Category.objects.filter(effective_tax_class=food).exists()
    _, reports = run(a_category_line("home", shipping_class="bulky"))
    assert reports == [(1, 'There is no shipping class "bulky".')]


@pytest.fixture
def french(settings: Any) -> None:
    settings.SHOP_LANGUAGES = ["EN", "FR"]


@pytest.mark.usefixtures("pieces", "french")
def test_all_that_a_product_is_described_by_survives_the_way_through_lines() -> None:
    a_described_shop()
    first = exported(Format.JSONL)
    empty(categories=True)
    Attribute.objects.all().delete()

    _, reports = read(Format.JSONL, first)

    assert reports == []
    assert exported(Format.JSONL) == first
    assert soundness_differences() == []
    before = everything()
    summary, _ = read(Format.JSONL, first)
    assert (summary.count(Outcome.CREATED), summary.count(Outcome.UPDATED)) == (0, 0)
    assert everything() == before


@pytest.mark.usefixtures("pieces")
def test_attributes_and_costs_survive_the_way_through_a_sheet() -> None:
    a_described_shop()
    ProductVariant.objects.filter(sku="SET").delete()
    first = exported(Format.CSV)
    assert "attribute:colours" in first.decode()
    assert '"red, blue"' in first.decode()
    empty(categories=False)

    _, reports = read(Format.CSV, first)

    assert reports == []
    assert exported(Format.CSV) == first
    assert applying.differences() == []


def test_costs_are_told_only_to_who_may_know() -> None:
    a_described_shop()

    told, hidden = (exported(Format.CSV, exports.Wanted(tells_costs=tells)).decode() for tells in (True, False))

    assert ("unit_cost" in told, "2.345" in told) == (True, True)
    assert ("unit_cost" in hidden, "2.345" in hidden) == (False, False)
    assert b"unit_cost" not in exported(Format.JSONL, exports.Wanted(tells_costs=False))


def soundness_differences() -> list[str]:
    return [*differences(), *applying.differences(), *category_rules.differences(), *bundles.differences()]
