"""Many products at once: each is made, or changed where the shop has it; all of them or none.

What is allowed is said by `catalog.products` and `catalog.variants`, and it is written as an import writes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.actors import Actor
from catalog import attribute_values, bundles, categories, facts, handles, products, seo, stock, translations, variants
from catalog.attribute_values import Said
from catalog.imports import Outcome, work
from catalog.imports import bundles as combined
from catalog.imports import translations as told
from catalog.imports.bundles import BundleRecord
from catalog.imports.fields import BadLine, Taken, Unknown
from catalog.imports.products import Match, write
from catalog.imports.records import Options, PriceRecord, ProductRecord, Seo, VariantRecord
from catalog.imports.work import Line, Written
from catalog.models import BundlePricing, Product, ProductVariant
from catalog.translations import NewTranslation, Thing
from shop import text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money

__all__ = [
    "BadLine",
    "Match",
    "Taken",
    "Unknown",
    "attribute_values",
    "bundles",
    "handles",
    "stock",
    "translations",
    "upsert",
]

MOST = 250
MAX_ID = 100


class UpsertPart(TypedDict):
    """Units of a variant in a bundle, by its sku."""

    sku: str
    quantity: int


class UpsertBundle(TypedDict):
    """What a variant is made of."""

    pricing: str
    parts: list[UpsertPart]


class UpsertVariant(variants.NewVariant, total=False):
    """What is said of a variant; a bundle of None is none any more, and `unit_cost` is told of what is new."""

    unit_cost: Decimal | None
    bundle: UpsertBundle | None


class UpsertProduct(TypedDict, total=False):
    """What is said of a product. A key left out leaves what the shop has; options and variants go together."""

    handle: str | None
    external_id: str | None
    title: str | None
    category_id: int | None
    description_html: str | None
    vendor: str | None
    product_type: str | None
    tags: list[str] | None
    seo: seo.Seo | None
    status: str | None
    options: list[variants.NewOption] | None
    variants: list[UpsertVariant] | None
    attributes: list[Said] | None
    translations: list[NewTranslation] | None


@dataclass(frozen=True, slots=True)
class Upserted:
    """What became of a product; a new one has no key after a dry run."""

    handle: str
    outcome: Outcome
    product_id: int | None


class _Known:
    """The products of the shop that those sent may be, locked."""

    def __init__(self, sent: Sequence[UpsertProduct], match: Match) -> None:
        self._match = match
        ids = [one.get("external_id") for one in sent if one.get("external_id")]
        named = [one.get("handle") for one in sent if one.get("handle")]
        skus = [variant["sku"].strip() for one in sent for variant in one.get("variants") or ()]
        self._owners = dict(ProductVariant.objects.filter(sku__in=skus).values_list("sku", "product_id"))
        wanted = Q(external_id__in=ids) | Q(handle__in=named) | Q(pk__in=self._owners.values())
        rows = list(Product.objects.select_for_update(no_key=True).filter(wanted).order_by("pk"))
        self._rows = {row.pk: row for row in rows}
        self._by_id = {row.external_id: row for row in rows}
        self._by_handle = {row.handle: row for row in rows}

    def product(self, sent: UpsertProduct) -> Product | None:
        """The product that `sent` speaks of. Raises InvalidInput where it does not name one."""
        if self._match == Match.HANDLE:
            if not sent.get("handle"):
                raise InvalidInput("Products are identified by their handles; give one.", field=("handle",))
            return self._by_handle.get(str(sent.get("handle")))
        if self._match == Match.EXTERNAL_ID:
            if not sent.get("external_id"):
                raise InvalidInput("Products are identified by their external ids; give one.", field=("external_id",))
            return self._by_id.get(sent.get("external_id"))
        if not sent.get("variants"):
            raise InvalidInput("Products are identified by the skus of their variants; give one.", field=("variants",))
        owners = [self._owners.get(variant["sku"].strip()) for variant in sent.get("variants") or ()]
        return next((self._rows[pk] for pk in owners if pk is not None), None)


@transaction.atomic(durable=True)
def upsert(*, sent: Sequence[UpsertProduct], match: Match, is_dry_run: bool, actor: Actor) -> list[Upserted]:
    """Make or change these products, with their variants, prices and stock; on a dry run, take it all back.

    Raises InvalidInput, NotFound, Taken, Unknown, BadLine, HandleTaken, StockTaken, alone or together; then nothing is
    written.
    """
    if len(sent) > MOST:
        raise InvalidInput(f"{MOST} products at the most; these are {len(sent)}. Import a file instead.", field=_LIST)
    work.lock()
    # Before any product is locked, as by all who say what products are.
    categories.hold_tree()
    lines = _lines(sent, match)
    try:
        # Of its own: what the database refuses here must leave the transaction sound.
        with transaction.atomic():
            written = write(lines, match)
            if not written.reasons:
                _settle(sent, lines, written, actor)
    except IntegrityError as error:
        raise InvalidInput("Somebody else took a handle, an id or a sku meanwhile; try again.", field=_LIST) from error
    with together() as check:
        for number, reasons in sorted(written.reasons.items()):
            for reason in reasons:
                with check(*_LIST, number):
                    reason.field = tuple(_API_WORDS.get(part, part) for part in reason.field)
                    raise reason
    created = {number for number, outcome in written.outcomes.items() if outcome is Outcome.CREATED}
    transaction.set_rollback(is_dry_run)
    return [
        Upserted(
            handle=line.record.handle,
            outcome=written.outcomes[line.number],
            product_id=None if is_dry_run and line.number in created else written.keys[line.number],
        )
        for line in lines
    ]


_LIST = ("products",)
_API_WORDS: Mapping[str | int, str] = {"category": "category_id"}


def _settle(
    sent: Sequence[UpsertProduct], lines: Sequence[Line[ProductRecord]], written: Written, actor: Actor
) -> None:
    """Write what needs all products to be there: stock, bundles, translations. Raises Refusals, StockTaken."""
    with facts.gathered():
        bundled = [one for product in sent for one in product.get("variants") or () if "bundle" in one]
        known = _known(bundled)
        if bundled:
            # All stock at once and first: what is settled before the bundles is locked for them as well.
            bundles.lock()
            counted = {variant_id for variant_id, _ in (*written.counted, *written.received)}
            stock.lock({*known.values(), *counted, *written.dropped})
        with blaming(*_LIST):
            work.settle(written, actor)
        with together() as check:
            for number, product in enumerate(sent):
                for place, one in enumerate(product.get("variants") or ()):
                    if "bundle" in one:
                        with check(*_LIST, number, "variants", place, "bundle"):
                            if combined.become(_bundle(one), known):
                                _note_change(written, lines[number].number)
    with together() as check:
        for number, product in enumerate(sent):
            line = lines[number].number
            if texts := product.get("translations"):
                with check(*_LIST, number):
                    if told.tell(Thing("product", written.keys[line]), texts):
                        _note_change(written, line)


def _known(bundled: Sequence[UpsertVariant]) -> dict[str, int]:
    """The keys of the variants by their skus."""
    skus = {one["sku"].strip() for one in bundled}
    skus |= {part["sku"].strip() for one in bundled for part in (one["bundle"] or {"parts": []})["parts"]}
    return dict(ProductVariant.objects.filter(sku__in=skus).values_list("sku", "pk")) if skus else {}


def _bundle(one: UpsertVariant) -> BundleRecord:
    bundle = one["bundle"]
    if bundle is None:
        return BundleRecord(one["sku"].strip(), BundlePricing.OWN, ())
    if not bundle["parts"]:
        raise InvalidInput("A bundle has parts; null makes it an ordinary variant.", field=("parts",))
    parts = tuple((part["sku"].strip(), part["quantity"]) for part in bundle["parts"])
    return BundleRecord(one["sku"].strip(), BundlePricing(bundle["pricing"]), parts)


def _note_change(written: Written, number: int) -> None:
    if written.outcomes[number] is Outcome.UNCHANGED:
        written.outcomes[number] = Outcome.UPDATED


def _lines(sent: Sequence[UpsertProduct], match: Match) -> list[Line[ProductRecord]]:
    known = _Known(sent, match)
    placed = categories.existing([key for one in sent if (key := one.get("category_id")) is not None])
    lines: list[Line[ProductRecord]] = []
    seen: dict[tuple[str, str], int] = {}
    with together() as check:
        for number, one in enumerate(sent):
            with check(*_LIST, number):
                record = _record(one, known.product(one), placed)
                _note(number, record, seen)
                lines.append(Line(number, record))
    return lines


def _record(sent: UpsertProduct, row: Product | None, placed: set[int]) -> ProductRecord:
    """What is to be written, as far as it and the product it speaks of can tell. Raises Refusals."""
    columns: dict[str, Any] = {}
    options: Options = ()
    bought: tuple[VariantRecord, ...] | None = None
    external_id = None
    with together() as check:
        with check():
            said: Any = {name: value for name, value in sent.items() if name in _SAID and value is not None}
            columns = products.checked(said)
        with check("external_id"):
            external_id = text.line(sent.get("external_id") or "", limit=MAX_ID) or None
        with check("title"):
            if row is None and not columns.get("title"):
                raise InvalidInput("A product that is new to the shop needs a title.")
        with check("category_id"):
            _check_category(sent.get("category_id"), row, placed)
        with check():
            options, bought = _variants(sent)
    title = columns.get("title") or (row.title if row else "")
    return ProductRecord(
        id=external_id,
        title=title,
        handle=columns.get("handle") or _handle(row, title),
        category=sent.get("category_id"),
        options=options,
        variants=bought,
        description_html=columns.get("description_html"),
        brand=columns.get("vendor"),
        tags=None if "tags" not in columns else tuple(columns["tags"]),
        product_type=columns.get("product_type"),
        seo=_seo(columns, row),
        status=sent.get("status"),
        attributes=None if sent.get("attributes") is None else tuple(sent["attributes"] or ()),
    )


_SAID = ("title", "handle", "description_html", "vendor", "product_type", "tags", "seo")


def _check_category(category_id: int | None, row: Product | None, placed: set[int]) -> None:
    if category_id is None and row is None:
        raise InvalidInput("A product that is new to the shop needs a category.")
    if category_id is not None and category_id not in placed:
        raise NotFound("Category")


def _handle(row: Product | None, title: str) -> str:
    if row:
        return row.handle
    return handles.made_from(title, otherwise="product", among=Product.objects.all())


def _seo(columns: Mapping[str, str], row: Product | None) -> Seo | None:
    if not columns.keys() & {"seo_title", "seo_description"}:
        return None
    title = columns.get("seo_title", row.seo_title if row else "")
    return Seo(title, columns.get("seo_description", row.seo_description if row else ""))


def _variants(sent: UpsertProduct) -> tuple[Options, tuple[VariantRecord, ...] | None]:
    given = sent.get("variants")
    if given is None:
        if sent.get("options"):
            raise InvalidInput("Options go with variants; give both or neither.", field=("options",))
        return (), None
    with blaming("options"):
        options = variants.checked_options(sent.get("options") or [])
    with blaming("variants"):
        drafts = variants.drafts(given, options)
        _ensure_costs(given)
    with blaming("options"):
        variants.ensure_used(options, drafts)
    records = tuple(_variant(draft, one) for draft, one in zip(drafts, given, strict=True))
    return tuple((option.name, tuple(option.values)) for option in options), records


def _variant(draft: variants.Draft, given: UpsertVariant) -> VariantRecord:
    row, price = draft.row, draft.price
    said = given.get("attributes")
    return VariantRecord(
        sku=row.sku,
        values=tuple(row.option_values),
        prices=(PriceRecord(draft.currency, price.amount, price.compare_at),),
        stock=None if given.get("inventory_quantity") is None else (("", draft.on_hand),),
        weight_grams=row.weight_grams if "weight_grams" in given else None,
        barcode=row.barcode if "barcode" in given else None,
        requires_shipping=row.requires_shipping if "requires_shipping" in given else None,
        attributes=None if said is None else tuple(said),
        unit_cost=given.get("unit_cost"),
    )


def _ensure_costs(given: Sequence[UpsertVariant]) -> None:
    """Refuse what no unit can cost. Raises Refusals."""
    with together() as check:
        for place, one in enumerate(given):
            cost = one.get("unit_cost")
            with check(place, "unit_cost"):
                if cost is not None:
                    Money.price(cost, settings.SHOP_CURRENCY)


def _note(number: int, record: ProductRecord, seen: dict[tuple[str, str], int]) -> None:
    """Refuse what an earlier one of the list says too. Raises Refusals."""
    names = [("external_id", record.id), ("handle", record.handle)]
    with together() as check:
        for word, value in names:
            with check(word):
                _note_one(number, word, value, seen)
        for place, variant in enumerate(record.variants or ()):
            with check("variants", place, "sku"):
                _note_one(number, "sku", variant.sku, seen)


def _note_one(number: int, word: str, value: str | None, seen: dict[tuple[str, str], int]) -> None:
    if value is not None and seen.setdefault((word, value), number) != number:
        refusal: Refusal = Taken(f'"{value}" is that of the product at {seen[word, value]} of the list already.')
        raise refusal
