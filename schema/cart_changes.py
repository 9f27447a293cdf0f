"""Changes of carts: inputs, payloads, user errors and the mutations."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry
from django.conf import settings

from accounts import attempts, contacts, sessions
from catalog import stock
from checkout import cart_points, carts, delivery, gift_cards, saved_lines, store_credit
from checkout.carts import Buyer, LineChange, NewCart, NewLine, PricedCart
from checkout.delivery import AddressChange, DeliveryChoice, NewAddress
from schema import cart_warnings, codes, errors, inputs, nodes
from schema.addresses import MailingAddressInput
from schema.cart_warnings import CartWarning
from schema.carts import Cart, CartId
from schema.context import Info
from schema.errors import DisplayableError
from schema.fields import mutation
from shop.errors import NotFound, Refusal, blaming

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class CartErrorCode(Enum): ...

else:
    # The dialect's codes, which storefronts may know, and those of our own refusals.
    CartErrorCode = errors.code_enum(
        "CartErrorCode",
        "a cart",
        errors.codes_of(
            carts,
            delivery,
            gift_cards,
            cart_points,
            store_credit,
            attempts,
            stock,
            sessions,
            contacts,
            extra={
                "INVALID": "The input is not allowed; the message says why.",
                "MERCHANDISE_NOT_APPLICABLE": "The merchandise cannot be bought together with the rest of the cart.",
                "MINIMUM_NOT_MET": "The cart does not reach a minimum.",
                "MISSING_DISCOUNT_CODE": "A discount code was expected.",
                "SERVICE_UNAVAILABLE": "A service the shop depends on does not answer; try again.",
                "VALIDATION_CUSTOM": "A rule of this shop was broken; the message says which.",
            },
        ),
    )


@strawberry.type(description="Why a change of a cart was refused.")
class CartUserError(DisplayableError):
    code: CartErrorCode | None = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "CartUserError":
        return cls(**errors.parts(refusal, CartErrorCode))


@strawberry.type
class CartPayload:
    """What every change of a cart answers."""

    cart: Cart | None = strawberry.field(
        default=None, description="The cart after the change, or as it stands if the change was refused."
    )
    user_errors: list[CartUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )
    warnings: list[CartWarning] = strawberry.field(
        default_factory=list, description="What the shopper should know before buying."
    )

    @classmethod
    def of(cls, priced: PricedCart) -> Self:
        return cls(cart=Cart.of(priced), warnings=cart_warnings.told(priced))

    @classmethod
    def unchanged(cls, arguments: dict[str, Any]) -> dict[str, Any]:
        """The cart as it stands, for storefronts that read it and not the errors."""
        try:
            priced = carts.read(nodes.key(arguments.get("cart_id", ""), "Cart"))
        except NotFound:
            return {}
        return {"cart": Cart.of(priced), "warnings": cart_warnings.told(priced)}


@strawberry.type(description="The new cart.")
class CartCreatePayload(CartPayload):
    pass


@strawberry.type(description="The cart with the added lines.")
class CartLinesAddPayload(CartPayload):
    pass


@strawberry.type(description="The cart with the changed lines.")
class CartLinesUpdatePayload(CartPayload):
    pass


@strawberry.type(description="The cart without the removed lines.")
class CartLinesRemovePayload(CartPayload):
    pass


@strawberry.type(description="The cart with what is now known of the buyer.")
class CartBuyerIdentityUpdatePayload(CartPayload):
    pass


@strawberry.type(description="The cart with the added addresses.")
class CartDeliveryAddressesAddPayload(CartPayload):
    pass


@strawberry.type(description="The cart with the changed addresses.")
class CartDeliveryAddressesUpdatePayload(CartPayload):
    pass


@strawberry.type(description="The cart without the removed addresses.")
class CartDeliveryAddressesRemovePayload(CartPayload):
    pass


@strawberry.type(description="The cart with the chosen delivery option.")
class CartSelectedDeliveryOptionsUpdatePayload(CartPayload):
    pass


@strawberry.type(description="The cart with its discount codes.")
class CartDiscountCodesUpdatePayload(CartPayload):
    pass


@strawberry.type(description="The cart with its note.")
class CartNoteUpdatePayload(CartPayload):
    pass


@strawberry.type(description="The cart with its attributes.")
class CartAttributesUpdatePayload(CartPayload):
    pass


@strawberry.input(description="A note in two parts, such as an engraving.")
class AttributeInput:
    key: str = strawberry.field(description="What the note is about: up to 255 characters.")
    value: str = strawberry.field(description="What it says: up to 2,000 characters.")


@strawberry.input(description="What to put into a cart.")
class CartLineInput:
    merchandise_id: strawberry.ID = strawberry.field(description="The id of a product variant.")
    quantity: int | None = strawberry.field(default=1, description="How many units: 1 or more.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=None, description="Notes that make this line one of its own."
    )

    def to_domain(self) -> NewLine:
        with blaming("merchandise_id"):
            variant_id = nodes.number(self.merchandise_id, "ProductVariant")
        return NewLine(variant_id, 1 if self.quantity is None else self.quantity, _pairs(self.attributes))


@strawberry.input(description="What to change of a line; what is left out stays.")
class CartLineUpdateInput:
    id: strawberry.ID = strawberry.field(description="The line to change.")
    quantity: int | None = strawberry.field(default=None, description="The new quantity; 0 removes the line.")
    merchandise_id: strawberry.ID | None = strawberry.field(default=None, description="Another product variant.")
    attributes: list[AttributeInput] | None = strawberry.field(default=None, description="The new notes.")

    def to_domain(self) -> LineChange:
        with blaming("id"):
            line_id = nodes.number(self.id, "CartLine")
        with blaming("merchandise_id"):
            variant_id = nodes.number(self.merchandise_id, "ProductVariant") if self.merchandise_id else None
        attributes = None if self.attributes is None else _pairs(self.attributes)
        return LineChange(line_id, self.quantity, variant_id, attributes)


@strawberry.input(description="Who buys; what is left out stays as it is.")
class CartBuyerIdentityInput:
    email: str | None = strawberry.field(default=None, description="Where the confirmation goes.")
    phone: str | None = strawberry.field(default=None, description="A phone number, best with + and the country.")
    country_code: codes.CountryCode | None = strawberry.field(default=None, description="Where the buyer is.")
    customer_access_token: str | None = strawberry.field(
        default=None, description="An access token of the buyer, if it is not in the Authorization header."
    )

    def to_domain(self, info: Info) -> Buyer:
        customer = info.context.actor
        if self.customer_access_token:
            with blaming("buyer_identity", "customer_access_token"):
                customer = sessions.actor_of(self.customer_access_token)
        known = self.country_code.name if self.country_code and self.country_code.name != "ZZ" else None
        return Buyer(self.email, self.phone, known, customer)


@strawberry.input(description="What a cart starts with; everything may be left out.")
class CartInput:
    lines: list[CartLineInput] | None = strawberry.field(default=None, description="What is in it.")
    buyer_identity: CartBuyerIdentityInput | None = strawberry.field(default=None, description="Who buys.")
    note: str | None = strawberry.field(default=None, description="A note for the shop: up to 5,000 characters.")
    attributes: list[AttributeInput] | None = strawberry.field(
        default=None, description="Notes in two parts: 50 at the most."
    )
    discount_codes: list[str] | None = strawberry.field(default=None, description="Discount codes: 10 at the most.")
    gift_card_codes: list[str] | None = strawberry.field(
        default=None, description="Codes of gift cards to pay with: 10 at the most."
    )

    def _buyer(self, info: Info) -> Buyer:
        """Who names no country buys in that of the request, where that is not the shop's own."""
        buyer = (self.buyer_identity or CartBuyerIdentityInput()).to_domain(info)
        abroad = info.context.country if info.context.country != settings.SHOP_COUNTRY else None
        return buyer if buyer.country is not None else replace(buyer, country=abroad)

    def to_domain(self, info: Info) -> NewCart:
        return NewCart(
            currency=info.context.shop_currency,
            lines=inputs.meant(self.lines or [], "lines"),
            buyer=self._buyer(info),
            note=self.note or "",
            attributes=_pairs(self.attributes),
            discount_codes=self.discount_codes or (),
        )


