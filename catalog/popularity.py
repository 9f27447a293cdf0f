"""How well products sell: a count kept on each, for lists that show best sellers first."""

from collections.abc import Mapping

from django.db.models import F

from catalog.models import Product


def count_sold(units: Mapping[int, int]) -> None:
    """Add the units sold of each product, by product id. Call inside a transaction; products are locked in id order."""
    for product_id in (
        Product.objects.filter(pk__in=units).select_for_update().order_by("pk").values_list("pk", flat=True)
    ):
        Product.objects.filter(pk=product_id).update(sold_count=F("sold_count") + units[product_id])
