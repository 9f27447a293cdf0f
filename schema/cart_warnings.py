"""What a shopper should know of a cart before buying: the type, and how carts and lines are asked for it."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from checkout import cart_warnings
from checkout.cart_warnings import Warning
from checkout.carts import PricedCart
from schema import errors
from schema.context import Context
from schema.nodes import gid
from schema.scalars import MoneyV2

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class CartWarningCode(Enum): ...

else:
    CartWarningCode = errors.enum_of(
        "CartWarningCode",
        "What a shopper should know of a cart before buying.",
        {
            "MERCHANDISE_NOT_ENOUGH_STOCK": "Fewer units are left than the line wants.",
            "MERCHANDISE_OUT_OF_STOCK": "None are left.",
            "MERCHANDISE_LIMITED": "An order may have fewer units of the product than the cart wants.",
            "MERCHANDISE_NOT_SOLD": "The product is no longer sold.",
            "MERCHANDISE_PRICE_CHANGED": "A unit costs another price than when the line was last set.",
            "DISCOUNT_NOT_FOUND": "No discount has this code.",
            "DISCOUNT_CODE_NOT_HONOURED": "The discount does not apply to this cart.",
            "DELIVERY_QUOTE_OUTDATED": "What a carrier asks is not known, or no more; read the cart for it.",
            "TAXES_OUTDATED": "What the tax service says is not known, or no more; read the cart for it.",
            "PAYMENTS_GIFT_CARDS_UNAVAILABLE": "Gift cards cannot be used now.",
        },
    )


@strawberry.type(description="Something to know of a line, or of the cart, before buying.")
class CartWarning:
    code: CartWarningCode = strawberry.field(description="The kind of warning, for programs.")
    message: str = strawberry.field(description="The warning in words for people.")
    target: strawberry.ID = strawberry.field(description="The id of the line it speaks of, or of the cart.")
    previous_amount: MoneyV2 | None = strawberry.field(
        description="What a unit cost when the line was last set; of a price that changed only."
    )
    current_amount: MoneyV2 | None = strawberry.field(
        description="What a unit costs now; of a price that changed only."
    )

    @classmethod
    def of(cls, warning: Warning) -> "CartWarning":
        line = warning.line_id
        return cls(
            code=CartWarningCode[warning.code],
            message=warning.message,
            target=gid("Cart", warning.secret) if line is None else gid("CartLine", line),
            previous_amount=None if warning.was is None else MoneyV2.of(warning.was),
            current_amount=None if warning.now is None else MoneyV2.of(warning.now),
        )


def told(priced: PricedCart) -> list[CartWarning]:
    """All there is to know of a cart, as its mutations tell it."""
    return [CartWarning.of(warning) for warning in cart_warnings.of_cart(priced)]


def warnings_of_cart(context: Context, keys: Sequence[PricedCart]) -> list[list[Warning]]:
    return [cart_warnings.of_cart(key) for key in keys]


def warnings_of_line(context: Context, keys: Sequence[tuple[PricedCart, int | None]]) -> list[list[Warning]]:
    """Keyed by the cart and the number of the line in it; None is a part of a bundle, whose line tells of it."""
    found = {priced: cart_warnings.of_lines(priced) for priced in {priced for priced, _ in keys}}
    return [[] if number is None else found[priced][number] for priced, number in keys]
