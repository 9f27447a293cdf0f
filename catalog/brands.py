"""Brands: who makes a product. A name is written once, however many spell it with other capitals."""

from collections.abc import Collection as Some
from typing import Any, NamedTuple, Required, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from catalog import filters, handles, search
from catalog.filters import ProductFilter
from catalog.models import Brand, CollectionRule, Product
from catalog.shopper import Shopper
from shop import clock, paging, text
from shop.errors import NotFound, Refusal, blaming, together
from shop.paging import PageRequest

MAX_NAME = 255

_BY_NAME = paging.Order("BRANDS", "name")


class BrandTaken(Refusal):
    """Another brand has this name, in whatever capitals."""

    code = "BRAND_TAKEN"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a brand {name} already; give its products that vendor instead.", field=("name",))


class BrandInUse(Refusal):
    """Products are of the brand, or rules of collections name it."""

    code = "BRAND_IN_USE"


class BrandFields(TypedDict, total=False):
    """What may be said of a brand. A key left out leaves what there is; None makes a handle from the name."""

    name: str | None
    handle: str | None


class NewBrand(TypedDict, total=False):
    """A brand to make."""

    name: Required[str]
    handle: str | None


class BrandRow(NamedTuple):
    """Who makes some products."""

    pk: int
    handle: str
    name: str


def page(shopper: Shopper, request: PageRequest) -> "paging.Page[BrandRow]":
    """A page of the brands by name: of those with a product the shopper may see. Raises InvalidPage."""
    return paging.page(_visible(shopper), _BY_NAME, request, read=_rows, key_of=lambda row: (row.name, row.pk))


def by_id(shopper: Shopper, brand_ids: Some[int]) -> dict[int, BrandRow]:
    """The visible ones of these brands."""
    return {row.pk: row for row in _rows(_visible(shopper).filter(pk__in=brand_ids))}


def by_handle(shopper: Shopper, handle: str) -> BrandRow | None:
    """The visible brand with this handle."""
    return next(iter(_rows(_visible(shopper).filter(handle=handle))), None)


def product_counts(shopper: Shopper, brand_ids: Some[int]) -> dict[int, int]:
    """How many products of each of these brands the shopper may see."""
    products, _ = filters.matching(shopper, ProductFilter())
    counted = products.filter(brand__in=brand_ids).order_by().values("brand").annotate(count=Count("pk"))
    return dict.fromkeys(brand_ids, 0) | dict(counted.values_list("brand", "count"))


def named(name: str) -> Brand | None:
    """The brand of this name, made where there is none; None for no name. Call inside a transaction."""
    if not name:
        return None
    found = known(name)
    if found is None:
        # This waits for whoever makes a brand of the same name, so look again before making another.
        handle = handles.made_from(name, otherwise="brand", among=Brand.objects.all())
        found = known(name) or Brand.objects.create(name=name, handle=handle)
    return found


def known(name: str) -> Brand | None:
    """The brand of this name, in whatever capitals."""
    return Brand.objects.filter(name__iexact=name).order_by("pk").first()


@transaction.atomic(durable=True)
def create(*, brand: NewBrand) -> Brand:
    """Make a brand that no product has yet. Raises InvalidInput, BrandTaken, HandleTaken."""
    with blaming("brand"):
        made = Brand(**_checked(brand))
        _save(made)
    return made


@transaction.atomic(durable=True)
def update(*, brand_id: int, brand: BrandFields) -> Brand:
    """Call a brand otherwise: its products have that vendor from now on, and are found by it.

    Raises InvalidInput, NotFound, BrandTaken, HandleTaken.
    """
    with blaming("brand"):
        columns = _checked(brand)
    # Products before their brand: whoever gives one a brand has locked it already.
    products = Product.objects.filter(brand=brand_id)
    list(products.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    changed = _locked(brand_id)
    was_called = changed.name
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("brand"):
        _save(changed)
    if changed.name != was_called:
        products.update(updated_at=clock.now())
        search.refresh(products.values_list("pk", flat=True))
    return changed


@transaction.atomic(durable=True)
def delete(*, brand_id: int) -> None:
    """Remove a brand that nothing has. Raises NotFound, BrandInUse."""
    gone = _locked(brand_id)
    if count := Product.objects.filter(brand=gone).count():
        raise BrandInUse(f"Products of {gone.name}: {count}; give them another vendor first, or none.", field=("id",))
    rule = CollectionRule.objects.filter(brand=gone).select_related("collection").order_by("pk").first()
    if rule:
        raise BrandInUse(
            f"The rules of the collection {rule.collection.title} name {gone.name}; change those rules first.",
            field=("id",),
        )
    gone.delete()


def _visible(shopper: Shopper) -> QuerySet[Brand]:
    """All for staff who keep the catalog; for everybody else those of what is for sale."""
    if shopper.keeps_catalog:
        return Brand.objects.all()
    products, _ = filters.matching(shopper, ProductFilter())
    return Brand.objects.filter(Exists(products.filter(brand=OuterRef("pk"))))


def _rows(chosen: QuerySet[Brand]) -> list[BrandRow]:
    return [BrandRow(*row) for row in chosen.values_list(*BrandRow._fields)]


def _locked(brand_id: int) -> Brand:
    """The brand, to which no product or rule can be given until the transaction ends. Raises NotFound."""
    found = Brand.objects.select_for_update().filter(pk=brand_id).first()
    if found is None:
        raise NotFound("Brand", field=("id",))
    return found


def _save(brand: Brand) -> None:
    others = Brand.objects.exclude(pk=brand.pk)
    other = others.filter(name__iexact=brand.name).first()
    if other:
        raise BrandTaken(other.name)
    if not brand.handle:
        brand.handle = handles.made_from(brand.name, otherwise="brand", among=others)
    if others.filter(handle=brand.handle).exists():
        raise handles.HandleTaken(brand.handle)
    try:
        with transaction.atomic():
            brand.save()
    except IntegrityError as error:
        raise BrandTaken(brand.name) from error


def _checked(brand: BrandFields | NewBrand) -> dict[str, Any]:
    """The columns to write. A handle that is to be made from the name is "". Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        if "name" in brand:
            with check("name"):
                columns["name"] = text.line(brand["name"] or "", limit=MAX_NAME, required=True)
        if "handle" in brand:
            with check("handle"):
                columns["handle"] = handles.checked(brand["handle"]) if brand["handle"] is not None else ""
    return columns
