"""What promotions take off a bill: pure functions over the bill, the promotions and what is known of the buyer.

Promotions are considered one by one: by priority, the lowest number first, then the oldest. Each takes its part of what
those before it left of a line, so that no line ever costs less than nothing. What has to be spent or bought for one is
counted at prices before any promotion. The first that applies decides what else may: where it is exclusive, nothing
does; where it is not, every other that is not exclusive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog import membership
from checkout import bills
from checkout.bills import DeliveryOption, Discount, Hindrance, LineRow, Outcome, PricedLine, Totals
from checkout.models import Promotion, PromotionKind
from shop import money
from shop.money import Money

# Each reason for which a promotion does not apply, and what it means.
HINDRANCES: dict[str, str] = {
    "NOT_FOUND": "No promotion has this code.",
    "NOT_ACTIVE": "The promotion is not active, or its code was disabled.",
    "NOT_STARTED": "It has not begun.",
    "ENDED": "It is over.",
    "OTHER_CURRENCY": "It is for carts in another currency.",
    "OTHER_COUNTRY": "It is for other countries.",
    "NOT_IN_GROUP": "It is for groups of customers of which the buyer is in none.",
    "NOT_FIRST_ORDER": "It is for the first order of a customer.",
    "USED_UP": "It was used as often as it may be.",
    "USED_UP_BY_CUSTOMER": "The buyer has used it as often as one customer may.",
    "MINIMUM_SPEND": "More has to be spent on what counts for it.",
    "MINIMUM_QUANTITY": "More units have to be bought of what counts for it.",
    "NO_MERCHANDISE": "Nothing in the cart is what it is for.",
    "NO_DELIVERY": "Nothing in the cart is delivered.",
    "GIFT_UNAVAILABLE": "The gift is out of stock, or not sold to the buyer.",
    "EXCLUDED": "Another promotion that comes first does not go together with it.",
    "NO_EFFECT": "There is nothing left that it could take off.",
}
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A promotion that may apply, and the code that brings it; a code that nobody knows brings none."""

    promotion: Promotion | None
    code: str = ""
    code_id: int | None = None
    is_code_active: bool = True
    is_code_left: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What promotions ask about beside the bill.

    `held` are the categories and collections that products stand in, `uses` how often the buyer used a promotion, and
    `gifts` the variants that may be added for nothing.
    """

    now: datetime
    country: str = ""
    held: Mapping[int, frozenset[tuple[int, int]]] = field(default_factory=dict)
    groups: frozenset[int] = frozenset()
    is_first_order: bool = True
    uses: Mapping[int, int] = field(default_factory=dict)
    gifts: Mapping[int, PricedLine] = field(default_factory=dict)


class _Hindered(Exception):
    """The promotion takes nothing off, for this reason."""

    def __init__(self, code: str, message: str, amount: Money | None = None, quantity: int | None = None) -> None:
        super().__init__(code)
        self.hindrance = Hindrance(code, message, amount, quantity)


@dataclass(slots=True)
class _Bill:
    """The bill while promotions are applied: what is left of each line, and the gifts added."""

    currency: str
    lines: list[PricedLine]
    facts: Facts
    left: dict[int, Money]
    discounts: dict[int, list[Discount]]
    gifts: list[PricedLine] = field(default_factory=list)
    requires_shipping: bool = False

    @classmethod
    def of(cls, bill: Totals, facts: Facts) -> "_Bill":
        # In an order of their own: how a cart is sorted must not decide which line bears the odd cent.
        # Gift cards are money: nothing is taken off them, and they count for nothing.
        goods = [one for one in bill.lines if one.is_sold and not one.row.is_gift_card]
        lines = sorted(goods, key=lambda one: (one.row.variant_id, one.row.pk))
        left = {one.row.pk: one.total for one in lines}
        discounts: dict[int, list[Discount]] = {one.row.pk: [] for one in lines}
        return cls(bill.currency, lines, facts, left, discounts, requires_shipping=bill.requires_shipping)

    def of_merchandise(self, merchandise: Mapping[str, Sequence[int]]) -> list[PricedLine]:
        return [line for line in self.lines if is_of(line.row, merchandise, self.facts.held)]

    def rest(self, lines: Iterable[PricedLine]) -> Money:
        return money.total((self.left[line.row.pk] for line in lines), self.currency)


def apply(bill: Totals, candidates: Sequence[Candidate], facts: Facts) -> Totals:
    """The bill with what the candidates take off its lines, gifts added, and what became of each candidate."""
    work = _Bill.of(bill, facts)
    outcomes = [_unknown(one, bill.currency) for one in candidates if one.promotion is None]
    leader: Promotion | None = None
    applied: set[int] = set()
    for promotion, candidate in _in_order(candidates):
        outcome = Outcome(
            promotion.title, Money.zero(bill.currency), candidate.code, promotion.pk, candidate.code_id, None
        )
        try:
            _ensure_open(promotion, candidate, facts)
            _ensure_meant(promotion, work)
            _ensure_bought(promotion, work)
            _ensure_together(promotion, leader, applied)
            outcome = _taken(promotion, outcome, work)
        except _Hindered as hindered:
            outcomes.append(replace(outcome, hindrance=hindered.hindrance))
            continue
        outcomes.append(outcome)
        applied.add(promotion.pk)
        leader = leader or promotion
    lines = [replace(line, discounts=(*line.discounts, *work.discounts.get(line.row.pk, ()))) for line in bill.lines]
    return replace(bill, lines=[*lines, *work.gifts], outcomes=outcomes)


def on_delivery(bill: Totals, options: Sequence[DeliveryOption]) -> list[DeliveryOption]:
    """The delivery options at the prices that promotions of this bill leave of them."""
    freeing = next((one for one in bill.outcomes if one.is_applied and one.frees_delivery), None)
    if freeing is None:
        return list(options)
    free = Money.zero(bill.currency)
    return [
        replace(one, price=free, discounts=(*one.discounts, _discount(freeing, one.price))) if one.price else one
        for one in options
    ]


def is_of(
    row: LineRow, merchandise: Mapping[str, Sequence[int]], held: Mapping[int, frozenset[tuple[int, int]]]
) -> bool:
    """Whether a line is of this merchandise, which is everything where it names nothing."""
    if not any(merchandise.values()):
        return True
    if row.variant_id in merchandise.get("variants", ()) or row.product_id in merchandise.get("products", ()):
        return True
    stands_in = held.get(row.product_id, frozenset())
    return any((membership.CATEGORY, key) in stands_in for key in merchandise.get("categories", ())) or any(
        (membership.COLLECTION, key) in stands_in for key in merchandise.get("collections", ())
    )


def used(bill: Totals) -> dict[int, Money]:
    """The promotions that took something off the bill, and how much each did."""
    found: dict[int, Money] = {}
    for discounts in [line.discounts for line in bill.lines] + ([bill.delivery.discounts] if bill.delivery else []):
        for one in discounts:
            if one.promotion_id is not None:
                found[one.promotion_id] = found.get(one.promotion_id, Money.zero(bill.currency)) + one.amount
    return found


def _in_order(candidates: Sequence[Candidate]) -> list[tuple[Promotion, Candidate]]:
    known = [(one.promotion, one) for one in candidates if one.promotion is not None]
    return sorted(known, key=lambda pair: (pair[0].priority, pair[0].pk, pair[1].code))


def _unknown(candidate: Candidate, currency: str) -> Outcome:
    hindrance = Hindrance("NOT_FOUND", f'There is no discount with the code "{candidate.code}".')
    return Outcome("", Money.zero(currency), candidate.code, hindrance=hindrance)


def _ensure_open(promotion: Promotion, candidate: Candidate, facts: Facts) -> None:
    """Whatever the cart: raises _Hindered where nobody may use it now, or this buyer may not again."""
    if not promotion.is_active or not candidate.is_code_active:
        raise _Hindered("NOT_ACTIVE", f"{promotion.title} is not active.")
    if promotion.starts_at is not None and facts.now < promotion.starts_at:
        raise _Hindered("NOT_STARTED", f"{promotion.title} starts on {promotion.starts_at:%Y-%m-%d %H:%M} UTC.")
    if promotion.ends_at is not None and facts.now >= promotion.ends_at:
        raise _Hindered("ENDED", f"{promotion.title} ended on {promotion.ends_at:%Y-%m-%d %H:%M} UTC.")
    is_left = promotion.usage_limit is None or promotion.used < promotion.usage_limit
    if not is_left or not candidate.is_code_left:
        raise _Hindered("USED_UP", f"{promotion.title} is used up.")
    limit = promotion.limit_per_customer
    if promotion.is_first_order and not facts.is_first_order:
        raise _Hindered("NOT_FIRST_ORDER", f"{promotion.title} is for a first order.")
    if limit is not None and facts.uses.get(promotion.pk, 0) >= limit:
        raise _Hindered("USED_UP_BY_CUSTOMER", f"{promotion.title} was used as often as one customer may.")


def _ensure_meant(promotion: Promotion, work: _Bill) -> None:
    """Raises _Hindered where it is for other buyers."""
    if promotion.currency and promotion.currency != work.currency:
        raise _Hindered("OTHER_CURRENCY", f"{promotion.title} is for carts in {promotion.currency}.")
    if promotion.countries and work.facts.country not in promotion.countries:
        raise _Hindered("OTHER_COUNTRY", f"{promotion.title} is for {', '.join(promotion.countries)}.")
    if promotion.group_ids and not work.facts.groups.intersection(promotion.group_ids):
        raise _Hindered("NOT_IN_GROUP", f"{promotion.title} is for a group of customers you are not in.")


def _ensure_bought(promotion: Promotion, work: _Bill) -> None:
    """Raises _Hindered where too little of what counts for it is in the cart."""
    counting = work.of_merchandise(
        promotion.qualifying if any(promotion.qualifying.values()) else promotion.merchandise
    )
    units = sum(line.row.quantity for line in counting)
    spent = money.total((line.subtotal for line in counting), work.currency)
    if not units:
        raise _Hindered("NO_MERCHANDISE", f"Nothing in the cart counts for {promotion.title}.")
    least = promotion.min_subtotal
    if promotion.kind == PromotionKind.TIERED:
        least = max(least or Decimal(0), min((Decimal(tier["from"]) for tier in promotion.tiers), default=Decimal(0)))
    if least is not None and spent.amount < least:
        missing = Money.rounded(least - spent.amount, work.currency)
        raise _Hindered("MINIMUM_SPEND", f"Spend {missing} more for {promotion.title}.", amount=missing)
    if promotion.min_quantity is not None and units < promotion.min_quantity:
        more = promotion.min_quantity - units
        raise _Hindered("MINIMUM_QUANTITY", f"Add {more} more for {promotion.title}.", quantity=more)
    if promotion.kind == PromotionKind.FREE_SHIPPING and not work.requires_shipping:
        raise _Hindered("NO_DELIVERY", f"Nothing is delivered that {promotion.title} could be for.")


def _ensure_together(promotion: Promotion, leader: Promotion | None, applied: set[int]) -> None:
    if promotion.pk in applied:
        raise _Hindered("EXCLUDED", f"{promotion.title} applies already.")
    if leader is not None and (leader.is_exclusive or promotion.is_exclusive):
        raise _Hindered("EXCLUDED", f"{promotion.title} does not go together with {leader.title}.")


def _taken(promotion: Promotion, outcome: Outcome, work: _Bill) -> Outcome:
    """Have the promotion take its part off the lines. Raises _Hindered where there is none to take."""
    if promotion.kind == PromotionKind.FREE_SHIPPING:
        return replace(outcome, frees_delivery=True)
    if promotion.kind == PromotionKind.FREE_GIFT:
        return _given(promotion, outcome, work)
    parts = {pk: part for pk, part in _parts(promotion, work).items() if part}
    if not parts:
        raise _Hindered("NO_EFFECT", f"There is nothing that {promotion.title} could take off.")
    for pk, part in parts.items():
        work.discounts[pk].append(_discount(outcome, part))
        work.left[pk] -= part
    return replace(outcome, amount=money.total(parts.values(), work.currency))


def _parts(promotion: Promotion, work: _Bill) -> dict[int, Money]:
    """What it takes off each line, by the line's key."""
    lines = work.of_merchandise(promotion.merchandise)
    match promotion.kind:
        case PromotionKind.PERCENTAGE:
            return _spread(work.rest(lines) * (_share(promotion.percentage)), lines, work)
        case PromotionKind.FIXED_AMOUNT:
            return _spread(Money.rounded(promotion.amount or Decimal(0), work.currency), lines, work)
        case PromotionKind.FIXED_PRICE:
            price = Money.rounded(promotion.amount or Decimal(0), work.currency)
            over = {line.row.pk: work.left[line.row.pk] - price * line.row.quantity for line in lines}
            return {pk: part for pk, part in over.items() if part.amount > 0}
        case PromotionKind.TIERED:
            return _spread(_of_tier(promotion, lines, work), lines, work)
        case _:
            return _got(promotion, lines, work)


