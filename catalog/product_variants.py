"""Which variants a product has: giving it more, and taking some away."""

from collections.abc import Sequence

from django.db import transaction

from accounts.actors import Actor
from catalog import attribute_values, categories, facts, products, search, stock, variants
from catalog.models import MovementKind, Product, ProductOption, ProductStatus, ProductVariant
from catalog.variants import MAX_VARIANTS, NewVariant
from shop import clock, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together


class LastVariant(Refusal):
    """A product has at least one variant."""

    code = "LAST_VARIANT"

    def __init__(self) -> None:
        super().__init__("A product has at least one variant; archive it, or delete it, instead.")


@transaction.atomic(durable=True)
def add(*, product_id: int, new: Sequence[NewVariant], actor: Actor) -> Product:
    """Give a product more variants, behind those it has; values its options do not have yet are put behind theirs.

    Raises InvalidInput, NotFound, SkuTaken, AttributesMissing, alone or together.
    """
    categories.hold_tree()
    product = products.locked(product_id, "product_id")
    had = _variants_of(product)
    options = list(ProductOption.objects.filter(product=product).order_by("position"))
    with blaming("variants"):
        if not options:
            raise InvalidInput("This product comes in one way; give it options with `productBulkUpsert` first.")
        if len(had) + len(new) > MAX_VARIANTS:
            raise InvalidInput(f"A product has {MAX_VARIANTS} variants at the most; this one has {len(had)}.")
        _widen(options, new)
        made = variants.drafts(new, options)
        _ensure_other_options(made, had)
        variants.ensure_skus_free(made)
        for draft in made:
            draft.row.position += had[-1].position + 1
        variants.write(product, made)
    ProductOption.objects.bulk_update(options, ["values"])
    with blaming("variants"):
        variants.write_attributes(product, made, new)
        if product.status == ProductStatus.ACTIVE:
            attribute_values.ensure_complete(product)
    _note_change(product)
    with facts.gathered():
        opening = stock.Reason(MovementKind.PURCHASE, note="Opening stock", actor=actor)
        stock.set_on_hand({draft.row.pk: draft.on_hand for draft in made}, opening)
        facts.refresh([product.pk])
    return product


@transaction.atomic(durable=True)
def remove(*, product_id: int, variant_ids: Sequence[int]) -> Product:
    """Take variants away from a product, with their prices and stock; carts lose them, and orders keep what they say.

    Values of options that no variant has any more go too, and bundles of which they were parts are sold no longer.
    Raises InvalidInput, NotFound, LastVariant, StockTaken, alone or together.
    """
    product = products.locked(product_id, "product_id")
    had = _variants_of(product)
    with blaming("variant_ids"):
        if not 1 <= len(variant_ids) <= MAX_VARIANTS:
            raise InvalidInput(f"Name 1 to {MAX_VARIANTS} variants; these are {len(variant_ids)}.")
        own = {variant.pk for variant in had}
        with together() as check:
            for place, variant_id in enumerate(variant_ids):
                with check(place):
                    if variant_id not in own:
                        raise NotFound("ProductVariant")
                    if variant_id in variant_ids[:place]:
                        raise InvalidInput("Name each variant once.")
        if len(variant_ids) == len(had):
            raise LastVariant
        incomplete = variants.drop(variant_ids)
    _narrow(product, [variant for variant in had if variant.pk not in variant_ids])
    _note_change(product)
    facts.refresh([product.pk, *incomplete])
    return product


def _variants_of(product: Product) -> list[ProductVariant]:
    return list(ProductVariant.objects.filter(product=product).order_by("position", "pk"))


def _widen(options: Sequence[ProductOption], new: Sequence[NewVariant]) -> None:
    """Put the values that are new behind the others of their options. Raises Refusals."""
    known = {option.name: option for option in options}
    with together() as check:
        for place, variant in enumerate(new):
            for index, one in enumerate(variant.get("option_values") or []):
                option = known.get(one["name"].strip())
                with check(place, "option_values", index, "value"):
                    value = text.line(one["value"], limit=variants.MAX_VALUE, required=True)
                    if option and value.casefold() not in map(str.casefold, option.values):
                        option.values.append(value)


def _narrow(product: Product, left: Sequence[ProductVariant]) -> None:
    """Take from the options the values that none of the variants left has."""
    for option in ProductOption.objects.filter(product=product):
        used = {variant.option_values[option.position] for variant in left}
        if not used.issuperset(option.values):
            option.values = [value for value in option.values if value in used]
            option.save(update_fields=["values"])


def _ensure_other_options(made: Sequence[variants.Draft], had: Sequence[ProductVariant]) -> None:
    """Refuse combinations that the product has. Raises Refusals."""
    taken = {tuple(variant.option_values) for variant in had}
    with together() as check:
        for place, draft in enumerate(made):
            if tuple(draft.row.option_values) in taken:
                with check(place, "option_values"):
                    raise InvalidInput("Another variant has the same options.")


def _note_change(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(updated_at=clock.now())
    search.refresh([product.pk])
