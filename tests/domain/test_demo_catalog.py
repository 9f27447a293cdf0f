"""The demo catalog is complete, consistent and the same on every run."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from catalog import demo
from catalog.demo import pictures

RECORDS = list(demo.records())
KINDS = ["category", "product", "collection", "page", "menu"]
SVG_SIZE_LIMIT = 7_200


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [record for record in RECORDS if record["kind"] == kind]


def variants() -> Iterator[dict[str, Any]]:
    for product in of_kind("product"):
        yield from product["variants"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pictures")
    pictures.draw(directory)
    return directory


def test_says_the_same_on_every_run() -> None:
    assert json.dumps(list(demo.records())) == json.dumps(RECORDS)


def test_comes_in_import_order() -> None:
    positions = [KINDS.index(record["kind"]) for record in RECORDS]

    assert positions == sorted(positions)
    assert set(positions) == set(range(len(KINDS)))


@pytest.mark.parametrize("kind", KINDS)
def test_ids_and_slugs_are_unique(kind: str) -> None:
    records = of_kind(kind)

    assert len({record["id"] for record in RECORDS}) == len(RECORDS)
    assert len({record["slug"] for record in records}) == len(records)


def test_no_collection_takes_the_address_of_a_category() -> None:
    assert {one["slug"] for one in of_kind("category")}.isdisjoint(one["slug"] for one in of_kind("collection"))


def test_parents_precede_their_children_four_levels_deep() -> None:
    depths: dict[str | None, int] = {None: 0}
    for category in of_kind("category"):
        depths[category["id"]] = depths[category["parent"]] + 1

    assert max(depths.values()) >= 4
    assert sum(depth >= 4 for depth in depths.values()) >= 10


def test_products_stand_on_one_shelf_without_shelves_below() -> None:
    leaves = {one["id"] for one in of_kind("category")} - {one["parent"] for one in of_kind("category")}

    assert [one["slug"] for one in of_kind("product") if len(one["categories"]) != 1] == []
    assert {one["categories"][0] for one in of_kind("product")} <= leaves


def test_has_the_range_of_a_general_store() -> None:
    products = of_kind("product")
    with_choices = [one for one in products if len(one["variants"]) > 1]
    on_sale = [one for one in products if any(variant["compare_at_price"] for variant in one["variants"])]
    sold_out = [one for one in products if not any(variant["stock"] for variant in one["variants"])]

    assert len(products) >= 380
    assert 0.40 <= len(with_choices) / len(products) <= 0.50
    assert 0.15 <= len(on_sale) / len(products) <= 0.20
    assert 10 <= len(sold_out) <= 15
    assert max(len(one["variants"]) for one in products) == 18
    assert 8 <= len({one["brand"] for one in products} - {None}) <= 14


def test_skus_are_unique() -> None:
    skus = [variant["sku"] for variant in variants()]

    assert len(set(skus)) == len(skus)


def test_every_variant_of_a_product_is_a_different_complete_choice() -> None:
    for product in of_kind("product"):
        choices = [variant["options"] for variant in product["variants"]]
        assert len({tuple(choice) for choice in choices}) == 1, product["slug"]
        assert len({tuple(choice.values()) for choice in choices}) == len(choices), product["slug"]
        assert len(choices[0]) <= 3, product["slug"]
        assert bool(choices[0]) == (len(choices) > 1), product["slug"]


def test_prices_are_believable_and_reductions_real() -> None:
    for variant in variants():
        price = Decimal(variant["price"])
        assert Decimal("2.50") <= price <= Decimal(1900), variant["sku"]
        assert variant["price"] == f"{price:.2f}", variant["sku"]
        assert variant["currency"] == "USD"
        if variant["compare_at_price"] is not None:
            assert Decimal(variant["compare_at_price"]) > price, variant["sku"]


def test_one_variant_in_fourteen_is_sold_out() -> None:
    stock = [variant["stock"] for variant in variants()]

    assert min(stock) == 0
    assert 0.05 <= stock.count(0) / len(stock) <= 0.09


def test_no_two_products_share_a_description() -> None:
    descriptions = [product["description"] for product in of_kind("product")]

    assert len(set(descriptions)) == len(descriptions)
    assert all(text.startswith("<p>") and text.endswith(("</p>", "</ul>")) for text in descriptions)


def test_every_picture_named_is_drawn(drawn: Path) -> None:
    named = {image["path"] for product in of_kind("product") for image in product["images"]}
    named |= {variant["image"] for variant in variants() if "image" in variant}
    named |= {collection["image"]["path"] for collection in of_kind("collection") if "image" in collection}

    assert {path.relative_to(drawn).as_posix() for path in drawn.rglob("*.svg")} == named
    assert all(1 <= len(product["images"]) <= 4 for product in of_kind("product"))


def test_variants_in_several_colors_have_a_picture_each() -> None:
    for product in of_kind("product"):
        shown = {one["options"]["Color"]: one["image"] for one in product["variants"] if "Color" in one["options"]}
        assert len(set(shown.values())) == len(shown), product["slug"]
        assert set(shown.values()) <= {image["path"] for image in product["images"]}, product["slug"]


def test_pictures_are_small_well_formed_and_self_contained(drawn: Path) -> None:
    for path in drawn.rglob("*.svg"):
        drawing = path.read_text()
        root = ElementTree.fromstring(drawing)  # noqa: S314 — our own drawing
        ids = {element.get("id") for element in root.iter()}
        assert len(drawing) < SVG_SIZE_LIMIT, path.name
        assert {part.partition(")")[0] for part in drawing.split("url(#")[1:]} <= ids, path.name
        assert "<text" not in drawing


def test_drawing_again_leaves_the_files_alone(drawn: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in drawn.rglob("*.svg")}

    count = pictures.draw(drawn)

    assert count == len(before)
    assert {path: path.stat().st_mtime_ns for path in drawn.rglob("*.svg")} == before


def test_collections_hold_products_that_exist() -> None:
    known = {product["id"] for product in of_kind("product")}
    sizes = {one["slug"]: len(one["products"]) for one in of_kind("collection")}

    assert all(known.issuperset(one["products"]) for one in of_kind("collection"))
    assert all(len(set(one["products"])) == len(one["products"]) for one in of_kind("collection"))
    assert sizes["hidden-homepage-featured-items"] >= 3
    assert 10 <= sizes["hidden-homepage-carousel"] <= 12
    assert {"new-arrivals", "gifts-under-25", "on-sale", "staff-picks"} <= set(sizes)


def test_menus_lead_somewhere() -> None:
    shelves = {one["slug"] for one in of_kind("category") + of_kind("collection")}
    addresses = {f"/collections/{one}" for one in shelves} | {f"/pages/{one['slug']}" for one in of_kind("page")}

    for menu in of_kind("menu"):
        assert set(_paths(menu["items"])) <= addresses | {"/search"}, menu["slug"]
    assert {menu["slug"] for menu in of_kind("menu")} == {
        "next-js-frontend-header-menu",
        "next-js-frontend-footer-menu",
        "main-menu",
        "footer",
    }


def _paths(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        yield item["path"]
        yield from _paths(item["items"])
