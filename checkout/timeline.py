"""Writing the timeline: below everything that changes orders, so that all of it can tell what it did."""

from accounts.actors import SYSTEM, Actor
from checkout.models import Order, OrderEvent, OrderEventKind
from shop import clock, writes


def record(order: Order, kind: OrderEventKind, message: str, *, is_public: bool = True, actor: Actor = SYSTEM) -> None:
    """Tell in an order's timeline what happened, in words for people. Call in the transaction that made it happen."""
    event = OrderEvent(
        order=order,
        kind=kind,
        message=message,
        is_public=is_public,
        actor_id=actor.user_id,
        created_at=clock.now(),
    )
    writes.insert([event])
