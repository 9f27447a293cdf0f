"""Points as staff change them."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts import points as balances
from accounts.staff import Permission
from schema import errors, nodes
from schema.context import Info
from schema.customers import Customer
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.permissions import Staff
from shop.errors import Refusal

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class PointsErrorCode(Enum): ...

else:
    PointsErrorCode = errors.code_enum("PointsErrorCode", "a customer's points", errors.codes_of(balances))


@strawberry.type(description="Why a customer's points were not changed.")
class PointsUserError(DisplayableError):
    code: PointsErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "PointsUserError":
        return cls(**errors.parts(refusal, PointsErrorCode))


@strawberry.type(description="The customer with the new balance.")
class CustomerPointsAdjustPayload:
    customer: Customer | None = strawberry.field(default=None, description="The customer; null where this was refused.")
    user_errors: list[PointsUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type
class CustomerPointsMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_points_adjust(
        self,
        info: Info,
        customer_id: Annotated[strawberry.ID, strawberry.argument(description="The customer.")],
        points: Annotated[
            int, strawberry.argument(description="How many to give; negative to take, no more than there are.")
        ],
        reason: Annotated[str, strawberry.argument(description="Why: at most 500 characters.")],
    ) -> CustomerPointsAdjustPayload:
        """Give a customer points or take some, and say why. For staff who serve customers."""
        key = nodes.number(customer_id, "Customer", "customer_id")
        customer = balances.adjust(customer_id=key, points=points, reason=reason, actor=info.context.actor)
        return CustomerPointsAdjustPayload(customer=Customer.of(customer))
