"""Zones that methods of delivery go to, as staff keep them; `checkout.shipping` says what is offered in them."""

from collections.abc import Sequence
from typing import Any, Required, TypedDict

from django.db import transaction
from django.db.models import RestrictedError

from checkout.models import ShippingMethod, ShippingZone
from checkout.shipping import postcode
from shop import paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import Page, PageRequest

MAX_TITLE = 255
MAX_PROVINCE = 20
MAX_POSTCODE = 20
MAX_PARTS = 1000
UNKNOWN_COUNTRY = "ZZ"

_OLDEST_FIRST = paging.Order("ZONES", "pk")


class ShippingZoneInUse(Refusal):
    """Methods of delivery go there."""

    code = "SHIPPING_ZONE_IN_USE"

    def __init__(self, title: str) -> None:
        super().__init__(f"Shipping methods go to {title}; delete them, or have them go elsewhere, first.")


class PostcodeRange(TypedDict):
    """All postcodes from those that begin with the one to those that begin with the other."""

    first: str
    last: str


class _Fields(TypedDict, total=False):
    countries: list[str] | None
    provinces: list[str] | None
    postcodes: list[PostcodeRange] | None
    is_rest: bool | None


class ZoneFields(_Fields, total=False):
    """What may be said of a zone. A key left out leaves what there is; None puts back the default."""

    title: str | None


class NewZone(_Fields, total=False):
    """A zone to make."""

    title: Required[str]


def page(request: PageRequest) -> Page[ShippingZone]:
    """A page of all zones, oldest first. Raises InvalidPage."""
    return paging.page(ShippingZone.objects.all(), _OLDEST_FIRST, request, list, lambda row: (row.pk,))


def by_id(zone_ids: Sequence[int]) -> dict[int, ShippingZone]:
    """The zones with these keys."""
    return ShippingZone.objects.in_bulk(list(zone_ids))


@transaction.atomic(durable=True)
def create(*, zone: NewZone) -> ShippingZone:
    """Make a zone, to which nothing goes yet. Raises InvalidInput."""
    with blaming("shipping_zone"):
        made = ShippingZone(**_checked(zone))
        _ensure_consistent(made)
    made.save(force_insert=True)
    return made


@transaction.atomic(durable=True)
def update(*, zone_id: int, zone: ZoneFields) -> ShippingZone:
    """Change what belongs to a zone, for carts at once. Raises InvalidInput, NotFound."""
    with blaming("shipping_zone"):
        columns = _checked(zone)
    changed = locked(zone_id, "id")
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("shipping_zone"):
        _ensure_consistent(changed)
    changed.save(update_fields=list(columns))
    return changed


@transaction.atomic(durable=True)
def delete(*, zone_id: int) -> None:
    """Forget a zone to which nothing goes. Raises NotFound, ShippingZoneInUse."""
    gone = locked(zone_id, "id")
    with blaming("id"):
        if ShippingMethod.objects.filter(zone=gone).exists():
            raise ShippingZoneInUse(gone.title)
        try:
            gone.delete()
        except RestrictedError as error:
            raise ShippingZoneInUse(gone.title) from error


def locked(zone_id: int, *field: str) -> ShippingZone:
    """The zone, which is neither changed nor deleted before the transaction ends. Raises NotFound."""
    found = ShippingZone.objects.select_for_update(no_key=True).filter(pk=zone_id).first()
    if found is None:
        raise NotFound("ShippingZone", field=field)
    return found


def _checked(said: ZoneFields | NewZone) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    with together() as check:
        if "title" in said:
            with check("title"):
                columns["title"] = text.line(said["title"] or "", limit=MAX_TITLE, required=True)
        if "countries" in said:
            with check("countries"):
                columns["countries"] = sorted(set(said["countries"] or []))
                if UNKNOWN_COUNTRY in columns["countries"]:
                    raise InvalidInput("ZZ stands for no country; an empty list covers every one.")
        if "provinces" in said:
            with check("provinces"):
                columns["provinces"] = _provinces(said["provinces"] or [])
        if "postcodes" in said:
            with check("postcodes"):
                columns["postcodes"] = _postcodes(said["postcodes"] or [])
        if "is_rest" in said:
            columns["is_rest"] = said["is_rest"] is True
    return columns


def _provinces(written: Sequence[str]) -> list[str]:
    _ensure_few(written)
    found = {text.line(one, limit=MAX_PROVINCE, field=(place,)).upper() for place, one in enumerate(written)}
    for place, one in enumerate(written):
        country, _, province = one.strip().partition("-")
        if len(country) != 2 or not province:
            raise InvalidInput('Write a province with its country, such as "US-CA".', field=(place,))
    return sorted(found)


def _postcodes(ranges: Sequence[PostcodeRange]) -> list[list[str]]:
    _ensure_few(ranges)
    return [_ends(one, place) for place, one in enumerate(ranges)]


def _ends(one: PostcodeRange, place: int) -> list[str]:
    first, last = postcode(one["first"]), postcode(one["last"])
    with blaming(place):
        if not first or not last or max(len(first), len(last)) > MAX_POSTCODE:
            raise InvalidInput(f"A postcode, or its beginning, has 1 to {MAX_POSTCODE} letters and digits.")
        if last[: len(first)] < first[: len(last)]:
            raise InvalidInput("The last postcode comes before the first.")
    return [first, last]


def _ensure_few(parts: Sequence[Any]) -> None:
    if len(parts) > MAX_PARTS:
        raise InvalidInput(f"A zone has {MAX_PARTS} of them at the most.")


def _ensure_consistent(zone: ShippingZone) -> None:
    """Provinces and postcodes mean something in the countries that are named alone."""
    if zone.provinces and {one[:2] for one in zone.provinces} != set(zone.countries):
        raise InvalidInput("Name provinces of every country of the zone, and of no other.", field=("provinces",))
    if zone.postcodes and len(zone.countries) != 1:
        raise InvalidInput("Only a zone within one country can have postcodes.", field=("postcodes",))
