"""What must hold of money and goods, counted naively in words of these tests, from what is stored and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Sum
from hypothesis.stateful import initialize, invariant

from accounts.models import CreditLimit, PointsAccount, PointsEntry
from catalog.models import StockHold, StockLevel, StockMovement
from checkout.models import (
    GiftCard,
    GiftCardEntry,
    Order,
    OrderLine,
    Payment,
    PaymentEntry,
    Promotion,
    Refund,
    TestCharge,
    TestRefund,
)
from tests import builders
from tests.properties.world import World

SMALLEST = {"JPY": Decimal(1), "USD": Decimal("0.01"), "EUR": Decimal("0.01"), "KWD": Decimal("0.001")}
STEPS = "lineId total { amount currencyCode } steps { kind title amount { amount } quantity rate code }"
EXPLAINED = f"""
{{ orders(first: 100) {{ nodes {{
  id totalPrice {{ amount currencyCode }}
  explanation {{ total {{ amount currencyCode }} lines {{ {STEPS} }} delivery {{ {STEPS} }} }}
}} }} }}
"""


class Books(World):
    @initialize()
    def open_the_books(self) -> None:
        self.explained: dict[tuple[str, str | None], Any] = {}

    @invariant()
    def every_total_is_the_sum_of_its_parts(self) -> None:
        for order in Order.objects.prefetch_related("lines"):
            lines = list(order.lines.all())
            for line in lines:
                taken = amounts(line.discounts)
                assert line.discount_total == taken
                assert line.total == line.unit_price * line.quantity - taken >= 0
                assert line.tax_total == amounts(line.taxes)
                ensure_rates(line.total, line.taxes, order)
            ensure_rates(order.shipping_total, order.shipping_taxes, order)
            lines = [line for line in lines if line.edit_id is None]
            taxes = sum(line.tax_total for line in lines) + amounts(order.shipping_taxes)
            assert order.subtotal == sum(line.total for line in lines)
            assert order.discount_total == sum(line.discount_total for line in lines) + amounts(
                order.shipping_discounts
            )
            assert order.tax_total == taxes
            assert order.total == order.subtotal + order.shipping_total + (0 if order.taxes_included else taxes)
            said = [order.total, order.subtotal, order.shipping_total, order.discount_total, taxes, order.total_change]
            assert all(amount % SMALLEST[order.currency] == 0 for amount in said)

    @invariant()
    def what_is_gone_of_an_order_is_owed_no_more(self) -> None:
        """And what an edit has added is owed too."""
        for order in Order.objects.prefetch_related("lines"):
            lines = list(order.lines.all())
            gone = sum(Fraction(line.total) * (part_gone(line) - bool(line.edit_id)) for line in lines)
            taxes = sum(Fraction(line.tax_total) * (part_gone(line) - bool(line.edit_id)) for line in lines)
            slack = len(lines) * Fraction(SMALLEST[order.currency]) / 2
            if all(part_gone(line) in (0, 1) for line in lines):
                slack = Fraction(0)
            assert abs(Fraction(order.subtotal_change) + gone) <= slack
            assert abs(Fraction(order.tax_change) + taxes) <= slack
            assert order.total_change == order.subtotal_change + (0 if order.taxes_included else order.tax_change)

    @invariant()
    def no_order_keeps_more_than_its_total(self) -> None:
        for order in Order.objects.all():
            ledger = entries(PaymentEntry.objects.filter(payment__order=order))
            added = sum(line.total + line.tax_total for line in order.lines.exclude(edit=None))
            assert 0 <= ledger["CAPTURE"] - ledger["REFUND"] <= order.total + added

    @invariant()
    def the_bank_has_what_the_ledger_says(self) -> None:
        charges = TestCharge.objects.in_bulk()
        for payment in Payment.objects.filter(gateway="test").exclude(status="PENDING"):
            ledger, charge = entries(payment.entries.all()), charges.get(payment.key)
            received = charge.amount if charge and charge.status in ("CAPTURED", "REFUNDED") else 0
            given_back = total(TestRefund.objects.filter(charge_id=payment.key))
            as_credit = total(payment.refunds.filter(to_store_credit=True, status="DONE"))
            assert ledger["CAPTURE"] == received
            assert ledger["REFUND"] == given_back + as_credit
            assert payment.captured == received <= payment.amount

    @invariant()
    def gift_cards_have_what_their_ledgers_say(self) -> None:
        for card in GiftCard.objects.all():
            ledger = GiftCardEntry.objects.filter(gift_card=card).values_list("kind", "amount")
            assert card.balance == sum(amount for _, amount in ledger) >= 0
        spent = entries(PaymentEntry.objects.filter(payment__gateway="gift_card"))
        told = entries(GiftCardEntry.objects.all())
        as_credit = total(Refund.objects.filter(to_store_credit=True, status="DONE"))
        refunded = total(Refund.objects.filter(payment__gateway="gift_card", to_store_credit=True, status="DONE"))
        assert spent["CAPTURE"] == -told["SPEND"]
        assert spent["REFUND"] - refunded == told["GIVE_BACK"]
        assert as_credit == told["REFUND"]

    @invariant()
    def points_and_credit_are_what_orders_tell(self) -> None:
        for account in PointsAccount.objects.all():
            assert account.balance == sum(account.entries.values_list("points", flat=True)) >= 0
        paid = entries(PaymentEntry.objects.filter(payment__gateway="points"))["CAPTURE"]
        spent = sum(PointsEntry.objects.filter(kind="SPEND").values_list("points", flat=True))
        assert paid == -spent * SMALLEST[self.currency]
        for limit in CreditLimit.objects.all():
            assert limit.used == total(Order.objects.filter(customer=limit.customer), "credit_used") >= 0

    @invariant()
    def every_unit_that_is_to_be_sent_is_held(self) -> None:
        wanted = Counter[tuple[str, int]]()
        for line in OrderLine.objects.filter(order__status__in=["PLACED", "CONFIRMED"]).select_related("order"):
            left = line.quantity - line.cancelled_quantity - line.fulfilled_quantity
            parts = [(one["variant_id"], one["quantity"]) for one in line.components] or [(line.variant_id, 1)]
            for variant, each in parts:
                wanted[f"order:{line.order.key}", variant] += left * each
        held = Counter[tuple[str, int]]()
        for reference, variant, quantity in StockHold.objects.values_list("reference", "variant_id", "quantity"):
            held[reference, variant] += quantity
        assert +wanted == +held
        sums = StockMovement.objects.values_list("variant_id", "location_id").annotate(
            on_hand=Sum("on_hand_delta"), reserved=Sum("reserved_delta")
        )
        ledger = {(variant, place): counts for variant, place, *counts in sums}
        for level in StockLevel.objects.all():
            assert ledger.get((level.variant_id, level.location_id), [0, 0]) == [level.on_hand, level.reserved]

    @invariant()
    def promotions_are_used_as_often_as_orders_tell(self) -> None:
        used = Counter[int]()
        for order in Order.objects.exclude(status="CANCELLED").prefetch_related("lines"):
            parts = [*order.shipping_discounts, *(part for line in order.lines.all() for part in line.discounts)]
            used.update({part["promotion_id"] for part in parts})
        for promotion in Promotion.objects.all():
            assert promotion.used == used[promotion.pk]
            assert promotion.usage_limit is None or promotion.used <= promotion.usage_limit

    @invariant()
    def orders_are_explained_as_on_their_first_day(self) -> None:
        headers = {"Authorization": f"Bearer {self.tokens['sam']}"}
        said = self._post({"query": EXPLAINED}, headers)["data"]["orders"]["nodes"]
        added = {builders.id_of(line): line for line in OrderLine.objects.exclude(edit=None)}
        for order in said:
            parts = [*order["explanation"]["lines"], *filter(None, [order["explanation"]["delivery"]])]
            assert amounts([order["explanation"]["total"]]) == amounts(part["total"] for part in parts)
            for part in parts:
                steps = [step["amount"] for step in part["steps"] if step["kind"] != "TAX_INCLUDED"]
                assert amounts(steps) == amounts([part["total"]])
                assert self.explained.setdefault((order["id"], part["lineId"]), part) == part
            agreed = [part["total"] for part in parts if part["lineId"] not in added]
            assert amounts(agreed) == amounts([order["totalPrice"]])
        assert len(said) == Order.objects.count()


def amounts(parts: Iterable[Mapping[str, Any]]) -> Decimal:
    """The sum of the parts of something stored."""
    return sum((Decimal(part["amount"]) for part in parts), Decimal(0))


def total(rows: Any, column: str = "amount") -> Decimal:
    return rows.aggregate(sum=Sum(column))["sum"] or Decimal(0)


def entries(ledger: Any) -> "Counter[Any]":
    """The sum of the entries of each kind."""
    found: Counter[Any] = Counter()
    for entry in ledger:
        found[entry.kind] += entry.amount
    return found


def part_gone(line: OrderLine) -> Fraction:
    return Fraction(line.cancelled_quantity + line.returned_quantity, line.quantity)


def ensure_rates(base: Decimal, taxes: list[dict[str, str]], order: Order) -> None:
    """Each tax is what its rate makes of the base, rounded by itself or as a part of a whole."""
    together = sum((Decimal(tax["rate"]) for tax in taxes), Decimal(0))
    net = base / (1 + together) if order.taxes_included else base
    for tax in taxes:
        assert abs(Decimal(tax["amount"]) - net * Decimal(tax["rate"])) < SMALLEST[order.currency]
