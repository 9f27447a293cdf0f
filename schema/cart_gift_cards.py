"""Gift cards in carts: the mutations that name them, take them off, and name others."""

from typing import Annotated

import strawberry

from checkout import gift_cards
from schema import nodes
from schema.cart_changes import CartPayload, cart_key
from schema.carts import CartId
from schema.context import Info
from schema.fields import mutation

GiftCardCodes = Annotated[
    list[str], strawberry.argument(description="The codes of gift cards, 10 at the most; blanks and hyphens are free.")
]


@strawberry.type(description="The cart with the gift cards it names now.")
class CartGiftCardCodesUpdatePayload(CartPayload):
    pass


@strawberry.type(description="The cart with the added gift cards.")
class CartGiftCardCodesAddPayload(CartPayload):
    pass


@strawberry.type(description="The cart without the removed gift cards.")
class CartGiftCardCodesRemovePayload(CartPayload):
    pass


@strawberry.type
class CartGiftCardMutations:
    @mutation
    def cart_gift_card_codes_update(
        self, info: Info, cart_id: CartId, gift_card_codes: GiftCardCodes
    ) -> CartGiftCardCodesUpdatePayload:
        """Pay a cart with these gift cards and no others. All or nothing.

        Cards pay when the order is placed, before any gateway; until then nothing is held of them.
        """
        context = info.context
        priced = gift_cards.set_codes(cart_key(cart_id), gift_card_codes, client_address=context.client_address)
        return CartGiftCardCodesUpdatePayload.of(priced)

    @mutation
    def cart_gift_card_codes_add(
        self, info: Info, cart_id: CartId, gift_card_codes: GiftCardCodes
    ) -> CartGiftCardCodesAddPayload:
        """Pay a cart with these gift cards too. All or nothing."""
        context = info.context
        priced = gift_cards.add_codes(cart_key(cart_id), gift_card_codes, client_address=context.client_address)
        return CartGiftCardCodesAddPayload.of(priced)

    @mutation
    def cart_gift_card_codes_remove(
        self,
        cart_id: CartId,
        applied_gift_card_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The ids of `Cart.appliedGiftCards` to take off.")
        ],
    ) -> CartGiftCardCodesRemovePayload:
        """Take gift cards off a cart. All or nothing."""
        keys = [
            nodes.number(applied_id, "AppliedGiftCard", "applied_gift_card_ids", number)
            for number, applied_id in enumerate(applied_gift_card_ids)
        ]
        return CartGiftCardCodesRemovePayload.of(gift_cards.remove(cart_key(cart_id), keys))
