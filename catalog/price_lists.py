"""Price lists: which there are, for whom, when, and which one a shopper sees.

A list has offers and facts from the moment it is made, in effect or not: coming into effect or ending changes one row.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Required, TypedDict

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q

from accounts.actors import Actor
from accounts.models import CustomerGroup
from accounts.staff import Permission
from catalog import facts, handles, tariffs
from catalog.handles import HandleTaken
from catalog.models import CategoryFacts, Offer, Price, PriceList
from catalog.models.price import base_of
from shop import clock, money, outbox, paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import Page, PageRequest

MAX_TITLE = 255
MAX_PRIORITY = 32_767
DEFAULT_PRIORITY = 100
MAX_GROUPS = 50
UNKNOWN_COUNTRY = "ZZ"

_BY_PRIORITY = paging.Order("PRIORITY", "priority")


class BasePriceList(Refusal):
    """The base list of a currency is for everybody, always: it has prices to change, and nothing else."""

    code = "PRICE_LIST_IS_BASE"

    def __init__(self, currency: str) -> None:
        super().__init__(
            f"This is the base list of {currency}, for everybody and always; change its prices, or make another list.",
            field=("id",),
        )


class PriceListInEffect(Refusal):
    """Shoppers see prices by this list."""

    code = "PRICE_LIST_IN_EFFECT"

    def __init__(self) -> None:
        super().__init__("Shoppers see these prices now; make the list inactive first.", field=("id",))


class _Fields(TypedDict, total=False):
    handle: str | None
    countries: list[str] | None
    group_ids: list[int] | None
    priority: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    is_active: bool | None


class PriceListFields(_Fields, total=False):
    """What may be said of a list. A key left out leaves what there is; None puts back the default."""

    title: str | None


class NewPriceList(_Fields, total=False):
    """A list to make; its currency never changes."""

    title: Required[str]
    currency: Required[str]


def base(currency: str) -> int:
    """The key of a currency's base list, which is made if it is not there yet. Call inside a transaction."""
    key = base_of(currency)
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_BASE, [key, currency.lower(), currency, currency, key])
    return key


def page(request: PageRequest) -> Page[PriceList]:
    """A page of all lists, in the order in which they are considered for a shopper. Raises InvalidPage."""
    return paging.page(PriceList.objects.all(), _BY_PRIORITY, request, list, lambda row: (row.priority, row.pk))


def get(price_list_id: int, *field: str) -> PriceList:
    """Raises NotFound."""
    found = PriceList.objects.filter(pk=price_list_id).first()
    if found is None:
        raise NotFound("PriceList", field=field)
    return found


def visible(actor: Actor, price_list_ids: Sequence[int]) -> dict[int, PriceList]:
    """The lists with these keys, for staff who keep the catalog; none for anybody else."""
    if not actor.may(Permission.MANAGE_CATALOG):
        return {}
    return PriceList.objects.in_bulk(list(price_list_ids))


def groups_of(price_list_ids: Sequence[int]) -> dict[int, list[CustomerGroup]]:
    """The groups that each list is meant for, by title."""
    found: dict[int, list[CustomerGroup]] = {key: [] for key in price_list_ids}
    rows: Any = CustomerGroup.objects.filter(price_lists__in=list(found)).annotate(price_list=F("price_lists"))
    for row in rows.order_by("title", "pk"):
        found[row.price_list].append(row)
    return found


@transaction.atomic(durable=True)
def create(*, price_list: NewPriceList) -> PriceList:
    """Make a list, which sells everything at the prices of its currency's base until it has its own.

    Raises InvalidInput, NotFound, HandleTaken, alone or together.
    """
    with blaming("price_list"):
        with together() as check:
            with check():
                columns = _checked(price_list)
            with check("group_ids"):
                groups = _groups(price_list.get("group_ids") or [])
            with check("currency"):
                if not money.is_currency(price_list["currency"]):
                    raise InvalidInput("A currency is a code of ISO 4217 such as EUR.")
        made = PriceList(currency=price_list["currency"], **{"priority": DEFAULT_PRIORITY, **columns})
        _ensure_in_order(made)
        made.base_id = base(made.currency)
        _hold_lists()
        made.is_current = _is_due(made)
        _save(made)
    made.groups.set(groups)
    with connection.cursor() as cursor:
        for statement in _COPY_BASE:
            cursor.execute(statement, [made.pk, made.base_id])
    tariffs.forget()
    return made


@transaction.atomic(durable=True)
def update(*, price_list_id: int, price_list: PriceListFields) -> PriceList:
    """Change what is said of a list, at once where that lets it begin or end.

    Raises InvalidInput, NotFound, HandleTaken, BasePriceList, alone or together.
    """
    with blaming("price_list"), together() as check:
        with check():
            columns = _checked(price_list)
        with check("group_ids"):
            groups = _groups(price_list.get("group_ids") or [])
    changed = locked(price_list_id, "id")
    if changed.is_base:
        raise BasePriceList(changed.currency)
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("price_list"):
        _ensure_in_order(changed)
        changed.is_current = _is_due(changed)
        _save(changed)
    if "group_ids" in price_list:
        changed.groups.set(groups)
    tariffs.forget()
    return changed


@transaction.atomic(durable=True)
def delete(*, price_list_id: int) -> None:
    """Remove a list with its prices and their history. Raises NotFound, BasePriceList, PriceListInEffect."""
    gone = locked(price_list_id, "id")
    if gone.is_base:
        raise BasePriceList(gone.currency)
    if gone.is_current:
        raise PriceListInEffect
    _hold_lists()
    for model in (Offer, CategoryFacts, Price):
        model._default_manager.filter(price_list=gone).delete()
    gone.delete()
    tariffs.forget()


