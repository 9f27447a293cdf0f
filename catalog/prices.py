"""The prices in a list: setting and removing them now, or from a moment on."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Required, TypedDict

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet, prefetch_related_objects

from accounts.actors import Actor
from accounts.staff import Permission
from catalog import facts, price_lists, stock
from catalog.models import Price, PriceList, Product, ProductVariant, ScheduledPriceChange
from shop import clock, money, outbox, paging
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money
from shop.paging import Page, PageRequest

MAX_AT_ONCE = 250
_BATCH = 200
_ONE_AT_A_TIME = 20_251_126

_AS_GIVEN = paging.Order("GIVEN", "pk")
_BY_TIME = paging.Order("AT", "at", parse=datetime.fromisoformat)


class NotPricedByList(Refusal):
    """The list has no price of one for the variant, below which a price for more could stand."""

    code = "NOT_PRICED_BY_LIST"

    def __init__(self) -> None:
        super().__init__("The list needs a price from a quantity of 1 first; give it too.", field=("minimum_quantity",))


class AlreadyScheduled(Refusal):
    """The price changes at this moment already."""

    code = "PRICE_CHANGE_ALREADY_SCHEDULED"

    def __init__(self) -> None:
        super().__init__("A change at this moment is planned already; cancel it, or choose another moment.")


class NewPrice(TypedDict, total=False):
    """What a variant is to cost by a list from a quantity on, 1 where none is named."""

    variant_id: Required[int]
    price: Required[Decimal]
    compare_at_price: Decimal | None
    minimum_quantity: int | None
    currency: str | None


def in_lists(price_list_ids: Sequence[int], request: PageRequest) -> dict[int, Page[Price]]:
    """A page of the prices in each list, those first given first, in one statement. Raises InvalidPage."""
    own = {key: Price.objects.filter(price_list=key) for key in price_list_ids}

    def read(rows: QuerySet[Price]) -> list[Price]:
        found = list(rows)
        prefetch_related_objects(found, "price_list")
        return found

    return paging.pages(own, _AS_GIVEN, request, read, attrgetter("price_list_id"), lambda row: (row.pk,))


@transaction.atomic(durable=True)
def put(*, price_list_id: int, prices: Sequence[NewPrice]) -> PriceList:
    """Set prices in a list; others in it stay. Raises InvalidInput, NotFound, NotPricedByList, alone or together."""
    price_list = price_lists.locked(price_list_id, "price_list_id")
    with blaming("prices"):
        _ensure_few(prices)
        known = _lock_variants(one["variant_id"] for one in prices)
        single = set(_entries(price_list, known).filter(min_quantity=1).values_list("variant_id", flat=True))
        single |= {one["variant_id"] for one in prices if (one.get("minimum_quantity") or 1) == 1}
        rows: dict[tuple[int, int], Price] = {}
        with together() as check:
            for place, one in enumerate(prices):
                with check(place):
                    row = _row(price_list, one, known, single)
                    if (row.variant_id, row.min_quantity) in rows:
                        raise InvalidInput("Give each variant one price for a quantity.", field=("variant_id",))
                    rows[row.variant_id, row.min_quantity] = row
    _write(rows.values())
    _refresh(known)
    return price_list


@transaction.atomic(durable=True)
def remove(*, price_list_id: int, variant_ids: Sequence[int], min_quantity: int | None = None) -> PriceList:
    """Take the prices of these variants out of a list, or those from one quantity on.

    By a base list they are then not sold; any other falls back to it. Raises InvalidInput, NotFound, alone or together.
    """
    price_list = price_lists.locked(price_list_id, "price_list_id")
    with blaming("variant_ids"):
        _ensure_few(variant_ids)
        known = _lock_variants(variant_ids)
        gone = _entries(price_list, known)
        if min_quantity is not None and min_quantity > 1:
            gone = gone.filter(min_quantity=min_quantity)
        priced = set(gone.values_list("variant_id", flat=True))
        with together() as check:
            for place, variant_id in enumerate(variant_ids):
                with check(place):
                    if variant_id not in known:
                        raise NotFound("ProductVariant")
                    if variant_id not in priced:
                        raise InvalidInput("The list has no such price of this variant.")
    gone.delete()
    _refresh(known)
    return price_list


@transaction.atomic(durable=True)
def schedule(
    *, changes: Sequence[NewPrice], at: datetime, price_list_id: int | None, currency: str | None
) -> list[ScheduledPriceChange]:
    """Have a list's prices of one change at a moment to come; the base list's of `currency` where none is named.

    Raises InvalidInput, NotFound, AlreadyScheduled, alone or together.
    """
    if at <= clock.now():
        raise InvalidInput("Choose a moment to come; to change prices now, set them.", field=("at",))
    price_list = _list_of(price_list_id, currency)
    with blaming("changes"):
        _ensure_few(changes)
        known = _lock_variants(one["variant_id"] for one in changes)
        planned = ScheduledPriceChange.objects.filter(price_list=price_list, at=at, variant__in=known)
        taken = set(planned.values_list("variant_id", flat=True))
        made: list[ScheduledPriceChange] = []
        with together() as check:
            for place, one in enumerate(changes):
                with check(place):
                    row = _row(price_list, one, known, known)
                    if row.variant_id in taken:
                        raise AlreadyScheduled
                    taken.add(row.variant_id)
                    what = {"amount": row.amount, "compare_at": row.compare_at}
                    made.append(ScheduledPriceChange(price_list=price_list, variant_id=row.variant_id, at=at, **what))
    return ScheduledPriceChange.objects.bulk_create(made)


def scheduled(request: PageRequest) -> Page[ScheduledPriceChange]:
    """A page of the changes to come, the next first. Raises InvalidPage."""
    rows = ScheduledPriceChange.objects.select_related("price_list")
    return paging.page(rows, _BY_TIME, request, list, lambda row: (row.at, row.pk))


def visible(actor: Actor, change_ids: Sequence[int]) -> dict[int, ScheduledPriceChange]:
    """The changes to come with these keys, for staff who keep the catalog; none for anybody else."""
    if not actor.may(Permission.MANAGE_CATALOG):
        return {}
    return ScheduledPriceChange.objects.select_related("price_list").in_bulk(list(change_ids))


@transaction.atomic(durable=True)
def cancel(*, change_id: int) -> None:
    """Give up a change that has not been made. Raises NotFound."""
    _hold_schedule()
    deleted, _ = ScheduledPriceChange.objects.filter(pk=change_id).delete()
    if not deleted:
        raise NotFound("ScheduledPriceChange", field=("id",))


@outbox.every(seconds=5)
def apply_due() -> None:
    """Make the changes whose moment has come, the earliest first, some at a time."""
    while _apply_some():
        pass


@transaction.atomic
def _apply_some() -> int:
    """Make a batch of changes and forget them in the same transaction: none is made twice, nor by two workers."""
    _hold_schedule()
    due = list(ScheduledPriceChange.objects.filter(at__lte=clock.now()).order_by("at", "pk")[:_BATCH])
    if not due:
        return 0
    lists = sorted({change.price_list_id for change in due})
    list(PriceList.objects.select_for_update(no_key=True).filter(pk__in=lists).order_by("pk"))
    known = _lock_variants(change.variant_id for change in due)
    latest = {(change.variant_id, change.price_list_id): change for change in due}
    _write(
        Price(
            price_list_id=change.price_list_id,
            variant_id=change.variant_id,
            amount=change.amount,
            compare_at=change.compare_at,
        )
        for change in latest.values()
    )
    ScheduledPriceChange.objects.filter(pk__in=[change.pk for change in due]).delete()
    _refresh(known)
    return len(due)


def _hold_schedule() -> None:
    """Until the transaction ends, nobody else makes or gives up what is planned."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])


