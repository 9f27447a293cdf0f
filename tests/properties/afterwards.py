"""Rules about orders that are taken back: as a whole, in parts, and by returns in every state."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, rule

from checkout.models import Order, OrderLine, Return
from tests import builders
from tests.properties.buying import QUANTITY
from tests.properties.payments import Paying
from tests.properties.world import LOCATIONS, ORDERS, VARIANT, Made, made

RETURNS: "Bundle[str]" = Bundle("returns")
MOSTLY = st.sampled_from([True, True, False])
WHICH = st.integers(min_value=0, max_value=1)


class Afterwards(Paying):
    @rule(order=ORDERS, restock=MOSTLY, refund=MOSTLY)
    def cancel_somehow(self, order: str, restock: bool, refund: bool) -> None:
        self._keeps(order, refund)
        self.ask("orderCancel", id=order, reason="Sold out", restock=restock, refund=refund)

    @rule(order=ORDERS, which=WHICH, quantity=QUANTITY, restock=MOSTLY, refund=MOSTLY)
    def cancel_lines(self, order: str, which: int, quantity: int, restock: bool, refund: bool) -> None:
        self._keeps(order, refund)
        lines = [{"orderLineItemId": builders.id_of(self._line(order, which)), "quantity": quantity}]
        self.ask("orderLinesCancel", id=order, lines=lines, reason="Sold out", restock=restock, refund=refund)

    @rule(
        order=ORDERS,
        which=WHICH,
        changes=st.lists(
            st.tuples(st.sampled_from(["addVariant", "setQuantity", "removeLine"]), VARIANT, QUANTITY),
            min_size=1,
            max_size=2,
        ),
    )
    def edit(self, order: str, which: int, changes: list[tuple[str, str, int]]) -> None:
        line = builders.id_of(self._line(order, which))
        said: dict[str, Callable[[str, int], Any]] = {
            "addVariant": lambda variant, quantity: {"variantId": variant, "quantity": quantity},
            "setQuantity": lambda _, quantity: {"orderLineItemId": line, "quantity": quantity},
            "removeLine": lambda *_: line,
        }
        wanted = [{action: said[action](variant, quantity)} for action, variant, quantity in changes]
        self.ask("orderEdit", id=order, changes=wanted)

    @rule(target=RETURNS, order=ORDERS, which=WHICH, quantity=QUANTITY, who=st.sampled_from(["sam", "alice"]))
    def ask_to_return(self, order: str, which: int, quantity: int, who: str) -> "Made[str]":
        lines = [{"orderLineItemId": builders.id_of(self._line(order, which)), "quantity": quantity}]
        payload = self.ask("returnRequest", "return { id }", as_=who, id=order, lines=lines, reason="Broken")
        return made(payload, lambda: payload["return"]["id"])

    @rule(returned=RETURNS, action=st.sampled_from(["returnApprove", "returnDecline", "returnCancel"]))
    def decide_return(self, returned: str, action: str) -> None:
        answer = {} if action == "returnCancel" else {"answer": "So be it"}
        self.ask(action, id=returned, **answer)

    @rule(returned=RETURNS, good=st.none() | QUANTITY, damaged=QUANTITY, location=LOCATIONS, refund=MOSTLY)
    def receive_return(self, returned: str, good: int | None, damaged: int, location: str, refund: bool) -> None:
        row = Return.objects.get(key=returned.rpartition("/")[2])
        arrivals = None
        if good is not None:
            line = builders.id_of(OrderLine.objects.get(return_lines__of=row))
            arrivals = [{"orderLineItemId": line, "goodQuantity": good, "damagedQuantity": damaged}]
        self.ask("returnReceive", id=returned, lines=arrivals, locationId=location, refund=refund)

    def _line(self, order: str, which: int) -> OrderLine:
        lines = OrderLine.objects.filter(order__key=order.rpartition("/")[2]).order_by("pk")
        return lines[which % len(lines)]

    def _keeps(self, order: str, refund: bool) -> None:
        if not refund:
            self.kept_money.add(Order.objects.get(key=order.rpartition("/")[2]).pk)
