"""Rates of tax by country, region and class, as staff keep them; `checkout.taxes` says what they come to."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Required, TypedDict

from django.db import IntegrityError, transaction

from catalog import classes
from catalog.models import TaxClass
from checkout.models import TaxRate
from shop import paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import Page, PageRequest

MAX_TITLE = 100
MAX_REGION = 10
DECIMALS = 6

_BY_PLACE = paging.Order("TAX RATES", "country")


class TaxRateTaken(Refusal):
    """There is such a rate for this place and class already."""

    code = "TAX_RATE_TAKEN"

    def __init__(self, title: str) -> None:
        super().__init__(f'There is a rate "{title}" for this place and class already; change that one.')


class _Fields(TypedDict, total=False):
    region: str | None
    tax_class_id: int | None
    applies_to_shipping: bool | None


class TaxRateFields(_Fields, total=False):
    """What may be said of a rate. A key left out leaves what there is; None puts back the default."""

    title: str | None
    rate: Decimal | None


class NewTaxRate(_Fields, total=False):
    """A rate to keep. It is a fraction: 0.19 for 19 %."""

    title: Required[str]
    rate: Required[Decimal]
    country: Required[str]


def page(request: PageRequest) -> Page[TaxRate]:
    """A page of all rates, by country. Raises InvalidPage."""
    rates = TaxRate.objects.select_related("tax_class")
    return paging.page(rates, _BY_PLACE, request, list, lambda row: (row.country, row.pk))


def by_id(rate_ids: Collection[int]) -> dict[int, TaxRate]:
    """The rates with these keys."""
    return TaxRate.objects.select_related("tax_class").in_bulk(list(rate_ids))


@transaction.atomic(durable=True)
def create(*, rate: NewTaxRate) -> TaxRate:
    """Keep a rate: carts that go there bear it from now on. Raises InvalidInput, NotFound, TaxRateTaken."""
    with blaming("tax_rate"):
        made = TaxRate(country=rate["country"], **_checked(rate))
        _save(made)
    return made


@transaction.atomic(durable=True)
def update(*, rate_id: int, rate: TaxRateFields) -> TaxRate:
    """Change a rate; orders keep what they were taxed by. Raises InvalidInput, NotFound, TaxRateTaken."""
    with blaming("tax_rate"):
        columns = _checked(rate)
    changed = _locked(rate_id)
    for name, value in columns.items():
        setattr(changed, name, value)
    with blaming("tax_rate"):
        _save(changed)
    return changed


@transaction.atomic(durable=True)
def delete(*, rate_id: int) -> None:
    """Forget a rate; orders keep what they were taxed by. Raises NotFound."""
    _locked(rate_id).delete()


def _checked(said: TaxRateFields | NewTaxRate) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    with together() as check:
        if "title" in said:
            with check("title"):
                columns["title"] = text.line(said["title"] or "", limit=MAX_TITLE, required=True)
        if "rate" in said:
            with check("rate"):
                columns["rate"] = _fraction(said["rate"])
        if "region" in said:
            with check("region"):
                columns["region"] = text.line(said["region"] or "", limit=MAX_REGION).upper()
        if "tax_class_id" in said:
            with check():
                columns["tax_class_id"] = classes.known(TaxClass, said["tax_class_id"], "tax_class_id")
        if "applies_to_shipping" in said:
            columns["applies_to_shipping"] = said["applies_to_shipping"] is not False
    return columns


def _fraction(rate: Decimal | None) -> Decimal:
    if rate is None or not rate.is_finite() or not 0 <= rate <= 1:
        raise InvalidInput("A rate is a fraction from 0 to 1, such as 0.19 for 19 %.")
    if rate != round(rate, DECIMALS):
        raise InvalidInput(f"A rate has {DECIMALS} decimals at the most.")
    return rate


def _save(rate: TaxRate) -> None:
    try:
        with transaction.atomic():
            rate.save()
    except IntegrityError as error:
        raise TaxRateTaken(rate.title) from error


def _locked(rate_id: int) -> TaxRate:
    found = TaxRate.objects.select_for_update().filter(pk=rate_id).first()
    if found is None:
        raise NotFound("TaxRate", field=("id",))
    return found
