"""Parts of a bill, of a cart as it is priced and of an order as it was: what discounts take off, and taxes."""

from collections.abc import Mapping
from decimal import Decimal

import strawberry

from checkout import bills
from checkout.bills import Discount
from schema.scalars import MoneyV2
from shop.money import Money


@strawberry.interface(description="A part of a discount that falls on a line or on the delivery.")
class CartDiscountAllocation:
    discounted_amount: MoneyV2 = strawberry.field(description="What it takes off.")

    @classmethod
    def of(cls, discount: Discount) -> "CartDiscountAllocation":
        amount = MoneyV2.of(discount.amount)
        if discount.code:
            return CartCodeDiscountAllocation(discounted_amount=amount, code=discount.code)
        return CartAutomaticDiscountAllocation(discounted_amount=amount, title=discount.title)


@strawberry.type(description="A part of a discount that a code brought.")
class CartCodeDiscountAllocation(CartDiscountAllocation):
    code: str = strawberry.field(description="The code.")


@strawberry.type(description="A part of a discount that comes by itself.")
class CartAutomaticDiscountAllocation(CartDiscountAllocation):
    title: str = strawberry.field(description="The promotion, as shoppers see it.")


@strawberry.type(description="One tax on a line or on the delivery.")
class TaxLine:
    title: str = strawberry.field(description="The tax as a bill names it.")
    rate: float = strawberry.field(description="The rate as a fraction: 0.19 for 19 %.")
    price: MoneyV2 = strawberry.field(description="How much it is.")

    @classmethod
    def of(cls, tax: bills.TaxLine) -> "TaxLine":
        return cls(title=tax.title, rate=float(tax.rate), price=MoneyV2.of(tax.amount))

    @classmethod
    def stored(cls, part: Mapping[str, str], currency: str) -> "TaxLine":
        """As an order keeps it."""
        price = MoneyV2.of(Money.rounded(Decimal(part["amount"]), currency))
        return cls(title=part["title"], rate=float(part["rate"]), price=price)


@strawberry.type(description="A part of a discount, as an order keeps it.")
class DiscountAllocation:
    allocated_amount: MoneyV2 = strawberry.field(description="What it took off.")
    title: str = strawberry.field(description="The promotion, as shoppers saw it.")
    code: str | None = strawberry.field(description="The code that brought it; null where it came by itself.")

    @classmethod
    def stored(cls, part: Mapping[str, str], currency: str) -> "DiscountAllocation":
        """As an order keeps it."""
        amount = MoneyV2.of(Money.rounded(Decimal(part["amount"]), currency))
        return cls(allocated_amount=amount, title=part["title"], code=part["code"] or None)
