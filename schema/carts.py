"""Carts: types and the query; what may change them is in `cart_changes`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from django.conf import settings

from accounts.addresses import Address
from catalog.components import Part
from checkout import carts, gift_cards, promotion_facts
from checkout.bills import DeliveryOption, DeliveryRefusal, PricedLine
from checkout.carts import PricedCart
from checkout.gift_cards import Applied
from checkout.models import CartAddress
from schema import codes, loaders, nodes
from schema.addresses import MailingAddress
from schema.bills import CartDiscountAllocation, TaxLine
from schema.cart_warnings import CartWarning, warnings_of_cart, warnings_of_line
from schema.context import Context
from schema.edges import edge
from schema.explanations import CartExplanation, CartPromotionOutcome, carts_to_explain, outcomes_of_cart
from schema.fields import query
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, CountedConnection, First, Last
from schema.points import AppliedPoints, points_of_cart
from schema.saved_lines import SavedCartLine, saved_lines_of_cart
from schema.scalars import URL, Attribute, MoneyV2
from schema.variants import ProductVariant
from shop import paging
from shop.money import Money
from shop.paging import Page, PageRequest

if TYPE_CHECKING:
    from schema.customers import Customer

Merchandise = Annotated[
    ProductVariant, strawberry.union("Merchandise", description="What a line of a cart holds: a product variant.")
]


@strawberry.type(description="What a line costs.")
class CartLineCost:
    amount_per_quantity: MoneyV2 = strawberry.field(description="What one unit costs.")
    compare_at_amount_per_quantity: MoneyV2 | None = strawberry.field(
        description="What one unit is reduced from, if it is reduced."
    )
    subtotal_amount: MoneyV2 = strawberry.field(description="Unit price times quantity.")
    total_amount: MoneyV2 = strawberry.field(
        description="What the whole line costs, its discounts taken off; zero if it is no longer sold."
    )


@strawberry.interface(description="A line of a cart.")
class BaseCartLine:
    id: strawberry.ID = strawberry.field(description="The line's id.")
    quantity: int = strawberry.field(description="How many units.")
    cost: CartLineCost = strawberry.field(description="What they cost.")
    merchandise: Merchandise = edge(loaders.variants, key="variant_id", description="What is bought.")
    attributes: list[Attribute] = strawberry.field(description="Notes that make this line one of its own.")
    discount_allocations: list[CartDiscountAllocation] = strawberry.field(description="What discounts take off it.")
    tax_lines: list[TaxLine] = strawberry.field(description="The taxes on it.")
    warnings: list[CartWarning] = edge(
        warnings_of_line, key="place", description="What to know of it before buying, as mutations of the cart tell it."
    )
    is_gift: bool = strawberry.field(
        description="Whether a promotion put it there for nothing: it goes when the promotion no longer applies, and "
        "cannot be changed."
    )
    variant_id: strawberry.Private[int]
    place: strawberry.Private[tuple[PricedCart, int | None]]

    @classmethod
    def of(cls, place: tuple[PricedCart, int]) -> "BaseCartLine":
        """The line of a cart with this number."""
        priced, number = place
        line = priced.totals.lines[number]
        said = {**_said(line), "place": place}
        if not line.parts:
            return CartLine(**said)
        parts = [_component(line, part, pk, priced) for part in line.parts if (pk := part.part_id) is not None]
        return ComponentizableCartLine(**said, line_components=parts)


@strawberry.type(description="The line another one belongs to.")
class CartLineParentRelationship:
    parent: "CartLine" = strawberry.field(description="The line it belongs to.")


@strawberry.type(description="A line of a cart: a quantity of one variant.")
class CartLine(BaseCartLine):
    parent_relationship: CartLineParentRelationship | None = strawberry.field(
        default=None, description="Always null: no line belongs to another."
    )


@strawberry.type(description="A line of a cart that is a quantity of a bundle.")
class ComponentizableCartLine(BaseCartLine):
    line_components: list[CartLine] = strawberry.field(
        description="What it is made of, with the units of all of it. The line has the price: these cost nothing more."
    )


def _said(line: PricedLine) -> dict[str, Any]:
    return {
        "id": gid("CartLine", line.row.pk),
        "quantity": line.row.quantity,
        "cost": CartLineCost(
            amount_per_quantity=MoneyV2.of(line.unit_price),
            compare_at_amount_per_quantity=MoneyV2.of(line.compare_at) if line.compare_at else None,
            subtotal_amount=MoneyV2.of(line.subtotal),
            total_amount=MoneyV2.of(line.total),
        ),
        "attributes": [Attribute(**stored) for stored in line.row.attributes],
        "discount_allocations": [CartDiscountAllocation.of(discount) for discount in line.discounts],
        "tax_lines": [TaxLine.of(tax) for tax in line.taxes],
        "is_gift": line.is_gift,
        "variant_id": line.row.variant_id,
    }


def _component(line: PricedLine, part: Part, variant_id: int, priced: PricedCart) -> CartLine:
    nothing = MoneyV2.of(Money.zero(line.unit_price.currency))
    return CartLine(
        # No command knows this id: a part cannot be changed by itself.
        id=gid("CartLine", f"{line.row.pk}-{variant_id}"),
        quantity=part.quantity * line.row.quantity,
        cost=CartLineCost(
            amount_per_quantity=nothing,
            compare_at_amount_per_quantity=None,
            subtotal_amount=nothing,
            total_amount=nothing,
        ),
        attributes=[],
        discount_allocations=[],
        tax_lines=[],
        is_gift=line.is_gift,
        variant_id=variant_id,
        place=(priced, None),
    )


def gift_cards_of_cart(context: Context, keys: Sequence[PricedCart]) -> list[list[Applied]]:
    found = gift_cards.applied(keys)
    if not any(card.is_store_credit for cards in found for card in cards):
        return found
    actor = context.actor
    return [gift_cards.seen_by(actor, priced.cart, cards) for priced, cards in zip(keys, found, strict=True)]


def amounts_due(context: Context, keys: Sequence[PricedCart]) -> list[Money]:
    return gift_cards.due(keys)


@strawberry.type(description="A gift card that pays a part of a cart.")
class AppliedGiftCard:
    id: strawberry.ID = strawberry.field(description="The id it can be taken off the cart by.")
    last_characters: str = strawberry.field(description="The end of its code, to know it by; nothing of store credit.")
    is_store_credit: bool = strawberry.field(description="Whether it is the customer's store credit.")
    amount_used: MoneyV2 = strawberry.field(
        description="What it would pay of this cart now; zero where it cannot be used any more."
    )
    balance: MoneyV2 = strawberry.field(
        description="What is on it. Of store credit only its customer, signed in, is told more than what it would pay."
    )
    expires_at: datetime | None = strawberry.field(description="Until when it can be used; null for ever.")

    @classmethod
    def of(cls, row: Applied) -> "AppliedGiftCard":
        return cls(
            id=gid("AppliedGiftCard", row.pk),
            last_characters=row.card.last_characters,
            is_store_credit=row.is_store_credit,
            amount_used=MoneyV2.of(row.used),
            balance=MoneyV2.of(row.balance),
            expires_at=row.card.expires_at,
        )


@strawberry.type(description="The bill of a cart, in its currency.")
class CartCost:
    subtotal_amount: MoneyV2 = strawberry.field(description="The lines together, discounts taken off.")
    total_amount: MoneyV2 = strawberry.field(
        description="Lines, tax and the chosen delivery option; delivery counts nothing until it is chosen."
    )
    total_discount_amount: MoneyV2 = strawberry.field(description="What discounts take off lines and delivery.")
    total_tax_amount: MoneyV2 | None = strawberry.field(description="Tax in the total.")
    taxes_included: bool = strawberry.field(description="Whether prices have their taxes in them already.")
    total_duty_amount: MoneyV2 | None = strawberry.field(
        default=None, description="Always null: duties are not computed.", deprecation_reason="Never computed."
    )
    total_shipping_amount: MoneyV2 | None = strawberry.field(
        description="The chosen delivery option's price; null until one is chosen."
    )
    amount_due: MoneyV2 = edge(
        amounts_due,
        key="priced",
        description="What of the total is left to pay through a gateway, after points and gift cards.",
    )
    priced: strawberry.Private[PricedCart]

    @classmethod
    def of(cls, priced: PricedCart) -> "CartCost":
        totals = priced.totals
        return cls(
            priced=priced,
            subtotal_amount=MoneyV2.of(totals.subtotal),
            total_amount=MoneyV2.of(totals.total),
            total_discount_amount=MoneyV2.of(totals.discount),
            total_tax_amount=MoneyV2.of(totals.tax),
            taxes_included=totals.taxes_included,
            total_shipping_amount=None if totals.shipping is None else MoneyV2.of(totals.shipping),
        )


@strawberry.type(description="Who buys, as far as the shop was told.")
class CartBuyerIdentity:
    email: str | None = strawberry.field(description="Where the confirmation goes.")
    phone: str | None = strawberry.field(description="A phone number in E.164 form.")
    country_code: codes.CountryCode | None = strawberry.field(description="Where the buyer is.")
    customer: Annotated["Customer", strawberry.lazy("schema.customers")] | None = edge(
        loaders.customers, key="customer_id", description="The account the cart belongs to; null for guests."
    )
    customer_id: strawberry.Private[int | None]


@strawberry.type(description="Where and when shoppers collect what they bought.")
class PickupLocation:
    name: str = strawberry.field(description="The location's name.")
    address: MailingAddress = strawberry.field(description="Where it is.")
    ready_text: str | None = strawberry.field(description="When it is ready.")

    @classmethod
    def stored(cls, pickup: Mapping[str, Any]) -> "PickupLocation":
        """As an order keeps it."""
        address = MailingAddress.of(Address.of_json(pickup["address"]))
        return cls(name=pickup["name"], address=address, ready_text=pickup["ready_text"] or None)


@strawberry.enum(description="How goods reach their buyer.")
class DeliveryMethodType(Enum):
    SHIPPING = strawberry.enum_value("SHIPPING", description="They are sent.")
    PICK_UP = strawberry.enum_value("PICK_UP", description="They are collected at a location.")


@strawberry.type(description="A way to deliver, at the price it has for this cart.")
class CartDeliveryOption:
    handle: str = strawberry.field(description="The option's name, to select it by.")
    code: str = strawberry.field(description="The same name, where a code is expected.")
    title: str = strawberry.field(description="The option as shoppers see it.")
    description: str | None = strawberry.field(description="What to expect of it.")
    delivery_method_type: DeliveryMethodType = strawberry.field(description="Whether it is sent or collected.")
    estimated_cost: MoneyV2 = strawberry.field(description="What it costs for this cart, discounts taken off.")
    delivery_days: int | None = strawberry.field(description="In how many days it arrives, where its carrier says so.")
    pickup_location: PickupLocation | None = strawberry.field(
        description="Where it is collected; null for what is sent. No delivery address is needed then."
    )
    discount_allocations: list[CartDiscountAllocation] = strawberry.field(description="What discounts take off it.")
    tax_lines: list[TaxLine] = strawberry.field(description="The taxes on it, once it is chosen.")

    @classmethod
    def of(cls, option: DeliveryOption) -> "CartDeliveryOption":
        return cls(
            handle=option.handle,
            code=option.handle,
            title=option.title,
            description=option.description or None,
            delivery_method_type=DeliveryMethodType.PICK_UP if option.pickup else DeliveryMethodType.SHIPPING,
            estimated_cost=MoneyV2.of(option.price),
            delivery_days=option.days,
            pickup_location=PickupLocation.stored(option.pickup.as_json()) if option.pickup else None,
            discount_allocations=[CartDiscountAllocation.of(discount) for discount in option.discounts],
            tax_lines=[TaxLine.of(tax) for tax in option.taxes],
        )


@strawberry.type(description="A way to deliver that goes where the cart goes, but does not carry what is in it.")
class CartUnavailableDeliveryOption:
    handle: str = strawberry.field(description="Its name for programs.")
    title: str = strawberry.field(description="Its name as shoppers see it.")
    reason: str = strawberry.field(
        description="Why, for programs: TOO_MUCH is more than it carries, NOT_CARRIED goods of a class it does not, "
        "NO_QUOTE that its carrier does not say what it costs."
    )
    message: str = strawberry.field(description="Why, for people.")

    @classmethod
    def of(cls, refusal: DeliveryRefusal) -> "CartUnavailableDeliveryOption":
        return cls(**refusal._asdict())


@strawberry.type(description="Lines that are delivered together, and how they can be.")
class CartDeliveryGroup:
    id: strawberry.ID = strawberry.field(description="The group's id.")
    delivery_options: list[CartDeliveryOption] = strawberry.field(
        description="The ways to deliver to the cart's country, in the merchant's order."
    )
    unavailable_delivery_options: list[CartUnavailableDeliveryOption] = strawberry.field(
        description="The ways to deliver that go there, but do not carry what is in the cart."
    )
    is_estimate: bool = strawberry.field(
        description="Whether no address is selected yet: others may be offered then, at other prices."
    )
    selected_delivery_option: CartDeliveryOption | None = strawberry.field(description="The chosen one, if any.")
    delivery_address: MailingAddress | None = edge(
        loaders.selected_address_of_cart,
        key="cart_id",
        description="Where the group goes, once an address is selected.",
    )
    cart_id: strawberry.Private[int]

    @classmethod
    def of(cls, priced: PricedCart) -> "CartDeliveryGroup":
        chosen = priced.totals.delivery
        refusals = priced.totals.delivery_refusals
        return cls(
            id=gid("CartDeliveryGroup", priced.cart.secret),
            unavailable_delivery_options=[CartUnavailableDeliveryOption.of(refusal) for refusal in refusals],
            is_estimate=priced.totals.address is None,
            delivery_options=[CartDeliveryOption.of(option) for option in priced.totals.delivery_options],
            selected_delivery_option=CartDeliveryOption.of(chosen) if chosen else None,
            cart_id=priced.cart.pk,
        )


@strawberry.type(description="An address the cart may be delivered to.")
class CartSelectableAddress:
    id: strawberry.ID = strawberry.field(description="The address's id in this cart.")
    selected: bool = strawberry.field(description="Whether the cart goes there.")
    address: MailingAddress = strawberry.field(description="The address.")

    @classmethod
    def of(cls, row: CartAddress) -> "CartSelectableAddress":
        address = MailingAddress.of(Address.of_json(row.address))
        return cls(id=gid("CartSelectableAddress", row.pk), selected=row.is_selected, address=address)


@strawberry.type(description="Where the cart may be delivered.")
class CartDelivery:
    addresses: list[CartSelectableAddress] = edge(
        loaders.addresses_of_cart, key="cart_id", description="The addresses given so far."
    )
    cart_id: strawberry.Private[int]


@strawberry.type(description="A discount code that was entered.")
class CartDiscountCode:
    code: str = strawberry.field(description="The code as the shop writes it; as entered where none is known.")
    applicable: bool = strawberry.field(description="Whether it has an effect on this cart.")


def _codes(priced: PricedCart) -> list[CartDiscountCode]:
    """Those entered, in their order, each as its promotion writes it."""
    told = {promotion_facts.key_of(one.code): one for one in priced.totals.outcomes if one.code}
    found = [told[promotion_facts.key_of(entered["code"])] for entered in priced.cart.discount_codes]
    return [CartDiscountCode(code=one.code, applicable=one.is_applied) for one in found]


def _lines(
    context: Context,
    keys: Sequence[PricedCart],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[tuple[PricedCart, int]]]:
    """Each line as its cart and its number in it."""
    request = PageRequest(first, last, after, before)
    return [paging.slice_of([(key, number) for number in range(len(key.totals.lines))], request) for key in keys]


def _delivery_groups(
    context: Context,
    keys: Sequence[PricedCart],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[PricedCart]]:
    request = PageRequest(first, last, after, before)
    return [paging.slice_of([key] if key.totals.requires_shipping else [], request) for key in keys]


@strawberry.type(
    description="What a shopper is about to buy. Whoever knows its id may use it: treat the id as a secret. "
    "Once it has become an order it can no longer be read."
)
class Cart(Node):
    checkout_url: URL = strawberry.field(description="Where the storefront sends the shopper to pay.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    expires_at: datetime = strawberry.field(
        description="When it is removed unless it is changed before; every change puts this off."
    )
    note: str | None = strawberry.field(description="A note for the shop.")
    attributes: list[Attribute] = strawberry.field(description="Notes in two parts that travel with the order.")
    total_quantity: int = strawberry.field(description="Units in all lines together.")
    cost: CartCost = strawberry.field(description="The bill, priced from the catalog as it is now.")
    buyer_identity: CartBuyerIdentity = strawberry.field(description="Who buys.")
    delivery: CartDelivery = strawberry.field(description="Where it may be delivered.")
    discount_codes: list[CartDiscountCode] = strawberry.field(description="Discount codes entered.")
    promotion_outcomes: list[CartPromotionOutcome] = edge(
        outcomes_of_cart,
        key="priced",
        description="Each promotion and code considered: whether it applies, and if not, what is missing.",
    )
    explanation: CartExplanation = edge(
        carts_to_explain,
        key="priced",
        description="How its prices came about, step by step, from the catalog as it is now.",
    )
    applied_points: AppliedPoints | None = edge(
        points_of_cart, key="priced", description="Points that pay for it before gift cards; null where none do."
    )
    applied_gift_cards: list[AppliedGiftCard] = edge(
        gift_cards_of_cart, key="priced", description="Gift cards that pay for it first, in the order they pay in."
    )
    warnings: list[CartWarning] = edge(
        warnings_of_cart,
        key="priced",
        description="What to know of its lines and codes before buying, as its mutations tell it.",
    )
    lines: Connection[BaseCartLine] = edge(_lines, key="priced", description="The lines, oldest first.")
    saved_lines: CountedConnection[SavedCartLine] = edge(
        saved_lines_of_cart,
        key="priced",
        description="What is saved for later, oldest first: neither priced nor bought. Customers, signed in, see in "
        "their carts also what they had saved when earlier ones became orders.",
    )
    delivery_groups: Connection[CartDeliveryGroup] = edge(
        _delivery_groups, key="priced", description="What is delivered together; empty if nothing is sent in a parcel."
    )
    priced: strawberry.Private[PricedCart]

    @classmethod
    def of(cls, priced: PricedCart) -> "Cart":
        cart = priced.cart
        return cls(
            id=gid("Cart", cart.secret),
            checkout_url=URL(settings.CHECKOUT_URL.format(cart=cart.secret)),
            created_at=cart.created_at,
            updated_at=cart.updated_at,
            expires_at=cart.updated_at + settings.CART_LIFETIME,
            note=cart.note or None,
            attributes=[Attribute(**stored) for stored in cart.attributes],
            total_quantity=priced.totals.quantity,
            cost=CartCost.of(priced),
            buyer_identity=CartBuyerIdentity(
                email=cart.email or None,
                phone=cart.phone or None,
                country_code=codes.country(cart.country) if cart.country else None,
                customer_id=cart.customer_id,
            ),
            delivery=CartDelivery(cart_id=cart.pk),
            discount_codes=_codes(priced),
            priced=priced,
        )


CartId = Annotated[strawberry.ID, strawberry.argument(description="The cart.")]


@strawberry.type
class CartQueries:
    @query
    def cart(self, id: CartId) -> Cart | None:
        """The cart with this id; null if it is unknown, expired, or has become an order."""
        return Cart.of(carts.read(nodes.key(id, "Cart")))
