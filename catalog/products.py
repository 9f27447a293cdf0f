"""Products: making and changing them, offering them for sale, and taking them off it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Required, TypedDict

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from catalog import (
    applying,
    attribute_values,
    brands,
    categories,
    facts,
    handles,
    markup,
    media,
    redirects,
    search,
    seo,
    stock,
    uploads,
    variants,
)
from catalog.models import MovementKind, Price, Product, ProductImage, ProductOption, ProductStatus, ProductVariant
from shop import clock, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together

MAX_TITLE = 255
MAX_DESCRIPTION = 100_000
MAX_WORD = 255
MAX_TAGS = 250


class NotPriced(Refusal):
    """A product needs a variant with a price before it can be offered for sale."""

    code = "PRODUCT_NOT_PRICED"

    def __init__(self) -> None:
        super().__init__("Give at least one of its variants a price first.", field=("id",))


class _Fields(TypedDict, total=False):
    handle: str | None
    description_html: str | None
    vendor: str | None
    product_type: str | None
    tags: list[str] | None
    seo: seo.Seo | None
    attributes: list[attribute_values.Said] | None


class ProductFields(_Fields, total=False):
    """What may be said of a product. A key left out leaves what there is; None puts back the default."""

    title: str | None
    category_id: int | None


class NewProduct(_Fields, total=False):
    """A product to make, with all that belongs to it; a draft where it has no status."""

    title: Required[str]
    category_id: Required[int]
    status: str | None
    options: list[variants.NewOption] | None
    variants: Required[list[variants.NewVariant]]
    images: list[media.SizedPicture] | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """A product that is checked and not yet written."""

    row: Product
    vendor: str
    options: list[ProductOption]
    variants: list[variants.Draft]
    images: list[ProductImage]


@uploads.atomic
def create(*, product: NewProduct, actor: Actor) -> Product:
    """Make a product with its options, variants, opening stock and pictures.

    Raises InvalidInput, NotFound, HandleTaken, SkuTaken, AttributesMissing, and what `uploads.read` raises, alone or
    together.
    """
    with blaming("product"):
        plan = _planned(product)
        made = plan.row
        categories.hold_tree()
        with together() as check:
            with check():
                made.category = categories.get(product["category_id"], "category_id")
            with check():
                made.handle = _handle_for(made)
            with check("variants"):
                variants.ensure_skus_free(plan.variants)
        made.brand = brands.named(plan.vendor)
        _save(made)
        redirects.make_way([redirects.path(redirects.PRODUCTS, made.handle)])
        with blaming("variants"):
            variants.write(made, plan.variants)
        if product.get("attributes"):
            attribute_values.write(made, None, product["attributes"] or [], "attributes")
        with blaming("variants"):
            variants.write_attributes(made, plan.variants, product["variants"])
        if made.status == ProductStatus.ACTIVE:
            with blaming("attributes"):
                attribute_values.ensure_complete(made)
    for option in plan.options:
        option.product = made
    for image in plan.images:
        image.product = made
    ProductOption.objects.bulk_create(plan.options)
    ProductImage.objects.bulk_create(plan.images)
    search.refresh([made.pk])
    with facts.gathered():
        opening = stock.Reason(MovementKind.PURCHASE, note="Opening stock", actor=actor)
        stock.set_on_hand({draft.row.pk: draft.on_hand for draft in plan.variants}, opening)
        facts.refresh([made.pk])
    return made


@transaction.atomic(durable=True)
def update(*, product_id: int, product: ProductFields) -> Product:
    """Change what is said of a product, or move it to another category.

    Raises InvalidInput, NotFound, HandleTaken, AttributesMissing.
    """
    with blaming("product"):
        columns = checked(product)
        if "category_id" in product or product.get("attributes"):
            categories.hold_tree()
        if "category_id" in product:
            if product["category_id"] is None:
                raise InvalidInput("Every product needs a category.", field=("category_id",))
            columns["category"] = categories.get(product["category_id"], "category_id")
        if "vendor" in product:
            columns["brand"] = brands.named(columns.pop("vendor"))
    changed = locked(product_id)
    had = changed.handle
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("product"):
        if changed.handle != had:
            changed.handle = _handle_for(changed)
        _save(changed, [*columns, "updated_at"])
    was_shown = changed.published_at or changed.status == ProductStatus.ACTIVE
    lead = redirects.renamed if was_shown else redirects.renamed_unseen
    lead(redirects.PRODUCTS, had, changed.handle)
    if "category" in columns:
        applying.refresh_products([changed.pk])
    if product.get("attributes"):
        with blaming("product"):
            attribute_values.write(changed, None, product["attributes"] or [], "attributes")
    search.refresh([changed.pk])
    facts.refresh([changed.pk])
    return changed


@transaction.atomic(durable=True)
def publish(*, product_id: int) -> Product:
    """Offer a product for sale. Raises NotFound, NotPriced, AttributesMissing."""
    categories.hold_tree()
    product = locked(product_id)
    if not Price.objects.filter(variant__product=product).exists():
        raise NotPriced
    with blaming("id"):
        attribute_values.ensure_complete(product)
    product.status = ProductStatus.ACTIVE
    product.published_at = product.published_at or clock.now()
    product.save(update_fields=["status", "published_at", "updated_at"])
    facts.refresh([product.pk])
    return product


@transaction.atomic(durable=True)
def archive(*, product_id: int) -> Product:
    """Take a product off sale and keep it for the record; it can be published again. Raises NotFound."""
    product = locked(product_id)
    product.status = ProductStatus.ARCHIVED
    product.save(update_fields=["status", "updated_at"])
    facts.refresh([product.pk])
    return product


@transaction.atomic(durable=True)
def delete(*, product_id: int) -> None:
    """Remove a product with its variants, stock, pictures and reviews. Carts lose it, and orders keep what they say.

    Bundles of which it was a part are sold no longer. Raises NotFound, StockTaken.
    """
    gone = locked(product_id)
    with blaming("id"):
        incomplete = variants.drop(ProductVariant.objects.filter(product=gone).values_list("pk", flat=True))
    # Without variants it is offered to nobody: so its category counts it no more.
    facts.refresh([gone.pk, *incomplete])
    uploads.forget(ProductImage.objects.filter(product=gone).values_list("src", flat=True))
    gone.delete()


def _planned(product: NewProduct) -> _Plan:
    """What to write, as far as the input alone can tell. Raises Refusals."""
    columns: dict[str, Any] = {}
    options: list[ProductOption] | None = None
    drafts: list[variants.Draft] = []
    pictures: list[ProductImage] = []
    with together() as check:
        with check():
            columns = checked(product)
        with check("options"):
            options = variants.checked_options(product.get("options") or [])
        if options is not None:
            with check("variants"):
                drafts = variants.drafts(product["variants"], options)
        if options and drafts:
            with check("options"):
                variants.ensure_used(options, drafts)
        with check("images"):
            pictures = media.images(product.get("images") or [])
    vendor = columns.pop("vendor", "")
    row = Product(**columns, status=product.get("status") or ProductStatus.DRAFT)
    row.published_at = clock.now() if row.status == ProductStatus.ACTIVE else None
    return _Plan(row, vendor, options or [], drafts, pictures)


def checked(product: ProductFields | NewProduct) -> dict[str, Any]:
    """The columns to write, and the name of the vendor. A handle to be made from the title is "". Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        if "title" in product:
            with check("title"):
                columns["title"] = text.line(product["title"] or "", limit=MAX_TITLE, required=True)
        if "handle" in product:
            with check("handle"):
                columns["handle"] = handles.checked(product["handle"]) if product["handle"] is not None else ""
        if "description_html" in product:
            with check("description_html"):
                written = text.paragraphs(product["description_html"] or "", limit=MAX_DESCRIPTION)
                columns["description_html"] = markup.safe(written)
        if "vendor" in product:
            with check("vendor"):
                columns["vendor"] = text.line(product["vendor"] or "", limit=MAX_WORD)
        if "product_type" in product:
            with check("product_type"):
                columns["product_type"] = text.line(product["product_type"] or "", limit=MAX_WORD)
        if "tags" in product:
            with check("tags"):
                columns["tags"] = _tags(product["tags"] or [])
        if "seo" in product:
            with check("seo"):
                columns |= seo.columns(product["seo"])
    return columns


