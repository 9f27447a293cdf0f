"""Uses of promotions: taken in the transaction that places an order, given back when the order is cancelled.

Decided and written in one statement each, so that no limit is passed by however many orders at once. Promotions are
locked by id, their codes and the counters of customers after them, stock after those.
"""

from django.db import connection

from checkout import promotion_facts, promotions
from checkout.bills import Totals
from checkout.models import Order, PromotionUse
from shop import prepared, writes
from shop.errors import Refusal
from shop.prepared import Bound


class DiscountCodeNotHonoured(Refusal):
    """A discount code that was entered applies no longer; take it out of the cart, or meet its conditions."""

    code = "DISCOUNT_CODE_NOT_HONOURED"


class PromotionUsedUp(Refusal):
    """A promotion was used up while the order was placed; the cart has its new total."""

    code = "PROMOTION_USED_UP"


def take(order: Order, bill: Totals) -> None:
    """Have the order use each promotion that took something off its bill.

    Call inside the transaction that places it, before any stock is held. Raises DiscountCodeNotHonoured,
    PromotionUsedUp.
    """
    amounts = promotions.used(bill)
    if not amounts:
        return
    outcomes = {one.promotion_id: one for one in bill.outcomes if one.is_applied and one.promotion_id in amounts}
    keys = sorted(amounts)
    who = promotion_facts.who(order.customer_id, order.email, order.phone)
    taken = {key for (key,) in prepared.rows([Bound(_TAKE, {"keys": keys})])}
    _ensure_all(bill, taken, keys)
    codes = {one.code_id: key for key, one in outcomes.items() if one.code_id is not None}
    if codes:
        left = {codes[code] for (code,) in prepared.rows([Bound(_TAKE_CODES, {"keys": sorted(codes)})])}
        _ensure_all(bill, left, [key for key in codes.values() if key is not None])
    left = {key for (key,) in prepared.rows([Bound(_COUNT, {"keys": keys, "who": who})])}
    _ensure_all(bill, left, keys)
    uses = [
        PromotionUse(
            promotion_id=key,
            code_id=outcomes[key].code_id,
            order=order,
            customer_id=order.customer_id,
            who=who,
            units=1,
            amount=amounts[key].amount,
            currency=bill.currency,
        )
        for key in keys
    ]
    writes.insert(uses)


def give_back(order: Order) -> None:
    """Give back what a cancelled order used. Call inside the transaction that cancels it, with the order locked."""
    if not order.discount_total:
        return
    with connection.cursor() as cursor:
        cursor.execute(_RETURN, [order.pk])
        keys = [key for (key,) in cursor.fetchall()]
        if keys:
            values = {"order": order.pk}
            cursor.execute(_GIVE_BACK, values)
            cursor.execute(_GIVE_BACK_CODES, values)
            cursor.execute(_DISCOUNT, values)


def _ensure_all(bill: Totals, taken: set[int], wanted: list[int]) -> None:
    lost = set(wanted) - taken
    for outcome in bill.outcomes:
        if outcome.promotion_id in lost and outcome.is_applied:
            if outcome.code:
                said = f'The code "{outcome.code}" was used up just now; take it out of the cart to check out.'
                raise DiscountCodeNotHonoured(said)
            raise PromotionUsedUp(f"{outcome.title} was used up just now; look at the new total.")


