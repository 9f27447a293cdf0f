"""Which stored attribute values apply: those whose attribute the product's category has, or one above it.

Derived, as `is_listed` is: whoever moves a product or a category, or gives or takes an attribute, refreshes it here.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection


def refresh_products(product_ids: Collection[int]) -> None:
    """Say anew which values of these products apply. Call inside the transaction that gave them a category."""
    if product_ids:
        _run("p.id = ANY(%s)", [list(product_ids)])


def refresh_branch(path: str) -> None:
    """Say anew which values apply of products in the category at this path or below. Call with the tree locked."""
    _run("c.path >= %s AND c.path < %s || '['", [path, path])


def differences() -> list[str]:
    """Every value that is said to apply and does not, or the other way round."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT v.id {_WRONG} ORDER BY v.id")
        return [f"attribute value {key} applies, or does not, otherwise than it says" for (key,) in cursor.fetchall()]


_WRONG = """
FROM catalog_attributevalue v
JOIN catalog_product p ON p.id = v.product_id JOIN catalog_category c ON c.id = p.category_id
WHERE v.applies <> EXISTS (
    SELECT 1 FROM catalog_categoryattribute given JOIN catalog_category a ON a.id = given.category_id
    WHERE given.attribute_id = v.attribute_id AND left(c.path, length(a.path)) = a.path
)
"""


def _run(which: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE catalog_attributevalue u SET applies = NOT u.applies"  # noqa: S608  (constants)
            f" WHERE u.id IN (SELECT v.id {_WRONG} AND {which})",
            values,
        )
