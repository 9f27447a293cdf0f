"""Variants: what a product's options combine to, each with a sku, a price and stock; and changing one of them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Required, TypedDict

from django.conf import settings
from django.db import IntegrityError, transaction

from catalog import attribute_values, bundles, facts, price_lists, search, stock
from catalog.models import BundlePricing, Price, Product, ProductOption, ProductVariant, StockHold
from shop import clock, money, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money

MAX_SKU = 255
MAX_BARCODE = 50
MAX_GRAMS = 1_000_000_000
MAX_OPTIONS = 3
MAX_OPTION_NAME = 100
MAX_VALUE = 150
# One page of the API shows as many, so whoever made a product can read all of it back.
MAX_VARIANTS = 250


class SkuTaken(Refusal):
    """Another variant has this sku."""

    code = "SKU_TAKEN"

    def __init__(self, sku: str) -> None:
        super().__init__(f'The sku "{sku}" is taken; choose another.', field=("sku",))


class NewOption(TypedDict):
    """A choice to offer, with its values in the order to show them in."""

    name: str
    values: list[str]


class OptionValue(TypedDict):
    """What a variant is of one option."""

    name: str
    value: str


class _Fields(TypedDict, total=False):
    compare_at_price: Decimal | None
    currency: str | None
    barcode: str | None
    weight_grams: int | None
    requires_shipping: bool | None
    is_gift_card: bool | None


class VariantFields(_Fields, total=False):
    """What may be said of a variant. A key left out leaves what there is; None puts back the default.

    Prices are of `currency`, or of the shop's currency where none is named; the others stay.
    """

    sku: str | None
    price: Decimal | None


class NewVariant(_Fields, total=False):
    """A variant to make, with a value for each option of its product, and the units there are of it."""

    sku: Required[str]
    price: Required[Decimal]
    option_values: list[OptionValue] | None
    inventory_quantity: int | None
    attributes: list[attribute_values.Said] | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A variant that is checked and not yet written."""

    row: ProductVariant
    price: Price
    currency: str
    on_hand: int


def checked_options(options: Sequence[NewOption]) -> list[ProductOption]:
    """The options to write, in order. Raises InvalidInput, Refusals."""
    if len(options) > MAX_OPTIONS:
        raise InvalidInput(f"A product has {MAX_OPTIONS} options at the most.")
    rows: list[ProductOption] = []
    with together() as check:
        for place, option in enumerate(options):
            row = ProductOption(position=place)
            with check(place, "name"):
                row.name = text.line(option["name"], limit=MAX_OPTION_NAME, required=True)
                _ensure_new(row.name, (earlier.name for earlier in rows), "Another option")
            rows.append(row)
            row.values = []
            if not 1 <= len(option["values"]) <= MAX_VARIANTS:
                with check(place, "values"):
                    raise InvalidInput(f"An option has 1 to {MAX_VARIANTS} values.")
            for index, value in enumerate(option["values"][:MAX_VARIANTS]):
                with check(place, "values", index):
                    line = text.line(value, limit=MAX_VALUE, required=True)
                    _ensure_new(line, row.values, "Another value")
                    row.values.append(line)
    return rows


def drafts(variants: Sequence[NewVariant], options: Sequence[ProductOption]) -> list[Draft]:
    """The variants to write, in order: one for each of their combinations. Raises InvalidInput, Refusals."""
    if not 1 <= len(variants) <= MAX_VARIANTS:
        raise InvalidInput(f"A product has 1 to {MAX_VARIANTS} variants.")
    if not options and len(variants) > 1:
        raise InvalidInput("A product without options has exactly one variant; name the options they differ in.")
    made: list[Draft] = []
    skus: set[str] = set()
    combinations: set[tuple[str, ...]] = set()
    with together() as check:
        for place, variant in enumerate(variants):
            with check(place):
                draft = _draft(place, variant, options)
                if draft.row.sku in skus:
                    raise SkuTaken(draft.row.sku)
                skus.add(draft.row.sku)
                values = tuple(draft.row.option_values)
                if values in combinations:
                    raise InvalidInput("Another variant has the same options.", field=("option_values",))
                combinations.add(values)
                made.append(draft)
    return made


def ensure_used(options: Sequence[ProductOption], made: Sequence[Draft]) -> None:
    """Refuse values that no variant has: a shopper would choose one in vain. Raises Refusals."""
    with together() as check:
        for place, option in enumerate(options):
            used = {draft.row.option_values[place] for draft in made}
            for index, value in enumerate(option.values):
                if value not in used:
                    with check(place, "values", index):
                        raise InvalidInput(f'No variant has the value "{value}".')


