"""How many units of a variant one order may have: a rule of categories, inherited down the tree; the nearest decides.

What comes of it is stored with each category, so that carts read it without another statement. Whoever writes the tree
keeps it, under the tree's lock.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from catalog.models import Category, ProductVariant
from shop import prepared
from shop.errors import InvalidInput

MAX_QUANTITY = 10_000


class Limit(NamedTuple):
    """How many units one order may have; None where no rule says."""

    maximum: int | None


def checked(limit: int | None) -> int | None:
    """The limit, if one order may have as many; None for no rule. Raises InvalidInput."""
    if limit is not None and not 1 <= limit <= MAX_QUANTITY:
        raise InvalidInput(f"An order has 1 to {MAX_QUANTITY} units of a product at the most.")
    return limit


def settle(path: str) -> None:
    """Say anew what holds in the category at this path and below. Call with the tree locked."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SETTLE} AND c.path >= %s AND c.path < %s || '['", [path, path])


def of_variants(variant_ids: Collection[int]) -> dict[int, Limit]:
    """How many units of each variant one order may have."""
    limited = {pk: Limit(maximum) for pk, maximum in _of_variants(list(variant_ids))}
    return dict.fromkeys(variant_ids, Limit(None)) | limited


def differences() -> list[str]:
    """Every category that says otherwise of what holds in it than the categories above."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT c.id {_WRONG} ORDER BY c.id")
        return [f"category {key} has a limit that is not the nearest above" for (key,) in cursor.fetchall()]


@prepared.statement
def _of_variants(variant_ids: list[int]) -> QuerySet[Any, Any]:
    chosen = ProductVariant.objects.filter(pk__any=variant_ids)
    return chosen.values_list("pk", "product__category__effective_max_quantity")


_NEAREST = f"""
(
    SELECT above.max_quantity FROM generate_series({Category.steplen}, length(c.path), {Category.steplen}) AS size
    JOIN catalog_category above ON above.path = left(c.path, size)
    WHERE above.max_quantity IS NOT NULL ORDER BY size DESC LIMIT 1
)
"""  # noqa: S608  (the interpolated number is a constant of the model)
_WRONG = f"FROM catalog_category c WHERE c.effective_max_quantity IS DISTINCT FROM {_NEAREST}"
_SETTLE = f"""
UPDATE catalog_category c SET effective_max_quantity = {_NEAREST}
WHERE c.effective_max_quantity IS DISTINCT FROM {_NEAREST}
"""  # noqa: S608  (constants)
