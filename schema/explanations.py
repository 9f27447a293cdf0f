"""How the prices of carts and orders came about, and why promotions and codes take something off, or do not."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from checkout import explaining, promotions
from checkout.bills import Outcome
from checkout.carts import PricedCart
from schema import errors, loaders
from schema.context import Context
from schema.edges import edge
from schema.nodes import gid
from schema.scalars import MoneyV2

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class PriceStepKind(Enum): ...

    class PromotionHindrance(Enum): ...

else:
    PriceStepKind = errors.enum_of(
        "PriceStepKind",
        "What a step does to a price.",
        dict(explaining.StepKind.choices),
    )
    PromotionHindrance = errors.enum_of(
        "PromotionHindrance", "Why a promotion takes nothing off a cart.", promotions.HINDRANCES
    )


@strawberry.type(description="What became of a promotion, or of a code that was entered, in this cart.")
class CartPromotionOutcome:
    title: str | None = strawberry.field(description="The promotion; null for a code that nobody knows.")
    code: str | None = strawberry.field(description="The code that brings it; null where it comes by itself.")
    applied: bool = strawberry.field(description="Whether it applies.")
    amount: MoneyV2 = strawberry.field(description="What it takes off lines; what it takes off delivery is told there.")
    hindrance: PromotionHindrance | None = strawberry.field(
        description="Why it does not apply, for programs; null where it does."
    )
    message: str | None = strawberry.field(description="The same in words for people.")
    missing_amount: MoneyV2 | None = strawberry.field(
        description="How much more has to be spent, where that is what is missing."
    )
    missing_quantity: int | None = strawberry.field(
        description="How many more units have to be bought, where that is what is missing."
    )

    @classmethod
    def of(cls, outcome: Outcome) -> "CartPromotionOutcome":
        why = outcome.hindrance
        return cls(
            title=outcome.title or None,
            code=outcome.code or None,
            applied=outcome.is_applied,
            amount=MoneyV2.of(outcome.amount),
            hindrance=PromotionHindrance[why.code] if why else None,
            message=why.message if why else None,
            missing_amount=MoneyV2.of(why.amount) if why and why.amount else None,
            missing_quantity=why.quantity if why else None,
        )


def outcomes_of_cart(context: Context, keys: Sequence[PricedCart]) -> list[list[Outcome]]:
    """What was considered for each cart; what comes by itself and has not begun is nobody's business yet."""
    return [
        [one for one in key.totals.outcomes if one.code or one.hindrance is None or one.hindrance.code != "NOT_STARTED"]
        for key in keys
    ]


@strawberry.type(description="One step on the way to a price.")
class PriceStep:
    kind: PriceStepKind = strawberry.field(description="What it does.")
    title: str = strawberry.field(description="What it is: a price, a promotion, a tax or a way to deliver.")
    amount: MoneyV2 = strawberry.field(description="How much it adds; below zero where it takes something off.")
    unit_price: MoneyV2 | None = strawberry.field(description="The price of one unit; of a line's price only.")
    quantity: int | None = strawberry.field(description="The units; of a line's price only.")
    from_quantity: int | None = strawberry.field(
        description="From how many units on the unit price holds, 1 for the ordinary one; of a line's price only."
    )
    price_list: str | None = strawberry.field(
        description="The price list the unit price is of, as it is titled; null for the base list of the currency."
    )
    code: str | None = strawberry.field(description="The code that brought the promotion; null where none did.")
    rate: float | None = strawberry.field(description="The rate of a tax as a fraction: 0.19 for 19 %.")

    @classmethod
    def of(cls, step: explaining.Step) -> "PriceStep":
        return cls(
            kind=PriceStepKind[step.kind],
            title=step.title,
            amount=MoneyV2.of(step.amount),
            unit_price=MoneyV2.of(step.unit_price) if step.unit_price is not None else None,
            quantity=step.quantity,
            from_quantity=step.from_quantity,
            price_list=step.price_list,
            code=step.code,
            rate=None if step.rate is None else float(step.rate),
        )


@strawberry.type(description="How the price of a line, or of the delivery, came about.")
class PriceExplanation:
    line_id: strawberry.ID | None = strawberry.field(description="The line; null for the delivery.")
    steps: list[PriceStep] = strawberry.field(description="The steps in the order they are taken.")
    total: MoneyV2 = strawberry.field(
        description="The sum of the steps, taxes within prices aside: what it costs, with the taxes that come on top."
    )

    @classmethod
    def of(cls, part: explaining.Explained, line_type: str) -> "PriceExplanation":
        return cls(
            line_id=None if part.line_id is None else gid(line_type, part.line_id),
            steps=[PriceStep.of(step) for step in part.steps],
            total=MoneyV2.of(part.total),
        )


@strawberry.type(description="How the prices of a cart came about.")
class CartExplanation:
    lines: list[PriceExplanation] = strawberry.field(description="Each line, in the order of the cart.")
    delivery: PriceExplanation | None = strawberry.field(
        description="The delivery; null until an option is chosen, or where nothing is sent."
    )
    total: MoneyV2 = strawberry.field(description="Lines and delivery together: the total of the cart.")
    tax_service: str | None = strawberry.field(
        description="The tax service that told the taxes; null where the shop's own rates did."
    )
    tax_reference: str | None = strawberry.field(description="What the tax service knows its answer by.")
    promotion_outcomes: list[CartPromotionOutcome] = edge(
        outcomes_of_cart,
        key="priced",
        description="Each promotion and code considered: whether it applies, and if not, what is missing.",
    )
    priced: strawberry.Private[PricedCart]

    @classmethod
    def of(cls, priced: PricedCart) -> "CartExplanation":
        found = explaining.of_bill(priced.totals)
        return cls(
            lines=[PriceExplanation.of(line, "CartLine") for line in found.lines],
            delivery=PriceExplanation.of(found.delivery, "CartLine") if found.delivery else None,
            total=MoneyV2.of(found.total),
            tax_service=found.tax_service or None,
            tax_reference=found.tax_reference or None,
            priced=priced,
        )


@strawberry.type(description="How the prices of an order came about, as they were agreed.")
class OrderExplanation:
    lines: list[PriceExplanation] = strawberry.field(description="Each line, in the order they were bought in.")
    delivery: PriceExplanation | None = strawberry.field(description="The delivery; null where nothing is sent.")
    total: MoneyV2 = strawberry.field(
        description="Lines and delivery together: the total of the order, with what was added since."
    )
    tax_service: str | None = strawberry.field(
        description="The tax service that told the taxes; null where the shop's own rates did."
    )
    tax_reference: str | None = strawberry.field(description="What the tax service knows its answer by.")

    @classmethod
    def of(cls, found: explaining.Explanation) -> "OrderExplanation":
        return cls(
            lines=[PriceExplanation.of(line, "OrderLineItem") for line in found.lines],
            delivery=PriceExplanation.of(found.delivery, "OrderLineItem") if found.delivery else None,
            total=MoneyV2.of(found.total),
            tax_service=found.tax_service or None,
            tax_reference=found.tax_reference or None,
        )


def carts_to_explain(context: Context, keys: Sequence[PricedCart]) -> list[PricedCart]:
    """The carts themselves: their bills know it all."""
    return list(keys)


def explanations_of_order(context: Context, keys: Sequence[int]) -> list[explaining.Explanation]:
    """Of orders by their keys: an order has a line at the least."""
    return [explaining.of_order(lines[0].order, lines) for lines in loaders.lines_of_order(context, keys)]
