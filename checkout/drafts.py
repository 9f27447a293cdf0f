"""Draft orders: made by staff for a customer, told with their bill, and completed once.

A draft is priced when it is saved, and keeps that as its quote. What it comes to when it is completed must be the
same, or nothing happens: nobody is charged what staff did not see. Promotions and codes do not apply; staff take off
what they agreed. A completed draft is a confirmed order: it holds its stock without end, and is paid later, or already.
"""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from checkout import carts, draft_fields, further_payments, orders, pricing, quotes, tax_answers
from checkout.bills import Totals
from checkout.checkouts import MerchandiseNotSold, TotalChanged
from checkout.draft_fields import DraftFields
from checkout.models import DraftOrder, Order, OrderEventKind
from checkout.timeline import record
from shop import clock, deadlocks, paging
from shop.errors import NotFound, Refusal, blaming
from shop.paging import Page, PageRequest

_NEWEST_FIRST = paging.Order("NEWEST", "pk", descending=True)


class DraftCompleted(Refusal):
    """The draft has become an order, and does not change any more."""

    code = "DRAFT_ORDER_COMPLETED"

    def __init__(self, draft: DraftOrder) -> None:
        super().__init__(f"Draft {draft.name} has become an order; change the order instead.", field=("id",))


class DraftNotReady(Refusal):
    """Something is missing before the draft can become an order; the message says what."""

    code = "DRAFT_ORDER_NOT_READY"


def read(key: UUID) -> DraftOrder:
    """The draft with this key. Raises NotFound."""
    draft = DraftOrder.objects.filter(key=key).first()
    if draft is None:
        raise NotFound("DraftOrder")
    return draft


def page(is_completed: bool | None, request: PageRequest) -> Page[DraftOrder]:
    """A page of the drafts, newest first, perhaps only of those that became orders, or not. Raises InvalidPage."""
    found = DraftOrder.objects.all()
    if is_completed is not None:
        found = found.filter(completed_at__isnull=not is_completed)
    return paging.page(found, _NEWEST_FIRST, request, list, lambda row: (row.pk,))


def create(*, draft: DraftFields, actor: Actor) -> DraftOrder:
    """A new draft, priced. Its currency, which stays, is the one named, or that of whom it is for.

    Raises InvalidInput, NotFound, DraftTooLarge and their kin, for all fields together.
    """
    with transaction.atomic(durable=True), blaming("draft_order"):
        made, bill = prepared(draft, actor)
    return _priced_again(made) if ask(bill) else made


def prepared(draft: DraftFields, actor: Actor) -> tuple[DraftOrder, Totals]:
    """As `create`, with the bill, as a part of another command."""
    made = DraftOrder(actor_id=actor.user_id)
    return made, draft_fields.save(made, draft)


def ask(bill: Totals) -> bool:
    """Ask carriers and the tax service what is not known of a bill; False, and nothing is asked, in a transaction."""
    question = bill.taxes_told.wanted
    is_quoted = bool(bill.quotes_wanted) and quotes.fetch(bill.quotes_wanted)
    return (question is not None and tax_answers.fetch(question)) or is_quoted


def update(*, draft_key: UUID, draft: DraftFields) -> DraftOrder:
    """Change what is given of a draft, and price it anew. `line_items` replace those there are.

    Raises as `create`, and NotFound, DraftCompleted.
    """
    with transaction.atomic(durable=True):
        changed = _locked(draft_key)
        if changed.order_id is not None:
            raise DraftCompleted(changed)
        with blaming("draft_order"):
            bill = draft_fields.save(changed, draft)
    return _priced_again(changed) if ask(bill) else changed


def _priced_again(draft: DraftOrder) -> DraftOrder:
    """The draft priced anew by what was asked meanwhile, unless it became an order.

    Where the database gives this up it is run again by itself: the draft is there, and would be made a second time.
    """
    return deadlocks.again(partial(_saved_again, draft))


