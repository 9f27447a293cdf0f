"""Merging carts: the mutation, and the report of what became of each line."""

from typing import Annotated

import strawberry

from checkout import merging
from checkout.merging import MergedLine
from schema import errors, loaders, nodes
from schema.cart_changes import CartPayload, cart_key
from schema.carts import CartId
from schema.edges import edge
from schema.fields import mutation
from schema.variants import ProductVariant
from shop.errors import blaming

CartMergeOutcome = errors.enum_of(
    "CartMergeOutcome",
    "What became of a line of a cart that was merged into another.",
    {
        "ADDED": "All of it is a new line.",
        "COMBINED": "All of it was added to a line that was there.",
        "CAPPED": "A part of it came over: no more can be bought.",
        "DROPPED": "Nothing of it came over.",
    },
)


@strawberry.type(description="What became of one line.")
class CartMergeReportLine:
    outcome: CartMergeOutcome = strawberry.field(description="What became of it.")  # type: ignore[valid-type]
    reason: str | None = strawberry.field(description="Why not all of it came over, in words for people.")
    quantity: int = strawberry.field(description="How many units it had.")
    moved_quantity: int = strawberry.field(description="How many of them came over.")
    is_saved: bool = strawberry.field(description="Whether it was saved for later, and is so still.")
    merchandise: ProductVariant | None = edge(
        loaders.variants, key="variant_id", description="What it was of; null if it is gone."
    )
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: MergedLine) -> "CartMergeReportLine":
        return cls(
            outcome=CartMergeOutcome[row.outcome.value],
            reason=row.reason or None,
            quantity=row.wanted,
            moved_quantity=row.moved,
            is_saved=row.is_saved,
            variant_id=row.variant_id,
        )


@strawberry.type(description="What became of each line.")
class CartMergeReport:
    lines: list[CartMergeReportLine] = strawberry.field(
        description="The lines of the cart that is no more, oldest first."
    )


@strawberry.type(description="The cart both have become, and a report.")
class CartMergePayload(CartPayload):
    report: CartMergeReport | None = strawberry.field(
        default=None, description="What became of each line; null if this was refused."
    )


@strawberry.type
class CartMergeMutations:
    @mutation
    def cart_merge(
        self,
        cart_id: CartId,
        into: Annotated[strawberry.ID, strawberry.argument(description="The cart that stays.")],
    ) -> CartMergePayload:
        """Move the lines of one cart into another, as far as they can be bought; the first is no more then.

        For a shopper who filled a cart as a guest and has another one in their account (`Customer.cart`). The cart that
        stays keeps what it knows of its buyer; the other fills what is missing, and its gift cards come along.
        """
        secret = cart_key(cart_id)
        with blaming("into"):
            target = nodes.key(into, "Cart")
        priced, report = merging.merge(secret=secret, into=target)
        payload = CartMergePayload.of(priced)
        payload.report = CartMergeReport(lines=[CartMergeReportLine.of(line) for line in report])
        return payload
