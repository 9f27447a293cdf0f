"""What promotions do to any bill: exact in every currency, never below zero, and the same however lines are sorted."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import ProductStatus
from checkout import promotions
from checkout.bills import LineRow, PricedLine, Totals
from checkout.models import Promotion, PromotionKind
from checkout.promotions import Candidate, Facts
from shop.money import Money, exponent

# The machine may be busy: what is drawn first loads tables of its own.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 11, 25, tzinfo=UTC)
FACTS = Facts(now=NOW)


def a_line(pk: int, variant_id: int, quantity: int, unit: Money) -> PricedLine:
    goods = ("Mug", "", f"SKU-{variant_id}", True, "", 0, ProductStatus.ACTIVE, True, None, unit.amount, None)
    row = LineRow(pk, variant_id, quantity, [], variant_id, *goods, 1000, None, None, None, [], None, None, False)
    return PricedLine(row, unit, unit * quantity)


@st.composite
def bills(draw):
    currency = draw(st.sampled_from(["USD", "JPY", "KWD"]))
    units = st.integers(0, 10**9).map(lambda number: Decimal(number).scaleb(-exponent(currency)))
    lines = [
        a_line(pk, draw(st.integers(1, 4)), draw(st.integers(1, 40)), Money(draw(units), currency))
        for pk in range(1, draw(st.integers(1, 6)) + 1)
    ]
    return Totals(currency, lines)


@st.composite
def offers(draw, currency):
    amount = Decimal(draw(st.integers(0, 10**7))).scaleb(-exponent(currency))
    percentage = Decimal(draw(st.integers(1, 100_000))).scaleb(-3)
    kind = draw(st.sampled_from([one for one in PromotionKind if one != PromotionKind.FREE_GIFT]))
    is_whole = kind in {PromotionKind.FIXED_AMOUNT, PromotionKind.FIXED_PRICE}
    return Promotion(
        pk=draw(st.integers(1, 50)),
        title="Any",
        kind=kind,
        priority=draw(st.integers(1, 3)),
        is_exclusive=draw(st.booleans()),
        currency=currency,
        amount=amount if is_whole else None,
        percentage=None if is_whole else percentage,
        tiers=[{"from": "0", "percentage": str(percentage)}, {"from": str(amount), "amount": str(amount)}],
        buy_quantity=draw(st.integers(1, 5)),
        get_quantity=draw(st.integers(1, 5)),
        max_times=draw(st.none() | st.integers(1, 3)),
        merchandise={"variants": draw(st.lists(st.integers(1, 4), max_size=2))},
        qualifying={"variants": draw(st.lists(st.integers(1, 4), max_size=2))},
    )


@patiently
@given(st.data())
def test_takes_off_what_it_says_and_never_more_than_there_is(data):
    bill = data.draw(bills())
    found = data.draw(st.lists(offers(bill.currency), max_size=5, unique_by=lambda one: one.pk))
    candidates = [Candidate(promotion) for promotion in found]

    promoted = promotions.apply(bill, candidates, FACTS)

    for line in promoted.lines:
        assert Decimal(0) <= line.total.amount <= line.subtotal.amount
        assert all(discount.amount.amount > 0 for discount in line.discounts)
        assert line.total.amount == line.total.amount.quantize(Decimal(1).scaleb(-exponent(bill.currency)))
    assert promoted.discount == sum((one.amount for one in promoted.outcomes), Money.zero(bill.currency))
    assert promoted.subtotal + promoted.discount == bill.subtotal
    applied = [one for one in found if any(o.is_applied and o.promotion_id == one.pk for o in promoted.outcomes)]
    assert len(applied) <= 1 or not any(promotion.is_exclusive for promotion in applied)


@patiently
@given(st.data())
def test_does_the_same_however_lines_and_promotions_are_sorted(data):
    bill = data.draw(bills())
    found = data.draw(st.lists(offers(bill.currency), max_size=4, unique_by=lambda one: one.pk))
    candidates = [Candidate(promotion) for promotion in found]

    first = promotions.apply(bill, candidates, FACTS)
    shuffled = replace(bill, lines=data.draw(st.permutations(bill.lines)))
    second = promotions.apply(shuffled, data.draw(st.permutations(candidates)), FACTS)

    assert {line.row.pk: line.discounts for line in first.lines} == {
        line.row.pk: line.discounts for line in second.lines
    }
    assert first.outcomes == second.outcomes
