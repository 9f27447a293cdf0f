"""Saving lines for later: the mutations that set them aside, move them back, and bring them from a cart to the next."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from checkout import saved_lines
from schema import nodes
from schema.cart_changes import CartPayload, cart_key
from schema.carts import CartId
from schema.context import Info
from schema.fields import mutation
from shop.errors import blaming


@strawberry.type(description="The cart without the lines that were set aside.")
class CartLinesSaveForLaterPayload(CartPayload):
    pass


@strawberry.type(description="The cart with the lines that were moved back.")
class CartLinesMoveToCartPayload(CartPayload):
    pass


@strawberry.type(description="The cart with what was saved in the other.")
class CartSavedLinesTakePayload(CartPayload):
    pass


@strawberry.type
class CartSavedLineMutations:
    @mutation
    def cart_lines_save_for_later(
        self,
        info: Info,
        cart_id: CartId,
        line_ids: Annotated[list[strawberry.ID], strawberry.argument(description="The lines to set aside.")],
    ) -> CartLinesSaveForLaterPayload:
        """Set lines of a cart aside: they are neither priced nor bought, but stay in `Cart.savedLines`. All or nothing.

        Saved lines count for how many lines a cart has. `cartLinesRemove` removes them for good.
        """
        return CartLinesSaveForLaterPayload.of(
            saved_lines.save(cart_key(cart_id), _keys(line_ids), actor=info.context.actor)
        )

    @mutation
    def cart_lines_move_to_cart(
        self,
        info: Info,
        cart_id: CartId,
        line_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The ids of `Cart.savedLines` to move back.")
        ],
    ) -> CartLinesMoveToCartPayload:
        """Move lines that were saved for later back into the cart, by the rules of `cartLinesAdd`. All or nothing.

        A line like it that is in the cart already gets the sum. What can no longer be bought stays saved.
        """
        moved = saved_lines.move_to_cart(cart_key(cart_id), _keys(line_ids), actor=info.context.actor)
        return CartLinesMoveToCartPayload.of(moved)

    @mutation
    def cart_saved_lines_take(
        self,
        info: Info,
        cart_id: CartId,
        from_cart_id: Annotated[strawberry.ID, strawberry.argument(description="A cart that has become an order.")],
    ) -> CartSavedLinesTakePayload:
        """Bring into a cart what was saved for later in one that has become an order, as far as there is room.

        For guests, who start another cart then; the carts of a customer, signed in, show it by themselves.
        """
        secret = cart_key(cart_id)
        with blaming("from_cart_id"):
            other = nodes.key(from_cart_id, "Cart")
        taken = saved_lines.take_over(secret=secret, source=other, actor=info.context.actor)
        return CartSavedLinesTakePayload.of(taken)


def _keys(line_ids: Sequence[str]) -> list[int]:
    return [nodes.number(line_id, "CartLine", "line_ids", number) for number, line_id in enumerate(line_ids)]
