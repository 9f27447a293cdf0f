"""Credit of business customers: what each may owe, the mutation of staff, and the orders that are overdue."""

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts import credit_limits
from accounts.credit_limits import Terms
from accounts.models import CreditLimit
from accounts.staff import Permission
from checkout import credit
from schema import codes, errors, nodes
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.orders import Order
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import Staff
from schema.scalars import MoneyV2
from shop.errors import Refusal
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class CreditLimitErrorCode(Enum): ...

else:
    CreditLimitErrorCode = errors.code_enum("CreditLimitErrorCode", "a credit limit", errors.codes_of(credit_limits))


@strawberry.type(description="How much a customer may buy on invoice in a currency, and what is open of it.")
class CustomerCreditLimit:
    limit: MoneyV2 = strawberry.field(description="What they may owe; zero where they may buy nothing on invoice.")
    used: MoneyV2 = strawberry.field(description="What is open of their orders on invoice.")
    available: MoneyV2 = strawberry.field(description="What they can still buy on invoice.")
    terms_in_days: int = strawberry.field(description="Within how many days of an order it is to be paid.")

    @classmethod
    def of(cls, row: CreditLimit) -> "CustomerCreditLimit":
        return cls(
            limit=MoneyV2.of(row.limit),
            used=MoneyV2.of(row.owed),
            available=MoneyV2.of(row.available),
            terms_in_days=row.terms_in_days,
        )


@strawberry.type(description="Why a credit limit was not changed.")
class CreditLimitUserError(DisplayableError):
    code: CreditLimitErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "CreditLimitUserError":
        return cls(**errors.parts(refusal, CreditLimitErrorCode))


@strawberry.input(description="How much a customer may buy on invoice.")
class CustomerCreditLimitInput:
    amount: Decimal = strawberry.field(description="What they may owe; 0 ends it, and leaves what is open.")
    currency_code: codes.CurrencyCode = strawberry.field(description="In which currency.")
    terms_in_days: int = strawberry.field(
        default=30, description="Within how many days of an order it is to be paid: 0 to 365."
    )

    def to_domain(self) -> Terms:
        return {"amount": self.amount, "currency": self.currency_code.name, "terms_in_days": self.terms_in_days}


@strawberry.type(description="What became of `customerCreditLimitUpdate`.")
class CustomerCreditLimitUpdatePayload:
    credit_limit: CustomerCreditLimit | None = strawberry.field(
        default=None, description="The limit as it is now; null where this was refused."
    )
    user_errors: list[CreditLimitUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type
class CreditLimitQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_ORDERS)])
    def overdue_orders(
        self, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> CountedConnection[Order]:
        """The orders on invoice that were to be paid and are not, longest overdue first. For staff who keep orders."""
        return CountedConnection.of(credit.overdue(PageRequest(first, last, after, before)), Order.of)


@strawberry.type
class CreditLimitMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def customer_credit_limit_update(
        self,
        customer_id: Annotated[strawberry.ID, strawberry.argument(description="The customer.")],
        credit_limit: Annotated[
            CustomerCreditLimitInput, strawberry.argument(description="What they may owe in one currency.")
        ],
    ) -> CustomerCreditLimitUpdatePayload:
        """Let a customer buy on invoice up to a limit, or no more. For staff who serve customers."""
        row = credit_limits.put(
            customer_id=nodes.number(customer_id, "Customer", "customer_id"), credit_limit=credit_limit.to_domain()
        )
        return CustomerCreditLimitUpdatePayload(credit_limit=CustomerCreditLimit.of(row))
