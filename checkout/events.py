"""The timeline of orders: whoever changes an order tells it here, in the same transaction."""

from collections.abc import Sequence
from operator import attrgetter
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from accounts.staff import Permission
from checkout import orders
from checkout.models import Order, OrderEvent, OrderEventKind, OrderStatus
from checkout.timeline import record
from shop import outbox, paging, text
from shop.errors import Refusal, blaming
from shop.paging import Page, PageRequest

_OLDEST_FIRST = paging.Order("ID", "pk")
_MAX_NOTE = 5000


class NoteTooLate(Refusal):
    """The customer's note can be changed until something was sent."""

    code = "NOTE_TOO_LATE"


def pages_of_orders(actor: Actor, order_ids: Sequence[int], request: PageRequest) -> dict[int, Page[OrderEvent]]:
    """A page of the events of each order that the actor may see, oldest first, in one statement. Raises InvalidPage."""
    visible = OrderEvent.objects.all()
    if not actor.may(Permission.MANAGE_ORDERS):
        visible = visible.filter(is_public=True)
    own = {order_id: visible.filter(order_id=order_id) for order_id in order_ids}
    return paging.pages(own, _OLDEST_FIRST, request, list, attrgetter("order_id"), _place)


@transaction.atomic(durable=True)
def add_note(*, order_key: UUID, note: str, is_public: bool, actor: Actor) -> Order:
    """Leave a note of staff on an order. Raises NotFound, InvalidInput."""
    said = text.paragraphs(note, limit=_MAX_NOTE, field=("note",), required=True)
    with blaming("id"):
        order = orders.locked(order_key)
    record(order, OrderEventKind.NOTE, said, is_public=is_public, actor=actor)
    outbox.publish("order.noted", order_id=order.pk)
    return order


@transaction.atomic(durable=True)
def change_note(*, order_key: UUID, note: str, actor: Actor) -> Order:
    """Say anew what the customer wants known, for as long as nothing was sent. Raises NoteTooLate, InvalidInput."""
    said = text.paragraphs(note, limit=_MAX_NOTE, field=("note",))
    order = orders.locked(order_key)
    is_open = order.status in {OrderStatus.PLACED, OrderStatus.CONFIRMED}
    if not is_open or order.fulfillments.exists():
        raise NoteTooLate(f"Order {order.name} is {order.status.lower()} or on its way; its note stays.")
    if said != order.note:
        order.note = said
        order.save(update_fields=["note"])
        record(order, OrderEventKind.NOTE_CHANGED, said or "The note was taken back.", actor=actor)
        outbox.publish("order.noted", order_id=order.pk)
    return order


def _place(event: OrderEvent) -> tuple[int]:
    return (event.pk,)
