"""How a price came about, step by step: of a cart from its bill, of an order from what it keeps, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from checkout.bills import DeliveryOption, Discount, PricedLine, TaxLine, Totals
from checkout.models import Order, OrderLine
from shop import money
from shop.money import Money


class StepKind(models.TextChoices):
    """What a step does to a price."""

    PRICE = "PRICE", "What is asked before anything else: the unit price times the quantity, or the delivery's price"
    PROMOTION = "PROMOTION", "What a promotion takes off by itself"
    CODE = "CODE", "What a promotion takes off because its code was entered"
    TAX = "TAX", "A tax that comes on top"
    TAX_INCLUDED = "TAX_INCLUDED", "A tax that is in the price already: it tells how much, and adds nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `amount` is below zero where it takes something off. What does not concern its kind is None."""

    kind: StepKind
    title: str
    amount: Money
    unit_price: Money | None = None
    quantity: int | None = None
    from_quantity: int | None = None
    price_list: str | None = None
    code: str | None = None
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """The steps to what a line costs, or the delivery: all but the taxes in prices add up to `total`."""

    steps: Sequence[Step]
    currency: str
    line_id: int | None = None

    @property
    def total(self) -> Money:
        counted = (step.amount for step in self.steps if step.kind != StepKind.TAX_INCLUDED)
        return money.total(counted, self.currency)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What each line costs and what the delivery does, where there is one: together they make the `total`.

    A `tax_service` told the taxes, and knows what it said by its reference; "" where the shop's own rates did.
    """

    lines: Sequence[Explained]
    delivery: Explained | None
    currency: str
    tax_service: str = ""
    tax_reference: str = ""

    @property
    def total(self) -> Money:
        parts = [*self.lines, *([self.delivery] if self.delivery else [])]
        return money.total((part.total for part in parts), self.currency)


def of_bill(bill: Totals) -> Explanation:
    """Of a cart, as it is priced now."""
    lines = [_of_priced(line, bill) for line in bill.lines]
    delivery, told = _of_option(bill.delivery, bill) if bill.delivery else None, bill.taxes_told
    return Explanation(lines, delivery, bill.currency, told.service, told.reference)


def of_order(order: Order, lines: Iterable[OrderLine]) -> Explanation:
    """Of an order, as it was agreed: what was cancelled or came back since changes nothing."""
    delivery = _of_delivery(order) if order.delivery_method else None
    stored = [_of_stored(line, order) for line in lines]
    return Explanation(stored, delivery, order.currency, order.tax_service, order.tax_reference)


def _of_priced(line: PricedLine, bill: Totals) -> Explained:
    row = line.row
    price = _price(line.subtotal, line.unit_price, row.quantity, row.from_quantity, row.price_list)
    steps = [price, *map(_taken, line.discounts), *(_levied(tax, bill.taxes_included) for tax in line.taxes)]
    return Explained(steps, bill.currency, row.pk)


def _of_option(option: DeliveryOption, bill: Totals) -> Explained:
    asked = money.total([option.price, *(one.amount for one in option.discounts)], bill.currency)
    steps = [
        Step(StepKind.PRICE, option.title, asked),
        *map(_taken, option.discounts),
        *(_levied(tax, bill.taxes_included) for tax in option.taxes),
    ]
    return Explained(steps, bill.currency)


def _of_stored(line: OrderLine, order: Order) -> Explained:
    currency = order.currency
    unit = Money.rounded(line.unit_price, currency)
    asked = Money.rounded(line.total + line.discount_total, currency)
    price = _price(asked, unit, line.quantity, line.from_quantity, line.price_list_title)
    return Explained([price, *_stored(line.discounts, line.taxes, order)], currency, line.pk)


def _of_delivery(order: Order) -> Explained:
    parts = _stored(order.shipping_discounts, order.shipping_taxes, order)
    taken = sum((Decimal(part["amount"]) for part in order.shipping_discounts), Decimal(0))
    asked = Money.rounded(order.shipping_total + taken, order.currency)
    return Explained([Step(StepKind.PRICE, order.delivery_method, asked), *parts], order.currency)


def _stored(discounts: Iterable[Mapping[str, Any]], taxes: Iterable[Mapping[str, str]], order: Order) -> list[Step]:
    def amount(part: Mapping[str, Any]) -> Money:
        return Money.rounded(Decimal(part["amount"]), order.currency)

    taken = [_taken(Discount(part["title"], amount(part), part["code"])) for part in discounts]
    levied = [TaxLine(part["title"], Decimal(part["rate"]), amount(part)) for part in taxes]
    return [*taken, *(_levied(tax, order.taxes_included) for tax in levied)]


def _price(asked: Money, unit: Money, quantity: int, from_quantity: int, price_list: str) -> Step:
    title = "Price" if from_quantity == 1 else f"Price from {from_quantity} units on"
    return Step(
        StepKind.PRICE,
        f"{title}: {price_list}" if price_list else title,
        asked,
        unit_price=unit,
        quantity=quantity,
        from_quantity=from_quantity,
        price_list=price_list or None,
    )


def _taken(discount: Discount) -> Step:
    kind = StepKind.CODE if discount.code else StepKind.PROMOTION
    off = Money.zero(discount.amount.currency) - discount.amount
    return Step(kind, discount.title, off, code=discount.code or None)


def _levied(tax: TaxLine, is_included: bool) -> Step:
    return Step(StepKind.TAX_INCLUDED if is_included else StepKind.TAX, tax.title, tax.amount, rate=tax.rate)