@outbox.every(seconds=5)
def begin_and_end() -> None:
    """Let lists come into effect and end at their times; each alone, and again by nobody who finds it done."""
    now = clock.now()
    in_time = (Q(starts_at=None) | Q(starts_at__lte=now)) & (Q(ends_at=None) | Q(ends_at__gt=now))
    own = PriceList.objects.filter(base__isnull=False)
    late = own.filter(is_current=False, is_active=True).filter(in_time) | own.filter(is_current=True).exclude(
        Q(is_active=True) & in_time
    )
    for key in late.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            changed = PriceList.objects.select_for_update(no_key=True).filter(pk=key).first()
            if changed is not None and changed.is_current != _is_due(changed):
                changed.is_current = not changed.is_current
                changed.save(update_fields=["is_current"])
                tariffs.forget()


def locked(price_list_id: int, *field: str) -> PriceList:
    """The list, which neither begins nor ends nor is written prices of before the transaction ends. Raises NotFound."""
    found = PriceList.objects.select_for_update(no_key=True).filter(pk=price_list_id).first()
    if found is None:
        raise NotFound("PriceList", field=field)
    return found


def _is_due(price_list: PriceList) -> bool:
    now = clock.now()
    has_begun = price_list.starts_at is None or price_list.starts_at <= now
    has_ended = price_list.ends_at is not None and price_list.ends_at <= now
    return price_list.is_active and has_begun and not has_ended


def _hold_lists() -> None:
    """Wait for all who refresh facts by the lists there are, and have others wait until these are others.

    Whoever writes prices locks their list before: call this with the rows of lists locked already, never before them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [facts.LISTS])


def _save(price_list: PriceList) -> None:
    """Raises HandleTaken."""
    try:
        with transaction.atomic():
            price_list.save()
    except IntegrityError as error:
        raise HandleTaken(price_list.handle) from error


def _checked(said: PriceListFields | NewPriceList) -> dict[str, Any]:
    """The columns to write. Raises Refusals."""
    columns: dict[str, Any] = {name: said[name] for name in ("starts_at", "ends_at") if name in said}
    if "is_active" in said:
        columns["is_active"] = said["is_active"] is not False
    with together() as check:
        if "title" in said:
            with check("title"):
                columns["title"] = text.line(said["title"] or "", limit=MAX_TITLE, required=True)
        with check():
            if said.get("handle") is not None:
                columns["handle"] = _checked_handle(said["handle"] or "")
            elif "handle" in said or "currency" in said:
                title = columns.get("title") or "list"
                columns["handle"] = handles.made_from(title, otherwise="list", among=PriceList.objects.all())
        if "priority" in said:
            with check("priority"):
                columns["priority"] = DEFAULT_PRIORITY if said["priority"] is None else said["priority"]
                if not 0 <= columns["priority"] <= MAX_PRIORITY:
                    raise InvalidInput(f"A priority is a number from 0 to {MAX_PRIORITY}; the lowest comes first.")
        if "countries" in said:
            with check("countries"):
                columns["countries"] = sorted(set(said["countries"] or []))
                if UNKNOWN_COUNTRY in columns["countries"]:
                    raise InvalidInput("ZZ stands for no country; an empty list covers every one.")
    return columns


def _checked_handle(handle: str) -> str:
    """Raises InvalidInput, HandleTaken."""
    if money.is_currency(handle.upper()):
        raise HandleTaken(handle)
    with blaming("handle"):
        return handles.checked(handle)


def _ensure_in_order(price_list: PriceList) -> None:
    starts_at, ends_at = price_list.starts_at, price_list.ends_at
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise InvalidInput("It must end after it starts.", field=("ends_at",))


def _groups(group_ids: Sequence[int]) -> list[CustomerGroup]:
    """Raises NotFound, InvalidInput."""
    if len(group_ids) > MAX_GROUPS:
        raise InvalidInput(f"A list is for {MAX_GROUPS} groups at the most.")
    found = CustomerGroup.objects.in_bulk(list(group_ids))
    with together() as check:
        for place, key in enumerate(group_ids):
            with check(place):
                if key not in found:
                    raise NotFound("CustomerGroup")
    return list(found.values())


_MAKE_BASE = """
INSERT INTO catalog_pricelist (id, handle, title, currency, countries, priority, is_active, is_current)
SELECT %s, %s, %s, %s, '{}', 0, true, true
WHERE NOT EXISTS (SELECT 1 FROM catalog_pricelist WHERE id = %s)
ON CONFLICT DO NOTHING
"""

# A list without prices offers what its base does.
_COPY_BASE = (
    """
    INSERT INTO catalog_offer
           (product_id, price_list_id, category_id, is_published, is_in_stock, is_on_sale, price_min, price_max, ranges)
    SELECT product_id, %s, category_id, is_published, is_in_stock, is_on_sale, price_min, price_max, ranges
    FROM catalog_offer WHERE price_list_id = %s
    """,
    """
    INSERT INTO catalog_categoryfacts
           (category_id, price_list_id, product_count, in_stock_count, on_sale_count, price_sum, price_min, price_max,
            histogram)
    SELECT category_id, %s, product_count, in_stock_count, on_sale_count, price_sum, price_min, price_max, histogram
    FROM catalog_categoryfacts WHERE price_list_id = %s
    """,
)