def ensure_skus_free(made: Sequence[Draft]) -> None:
    """Refuse skus that other products' variants have. Raises Refusals."""
    skus = [draft.row.sku for draft in made]
    taken = set(ProductVariant.objects.filter(sku__in=skus).values_list("sku", flat=True))
    with together() as check:
        for place, sku in enumerate(skus):
            if sku in taken:
                with check(place):
                    raise SkuTaken(sku)


def write(product: Product, made: Sequence[Draft]) -> None:
    """Store the drafts as variants of `product`, with their prices. Call inside a transaction. Raises Refusals."""
    for draft in made:
        draft.row.product = product
    # Two writers of the same skus take them in the same order: one waits for the other, and never both in a circle.
    rows = sorted((draft.row for draft in made), key=lambda row: row.sku)
    try:
        with transaction.atomic():
            ProductVariant.objects.bulk_create(rows)
    except IntegrityError:
        ensure_skus_free(made)
        raise
    lists = {currency: price_lists.base(currency) for currency in sorted({draft.currency for draft in made})}
    for draft in made:
        draft.price.variant, draft.price.price_list_id = draft.row, lists[draft.currency]
    Price.objects.bulk_create([draft.price for draft in made])


def write_attributes(product: Product, made: Sequence[Draft], said: Sequence[NewVariant]) -> None:
    """Store what new variants are. Call with the tree held and the product locked. Raises Refusals, InvalidInput."""
    with together() as check:
        for place, (draft, variant) in enumerate(zip(made, said, strict=True)):
            if values := variant.get("attributes"):
                with check(place):
                    attribute_values.write(product, draft.row, values, "attributes")


def drop(variant_ids: Collection[int]) -> list[int]:
    """Delete variants with all that is kept of them, unless an order waits for one. Raises StockTaken.

    Answers the products of bundles that lack a part now: refresh the facts of these and of the variants' products.
    """
    stock.lock(variant_ids)
    held = StockHold.objects.filter(variant_id__in=variant_ids).select_related("variant").order_by("pk").first()
    if held:
        raise stock.StockTaken(held.variant.sku, held.quantity)
    incomplete = bundles.products_with(set(variant_ids))
    ProductVariant.objects.filter(pk__in=variant_ids).delete()
    return incomplete


@transaction.atomic(durable=True)
def update(*, variant_id: int, variant: VariantFields) -> ProductVariant:
    """Change a variant, and its price in one currency. Raises InvalidInput, NotFound, SkuTaken."""
    with blaming("variant"):
        columns = _checked(variant)
    changed = _locked(variant_id)
    for name, value in columns.items():
        setattr(changed, name, value)
    if "sku" in columns:
        # An order of it points to the row this changes the key of, and would wait for it with offers locked.
        stock.lock([changed.pk])
    with blaming("variant"):
        _write_price(changed, variant)
        try:
            with transaction.atomic():
                changed.save(update_fields=[*columns, "updated_at"])
        except IntegrityError as error:
            raise SkuTaken(changed.sku) from error
    Product.objects.filter(pk=changed.product_id).update(updated_at=clock.now())
    search.refresh([changed.product_id])
    facts.refresh([changed.product_id])
    return changed


def gift_cards_among(variant_ids: Iterable[int]) -> set[int]:
    """Those of these variants each unit of which is a gift card."""
    cards = ProductVariant.objects.filter(pk__in=list(variant_ids), is_gift_card=True)
    return set(cards.values_list("pk", flat=True))


def _draft(place: int, variant: NewVariant, options: Sequence[ProductOption]) -> Draft:
    row = ProductVariant(position=place)
    price, currency = Price(), ""
    with together() as check:
        with check():
            for name, value in _checked(variant).items():
                setattr(row, name, value)
        with check():
            currency = _currency(variant)
            price.amount = _amount(variant, "price", currency)
            price.compare_at = _compare_at(variant, currency)
        with check("option_values"):
            row.option_values = _choice(variant.get("option_values") or [], options)
            row.title = " / ".join(row.option_values) or "Default Title"
        on_hand = variant.get("inventory_quantity") or 0
        if not 0 <= on_hand <= stock.MAX_ON_HAND:
            with check("inventory_quantity"):
                raise InvalidInput(f"Stock must be from 0 to {stock.MAX_ON_HAND}.")
    return Draft(row, price, currency, on_hand)