def _list_of(price_list_id: int | None, currency: str | None) -> PriceList:
    """Raises NotFound, InvalidInput."""
    if price_list_id is not None:
        if currency is not None:
            raise InvalidInput("Name either a list or a currency.", field=("currency",))
        return price_lists.get(price_list_id, "price_list_id")
    named = currency or settings.SHOP_CURRENCY
    if not money.is_currency(named):
        raise InvalidInput("A currency is a code of ISO 4217 such as EUR.", field=("currency",))
    return price_lists.get(price_lists.base(named))


def _row(price_list: PriceList, said: NewPrice, known: Collection[int], single: Collection[int]) -> Price:
    """The price to write. Raises Refusals."""
    row = Price(price_list=price_list, variant_id=said["variant_id"], min_quantity=said.get("minimum_quantity") or 1)
    with together() as check:
        with check("variant_id"):
            if row.variant_id not in known:
                raise NotFound("ProductVariant")
        with check("currency"):
            if said.get("currency") not in (None, price_list.currency):
                raise InvalidInput(f"The list is in {price_list.currency}; give its prices in that.")
        with check("price"):
            row.amount = Money.price(said["price"], price_list.currency).amount
        was = said.get("compare_at_price")
        if was is not None:
            with check("compare_at_price"):
                row.compare_at = Money.price(was, price_list.currency).amount
        with check("minimum_quantity"):
            if not 1 <= row.min_quantity <= stock.MAX_ON_HAND or said.get("minimum_quantity") == 0:
                raise InvalidInput(f"A quantity is a number from 1 to {stock.MAX_ON_HAND}.")
        with check():
            if row.variant_id in known and row.variant_id not in single:
                raise NotPricedByList
    return row


def _ensure_few(named: Sequence[Any]) -> None:
    if not 1 <= len(named) <= MAX_AT_ONCE:
        raise InvalidInput(f"Give 1 to {MAX_AT_ONCE} at a time; these are {len(named)}.")


def _lock_variants(variant_ids: Iterable[int]) -> dict[int, int]:
    """The product of each of these variants, locked in the order in which every writer of prices locks them."""
    chosen = ProductVariant.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=set(variant_ids))
    return dict(chosen.order_by("pk").values_list("pk", "product_id"))


def _entries(price_list: PriceList, variant_ids: Iterable[int]) -> QuerySet[Price]:
    return Price.objects.filter(price_list=price_list, variant__in=list(variant_ids))


def _write(rows: Iterable[Price]) -> None:
    Price.objects.bulk_create(
        sorted(rows, key=lambda row: (row.variant_id, row.price_list_id, row.min_quantity)),
        update_conflicts=True,
        unique_fields=["variant", "price_list", "min_quantity"],
        update_fields=["amount", "compare_at"],
    )


def _refresh(product_of: dict[int, int]) -> None:
    products = sorted(set(product_of.values()))
    Product.objects.filter(pk__in=products).update(updated_at=clock.now())
    facts.refresh(products)