def _spread(wanted: Money, lines: Sequence[PricedLine], work: _Bill) -> dict[int, Money]:
    """So much, or all that is left where that is less, in proportion to what is left of each line."""
    bearing = [line.row.pk for line in lines if work.left[line.row.pk]]
    if not bearing:
        return {}
    whole = min(wanted, money.total((work.left[pk] for pk in bearing), work.currency))
    shares = whole.allocate([work.left[pk].amount for pk in bearing])
    return dict(zip(bearing, shares, strict=True))


def _of_tier(promotion: Promotion, lines: Sequence[PricedLine], work: _Bill) -> Money:
    """What the highest tier that is reached takes off."""
    counting = work.of_merchandise(
        promotion.qualifying if any(promotion.qualifying.values()) else promotion.merchandise
    )
    spent = money.total((line.subtotal for line in counting), work.currency)
    reached = [tier for tier in promotion.tiers if Decimal(tier["from"]) <= spent.amount]
    tier: dict[str, Any] = max(reached, key=lambda one: Decimal(one["from"]))
    if tier.get("percentage") is not None:
        return work.rest(lines) * _share(Decimal(tier["percentage"]))
    return Money.rounded(Decimal(tier["amount"]), work.currency)


def _got(promotion: Promotion, lines: Sequence[PricedLine], work: _Bill) -> dict[int, Money]:
    """The cheapest units of `lines` for less: so many for each time that enough of the others are bought."""
    buy, get = promotion.buy_quantity or 1, promotion.get_quantity or 1
    bought = promotion.qualifying if any(promotion.qualifying.values()) else promotion.merchandise
    buying = {line.row.pk: line.row.quantity for line in work.of_merchandise(bought)}
    cheapest = sorted(lines, key=lambda line: (line.unit_price.amount, line.row.variant_id, line.row.pk))
    there = sum(line.row.quantity for line in lines)
    if not there:
        raise _Hindered("NO_MERCHANDISE", f"Add what {promotion.title} is for.", quantity=1)

    def missing(times: int) -> int:
        got = _units(cheapest, times * get)
        paid = sum(units - got.get(pk, 0) for pk, units in buying.items())
        return times * buy - paid

    if missing(1) > 0:
        raise _Hindered("MINIMUM_QUANTITY", f"Add {missing(1)} more for {promotion.title}.", quantity=missing(1))
    low, high = 1, min(sum(buying.values()) // buy, -(-there // get), promotion.max_times or there)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if missing(middle) <= 0 else (low, middle - 1)
    share = _share(promotion.percentage) if promotion.percentage is not None else Decimal(1)
    quantities = {line.row.pk: line.row.quantity for line in lines}
    return {pk: work.left[pk] * (share * k / quantities[pk]) for pk, k in _units(cheapest, low * get).items()}


def _units(lines: Sequence[PricedLine], wanted: int) -> dict[int, int]:
    """The first so many units of these lines, by the line's key."""
    found: dict[int, int] = {}
    for line in lines:
        if wanted <= 0:
            break
        found[line.row.pk] = min(wanted, line.row.quantity)
        wanted -= line.row.quantity
    return found


def _given(promotion: Promotion, outcome: Outcome, work: _Bill) -> Outcome:
    """Add the gift as a line of its own, which takes a unit out of stock as any other does. Raises _Hindered."""
    priced = work.facts.gifts.get(promotion.gift_variant_id or 0)
    if priced is not None:
        row, price = priced.row, priced.subtotal
        # No line of the cart has such a key, and no command knows it.
        line = replace(priced, row=row._replace(pk=-promotion.pk), is_gift=True)
        taken = bills.stock_taken([*work.lines, *work.gifts, line])[row.variant_id]
        wanted = 1 + sum(one.row.quantity for one in work.lines if one.row.variant_id == row.variant_id)
        is_allowed = row.max_quantity is None or wanted <= row.max_quantity
        if line.is_sold and is_allowed and taken <= row.free:
            outcome = replace(outcome, amount=price)
            work.gifts.append(replace(line, discounts=(_discount(outcome, price),)))
            return outcome
    raise _Hindered("GIFT_UNAVAILABLE", f"The gift of {promotion.title} is not available now.")


def _discount(outcome: Outcome, amount: Money) -> Discount:
    return Discount(outcome.title, amount, outcome.code, outcome.promotion_id)


def _share(percentage: Decimal | None) -> Decimal:
    return (percentage or Decimal(0)) / _HUNDRED
