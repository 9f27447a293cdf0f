"""What is owed for an order after it was agreed: less, where something is cancelled, more where something is added.

What was agreed stays.
"""

from collections.abc import Iterable, Sequence

from accounts.actors import Actor
from checkout import dues, refunds
from checkout.models import Order, OrderLine, Payment, Refund
from shop.money import Money


def take_off(order: Order, units: Iterable[tuple[OrderLine, int]]) -> Money:
    """Owe no more for so many more units of these lines, and tell how much that is. Call before they count as gone.

    Each line bears its discounts and taxes in equal parts; what cannot be divided goes with its last units.
    """
    before = order.current_total
    for line, quantity in units:
        gone, going = line.gone, line.gone + quantity
        order.subtotal_change -= line.share(line.total, going) - line.share(line.total, gone)
        order.tax_change -= line.share(line.tax_total, going) - line.share(line.tax_total, gone)
    _store(order)
    return before - order.current_total


def add_on(order: Order, lines: Sequence[OrderLine]) -> None:
    """Owe what these lines cost beside what was agreed."""
    for line in lines:
        order.subtotal_change += line.total
        order.tax_change += line.tax_total
    _store(order)


def give_back(order: Order, most: Money, reason: str, actor: Actor) -> list[Refund]:
    """Have a job give back what was received beyond what is owed now, and no more than `most`; the order is locked."""
    paid = list(Payment.objects.select_for_update().filter(order=order).order_by("-pk"))
    return refunds.intend(paid, min(most, dues.of(order).excess), reason, actor)


def _store(order: Order) -> None:
    order.total_change = order.subtotal_change + (0 if order.taxes_included else order.tax_change)
    order.save(update_fields=["subtotal_change", "tax_change", "total_change"])
