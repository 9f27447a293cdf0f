"""Business rules of categories, inherited down the tree: the nearest category that says something decides.

They are how many units of a variant one order may have, how its goods are taxed and how they are sent. What comes of
them is stored with each category, so that carts read it without another statement. Whoever writes the tree keeps it,
under the tree's lock.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from catalog.models import Category, ProductVariant, ShippingClass, TaxClass
from shop import prepared
from shop.errors import InvalidInput

MAX_QUANTITY = 10_000

# The columns of the rules; what holds is in a column of the same name with "effective_" before it.
COLUMNS = ("max_quantity", "tax_class_id", "shipping_class_id")


class Limit(NamedTuple):
    """How many units one order may have; None where no rule says."""

    maximum: int | None


class Classes(NamedTuple):
    """Of a category its own tax and shipping class, and those that hold in it; None where none is named."""

    tax: TaxClass | None
    shipping: ShippingClass | None
    effective_tax: TaxClass | None
    effective_shipping: ShippingClass | None


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


def classes_of(category_ids: Collection[int]) -> dict[int, Classes]:
    """The classes of each category."""
    named = ("tax_class", "shipping_class", "effective_tax_class", "effective_shipping_class")
    rows = Category.objects.filter(pk__in=category_ids).select_related(*named).only("pk", *named)
    return {row.pk: Classes(*(getattr(row, name) for name in named)) for row in rows}


def differences() -> list[str]:
    """Every category that says otherwise of what holds in it than the categories above."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND_WRONG)
        return [f"category {key} has a rule that is not the nearest above" for (key,) in cursor.fetchall()]


def using(made: TaxClass | ShippingClass) -> QuerySet[Category]:
    """The categories whose own rule names this class."""
    column = "tax_class" if isinstance(made, TaxClass) else "shipping_class"
    found: QuerySet[Category] = Category.objects.filter(Q(**{column: made}))
    return found


@prepared.statement
def _of_variants(variant_ids: list[int]) -> "QuerySet[ProductVariant, tuple[int, int | None]]":
    chosen = ProductVariant.objects.filter(pk__any=variant_ids)
    return chosen.values_list("pk", "product__category__effective_max_quantity")


def _nearest(column: str) -> str:
    return f"""
    (
        SELECT above.{column}
        FROM generate_series({Category.steplen}, length(c.path), {Category.steplen}) AS size
        JOIN catalog_category above ON above.path = left(c.path, size)
        WHERE above.{column} IS NOT NULL ORDER BY size DESC LIMIT 1
    )
    """  # noqa: S608  (names of columns, and a number of the model)


_STORED = ", ".join(f"c.effective_{column}" for column in COLUMNS)
_TRUE = ", ".join(_nearest(column) for column in COLUMNS)
_WRONG = f"({_STORED}) IS DISTINCT FROM ({_TRUE})"
_FIND_WRONG = f"SELECT c.id FROM catalog_category c WHERE {_WRONG} ORDER BY c.id"  # noqa: S608  (constants)
_CHANGES = ", ".join(f"effective_{column} = {_nearest(column)}" for column in COLUMNS)
_SETTLE = f"UPDATE catalog_category c SET {_CHANGES} WHERE {_WRONG}"  # noqa: S608  (constants)