@strawberry.input(description="A postal address, given in full.")
class CartAddressInput:
    delivery_address: MailingAddressInput = strawberry.field(description="The address.")


@strawberry.input(description="An address for the cart, and whether it goes there.")
class CartSelectableAddressInput:
    address: CartAddressInput = strawberry.field(description="The address.")
    selected: bool | None = strawberry.field(
        default=False, description="Whether the cart goes there; the first address is selected by itself."
    )

    def to_domain(self) -> NewAddress:
        return NewAddress(self.address.delivery_address.to_domain(), bool(self.selected))


@strawberry.input(description="What to change of an address of the cart; what is left out stays.")
class CartSelectableAddressUpdateInput:
    id: strawberry.ID = strawberry.field(description="The address's id in this cart.")
    address: CartAddressInput | None = strawberry.field(default=None, description="The whole new address.")
    selected: bool | None = strawberry.field(default=None, description="Whether the cart goes there.")

    def to_domain(self) -> AddressChange:
        with blaming("id"):
            address_id = nodes.number(self.id, "CartSelectableAddress")
        return AddressChange(
            address_id, self.address.delivery_address.to_domain() if self.address else None, self.selected
        )


@strawberry.input(description="The choice of a delivery option.")
class CartSelectedDeliveryOptionInput:
    delivery_group_id: strawberry.ID = strawberry.field(description="The delivery group.")
    delivery_option_handle: str = strawberry.field(description="The handle of one of its options.")

    def to_domain(self) -> DeliveryChoice:
        with blaming("delivery_group_id"):
            group = nodes.key(self.delivery_group_id, "CartDeliveryGroup")
        return DeliveryChoice(group, self.delivery_option_handle)


