"""Store credit as staff change it."""

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts.staff import Permission
from checkout import store_credit
from schema import codes, errors, nodes
from schema.context import Info
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.permissions import Staff
from schema.store_credit import StoreCredit
from shop.errors import Refusal

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class StoreCreditErrorCode(Enum): ...

else:
    StoreCreditErrorCode = errors.code_enum(
        "StoreCreditErrorCode", "a customer's store credit", errors.codes_of(store_credit)
    )


@strawberry.type(description="Why a customer's store credit was not changed.")
class StoreCreditUserError(DisplayableError):
    code: StoreCreditErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "StoreCreditUserError":
        return cls(**errors.parts(refusal, StoreCreditErrorCode))


@strawberry.type(description="The store credit with its new balance.")
class StoreCreditAdjustPayload:
    store_credit: StoreCredit | None = strawberry.field(
        default=None, description="The credit as it is now; null where this was refused."
    )
    user_errors: list[StoreCreditUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type
class StoreCreditMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def store_credit_adjust(
        self,
        info: Info,
        customer_id: Annotated[strawberry.ID, strawberry.argument(description="The customer.")],
        amount: Annotated[
            Decimal, strawberry.argument(description="How much to give; negative to take, no more than there is.")
        ],
        currency: Annotated[codes.CurrencyCode, strawberry.argument(description="In which currency.")],
        reason: Annotated[str, strawberry.argument(description="Why: at most 500 characters.")],
    ) -> StoreCreditAdjustPayload:
        """Give a customer store credit or take some, and say why. For staff who serve customers."""
        card = store_credit.adjust(
            customer_id=nodes.number(customer_id, "Customer", "customer_id"),
            amount=amount,
            currency=currency.name,
            reason=reason,
            actor=info.context.actor,
        )
        return StoreCreditAdjustPayload(store_credit=StoreCredit.of(card))
