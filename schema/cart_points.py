"""Points in carts: the mutations that say how many are to pay, and that none are."""

from typing import Annotated

import strawberry

from checkout import cart_points
from schema.cart_changes import CartPayload, cart_key
from schema.carts import CartId
from schema.context import Info
from schema.fields import mutation


@strawberry.type(description="The cart with its points.")
class CartPointsApplyPayload(CartPayload):
    pass


@strawberry.type(description="The cart without points.")
class CartPointsRemovePayload(CartPayload):
    pass


@strawberry.type
class CartPointsMutations:
    @mutation
    def cart_points_apply(
        self,
        info: Info,
        cart_id: CartId,
        points: Annotated[int, strawberry.argument(description="How many at the most: 1 or more.")],
    ) -> CartPointsApplyPayload:
        """Pay one's own cart with points, before gift cards and any gateway.

        Points pay when the order is placed; until then nothing is held of them. No more are spent than may pay: of all
        that a customer has, `AppliedPoints.pointsUsed` tells how many that would be.
        """
        return CartPointsApplyPayload.of(cart_points.apply(cart_key(cart_id), points, actor=info.context.actor))

    @mutation
    def cart_points_remove(self, cart_id: CartId) -> CartPointsRemovePayload:
        """Pay a cart with no points."""
        return CartPointsRemovePayload.of(cart_points.remove(cart_key(cart_id)))