_TAKE = """
WITH locked AS (
    SELECT id FROM checkout_promotion WHERE id = ANY(%(keys)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
)
UPDATE checkout_promotion promotion SET used = used + 1
FROM locked
WHERE promotion.id = locked.id AND is_active AND (usage_limit IS NULL OR used < usage_limit)
RETURNING promotion.id
"""
_TAKE_CODES = """
WITH locked AS (
    SELECT id FROM checkout_promotioncode WHERE id = ANY(%(keys)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
)
UPDATE checkout_promotioncode code SET used = used + 1
FROM locked
WHERE code.id = locked.id AND is_active AND (usage_limit IS NULL OR used < usage_limit)
RETURNING code.id
"""
# A first order is had once, as `Promotion.limit_per_customer` says. The promotions are locked by now.
_COUNT = """
INSERT INTO checkout_promotioncustomer (promotion_id, who, used)
SELECT id, %(who)s::text, 1 FROM checkout_promotion WHERE id = ANY(%(keys)s::bigint[]) ORDER BY id
ON CONFLICT (promotion_id, who) DO UPDATE SET used = checkout_promotioncustomer.used + 1
WHERE checkout_promotioncustomer.used < (
    SELECT CASE WHEN is_first_order THEN 1 ELSE coalesce(usage_limit_per_customer, 2147483647) END
    FROM checkout_promotion WHERE id = checkout_promotioncustomer.promotion_id
)
RETURNING promotion_id
"""
_RETURN = """
INSERT INTO checkout_promotionuse
       (promotion_id, code_id, order_id, customer_id, who, units, amount, currency, created_at)
SELECT promotion_id, code_id, order_id, customer_id, who, -1, -amount, currency, now()
FROM checkout_promotionuse WHERE order_id = %s AND units = 1
ORDER BY promotion_id
ON CONFLICT (order_id, promotion_id, units) DO NOTHING
RETURNING promotion_id
"""
_GIVE_BACK = """
WITH locked AS (
    SELECT promotion.id FROM checkout_promotion promotion
    JOIN checkout_promotionuse given ON given.promotion_id = promotion.id
    WHERE given.order_id = %(order)s AND given.units = -1 ORDER BY promotion.id FOR NO KEY UPDATE OF promotion
)
UPDATE checkout_promotion promotion SET used = used - 1 FROM locked WHERE promotion.id = locked.id
"""
_GIVE_BACK_CODES = """
UPDATE checkout_promotioncode code SET used = used - 1
FROM checkout_promotionuse given
WHERE code.id = given.code_id AND given.order_id = %(order)s AND given.units = -1
"""
_DISCOUNT = """
UPDATE checkout_promotioncustomer counter SET used = counter.used - 1
FROM checkout_promotionuse given
WHERE counter.promotion_id = given.promotion_id AND counter.who = given.who
  AND given.order_id = %(order)s AND given.units = -1
"""


def differences() -> list[str]:
    """Every promotion, and every code and customer of one, that was used another number of times than orders tell."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG)
        wrong = [f"{noun} {key} was used another number of times than orders tell" for noun, key in cursor.fetchall()]
        cursor.execute(_UNTOLD)
        return wrong + [f"order {number} and the uses of promotions differ" for (number,) in cursor.fetchall()]


_WRONG = """
SELECT 'promotion', p.id::text FROM checkout_promotion p
WHERE p.used <> (SELECT coalesce(sum(units), 0) FROM checkout_promotionuse WHERE promotion_id = p.id)
UNION ALL
SELECT 'code', c.code FROM checkout_promotioncode c
WHERE c.used <> (SELECT coalesce(sum(units), 0) FROM checkout_promotionuse WHERE code_id = c.id)
UNION ALL
SELECT 'promotion', p.promotion_id || ' by ' || p.who FROM checkout_promotioncustomer p
WHERE p.used <> (
    SELECT coalesce(sum(units), 0) FROM checkout_promotionuse u WHERE u.promotion_id = p.promotion_id AND u.who = p.who
)
ORDER BY 1, 2
"""
# What each promotion took off a living order by its own lines and delivery, beside what was entered as its use.
_UNTOLD = """
WITH told AS (
    SELECT o.id, (part->>'promotion_id')::bigint AS promotion_id, sum((part->>'amount')::numeric) AS amount
    FROM checkout_order o
    CROSS JOIN LATERAL (
        SELECT jsonb_array_elements(o.shipping_discounts) AS part
        UNION ALL
        SELECT jsonb_array_elements(l.discounts) FROM checkout_orderline l WHERE l.order_id = o.id
    ) parts
    WHERE o.status <> 'CANCELLED' AND part->>'promotion_id' IS NOT NULL GROUP BY 1, 2
), used AS (
    SELECT order_id AS id, promotion_id, sum(amount) AS amount FROM checkout_promotionuse
    GROUP BY 1, 2 HAVING sum(units) <> 0
)
SELECT DISTINCT o.number
FROM told FULL JOIN used USING (id, promotion_id) JOIN checkout_order o USING (id)
WHERE told.amount IS DISTINCT FROM used.amount ORDER BY 1
"""
