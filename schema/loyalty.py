"""The loyalty programme: how spending earns points and what points pay, and the mutation that makes its rules."""

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts import loyalty
from accounts.loyalty import ProgramFields
from accounts.models import LoyaltyProgram as StoredProgram
from accounts.models import LoyaltyRate as StoredRate
from accounts.staff import Permission
from schema import codes, errors
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.permissions import Staff
from shop.errors import Refusal

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class LoyaltyProgramErrorCode(Enum): ...

else:
    LoyaltyProgramErrorCode = errors.code_enum(
        "LoyaltyProgramErrorCode", "the loyalty programme", errors.codes_of(loyalty)
    )


# What null empties; anything else it leaves as it is.
_EMPTIED = {"expiry_days"}


@strawberry.type(description="What points are in one currency.")
class LoyaltyRate:
    currency: codes.CurrencyCode = strawberry.field(description="The currency.")
    points_per_unit: Decimal = strawberry.field(
        description="How many points one unit of it earns that is spent on goods; points are rounded down."
    )
    point_value: Decimal = strawberry.field(description="What of it one point pays; 0 where points pay nothing.")

    @classmethod
    def of(cls, row: StoredRate) -> "LoyaltyRate":
        currency = codes.CurrencyCode[row.currency]
        return cls(currency=currency, points_per_unit=row.points_per_unit, point_value=row.point_value)


@strawberry.type(description="How customers earn points, and what points pay.")
class LoyaltyProgram:
    is_active: bool = strawberry.field(description="Whether points are earned and pay.")
    pending_days: int = strawberry.field(
        description="How many days after an order is sent and paid its points can be spent."
    )
    expiry_days: int | None = strawberry.field(description="How many days points last; null for ever.")
    min_percentage: Decimal = strawberry.field(
        description="How many hundredths of an order points have to pay, or nothing of it."
    )
    max_percentage: Decimal = strawberry.field(description="How many hundredths of an order points pay at the most.")
    rates: list[LoyaltyRate] = strawberry.field(description="What points are in each currency.")

    @classmethod
    def of(cls, row: StoredProgram) -> "LoyaltyProgram":
        return cls(
            is_active=row.is_active,
            pending_days=row.pending_days,
            expiry_days=row.expiry_days,
            min_percentage=row.min_percentage,
            max_percentage=row.max_percentage,
            rates=[LoyaltyRate.of(rate) for rate in sorted(row.rates.all(), key=lambda rate: rate.currency)],
        )


@strawberry.type(description="Why the rules of the loyalty programme were not changed.")
class LoyaltyProgramUserError(DisplayableError):
    code: LoyaltyProgramErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "LoyaltyProgramUserError":
        return cls(**errors.parts(refusal, LoyaltyProgramErrorCode))


@strawberry.input(description="What points are in one currency.")
class LoyaltyRateInput:
    currency: codes.CurrencyCode = strawberry.field(description="The currency.")
    points_per_unit: Decimal = strawberry.field(
        description="How many points one unit of it earns: 0 or more, with 4 decimals at the most."
    )
    point_value: Decimal = strawberry.field(
        description="What of it one point pays: 0 or more, with 6 decimals at the most."
    )


@strawberry.input(description="What is to change of the programme. What is left out, or null, stays.")
class LoyaltyProgramUpdateInput:
    is_active: bool | None = strawberry.field(default=UNSET, description="Whether points are earned and pay.")
    pending_days: int | None = strawberry.field(
        default=UNSET, description="How many days points wait after an order is sent and paid: 0 to 3650."
    )
    expiry_days: int | None = strawberry.field(
        default=UNSET, description="How many days points last that come from now on: 1 to 3650; null means for ever."
    )
    min_percentage: Decimal | None = strawberry.field(
        default=UNSET, description="How many hundredths of an order points have to pay, or nothing of it: 0 to 100."
    )
    max_percentage: Decimal | None = strawberry.field(
        default=UNSET, description="How many hundredths of an order points pay at the most: 0 to 100."
    )
    rates: list[LoyaltyRateInput] | None = strawberry.field(
        default=UNSET, description="What points are in each currency: all of them, in place of those there are."
    )

    def to_domain(self) -> ProgramFields:
        sent = given(self)
        return cast(ProgramFields, {name: sent[name] for name in sent if sent[name] is not None or name in _EMPTIED})


@strawberry.type(description="The rules as they are now.")
class LoyaltyProgramUpdatePayload:
    loyalty_program: LoyaltyProgram | None = strawberry.field(
        default=None, description="The programme; null where this was refused."
    )
    user_errors: list[LoyaltyProgramUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type
class LoyaltyQueries:
    @query
    def loyalty_program(self) -> LoyaltyProgram:
        """How customers earn points here, and what points pay."""
        return LoyaltyProgram.of(loyalty.read())


@strawberry.type
class LoyaltyMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_PROMOTIONS)])
    def loyalty_program_update(
        self,
        program: Annotated[LoyaltyProgramUpdateInput, strawberry.argument(description="What changes.")],
    ) -> LoyaltyProgramUpdatePayload:
        """Change how points are earned and what they pay, from now on. For staff who keep promotions."""
        return LoyaltyProgramUpdatePayload(
            loyalty_program=LoyaltyProgram.of(loyalty.update(program=program.to_domain()))
        )
