"""Bundles: variants that are made of others and sold together, at a price of their own or at the sum of the parts'.

A bundle has no stock: `catalog.components` says what it takes of others'. No bundle is a part of a bundle.
"""

from collections.abc import Sequence
from typing import TypedDict

from django.db import connection, transaction

from catalog import bundle_prices, components, facts, stock
from catalog.components import Part
from catalog.models import BundlePart, BundlePricing, Product, ProductVariant, StockLevel
from catalog.models.bundle import MAX_QUANTITY
from shop import clock
from shop.errors import InvalidInput, NotFound, Refusal, together

MAX_PARTS = 50

# Any number will do, as long as it is not the first of two that something else in the shop locks.
_BUNDLES_LOCK = 0xB0D1E


class BundleNested(Refusal):
    """A bundle cannot be a part of a bundle."""

    code = "BUNDLE_NESTED"


class BundleHasStock(Refusal):
    """What has stock of its own cannot become a bundle."""

    code = "BUNDLE_HAS_STOCK"

    def __init__(self, sku: str) -> None:
        super().__init__(
            f"{sku} has stock, is held for orders or may be sold in advance; a bundle has only the stock of its parts. "
            "Set all of it to 0 first.",
            field=("variant_id",),
        )


class NotABundle(Refusal):
    """This variant is no bundle."""

    code = "NOT_A_BUNDLE"


class NewPart(TypedDict):
    """Units of a variant in a bundle."""

    variant_id: int
    quantity: int


@transaction.atomic(durable=True)
def set_parts(*, variant_id: int, pricing: BundlePricing, parts: Sequence[NewPart]) -> ProductVariant:
    """Make a variant a bundle of these parts, in place of those it had.

    Raises InvalidInput, NotFound, BundleNested, BundleHasStock.
    """
    return make(variant_id=variant_id, pricing=pricing, parts=parts)


@transaction.atomic(durable=True)
def unset(*, variant_id: int) -> ProductVariant:
    """Make a bundle an ordinary variant again, without stock and at the price it has. Raises NotFound, NotABundle."""
    return unmake(variant_id=variant_id)


def make(*, variant_id: int, pricing: BundlePricing, parts: Sequence[NewPart]) -> ProductVariant:
    """As `set_parts`, inside the caller's transaction."""
    if not 1 <= len(parts) <= MAX_PARTS:
        raise InvalidInput(f"A bundle has 1 to {MAX_PARTS} parts.", field=("parts",))
    pieces = _locked(variant_id, [part["variant_id"] for part in parts])
    bundle = pieces[variant_id]
    if BundlePart.objects.filter(part=bundle).exists():
        raise BundleNested(f"{bundle.sku} is a part of a bundle already.", field=("variant_id",))
    if StockLevel.objects.filter(variant=bundle).exclude(on_hand=0, reserved=0, backorder_limit=0).exists():
        raise BundleHasStock(bundle.sku)
    rows = _checked(bundle, parts, pieces)
    bundle.parts.all().delete()
    BundlePart.objects.bulk_create(rows)
    _become(bundle, pricing)
    return bundle


def unmake(*, variant_id: int) -> ProductVariant:
    """As `unset`, inside the caller's transaction."""
    bundle = _locked(variant_id, [])[variant_id]
    if not bundle.bundle_pricing:
        raise NotABundle(f"{bundle.sku} is no bundle.", field=("variant_id",))
    bundle.parts.all().delete()
    _become(bundle, "")
    return bundle


def lock() -> None:
    """Let one change bundles at a time, until the transaction ends: two could else make each a part of the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_BUNDLES_LOCK])


def problems(bundle_ids: Sequence[int]) -> dict[int, list[str]]:
    """Why each of these bundles cannot be sold, in words for staff; nothing of what can, or is no bundle."""
    return {
        bundle_id: [word for part in parts if (word := _problem(part))]
        for bundle_id, parts in components.parts(bundle_ids).items()
    }


def products_with(variant_ids: Sequence[int] | set[int]) -> list[int]:
    """The products of the bundles that have one of these variants as a part."""
    found = BundlePart.objects.filter(part_id__in=variant_ids).values_list("bundle__product_id", flat=True)
    return list(found)


def differences() -> list[str]:
    """Every bundle that contradicts what bundles are."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTRADICTORY)
        wrong = [f"bundle {sku} {complaint}" for sku, complaint in cursor.fetchall()]
    return wrong + bundle_prices.differences()


