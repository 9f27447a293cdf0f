"""Lines that make variants bundles of others: what they say, and writing it. They come after the products."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog import bundles, facts, stock
from catalog.bundles import NewPart
from catalog.imports.fields import BadLine, Fields, Unknown
from catalog.imports.work import Line, Outcome, Written
from catalog.models import BundlePart, BundlePricing, ProductVariant
from catalog.models.bundle import MAX_QUANTITY
from shop.errors import Refusal, Refusals

_FILE_WORDS = {"variant_id": "sku"}


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """A variant by its sku, and so many units of others in each unit of it; without parts it is no bundle."""

    sku: str
    pricing: BundlePricing
    parts: tuple[tuple[str, int], ...]


def read(fields: Fields) -> BundleRecord:
    """The bundle that a line tells of. Raises BadLine."""
    sku = fields.line("sku")
    pricing = fields.optional_line("pricing") or BundlePricing.OWN.value
    if pricing not in BundlePricing.values:
        raise BadLine(f'"pricing" must be {" or ".join(BundlePricing.values)}.', "pricing")
    fields.required("parts")
    parts = tuple((part.line("sku"), part.integer("quantity", MAX_QUANTITY)) for part in fields.objects("parts"))
    return BundleRecord(sku, BundlePricing(pricing), parts)


def write(lines: Sequence[Line[BundleRecord]]) -> Written:
    """Make these variants what the lines say they are."""
    written = Written()
    skus = {sku for line in lines for sku in (line.record.sku, *(sku for sku, _ in line.record.parts))}
    known = dict(ProductVariant.objects.filter(sku__in=skus).values_list("sku", "pk"))
    # Of all at once and first, so that no line locks stock after facts.
    bundles.lock()
    stock.lock(known.values())
    with facts.gathered():
        for line in lines:
            try:
                is_changed = become(line.record, known)
            except (Refusal, Refusals) as refusal:
                written.refuse(line, refusal)
            else:
                written.outcomes[line.number] = Outcome.UPDATED if is_changed else Outcome.UNCHANGED
    return written


def become(record: BundleRecord, known: dict[str, int]) -> bool:
    """Make a variant what the record says, if it is not; True if so. Raises Refusals, and what `bundles` raises."""
    if record.sku not in known:
        raise Unknown(f'There is no variant "{record.sku}"; products come before bundles.', "sku")
    parts: list[NewPart] = []
    for place, (sku, quantity) in enumerate(record.parts):
        if sku not in known:
            raise Unknown(f'There is no variant "{sku}" to be a part.', f"parts[{place}].sku")
        parts.append({"variant_id": known[sku], "quantity": quantity})
    variant = ProductVariant.objects.get(pk=known[record.sku])
    stored = BundlePart.objects.filter(bundle=variant).order_by("pk").values_list("part_id", "quantity")
    pricing = record.pricing if parts else ""
    if (variant.bundle_pricing, list(stored)) == (pricing, [(part["variant_id"], part["quantity"]) for part in parts]):
        return False
    try:
        if parts:
            bundles.make(variant_id=variant.pk, pricing=record.pricing, parts=parts)
        else:
            bundles.unmake(variant_id=variant.pk)
    except Refusal as refusal:
        _blame(refusal)
        raise
    except Refusals as several:
        for one in several.refusals:
            _blame(one)
        raise
    return True


def _blame(refusal: Refusal) -> None:
    refusal.field = tuple(_FILE_WORDS.get(part, part) if isinstance(part, str) else part for part in refusal.field)
