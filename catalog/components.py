"""What bundles are made of, and what that takes of the stock of others. Reads alone; `catalog.bundles` writes.

To a bundle belong the stock and the absence of its parts: of a bundle as many units can be sold as the scarcest part
allows. Where a part was deleted or its product archived, none can. A draft is a part like any other: it may well be
sold in bundles alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet

from catalog.models import BundlePart, ProductStatus
from catalog.models.stock import FREE_UNITS
from shop import prepared
from shop.prepared import Bound


class Need(NamedTuple):
    """What one unit of a variant takes: `quantity` units of a part, or one of itself where it is no bundle.

    `part_id` is None where the part was deleted; of a part that is sold no more none is `free`.
    """

    variant_id: int
    part_id: int | None
    quantity: int
    free: int


class Part(NamedTuple):
    """A part as it is now, with the words an order remembers it by, and the units that can be sold of it."""

    bundle_id: int
    part_id: int | None
    quantity: int
    sku: str
    variant_title: str
    title: str
    status: str
    free: int

    @property
    def is_sold(self) -> bool:
        return self.part_id is not None and self.status != ProductStatus.ARCHIVED


def needs(variant_ids: Collection[int]) -> list[Need]:
    """What a unit of each of these variants takes, and how much there is of it, in one statement."""
    return [Need._make(row) for row in prepared.rows([Bound(_NEEDS, [list(variant_ids)])])]


def units(found: Iterable[Need]) -> dict[int, int]:
    """How many of each variant can be sold, as far as its scarcest part allows."""
    left: dict[int, int] = {}
    for need in found:
        possible = need.free // need.quantity
        left[need.variant_id] = min(left.get(need.variant_id, possible), possible)
    return left


def taken(wanted: Mapping[int, int], found: Iterable[Need]) -> dict[int, int]:
    """The units of stock that are taken by so many units of each variant."""
    total: dict[int, int] = {}
    for need in found:
        if need.part_id is not None:
            total[need.part_id] = total.get(need.part_id, 0) + need.quantity * wanted.get(need.variant_id, 0)
    return total


def parts(bundle_ids: Collection[int]) -> dict[int, list[Part]]:
    """The parts of each of these variants, in the merchant's order; none of what is no bundle."""
    made: dict[int, list[Part]] = {bundle_id: [] for bundle_id in bundle_ids}
    for row in prepared.rows([Bound(_PARTS, [list(made)])]):
        part = Part._make(row)
        made[part.bundle_id].append(part)
    return made


def makes(parts: Sequence[Part]) -> int:
    """The units of a bundle that these parts of it make."""
    return min((part.free // part.quantity for part in parts), default=0)


def bundles(part_ids: Sequence[int]) -> dict[int, list[int]]:
    """The bundles that each of these variants is a part of, oldest first."""
    found: dict[int, list[int]] = {part_id: [] for part_id in part_ids}
    for part_id, bundle_id in _bundles(list(found)):
        found[part_id].append(bundle_id)
    return found


@prepared.statement
def _bundles(part_ids: list[int]) -> QuerySet[Any, Any]:
    return BundlePart.objects.filter(part_id__any=part_ids).order_by("bundle_id").values_list("part_id", "bundle_id")


_PARTS = f"""
SELECT part.bundle_id, part.part_id, part.quantity, part.part_sku, coalesce(piece.title, ''),
       coalesce(product.title, ''), coalesce(product.status, ''),
       CASE WHEN product.status = 'ARCHIVED' THEN 0 ELSE {FREE_UNITS.format(variant="part.part_id")} END
FROM catalog_bundlepart part
LEFT JOIN catalog_productvariant piece ON piece.id = part.part_id
LEFT JOIN catalog_product product ON product.id = piece.product_id
WHERE part.bundle_id = ANY(%s)
ORDER BY part.id
"""  # noqa: S608  (here as below, only constants are put together)

_NEEDS = f"""
SELECT wanted.id, CASE WHEN part.id IS NULL THEN wanted.id ELSE part.part_id END, coalesce(part.quantity, 1),
       CASE WHEN product.status = 'ARCHIVED' THEN 0
            ELSE {FREE_UNITS.format(variant="CASE WHEN part.id IS NULL THEN wanted.id ELSE part.part_id END")}
       END
FROM unnest(%s::bigint[]) AS wanted(id)
LEFT JOIN catalog_bundlepart part ON part.bundle_id = wanted.id
LEFT JOIN catalog_productvariant piece ON piece.id = part.part_id
LEFT JOIN catalog_product product ON product.id = piece.product_id
ORDER BY wanted.id, part.id
"""  # noqa: S608
