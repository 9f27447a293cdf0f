"""Completing a checkout: the mutation that turns a cart into an order."""

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from accounts import credit_limits
from catalog import stock
from checkout import carts, checkouts, gateways, promotion_uses, purses
from checkout.checkouts import Completed, PaymentWish
from checkout.gateways import NextAction
from schema import errors, nodes
from schema.cart_changes import CartPayload
from schema.cart_warnings import CartWarning
from schema.carts import Cart
from schema.context import Info
from schema.errors import DisplayableError
from schema.fields import mutation
from schema.nodes import gid
from schema.order_payments import PaymentStatus
from schema.orders import Order
from schema.scalars import URL, MoneyV2
from shop import languages
from shop.errors import Refusal, blaming

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class CheckoutErrorCode(Enum): ...

else:
    CheckoutErrorCode = errors.code_enum(
        "CheckoutErrorCode",
        "a checkout",
        errors.codes_of(checkouts, carts, gateways, promotion_uses, purses, stock, credit_limits),
    )


@strawberry.type(description="What the shopper must still do before the payment is decided.")
class PaymentNextAction:
    type: str = strawberry.field(
        description="What kind of step: REDIRECT means go to the URL; CONFIRM means go on in the gateway's own form, "
        "which wants the reference; WAIT means confirm on the phone, or pay naming the reference. After the first two, "
        "complete the checkout again."
    )
    url: URL | None = strawberry.field(description="Where to go; null where nowhere.")
    reference: str | None = strawberry.field(
        description="What the gateway's own form wants, such as a client secret, or what to name when paying."
    )

    @classmethod
    def of(cls, action: NextAction) -> "PaymentNextAction":
        return cls(type=action.type, url=URL(action.url) if action.url else None, reference=action.reference or None)


@strawberry.type(description="How the payment went.")
class CheckoutPayment:
    id: strawberry.ID = strawberry.field(description="The payment's id.")
    gateway: str = strawberry.field(description="Through whom.")
    status: PaymentStatus = strawberry.field(description="Where it stands.")
    amount: MoneyV2 = strawberry.field(description="How much.")
    next_action: PaymentNextAction | None = strawberry.field(description="What the shopper must still do, if anything.")

    @classmethod
    def of(cls, completed: Completed) -> "CheckoutPayment":
        payment, action = completed.payment, completed.next_action
        return cls(
            id=gid("Payment", payment.key),
            gateway=payment.gateway,
            status=PaymentStatus[payment.status],
            amount=MoneyV2.of(payment.money),
            next_action=PaymentNextAction.of(action) if action else None,
        )


@strawberry.type(description="Why a checkout was refused.")
class CheckoutUserError(DisplayableError):
    code: CheckoutErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "CheckoutUserError":
        return cls(**errors.parts(refusal, CheckoutErrorCode))


@strawberry.input(description="How the shopper pays.")
class CheckoutPaymentInput:
    gateway: str | None = strawberry.field(
        default=None,
        description='The handle of a payment gateway: "manual" pays on delivery, "invoice" within the terms of '
        'a credit, "test" is for trying out. It may be left out where nothing is left to pay, as after a gift card.',
    )
    token: str | None = strawberry.field(
        default=None,
        description="What the gateway's own form gave the storefront, such as a payment method of Stripe. The test "
        "gateway understands success, authorize, decline, pending, action_required and others.",
    )
    expected_total: Decimal | None = strawberry.field(
        default=None, description="The total the shopper agreed to; another one is refused instead of charged."
    )

    expected_amount_due: Decimal | None = strawberry.field(
        default=None,
        description="What the shopper was told that gift cards leave to pay; another amount is refused instead of "
        "charged.",
    )

    def to_domain(self) -> PaymentWish:
        return PaymentWish(self.gateway or "", self.token or "", self.expected_total, self.expected_amount_due)


@strawberry.type(description="The order a cart has become.")
class CheckoutCompletePayload:
    order: Order | None = strawberry.field(default=None, description="The order; null if the checkout was refused.")
    order_status_token: str | None = strawberry.field(
        default=None, description="Lets a guest read the order through `orderStatus`."
    )
    payment: CheckoutPayment | None = strawberry.field(default=None, description="How the payment went.")
    cart: Cart | None = strawberry.field(
        default=None, description="The cart as it stands, if the checkout was refused and it can be tried again."
    )
    user_errors: list[CheckoutUserError] = strawberry.field(
        default_factory=list, description="Why the checkout was refused; empty on success."
    )
    warnings: list[CartWarning] = strawberry.field(
        default_factory=list, description="What the shopper should know before trying again."
    )

    @classmethod
    def of(cls, completed: Completed) -> "CheckoutCompletePayload":
        return cls(
            order=Order.of(completed.order),
            order_status_token=completed.order.status_token,
            payment=CheckoutPayment.of(completed),
        )

    @classmethod
    def unchanged(cls, arguments: dict[str, Any]) -> dict[str, Any]:
        """The cart as it stands."""
        return CartPayload.unchanged(arguments)


@strawberry.type(description="The cart, open again.")
class CheckoutAbandonPayload:
    cart: Cart | None = strawberry.field(default=None, description="The cart; null if this was refused.")
    user_errors: list[CheckoutUserError] = strawberry.field(
        default_factory=list, description="Why nothing was given up; empty on success."
    )


@strawberry.type
class CheckoutMutations:
    @mutation(resumes=True)
    def checkout_complete(
        self,
        info: Info,
        cart_id: Annotated[strawberry.ID, strawberry.argument(description="The cart.")],
        payment: Annotated[CheckoutPaymentInput, strawberry.argument(description="How the shopper pays.")],
    ) -> CheckoutCompletePayload:
        """Turn a cart into an order and pay it.

        The cart needs an e-mail address or phone number and, if anything is sent in a parcel, a delivery address and a
        chosen delivery option. Sent again after a lost answer it gives the same order and charges nothing more; while
        the payment is pending, the first way to pay stands, whatever is named then. After a declined payment the cart
        can be completed again, in another way. The lines of the order are told in the language of the context.
        """
        with blaming("cart_id"):
            secret = nodes.key(cart_id, "Cart")
        language = languages.foreign(info.context.language)
        buyer = info.context.actor
        return CheckoutCompletePayload.of(checkouts.complete(secret, payment.to_domain(), language, buyer))

    @mutation(resumes=True)
    def checkout_abandon(
        self, cart_id: Annotated[strawberry.ID, strawberry.argument(description="The cart.")]
    ) -> CheckoutAbandonPayload:
        """Give up an order that waits for its payment, so that its cart can be changed and completed again.

        While payment is pending the cart is closed. The payment is given up at the gateway first, then the stock is
        free. Refused once the payment is sure; nothing happens to a cart that is open.
        """
        with blaming("cart_id"):
            secret = nodes.key(cart_id, "Cart")
        return CheckoutAbandonPayload(cart=Cart.of(checkouts.abandon(secret)))