@strawberry.type
class CartMutations:
    @mutation
    def cart_create(
        self,
        info: Info,
        input: Annotated[CartInput | None, strawberry.argument(description="What the cart starts with.")] = None,
    ) -> CartCreatePayload:
        """Make a cart. A signed-in customer's cart knows its customer."""
        wanted = input or CartInput()
        with blaming("input"):
            new, address = wanted.to_domain(info), info.context.client_address
            return CartCreatePayload.of(
                gift_cards.create_cart(new, wanted.gift_card_codes or (), client_address=address)
            )

    @mutation
    def cart_lines_add(
        self,
        cart_id: CartId,
        lines: Annotated[list[CartLineInput], strawberry.argument(description="What to add.")],
    ) -> CartLinesAddPayload:
        """Add to a cart. The same merchandise with the same attributes becomes one line. All or nothing."""
        return CartLinesAddPayload.of(carts.add_lines(cart_key(cart_id), inputs.meant(lines, "lines")))

    @mutation
    def cart_lines_update(
        self,
        cart_id: CartId,
        lines: Annotated[list[CartLineUpdateInput], strawberry.argument(description="What to change.")],
    ) -> CartLinesUpdatePayload:
        """Change lines of a cart; quantity 0 removes one. All or nothing."""
        return CartLinesUpdatePayload.of(carts.update_lines(cart_key(cart_id), inputs.meant(lines, "lines")))

    @mutation
    def cart_lines_remove(
        self,
        info: Info,
        cart_id: CartId,
        line_ids: Annotated[list[strawberry.ID], strawberry.argument(description="The lines to take out.")],
    ) -> CartLinesRemovePayload:
        """Take lines out of a cart, or of what it has saved for later. All or nothing."""
        keys = [nodes.number(line_id, "CartLine", "line_ids", number) for number, line_id in enumerate(line_ids)]
        return CartLinesRemovePayload.of(saved_lines.remove(cart_key(cart_id), keys, actor=info.context.signed_in))

    @mutation
    def cart_buyer_identity_update(
        self,
        info: Info,
        cart_id: CartId,
        buyer_identity: Annotated[CartBuyerIdentityInput, strawberry.argument(description="Who buys.")],
    ) -> CartBuyerIdentityUpdatePayload:
        """Say who buys. A signed-in customer takes the cart over."""
        buyer = buyer_identity.to_domain(info)
        return CartBuyerIdentityUpdatePayload.of(carts.identify_buyer(cart_key(cart_id), buyer))

    @mutation
    def cart_delivery_addresses_add(
        self,
        cart_id: CartId,
        addresses: Annotated[
            list[CartSelectableAddressInput], strawberry.argument(description="The addresses; the cart goes to one.")
        ],
    ) -> CartDeliveryAddressesAddPayload:
        """Add delivery addresses, checked against what the country's post expects."""
        new = inputs.meant(addresses, "addresses")
        return CartDeliveryAddressesAddPayload.of(delivery.add_addresses(cart_key(cart_id), new))

    @mutation
    def cart_delivery_addresses_update(
        self,
        cart_id: CartId,
        addresses: Annotated[
            list[CartSelectableAddressUpdateInput], strawberry.argument(description="What to change.")
        ],
    ) -> CartDeliveryAddressesUpdatePayload:
        """Change delivery addresses, or which one the cart goes to. All or nothing."""
        changes = inputs.meant(addresses, "addresses")
        return CartDeliveryAddressesUpdatePayload.of(delivery.update_addresses(cart_key(cart_id), changes))

    @mutation
    def cart_delivery_addresses_remove(
        self,
        cart_id: CartId,
        address_ids: Annotated[list[strawberry.ID], strawberry.argument(description="The addresses to forget.")],
    ) -> CartDeliveryAddressesRemovePayload:
        """Forget delivery addresses. After the selected one is removed, another has to be selected."""
        keys = [
            nodes.number(address_id, "CartSelectableAddress", "address_ids", number)
            for number, address_id in enumerate(address_ids)
        ]
        return CartDeliveryAddressesRemovePayload.of(delivery.remove_addresses(cart_key(cart_id), keys))

    @mutation
    def cart_selected_delivery_options_update(
        self,
        cart_id: CartId,
        selected_delivery_options: Annotated[
            list[CartSelectedDeliveryOptionInput], strawberry.argument(description="One choice for each group.")
        ],
    ) -> CartSelectedDeliveryOptionsUpdatePayload:
        """Choose how the cart is delivered."""
        choices = inputs.meant(selected_delivery_options, "selected_delivery_options")
        return CartSelectedDeliveryOptionsUpdatePayload.of(delivery.select(cart_key(cart_id), choices))

    @mutation
    def cart_discount_codes_update(
        self,
        cart_id: CartId,
        discount_codes: Annotated[
            list[str], strawberry.argument(description="All of them, in whatever capitals: 10 at the most.")
        ],
    ) -> CartDiscountCodesUpdatePayload:
        """Replace the cart's discount codes. What is unknown or does not apply is kept and warned of."""
        return CartDiscountCodesUpdatePayload.of(carts.set_discount_codes(cart_key(cart_id), discount_codes))

    @mutation
    def cart_note_update(
        self, cart_id: CartId, note: Annotated[str, strawberry.argument(description="Up to 5,000 characters.")]
    ) -> CartNoteUpdatePayload:
        """Leave a note for the shop; an empty one removes it."""
        return CartNoteUpdatePayload.of(carts.set_note(cart_key(cart_id), note))

    @mutation
    def cart_attributes_update(
        self,
        cart_id: CartId,
        attributes: Annotated[list[AttributeInput], strawberry.argument(description="All of them: 50 at the most.")],
    ) -> CartAttributesUpdatePayload:
        """Replace the cart's attributes."""
        return CartAttributesUpdatePayload.of(carts.set_attributes(cart_key(cart_id), _pairs(attributes)))


def cart_key(cart_id: str) -> str:
    """The secret in a cart's id. Raises NotFound."""
    with blaming("cart_id"):
        return nodes.key(cart_id, "Cart")


def _pairs(attributes: Sequence[AttributeInput] | None) -> tuple[tuple[str, str], ...]:
    return tuple((attribute.key, attribute.value) for attribute in attributes or ())
