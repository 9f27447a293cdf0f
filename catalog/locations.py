"""Locations: where goods lie, in which order orders take from them, and to which countries they are sent from there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Required, TypedDict

from django.db import IntegrityError, transaction

from accounts import addresses
from accounts.actors import Actor
from accounts.addresses import Address
from accounts.staff import Permission
from catalog import facts, handles, stock
from catalog.models import StockLevel, StockLocation
from shop import paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import Page, PageRequest

MAX_NAME = 255
MAX_CODE = 50
MAX_PRIORITY = 32_767
UNKNOWN_COUNTRY = "ZZ"

_BY_PRIORITY = paging.Order("PRIORITY", "priority")


class CodeTaken(Refusal):
    """Another location has this code."""

    code = "CODE_TAKEN"

    def __init__(self, code: str) -> None:
        super().__init__(f'The code "{code}" is taken; choose another.', field=("code",))


class LocationIsDefault(Refusal):
    """Goods go to this location where none is named, so that it must stay active."""

    code = "LOCATION_IS_DEFAULT"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is where goods go when no location is named; it must stay active. Give it a high priority number "
            "to have orders take from it last.",
            field=("id",),
        )


class _Fields(TypedDict, total=False):
    priority: int | None
    countries: list[str] | None
    address: Address | None


class LocationFields(_Fields, total=False):
    """What may be said of a location. A key left out leaves what there is; None puts back the default."""

    name: str | None


class NewLocation(_Fields, total=False):
    """A location to open."""

    code: Required[str]
    name: Required[str]


def page(request: PageRequest) -> Page[StockLocation]:
    """A page of all locations, inactive ones too, in the order that orders take from them. Raises InvalidPage."""
    return paging.page(StockLocation.objects.all(), _BY_PRIORITY, request, list, lambda row: (row.priority, row.pk))


def visible(actor: Actor, location_ids: Sequence[int]) -> dict[int, StockLocation]:
    """The locations with these keys, for staff who keep the inventory; none for anybody else."""
    if not actor.may(Permission.MANAGE_INVENTORY):
        return {}
    return StockLocation.objects.in_bulk(list(location_ids))


@transaction.atomic(durable=True)
def create(*, location: NewLocation) -> StockLocation:
    """Open a location, which holds nothing yet. Raises InvalidInput, CodeTaken."""
    with blaming("location"):
        with together() as check:
            with check():
                columns = _checked(location)
            with check("code"):
                code = _checked_code(location["code"])
        made = StockLocation(code=code, **columns)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            raise CodeTaken(code) from error
    return made


@transaction.atomic(durable=True)
def update(*, location_id: int, location: LocationFields) -> StockLocation:
    """Change what is said of a location; orders that hold units there keep them. Raises InvalidInput, NotFound."""
    with blaming("location"):
        columns = _checked(location)
    changed = _locked(location_id)
    for name, value in columns.items():
        setattr(changed, name, value)
    changed.save(update_fields=list(columns))
    return changed


def activate(*, location_id: int) -> StockLocation:
    """Let shoppers buy what lies at a location. Raises NotFound."""
    return _make_active(location_id, True)


def deactivate(*, location_id: int) -> StockLocation:
    """Keep shoppers from buying what lies at a location; what orders hold there is still sent.

    Raises NotFound, LocationIsDefault.
    """
    return _make_active(location_id, False)


@transaction.atomic(durable=True)
def _make_active(location_id: int, is_active: bool) -> StockLocation:
    stock.lock_all()
    changed = _locked(location_id)
    if not is_active and changed.code == stock.DEFAULT_CODE:
        raise LocationIsDefault(changed.name)
    if changed.is_active != is_active:
        changed.is_active = is_active
        changed.save(update_fields=["is_active"])
        sellable = StockLevel.objects.filter(location=changed).alias(free=stock.FREE).filter(free__gt=0)
        stock.judge(list(sellable.values_list("variant_id", flat=True)))
        facts.refresh(sellable.values_list("variant__product_id", flat=True))
    return changed


def _locked(location_id: int) -> StockLocation:
    found = StockLocation.objects.select_for_update().filter(pk=location_id).first()
    if found is None:
        raise NotFound("Location", field=("id",))
    return found


def _checked(location: LocationFields | NewLocation) -> dict[str, Any]:
    """The columns that hold what was said of a location. Raises Refusals."""
    columns: dict[str, Any] = {}
    with together() as check:
        if "name" in location:
            with check("name"):
                columns["name"] = text.line(location["name"] or "", limit=MAX_NAME, required=True)
        if "priority" in location:
            with check("priority"):
                columns["priority"] = _checked_priority(location["priority"])
        if "countries" in location:
            with check("countries"):
                columns["countries"] = sorted(set(location["countries"] or []))
                if UNKNOWN_COUNTRY in columns["countries"]:
                    raise InvalidInput("ZZ stands for no country; an empty list covers every one.")
        if "address" in location:
            with check("address"):
                address = location["address"]
                columns["address"] = None if address is None else _checked_address(address, location.get("name"))
    return columns


def _checked_address(address: Address, name: str | None) -> dict[str, str]:
    """As parcels would be addressed to it; what has no name of its own is named as the location."""
    own = address if address.name else replace(address, last_name=name or "Pick-up")
    return addresses.checked(own).as_json()


def _checked_priority(priority: int | None) -> int:
    if priority is None:
        return StockLocation.DEFAULT_PRIORITY
    if not 0 <= priority <= MAX_PRIORITY:
        raise InvalidInput(f"A priority is a number from 0 to {MAX_PRIORITY}; the lowest comes first.")
    return priority


def _checked_code(code: str) -> str:
    handles.checked(code)
    if len(code) > MAX_CODE or not code.isascii():
        raise InvalidInput(f"A code has {MAX_CODE} characters at the most, all of them of the English alphabet.")
    return code