def _checked(variant: VariantFields | NewVariant) -> dict[str, Any]:
    """The columns to write, but for prices. Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        if "sku" in variant:
            with check("sku"):
                columns["sku"] = text.line(variant["sku"] or "", limit=MAX_SKU, required=True)
        if "barcode" in variant:
            with check("barcode"):
                columns["barcode"] = text.line(variant["barcode"] or "", limit=MAX_BARCODE)
        if "weight_grams" in variant:
            with check("weight_grams"):
                columns["weight_grams"] = variant["weight_grams"] or 0
                if not 0 <= columns["weight_grams"] <= MAX_GRAMS:
                    raise InvalidInput(f"A weight is from 0 to {MAX_GRAMS} grams.")
        if "requires_shipping" in variant:
            columns["requires_shipping"] = variant["requires_shipping"] is not False
        if "is_gift_card" in variant:
            columns["is_gift_card"] = bool(variant["is_gift_card"])
            if columns["is_gift_card"]:
                # It comes by mail, unless staff say that there is something to send.
                columns.setdefault("requires_shipping", False)
    return columns


def _choice(values: Iterable[OptionValue], options: Sequence[ProductOption]) -> list[str]:
    """A value for each option, in the options' order. Raises InvalidInput, Refusals."""
    known = {option.name: option for option in options}
    chosen: dict[str, str] = {}
    with together() as check:
        for index, one in enumerate(values):
            with check(index):
                name, value = one["name"].strip(), one["value"].strip()
                if name not in known:
                    raise InvalidInput("The product has no such option.", field=("name",))
                if name in chosen:
                    raise InvalidInput("This option has a value already.", field=("name",))
                chosen[name] = value
                if value not in known[name].values:
                    raise InvalidInput(f"This is not among the values of the option {name}.", field=("value",))
    missing = [name for name in known if name not in chosen]
    if missing:
        raise InvalidInput(f"Every option needs a value; there is none of {', '.join(missing)}.")
    return [chosen[option.name] for option in options]


def _ensure_new(word: str, earlier: Iterable[str], which: str) -> None:
    if Counter(one.casefold() for one in earlier)[word.casefold()]:
        raise InvalidInput(f'{which} is called "{word}" too; capitals make no difference.')


def _currency(variant: VariantFields | NewVariant) -> str:
    currency = variant.get("currency") or settings.SHOP_CURRENCY
    if not money.is_currency(currency):
        raise InvalidInput("A currency is a code of ISO 4217 such as EUR.", field=("currency",))
    return currency


def _amount(variant: VariantFields | NewVariant, key: str, currency: str) -> Decimal:
    with blaming(key):
        typed = variant.get(key)
        if not isinstance(typed, Decimal):
            raise InvalidInput("A price is needed, such as 19.90.")
        return Money.price(typed, currency).amount


def _compare_at(variant: VariantFields | NewVariant, currency: str) -> Decimal | None:
    return None if variant.get("compare_at_price") is None else _amount(variant, "compare_at_price", currency)


def _write_price(variant: ProductVariant, said: VariantFields) -> None:
    """Make the price in one currency what was said, if anything was. Raises InvalidInput."""
    if not said.keys() & {"price", "compare_at_price", "currency"}:
        return
    if variant.bundle_pricing == BundlePricing.SUM:
        raise InvalidInput(
            f"{variant.sku} costs what its parts cost; change their prices, or give the bundle one of its own.",
            field=("price",),
        )
    currency = _currency(said)
    price_list_id = price_lists.base(currency)
    price = Price.objects.filter(variant=variant, price_list=price_list_id, min_quantity=1).first()
    if price is None and "price" not in said:
        raise InvalidInput(f"{variant.sku} has no price in {currency} yet; give one.", field=("price",))
    price = price or Price(variant=variant, price_list_id=price_list_id)
    if "price" in said:
        price.amount = _amount(said, "price", currency)
    if "compare_at_price" in said:
        price.compare_at = _compare_at(said, currency)
    price.save()


def _locked(variant_id: int) -> ProductVariant:
    """The variant, its product and itself locked. Raises NotFound."""
    found = (
        ProductVariant.objects.select_for_update(no_key=True, of=("self", "product"))
        .select_related("product")
        .defer("product__search")
        .filter(pk=variant_id)
        .first()
    )
    if found is None:
        raise NotFound("ProductVariant", field=("id",))
    return found