def _problem(part: Part) -> str:
    if part.part_id is None:
        return f"{part.sku} was deleted."
    if not part.is_sold:
        return f"{part.sku} is archived."
    return f"{part.quantity} of {part.sku} are needed, {part.free} left." if part.free < part.quantity else ""


def _locked(variant_id: int, part_ids: Sequence[int]) -> dict[int, ProductVariant]:
    """The bundle to be and those of the parts that there are, locked. Raises NotFound.

    Stock comes first, so that nobody sells a part while it becomes one; then parts, and then the bundle, as when the
    price of a part changes.
    """
    lock()
    stock.lock([*part_ids, variant_id])
    chosen = ProductVariant.objects.select_for_update(no_key=True)
    pieces = {piece.pk: piece for piece in chosen.filter(pk__in=part_ids).order_by("pk")}
    bundle = chosen.filter(pk=variant_id).first()
    if bundle is None:
        raise NotFound("ProductVariant", field=("variant_id",))
    return pieces | {variant_id: bundle}


def _checked(bundle: ProductVariant, parts: Sequence[NewPart], pieces: dict[int, ProductVariant]) -> list[BundlePart]:
    """The parts to write. Raises Refusals."""
    rows: dict[int, BundlePart] = {}
    with together() as check:
        for place, part in enumerate(parts):
            with check("parts", place, "variant_id"):
                piece = pieces.get(part["variant_id"])
                if piece is None:
                    raise NotFound("ProductVariant")
                if piece == bundle:
                    raise BundleNested("A bundle cannot be a part of itself.")
                if piece.bundle_pricing:
                    raise BundleNested(f"{piece.sku} is a bundle; name its parts instead.")
                if piece.pk in rows:
                    raise InvalidInput("This variant is in the list already; say once how many there are.")
                rows[piece.pk] = BundlePart(bundle=bundle, part=piece, part_sku=piece.sku, quantity=part["quantity"])
            with check("parts", place, "quantity"):
                if not 1 <= part["quantity"] <= MAX_QUANTITY:
                    raise InvalidInput(f"A bundle has 1 to {MAX_QUANTITY} units of a part.")
    return list(rows.values())


def _become(bundle: ProductVariant, pricing: BundlePricing | str) -> None:
    bundle.bundle_pricing = pricing
    bundle.save(update_fields=["bundle_pricing", "updated_at"])
    Product.objects.filter(pk=bundle.product_id).update(updated_at=clock.now())
    facts.refresh([bundle.product_id])


_CONTRADICTORY = """
SELECT bundle.sku, complaint
FROM catalog_productvariant bundle
CROSS JOIN LATERAL (
    SELECT 'has no parts' AS complaint
    WHERE bundle.bundle_pricing <> '' AND NOT EXISTS (SELECT 1 FROM catalog_bundlepart WHERE bundle_id = bundle.id)
    UNION ALL
    SELECT 'has parts, but is none'
    WHERE bundle.bundle_pricing = '' AND EXISTS (SELECT 1 FROM catalog_bundlepart WHERE bundle_id = bundle.id)
    UNION ALL
    SELECT 'is a part of a bundle'
    WHERE bundle.bundle_pricing <> '' AND EXISTS (SELECT 1 FROM catalog_bundlepart WHERE part_id = bundle.id)
    UNION ALL
    SELECT 'has stock of its own'
    WHERE bundle.bundle_pricing <> '' AND EXISTS (
        SELECT 1 FROM catalog_stocklevel level
        WHERE level.variant_id = bundle.id AND (level.on_hand, level.reserved, level.backorder_limit) <> (0, 0, 0)
    )
) found
ORDER BY bundle.id
"""