@transaction.atomic(durable=True)
def _saved_again(draft: DraftOrder) -> DraftOrder:
    changed = _locked(draft.key)
    if changed.order_id is None:
        draft_fields.save(changed, {})
    return changed


@transaction.atomic(durable=True)
def delete(*, draft_key: UUID) -> None:
    """Remove a draft that has not become an order. Raises NotFound, DraftCompleted."""
    draft = _locked(draft_key)
    if draft.order_id is not None:
        raise DraftCompleted(draft)
    draft.delete()


@transaction.atomic(durable=True)
def complete(*, draft_key: UUID, is_paid: bool, actor: Actor) -> DraftOrder:
    """Make an order of a draft, and hold its stock. Completing again answers the same order and does nothing more.

    Raises NotFound, DraftNotReady, DraftTooLarge, MerchandiseNotSold, QuantityTooHigh, TotalChanged, InsufficientStock.
    """
    draft = _locked(draft_key)
    if draft.order_id is not None:
        return draft
    with blaming("id"):
        order = ordered(draft, actor)
    if is_paid or not order.total:
        further_payments.receive(order)
    return draft


def ordered(draft: DraftOrder, actor: Actor, *, advice: str = "save the draft again") -> Order:
    """The confirmed order of a draft that the caller has locked, with its stock held. Raises as `complete`.

    `advice` is what to do where something that was told is out of date.
    """
    lines = list(draft.lines.order_by("position"))
    bill = pricing.of_draft(draft, lines)
    _ensure_ready(draft, bill, advice)
    if _agreed(draft_fields.quote(bill)) != _agreed(draft.quote):
        raise TotalChanged(f"It was priced anew, and comes to {bill.total}. Save the draft again to see what changed.")
    order = orders.place_draft(draft, bill, actor)
    reasons = [
        f"{priced.row.product_title} at {priced.unit_price}: {line.price_reason}"
        for line, priced in zip(lines, bill.lines, strict=True)
        if line.price_reason
    ]
    if reasons:
        record(order, OrderEventKind.NOTE, "; ".join(reasons)[:5000], is_public=False, actor=actor)
    draft.order, draft.completed_at = order, clock.now()
    draft.save(update_fields=["order", "completed_at"])
    return order


def _ensure_ready(draft: DraftOrder, bill: Totals, advice: str) -> None:
    """Refuse what no order can be made of. Raises DraftNotReady, DraftTooLarge, MerchandiseNotSold, QuantityTooHigh."""
    if not bill.lines:
        raise DraftNotReady("Add a line first.")
    for line in bill.lines:
        if not line.is_sold:
            raise MerchandiseNotSold(f"{line.row.product_title} is not sold in {draft.currency}; remove it.")
    carts.ensure_within_limits(bill, carts.wanted_of(bill))
    if not draft.email and not draft.phone:
        raise DraftNotReady("Give an e-mail address or a phone number first.")
    if bill.requires_shipping:
        if bill.address is None and not bill.is_pickup:
            raise DraftNotReady("Give a delivery address first.")
        if bill.delivery is None:
            raise DraftNotReady("Choose a delivery option, or give the delivery a price, first.")
        if bill.delivery.is_outdated:
            raise DraftNotReady(f"What {bill.delivery.title} costs is out of date; {advice}.")
    if bill.taxes_told.hindrance:
        raise DraftNotReady(f"What taxes come to is out of date, or not known now; {advice}.")
    draft_fields.ensure_bearable(bill)


def _agreed(said: dict[str, Any]) -> dict[str, Any]:
    """What of a quote must be the same when the draft is completed: all but the ways to deliver that there were."""
    return {name: value for name, value in said.items() if name != "options"}


def _locked(draft_key: UUID) -> DraftOrder:
    draft = DraftOrder.objects.select_for_update().filter(key=draft_key).first()
    if draft is None:
        raise NotFound("DraftOrder", field=("id",))
    return draft
