"""Store credit in carts: the mutations that let it pay, and take it off."""

import strawberry

from checkout import store_credit
from schema.cart_changes import CartPayload, cart_key
from schema.carts import CartId
from schema.context import Info
from schema.fields import mutation


@strawberry.type(description="The cart with its customer's store credit.")
class CartStoreCreditApplyPayload(CartPayload):
    pass


@strawberry.type(description="The cart without store credit.")
class CartStoreCreditRemovePayload(CartPayload):
    pass


@strawberry.type
class CartStoreCreditMutations:
    @mutation
    def cart_store_credit_apply(self, info: Info, cart_id: CartId) -> CartStoreCreditApplyPayload:
        """Pay one's own cart with one's store credit.

        It is shown among `Cart.appliedGiftCards`, and pays as they do.
        """
        return CartStoreCreditApplyPayload.of(store_credit.apply(cart_key(cart_id), actor=info.context.actor))

    @mutation
    def cart_store_credit_remove(self, cart_id: CartId) -> CartStoreCreditRemovePayload:
        """Pay a cart with no store credit."""
        return CartStoreCreditRemovePayload.of(store_credit.remove(cart_key(cart_id)))
