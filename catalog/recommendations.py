"""Products to show beside another."""

from typing import Any, TypeAlias

from django.db.models import F, QuerySet, Value

from catalog import browsing, filters
from catalog.browsing import ProductRow
from catalog.models import Product
from catalog.shopper import Shopper, anybody
from shop import prepared


def beside(shopper: Shopper, product_id: int, limit: int) -> list[ProductRow]:
    """Products to show beside this one: of its category and below, then of its brand, then with a tag in common.

    What can be bought now comes first, then the closest, then what sells best. Two statements; empty where the shopper
    does not see the product.
    """
    origin = _origin(product_id, keeps_catalog=shopper.keeps_catalog)
    if not origin:
        return []
    [(path, brand_id, tags)] = origin
    near: list[_Near] = [(path, None, None)]
    near += [(None, brand_id, None)] if brand_id else []
    near += [(None, None, tags)] if tags else []
    shape: dict[str, Any] = {"keeps_catalog": shopper.keeps_catalog, "limit": limit}
    price_list_id = shopper.tariff.price_list_id
    statements = [_near.bound(place, price_list_id, product_id, one, **shape) for place, one in enumerate(near)]
    rows = prepared.rows(statements)
    found = [(distance, ProductRow._make((*columns, shopper.currency, None))) for distance, *columns in rows]
    found.sort(key=lambda one: (not one[1].is_in_stock, one[0], -one[1].sold_count, one[1].pk))
    return browsing.told(shopper.language, list({row.pk: row for _, row in found}.values())[:limit])


# What a product shares with another: the path of a category above, a brand, or one of the tags.
_Near: TypeAlias = tuple[str | None, int | None, list[str] | None]


@prepared.statement
def _origin(product_id: int, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    shown = Product.objects.filter(pk=product_id).visible_to(anybody(keeps_catalog))
    return shown.values_list("category__path", "brand_id", "tags")


@prepared.statement
def _near(
    distance: int, price_list_id: int, product_id: int, near: _Near, *, keeps_catalog: bool, limit: int
) -> QuerySet[Any, Any]:
    path, brand_id, tags = near
    others = filters.shown(Product.objects.exclude(pk=product_id), price_list_id, anybody(keeps_catalog))
    if path is not None:
        others = others.below(path)
    if brand_id is not None:
        others = others.filter(brand_id=brand_id)
    if tags is not None:
        others = others.filter(tags__overlap=Value(tags, output_field=Product._meta.get_field("tags")))
    ordered = others.order_by(F("is_in_stock").desc(nulls_last=True), "-sold_count", "pk")
    return ordered[:limit].values_list(Value(distance), *browsing.PRODUCT_COLUMNS)
