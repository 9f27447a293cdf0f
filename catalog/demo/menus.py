"""The shop's menus: what stands along the top of a storefront, and at its foot."""

from collections.abc import Iterator, Sequence
from typing import Any

from catalog.demo.forms import Category
from catalog.demo.shelves import SHELVES


def menus() -> Iterator[dict[str, Any]]:
    yield _menu(
        "next-js-frontend-header-menu",
        "Storefront header",
        [
            _entry("All", "/search"),
            _entry("Kitchen", "/collections/kitchen"),
            _entry("Home", "/collections/home"),
            _entry("Garden", "/collections/garden"),
            _entry("On Sale", "/collections/on-sale"),
        ],
    )
    yield _menu(
        "next-js-frontend-footer-menu",
        "Storefront footer",
        [_entry("Home", "/search"), *_page_entries()],
    )
    yield _menu(
        "main-menu",
        "Main menu",
        [
            _entry("New Arrivals", "/collections/new-arrivals"),
            *(_department(category) for category in SHELVES),
            _entry("On Sale", "/collections/on-sale"),
        ],
    )
    yield _menu(
        "footer",
        "Footer",
        [
            _entry("Shop", "/search", _shop_entries()),
            _entry("About the Shop", "/pages/about", _page_entries()),
        ],
    )


def _menu(slug: str, name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "menu", "id": f"demo-menu-{slug}", "slug": slug, "name": name, "items": items}


def _department(category: Category) -> dict[str, Any]:
    """An entry for the category and, below it, for its children and theirs."""
    return _entry(category.name, f"/collections/{category.slug}", [_shelf(child) for child in category.children])


def _shelf(category: Category) -> dict[str, Any]:
    below = [_entry(child.name, f"/collections/{child.slug}") for child in category.children]
    return _entry(category.name, f"/collections/{category.slug}", below)


def _shop_entries() -> list[dict[str, Any]]:
    return [
        _entry("New Arrivals", "/collections/new-arrivals"),
        _entry("Staff Picks", "/collections/staff-picks"),
        _entry("Gifts under $25", "/collections/gifts-under-25"),
        _entry("On Sale", "/collections/on-sale"),
    ]


def _page_entries() -> list[dict[str, Any]]:
    return [
        _entry("About", "/pages/about"),
        _entry("Shipping and Returns", "/pages/shipping-and-returns"),
        _entry("Questions", "/pages/faq"),
        _entry("Contact", "/pages/contact"),
        _entry("Terms", "/pages/terms"),
        _entry("Privacy", "/pages/privacy"),
    ]


def _entry(title: str, path: str, items: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    return {"title": title, "path": path, "items": list(items)}
