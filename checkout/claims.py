"""Claiming: an order placed by a guest becomes an account's, by a link that is sent to the order's e-mail address.

Who claims proves twice who they are: they have the account, in which they are signed in, and the mailbox of the order.
That an account has the same address proves nothing, for nobody asks whose it is when an account is made; the link of
the order's status alone proves nothing either, for links are passed on.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext

from accounts import attempts
from accounts.actors import Actor
from accounts.models import User
from checkout import letters, orders
from checkout.models import Order, OrderEventKind
from checkout.timeline import record
from shop import clock, mails, outbox
from shop.errors import NotFound, Refusal
from shop.outbox import Message

LIFETIME = timedelta(hours=24)
_SALT = "checkout.claims"
_MAILS = 5  # for an order and a network, in a quarter of an hour


class OrderNotClaimable(Refusal):
    """The order belongs to an account already, left no e-mail address, or the link that claims it does not hold."""

    code = "ORDER_NOT_CLAIMABLE"


@dataclass(frozen=True, slots=True)
class Claim:
    """The order where it is the actor's own; otherwise a link was sent to its address."""

    order: Order | None

    @property
    def is_sent(self) -> bool:
        return self.order is None


@transaction.atomic(durable=True)
def ask(*, token: str, actor: Actor, client_address: str) -> Claim:
    """Have a link sent to the address of the order behind a status token, with which `confirm` claims it.

    Raises NotFound, OrderNotClaimable, TooManyAttempts.
    """
    order = orders.by_status_token(token)
    if order is None or actor.user_id is None:
        raise NotFound("Order", field=("token",))
    if order.customer_id == actor.user_id:
        return Claim(order)
    if order.customer_id is not None:
        raise OrderNotClaimable("This order belongs to an account already.", field=("token",))
    if not order.email:
        raise OrderNotClaimable("This order left no e-mail address to which a link could be sent.", field=("token",))
    attempts.count(email=f"claim of order {order.key}", client_address=client_address, limit=_MAILS)
    outbox.publish("order.claim_asked", order_id=order.pk, user_id=actor.user_id)
    return Claim(None)


@transaction.atomic(durable=True)
def confirm(*, secret: str, actor: Actor) -> Order:
    """Take the order into the actor's account, which asked for the link; one's own stays as it is.

    Raises OrderNotClaimable.
    """
    try:
        key, user_id, expires = signing.Signer(salt=_SALT).unsign_object(secret)
    except signing.BadSignature as error:
        raise _not_held() from error
    if clock.now().timestamp() > expires:
        raise _not_held()
    if user_id != actor.user_id:
        raise OrderNotClaimable("Sign in to the account that asked for this link.", field=("secret",))
    order = orders.locked(UUID(key))
    if order.customer_id == actor.user_id:
        return order
    if order.customer_id is not None:
        raise OrderNotClaimable("This order belongs to an account already.", field=("secret",))
    order.customer_id = actor.user_id
    order.save(update_fields=["customer"])
    record(order, OrderEventKind.CLAIMED, "The order was added to a customer's account.", actor=actor)
    outbox.publish("order.claimed", order_id=order.pk)
    return order


@outbox.handler("order.claim_asked")
def send(message: Message) -> None:
    """Mail the link, unless the order is somebody's meanwhile."""
    order = Order.objects.get(pk=message.payload["order_id"])
    user = User.objects.filter(pk=message.payload["user_id"], is_active=True).first()
    if user is None or order.customer_id is not None or not order.email:
        return
    url = settings.ORDER_CLAIM_URL.format(token=secret_of(order, user))
    with letters.speaking_of(order):
        context = letters.about(order) | {"url": url, "account": user.email, "hours": LIFETIME // timedelta(hours=1)}
        subject = gettext("take order %(name)s into your account") % {"name": order.name}
        name = f"order_claim.{message.id}"
        mails.send("checkout/mail/order_claim", context, subject=subject, to=[order.email], name=name)


def secret_of(order: Order, user: User) -> str:
    """What the link says: it claims this order for this account, for a day."""
    expires = int((clock.now() + LIFETIME).timestamp())
    return signing.Signer(salt=_SALT).sign_object([str(order.key), user.pk, expires])


def _not_held() -> OrderNotClaimable:
    return OrderNotClaimable("This link does not hold any more: ask for another with orderClaim.", field=("secret",))
