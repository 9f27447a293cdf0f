"""Claiming: an order placed by a guest becomes that of the account with the same e-mail address."""

from django.db import transaction

from accounts.actors import Actor
from checkout import orders
from checkout.models import Order, OrderEventKind
from checkout.timeline import record
from shop import outbox
from shop.errors import NotFound, Refusal


class OrderNotClaimable(Refusal):
    """The order belongs to an account already, or was placed with another e-mail address."""

    code = "ORDER_NOT_CLAIMABLE"


@transaction.atomic(durable=True)
def claim(*, token: str, actor: Actor) -> Order:
    """Take the order behind a status token into the actor's account; one's own stays as it is.

    The token alone is not enough: links are passed on. Raises NotFound, OrderNotClaimable.
    """
    found = orders.by_status_token(token)
    if found is None or actor.user_id is None:
        raise NotFound("Order", field=("token",))
    order = orders.locked(found.key)
    if order.customer_id == actor.user_id:
        return order
    if order.customer_id is not None or not order.email or order.email.lower() != actor.email.lower():
        raise OrderNotClaimable("This order was not placed with the e-mail address of your account.", field=("token",))
    order.customer_id = actor.user_id
    order.save(update_fields=["customer"])
    record(order, OrderEventKind.CLAIMED, "The order was added to a customer's account.", actor=actor)
    outbox.publish("order.claimed", order_id=order.pk)
    return order
