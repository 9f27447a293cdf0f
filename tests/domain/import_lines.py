"""What the tests of the import share: lines to import, and ways to look at what came of them."""

import json
from typing import Any

from django.db import connection, transaction

from catalog import facts, imports, soundness, stock
from catalog.models import (
    ProductVariant,
    StockHold,
)
from shop.errors import Refusal


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

    def __call__(self, number: int, refusal: Refusal) -> None:
        self.append((number, refusal.message))


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
    return [
        *facts.differences(),
        *soundness.stock_differences(),
        *soundness.tree_differences(),
        *soundness.handle_differences(),
    ]


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


def hold(sku: str, units: int) -> None:
    with transaction.atomic():
        stock.hold({ProductVariant.objects.get(sku=sku).pk: units}, reference="order", expires_at=None)
    assert StockHold.objects.filter(reference="order").exists()
