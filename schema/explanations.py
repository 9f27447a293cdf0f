"""Why promotions and codes take something off a cart, or do not: what is missing, and how much of it."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from checkout import promotions
from checkout.bills import Outcome
from checkout.carts import PricedCart
from schema import errors
from schema.context import Context
from schema.scalars import MoneyV2

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class PromotionHindrance(Enum): ...

else:
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
