"""The demo catalog of Hobbleday, an invented general store: `records()` to import, `pictures.draw()` to look at.

Plain data and the standard library; the same records on every run. A family (see `forms`) describes what a handful
of products share, the department modules list the families, and `compose` makes products of them.
"""

from collections.abc import Iterator
from typing import Any

from catalog.demo import departments, menus, pages, windows
from catalog.demo.forms import Category
from catalog.demo.shelves import SHELVES


def records() -> Iterator[dict[str, Any]]:
    """Everything in import form: categories, parents first, then products, collections, pages and menus."""
    for category in SHELVES:
        yield from _shelved(category, None)
    products = list(departments.products())
    for product in products:
        yield product.record
    yield from windows.collections(products)
    yield from pages.pages()
    yield from menus.menus()


def _shelved(category: Category, parent: str | None) -> Iterator[dict[str, Any]]:
    key = f"demo-category-{category.slug}"
    yield {
        "kind": "category",
        "id": key,
        "parent": parent,
        "name": category.name,
        "slug": category.slug,
        "description": f"<p>{category.description}</p>",
        "seo": {"title": f"{category.name} · Hobbleday", "description": category.description},
    }
    for child in category.children:
        yield from _shelved(child, key)
