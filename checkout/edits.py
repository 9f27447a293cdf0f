"""Editing an order before it is sent: other quantities, lines that go and lines that come; what was agreed stays.

Lines keep the prices they were sold at, and each unit its part of the line's discounts and taxes. What is added, more
of a line included, is a line of its own at the price of today. Delivery costs what was agreed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from catalog import facts, further_holds, stock
from catalog.stock import InsufficientStock
from checkout import (
    additions,
    bills,
    carts,
    credit,
    dues,
    fulfilment,
    orders,
    owing,
    payments,
    tax_answers,
    tax_services,
)
from checkout.additions import Addition
from checkout.bills import PricedLine, Totals
from checkout.carts import CartTooLarge
from checkout.models import GiftCard, Order, OrderEdit, OrderEventKind, OrderLine, OrderStatus, PaymentStatus
from checkout.timeline import record
from shop import clock, money, outbox, text
from shop.errors import InvalidInput, Refusal, blaming
from shop.money import Money

MAX_CHANGES = 250


class OrderNotEditable(Refusal):
    """Only a confirmed order can be edited, and something must be left of it."""

    code = "ORDER_NOT_EDITABLE"


class AlreadySent(Refusal):
    """Of what was sent already, nothing can be taken out of an order any more."""

    code = "ALREADY_SENT"


@dataclass(frozen=True, slots=True)
class AddVariant:
    """So many units of a variant come to the order."""

    variant_id: int
    quantity: int = 1
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """Of a line so many units are to be a part of the order, those that were sent included."""

    line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class RemoveLine:
    """A line goes of which nothing was sent, or all that was sent came back."""

    line_id: int


Change: TypeAlias = AddVariant | SetQuantity | RemoveLine


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to change and why, and whether the customer is told of it."""

    changes: Sequence[Change]
    reason: str = ""
    notifies: bool = True


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit comes to: units of lines that went, lines that came, and what follows for the money.

    `total_change` is by how much more is owed, or less; `due` is left to pay then, `given_back` goes back by a job.
    """

    order: Order
    removed: Sequence[tuple[OrderLine, int]]
    added: Sequence[OrderLine]
    subtotal_change: Money
    tax_change: Money
    total_change: Money
    current_total: Money
    due: Money
    given_back: Money


@dataclass(slots=True)
class _Plan:
    removed: list[tuple[OrderLine, int]] = field(default_factory=list)
    added: list[Addition] = field(default_factory=list)


def edit(*, order_key: UUID, wish: Wish, actor: Actor) -> Edited:
    """Change what a confirmed order has, its stock and what is owed for it, all at once.

    What is owed beyond what was paid or promised is left to pay; by agreement where the rest of the order is. What was
    received beyond what is owed is given back by a job.

    Raises NotFound, OrderNotEditable, AlreadySent, InvalidInput, InvalidMerchandise, QuantityTooHigh, CartTooLarge,
    OtherTaxes, TaxesUnknown, InsufficientStock, CreditNotGranted, CreditLimitExceeded.
    """
    _ask_ahead(order_key, wish)
    with transaction.atomic(durable=True):
        return _edited(order_key, wish, actor)


def preview(*, order_key: UUID, wish: Wish, actor: Actor) -> Edited:
    """What the edit would come to now; nothing of it is kept, and the order is told as it stands. Raises as `edit`."""
    _ask_ahead(order_key, wish)
    with transaction.atomic(durable=True):
        edited = _edited(order_key, wish, actor)
        transaction.set_rollback(True)
    return replace(edited, order=Order.objects.get(key=order_key))


def _ask_ahead(order_key: UUID, wish: Wish) -> None:
    """Learn the taxes on what is added from whoever tells them, while nothing is locked."""
    if tax_services.in_use() is None:
        return
    with transaction.atomic(durable=True):
        order, kept = _locked(order_key)
        question = _priced(order, kept, _planned(kept, wish.changes)).taxes_told.wanted
        transaction.set_rollback(True)
    if question is not None:
        tax_answers.fetch(question)


def _locked(order_key: UUID) -> tuple[Order, dict[int, OrderLine]]:
    """The order and its lines, locked. Raises NotFound, OrderNotEditable."""
    with blaming("id"):
        order = orders.locked(order_key)
        _ensure_editable(order)
    kept = {line.pk: line for line in OrderLine.objects.select_for_update().filter(order=order).order_by("pk")}
    for line in kept.values():
        line.order = order
    return order, kept


def _edited(order_key: UUID, wish: Wish, actor: Actor) -> Edited:
    because = text.line(wish.reason, limit=500, field=("reason",))
    order, kept = _locked(order_key)
    plan = _planned(kept, wish.changes)
    bill = _priced(order, kept, plan)
    with blaming("changes"):
        additions.ensure_taxed(bill)
    before = order.now_of(order.subtotal, order.subtotal_change), order.now_of(order.tax_total, order.tax_change)
    total_before = order.current_total
    owing.take_off(order, plan.removed)
    for line, quantity in plan.removed:
        line.cancelled_quantity += quantity
    OrderLine.objects.bulk_update([line for line, _ in plan.removed], ["cancelled_quantity"])
    made = OrderEdit(order=order, reason=because, total_change=Decimal(0), actor_id=actor.user_id)
    made.save()
    added = additions.stored(order, made, bill.lines, max(line.position for line in kept.values()) + 1)
    owing.add_on(order, added)
    if order.current_total.amount > money.MAX_AMOUNT:
        raise CartTooLarge(f"An order's total is {money.MAX_AMOUNT} at the most.", field=("changes",))
    change = order.current_total - total_before
    made.total_change = change.amount
    made.save(update_fields=["total_change"])
    order.edited_at = clock.now()
    order.save(update_fields=["edited_at"])
    given_back = _settle(order, change, because, actor)
    _move(order, plan, bill, actor)
    record(order, OrderEventKind.EDITED, _said(plan.removed, added, change, because), actor=actor)
    if bill.taxes_told.service:
        told = f"{bill.taxes_told.service} knows the taxes on what was added as {bill.taxes_told.reference}."
        record(order, OrderEventKind.NOTE, told, is_public=False, actor=actor)
    _close(order, [*kept.values(), *added], actor)
    with blaming("changes"):
        credit.keep_up(order)
    outbox.publish("order.edited", order_id=order.pk, edit_id=made.pk, notifies=wish.notifies)
    return Edited(
        order=order,
        removed=plan.removed,
        added=added,
        subtotal_change=order.now_of(order.subtotal, order.subtotal_change) - before[0],
        tax_change=order.now_of(order.tax_total, order.tax_change) - before[1],
        total_change=change,
        current_total=order.current_total,
        due=dues.of(order).due,
        given_back=given_back,
    )


def _ensure_editable(order: Order) -> None:
    if order.status == OrderStatus.PLACED:
        raise OrderNotEditable(f"Order {order.name} still waits for its payment; it can be edited once that is sure.")
    if order.status != OrderStatus.CONFIRMED:
        raise OrderNotEditable(f"Order {order.name} is {order.status.lower()}; it cannot be edited any more.")


def _planned(kept: Mapping[int, OrderLine], changes: Sequence[Change]) -> _Plan:
    if not changes:
        raise InvalidInput("Name at least one change.", field=("changes",))
    if len(changes) > MAX_CHANGES:
        raise InvalidInput(f"An edit has {MAX_CHANGES} changes at the most.", field=("changes",))
    plan, seen = _Plan(), set[int]()
    for number, change in enumerate(changes):
        path: tuple[str | int, ...] = ("changes", number)
        with blaming(*path):
            match change:
                case AddVariant():
                    with blaming("add_variant"):
                        _ensure_some(change.quantity)
                    path = (*path, "add_variant")
                    plan.added.append(Addition(path, change.variant_id, change.quantity, change.attributes))
                case SetQuantity():
                    with blaming("set_quantity"):
                        line = _once(kept, seen, change.line_id, "order_line_item_id")
                        _ensure_some(change.quantity)
                        _set(plan, line, change.quantity, (*path, "set_quantity"))
                case RemoveLine():
                    with blaming("remove_line"):
                        _remove(plan, _once(kept, seen, change.line_id))
    if not plan.removed and not plan.added:
        raise InvalidInput("Nothing of the order would change.", field=("changes",))
    return plan


def _ensure_some(quantity: int) -> None:
    if quantity < 1:
        raise InvalidInput("The quantity must be 1 or more; a line is removed by `removeLine`.", field=("quantity",))


def _once(kept: Mapping[int, OrderLine], seen: set[int], line_id: int, *name: str) -> OrderLine:
    line = kept.get(line_id)
    if line is None or not line.current_quantity:
        raise InvalidInput("This line is not in the order, or no more.", field=name)
    if line_id in seen:
        raise InvalidInput("Name each line of the order once.", field=name)
    seen.add(line_id)
    return line


def _set(plan: _Plan, line: OrderLine, quantity: int, path: tuple[str | int, ...]) -> None:
    less = line.current_quantity - quantity
    if less > line.unsent:
        sent = line.current_quantity - line.unsent
        raise AlreadySent(f"{sent} of {line.label} were sent; what comes back is a return.", field=("quantity",))
    if less > 0:
        _take_out(plan, line, less)
    elif less < 0:
        if line.is_gift:
            raise InvalidInput(
                f"{line.title} is a gift of a promotion; add it as a variant instead.", field=("quantity",)
            )
        if line.variant_id is None:
            raise InvalidInput(f"{line.title} is no longer sold.", field=("quantity",))
        attributes = tuple((pair["key"], pair["value"]) for pair in line.attributes)
        plan.added.append(Addition(path, line.variant_id, -less, attributes))


def _remove(plan: _Plan, line: OrderLine) -> None:
    sent = line.current_quantity - line.unsent
    if sent:
        raise AlreadySent(f"{sent} of {line.label} were sent; set the quantity to that, or take them back as a return.")
    _take_out(plan, line, line.unsent)


def _take_out(plan: _Plan, line: OrderLine, quantity: int) -> None:
    if line.is_gift_card and GiftCard.objects.filter(order_line=line).exists():
        raise AlreadySent(f"The codes of {line.title} were issued; deactivate them and give the money back instead.")
    plan.removed.append((line, quantity))


def _priced(order: Order, kept: Mapping[int, OrderLine], plan: _Plan) -> Totals:
    """The bill of what is added, beside what stays."""
    if not plan.added:
        return Totals(order.currency)
    going = {line.pk: quantity for line, quantity in plan.removed}
    stays = {line.pk: line.current_quantity - going.get(line.pk, 0) for line in kept.values()}
    beside: dict[int, int] = {}
    for line in kept.values():
        if line.variant_id is not None:
            beside[line.variant_id] = beside.get(line.variant_id, 0) + stays[line.pk]
    bill = additions.priced(order, plan.added, beside)
    if sum(units > 0 for units in stays.values()) + len(bill.lines) > carts.MAX_LINES:
        raise CartTooLarge(f"An order has {carts.MAX_LINES} lines at the most.", field=("changes",))
    return bill


def _settle(order: Order, change: Money, reason: str, actor: Actor) -> Money:
    """Have what is paid too much given back, and agree upon what is too little where the rest is agreed upon."""
    zero = Money.zero(order.currency)
    if change < zero:
        payments.give_up_awaited(order)
        refunds = owing.give_back(order, zero - change, reason, actor)
        return money.total((refund.money for refund in refunds), order.currency)
    agreed = order.payments.filter(gateway__in=[payments.BY_AGREEMENT, credit.HANDLE], status=PaymentStatus.AUTHORIZED)
    payment, due = agreed.order_by("-pk").first(), dues.of(order).due
    if zero < change and payment is not None and due:
        payments.agree(order, due, payment.gateway)
    return zero


def _move(order: Order, plan: _Plan, bill: Totals, actor: Actor) -> None:
    """Give back what is not wanted any more, then hold what is, from where the order is sent or collected."""
    reference = orders.reference(order)
    removed, wanted = fulfilment.stock_of(plan.removed), bills.stock_taken(bill.lines)
    stock.lock({*removed, *wanted})
    place = further_holds.place_of(reference) if order.pickup else None
    country = (order.delivery_address or {}).get("country_code", "")

    def hold(lines: Sequence[PricedLine]) -> None:
        taken = bills.stock_taken(lines)
        further_holds.add(taken, reference=reference, country=country, location_id=place)

    # What is released and what is held are counted together, so that the facts of categories are locked in order.
    with facts.gathered():
        if removed:
            stock.release_part(reference, removed, actor)
        try:
            with transaction.atomic():
                hold(bill.lines)
        except InsufficientStock:
            # Line by line, to tell which of them it is.
            paths = {one.variant_id: one.path for one in plan.added}
            for line in bill.lines:
                with blaming(*paths[line.row.variant_id], "quantity"):
                    hold([line])
            raise


def _close(order: Order, lines: Sequence[OrderLine], actor: Actor) -> None:
    """What has nothing left to send is fulfilled. Raises OrderNotEditable where nothing was sent either."""
    if any(line.unsent for line in lines):
        return
    if not any(line.fulfilled_quantity for line in lines):
        raise OrderNotEditable("Nothing would be left of the order; cancel it instead.", field=("changes",))
    fulfilment.complete(order, actor)


def _said(removed: Sequence[tuple[OrderLine, int]], added: Sequence[OrderLine], change: Money, reason: str) -> str:
    parts = [f"added {line.quantity} of {line.title}" for line in added]
    parts += [f"removed {quantity} of {line.title}" for line, quantity in removed]
    less, more = f"{Money.zero(change.currency) - change} less", f"{change} more"
    owed = more if change.amount > 0 else less if change.amount < 0 else "as much as before"
    return f"Edited: {', '.join(parts)}; {owed} is owed. {reason}".strip()[:5000]