def _tags(tags: Sequence[str]) -> list[str]:
    if len(tags) > MAX_TAGS:
        raise InvalidInput(f"A product has {MAX_TAGS} tags at the most.")
    written: dict[str, None] = {}
    with together() as check:
        for index, tag in enumerate(tags):
            with check(index):
                written[text.line(tag, limit=MAX_WORD, required=True)] = None
    return list(written)


def _handle_for(product: Product) -> str:
    """The handle the product asks for, or one made from its title. Raises HandleTaken."""
    others = Product.objects.exclude(pk=product.pk)
    if not product.handle:
        return handles.made_from(product.title, otherwise="product", among=others)
    if others.filter(handle=product.handle).exists():
        raise handles.HandleTaken(product.handle)
    handles.ensure_untranslated(product.handle, product)
    return product.handle


def _save(product: Product, columns: list[str] | None = None) -> None:
    """Raises HandleTaken for a handle that somebody else took since it was looked for."""
    try:
        with transaction.atomic():
            product.save(update_fields=columns)
    except IntegrityError as error:
        raise handles.HandleTaken(product.handle) from error


def locked(product_id: int, field: str = "id") -> Product:
    """The product with this key, locked until the transaction ends. Raises NotFound, blaming `field`."""
    found = Product.objects.select_for_update(no_key=True).defer("search").filter(pk=product_id).first()
    if found is None:
        raise NotFound("Product", field=(field,))
    return found
