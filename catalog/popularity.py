"""How well products sell: a count kept on each, for lists that show best sellers first."""

from collections.abc import Mapping

from django.db.models import Case, F, When

from catalog.models import Product


def count_sold(units: Mapping[int, int]) -> None:
    """Add the units sold of each product, by product id. Call inside a transaction; products are locked in id order."""
    products = Product.objects.filter(pk__in=units)
    list(products.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    products.update(sold_count=F("sold_count") + Case(*(When(pk=pk, then=sold) for pk, sold in units.items())))
