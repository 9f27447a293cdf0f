"""Settling a return: its value is given back, or credited to an order of other goods; once, whoever asks.

An exchange makes an order of its own, priced now. What was received for the goods that came back moves there, inside of
the shop; what the other goods cost more is left to pay, what they cost less is given back by a job.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from accounts.addresses import Address
from checkout import credit, drafts, dues, further_payments, owing, quotes, refunds, returns, tax_services
from checkout.bills import Totals
from checkout.draft_fields import Delivery, DraftFields, NewLine
from checkout.models import DraftOrder, Order, OrderEventKind, Payment, Return, ReturnStatus, Settlement
from checkout.timeline import record
from shop import outbox
from shop.errors import Refusal, blaming
from shop.money import Money


class ReturnUnsettleable(Refusal):
    """The goods are not back yet, or what they were worth was given back or credited already."""

    code = "RETURN_NOT_TO_SETTLE"


@transaction.atomic(durable=True)
def give_back(*, return_key: UUID, actor: Actor) -> Return:
    """Have a job give back what was received for goods that came back. Raises NotFound, ReturnUnsettleable."""
    returned = _unsettled(return_key)
    returned.settlement = Settlement.REFUNDED
    returned.save(update_fields=["settlement"])
    owing.give_back(returned.order, returned.worth, returned.reason, actor)
    credit.keep_up(returned.order)
    return returned


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted instead: delivered where the order went, for nothing, if nothing else is said."""

    lines: Sequence[NewLine]
    delivery: Delivery | None = None
    address: Address | None = None


def exchange(*, return_key: UUID, wish: Wish, actor: Actor) -> Return:
    """Sell the buyer of a return other goods instead.

    Raises NotFound, ReturnUnsettleable, InsufficientStock, and whatever refuses a draft order.
    """
    _ask_ahead(return_key, wish, actor)
    return _exchanged(return_key, wish, actor)


@transaction.atomic(durable=True)
def _exchanged(return_key: UUID, wish: Wish, actor: Actor) -> Return:
    returned = _unsettled(return_key)
    draft, _ = _prepared(returned.order, wish, actor)
    with blaming("line_items"):
        bought = drafts.ordered(draft, actor, advice="ask for the exchange again in a minute")
    returned.settlement, returned.exchange_order = Settlement.EXCHANGED, bought
    returned.save(update_fields=["settlement", "exchange_order"])
    credited = _credit(returned, bought, actor)
    rest = returned.worth - credited
    if rest:
        owing.give_back(returned.order, rest, returned.reason, actor)
    if not bought.total:
        further_payments.receive(bought)
    credit.keep_up(returned.order)
    said = f"Exchanged for order {bought.name}: {credited} credited to it."
    record(returned.order, OrderEventKind.EXCHANGED, said, actor=actor)
    said = f"In exchange for what came back of order {returned.order.name}: {credited} credited."
    record(bought, OrderEventKind.EXCHANGED, said, actor=actor)
    outbox.publish("return.exchanged", order_id=returned.order_id, return_id=returned.pk, exchange_order_id=bought.pk)
    return returned


def _unsettled(return_key: UUID) -> Return:
    """The return, locked after its order. Raises NotFound, ReturnUnsettleable."""
    returned = returns.locked(return_key)
    if returned.status != ReturnStatus.RECEIVED:
        raise ReturnUnsettleable(f"This return is {returned.status.lower()}; its goods are not back.", field=("id",))
    if returned.settlement != Settlement.OPEN:
        raise ReturnUnsettleable(
            f"This return was {returned.settlement.lower()} already; what it was worth is given once.", field=("id",)
        )
    return returned


def _ask_ahead(return_key: UUID, wish: Wish, actor: Actor) -> None:
    """Learn what carriers ask for what is wanted instead, then its taxes, while nothing is locked.

    What a carrier delivers can be chosen once it is known what it asks, so that it is priced without delivery first.
    """
    if wish.delivery is not None and wish.delivery.handle:
        quotes.fetch(_tried(return_key, replace(wish, delivery=None), actor).quotes_wanted)
    if tax_services.in_use() is not None:
        drafts.ask(_tried(return_key, wish, actor))


def _tried(return_key: UUID, wish: Wish, actor: Actor) -> Totals:
    """The bill of what is wanted instead; nothing of its draft is kept."""
    with transaction.atomic(durable=True):
        _, bill = _prepared(_unsettled(return_key).order, wish, actor)
        transaction.set_rollback(True)
    return bill


def _prepared(order: Order, wish: Wish, actor: Actor) -> tuple[DraftOrder, Totals]:
    """A draft of the goods wanted instead, for the same buyer, and its bill."""
    there = Address.of_json(order.delivery_address) if order.delivery_address else None
    fields: DraftFields = {
        "customer_id": order.customer_id,
        "email": order.email,
        "phone": order.phone,
        "currency_code": order.currency,
        "shipping_address": wish.address or there,
        "line_items": wish.lines,
        "delivery": wish.delivery or Delivery(price=Money.zero(order.currency).amount),
    }
    return drafts.prepared(fields, actor)


def _credit(returned: Return, bought: Order, actor: Actor) -> Money:
    """Move what was received for the goods and is there still, as far as the others cost as much; tell how much."""
    order = returned.order
    paid = list(Payment.objects.select_for_update(of=("self",)).filter(order=order).order_by("-pk"))
    for payment in paid:
        payment.order = order
    return refunds.move(paid, min(returned.worth, dues.of(order).excess, bought.total_price), bought, actor)
