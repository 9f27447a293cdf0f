"""The loyalty programme: what spending earns in points, and what points pay. Staff make the rules."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from django.db import transaction

from accounts.models import LoyaltyProgram, LoyaltyRate
from shop import money
from shop.errors import InvalidInput, blaming, together

MAX_DAYS = 3650
MAX_PER_UNIT = Decimal(100_000)


class RateFields(TypedDict):
    """What one currency earns and pays."""

    currency: str
    points_per_unit: Decimal
    point_value: Decimal


class ProgramFields(TypedDict, total=False):
    """What may be said of the programme. A key left out leaves what there is; `rates` are all of them."""

    is_active: bool
    pending_days: int
    expiry_days: int | None
    min_percentage: Decimal
    max_percentage: Decimal
    rates: Sequence[RateFields]


def read() -> LoyaltyProgram:
    """The rules as they stand; nothing is earned or paid before staff made any."""
    found = LoyaltyProgram.objects.prefetch_related("rates").first()
    return found or LoyaltyProgram(pk=1)


def rates(currencies: Iterable[str]) -> dict[str, LoyaltyRate]:
    """The rates that hold now in these currencies, with the programme; none where it is switched off."""
    wanted = LoyaltyRate.objects.filter(currency__in=set(currencies), program__is_active=True)
    return {rate.currency: rate for rate in wanted.select_related("program")}


def redeeming(currencies: Iterable[str]) -> dict[str, LoyaltyRate]:
    """As `rates`, only those in which points pay something."""
    return {currency: rate for currency, rate in rates(currencies).items() if rate.point_value}


@transaction.atomic(durable=True)
def update(*, program: ProgramFields) -> LoyaltyProgram:
    """Make other rules: they count for what is earned and spent from now on. Raises Refusals of all that is wrong."""
    LoyaltyProgram.objects.get_or_create(pk=1)
    stored = LoyaltyProgram.objects.select_for_update().get(pk=1)
    said: dict[str, Any] = dict(program)
    stored.is_active = said.get("is_active", stored.is_active)
    found: list[LoyaltyRate] = []
    with blaming("program"), together() as check:
        for name, least in (("pending_days", 0), ("expiry_days", 1)):
            with check(name):
                if name in said:
                    setattr(stored, name, _days(said[name], least))
        for name in ("min_percentage", "max_percentage"):
            with check(name):
                if name in said:
                    setattr(stored, name, _number(said[name], Decimal(100), decimals=2))
        with check("min_percentage"):
            if stored.min_percentage > stored.max_percentage:
                raise InvalidInput("Points cannot have to pay more of an order than they may.")
        with check("rates"):
            found = [_rate(stored, rate, number) for number, rate in enumerate(program.get("rates", ()))]
            if len({rate.currency for rate in found}) < len(found):
                raise InvalidInput("Each currency has one rate.")
    stored.save()
    if "rates" in program:
        stored.rates.all().delete()
        LoyaltyRate.objects.bulk_create(found)
    return read()


def _rate(program: LoyaltyProgram, rate: RateFields, number: int) -> LoyaltyRate:
    with blaming(number):
        with blaming("currency"):
            if not money.is_currency(rate["currency"]):
                raise InvalidInput("This is no currency.")
        with blaming("points_per_unit"):
            per_unit = _number(rate["points_per_unit"], MAX_PER_UNIT, decimals=4)
        with blaming("point_value"):
            value = _number(rate["point_value"], MAX_PER_UNIT, decimals=6)
    return LoyaltyRate(program=program, currency=rate["currency"], points_per_unit=per_unit, point_value=value)


def _number(value: Decimal, most: Decimal, *, decimals: int) -> Decimal:
    if not value.is_finite() or not 0 <= value <= most:
        raise InvalidInput(f"A number from 0 to {most} is expected.")
    if value != round(value, decimals):
        raise InvalidInput(f"{decimals} decimals at the most are kept.")
    return value


def _days(days: int | None, least: int) -> int | None:
    if days is not None and not least <= days <= MAX_DAYS:
        raise InvalidInput(f"A number of days from {least} to {MAX_DAYS} is expected.")
    return days
