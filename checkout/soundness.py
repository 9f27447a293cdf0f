"""What must hold of orders, their lines and their timelines; `manage.py verify` asks."""

from django.db import connection
from django.db.models import Q

from checkout.models import Order


def order_differences() -> list[str]:
    """Every order whose sums, units or timeline contradict its lines, its parcels or the ledger of stock."""
    wrong = []
    with connection.cursor() as cursor:
        for query, complaint in _CHECKS:
            cursor.execute(query)
            wrong += [f"order {number} {complaint}" for (number,) in cursor.fetchall()]
    return wrong + _owing_differences()


def _owing_differences() -> list[str]:
    """Orders that owe less, or more, than what is left of their lines: the few that changed are computed anew."""
    wrong = []
    is_changed = (
        Q(lines__cancelled_quantity__gt=0)
        | Q(lines__returned_quantity__gt=0)
        | ~Q(subtotal_change=0)
        | ~Q(tax_change=0)
        | Q(lines__edit__isnull=False)
    )
    changed = Order.objects.filter(is_changed).distinct().order_by("pk").prefetch_related("lines__order")
    for order in changed.iterator(chunk_size=500):
        lines = order.lines.all()
        change, change_of_tax = (
            sum(getattr(line, sum_of) * line.is_added - line.share(getattr(line, sum_of), line.gone) for line in lines)
            for sum_of in ("total", "tax_total")
        )
        if (order.subtotal_change, order.tax_change) != (change, change_of_tax):
            wrong.append(f"order {order.number} owes less, or more, than what is left of its lines")
    return wrong


_AGREED = """
SELECT o.number FROM checkout_order o JOIN checkout_orderline l ON l.order_id = o.id
GROUP BY o.id HAVING o.subtotal <> coalesce(sum(l.total) FILTER (WHERE l.edit_id IS NULL), 0) ORDER BY o.id
"""
_EDITED = """
SELECT o.number FROM checkout_order o
WHERE (o.edited_at IS NULL) = EXISTS (SELECT FROM checkout_orderedit e WHERE e.order_id = o.id)
   OR EXISTS (SELECT FROM checkout_orderline l JOIN checkout_orderedit e ON e.id = l.edit_id
              WHERE l.order_id = o.id AND e.order_id <> o.id)
ORDER BY o.id
"""
_PARTS = """
SELECT o.number
FROM checkout_orderline l
JOIN checkout_order o ON o.id = l.order_id
WHERE l.{total} <> (SELECT coalesce(sum((part->>'amount')::numeric), 0) FROM jsonb_array_elements(l.{parts}) part)
GROUP BY o.id ORDER BY o.id
"""
_SUMS = """
SELECT o.number FROM checkout_order o
WHERE o.{total} <> (
        SELECT coalesce(sum(l.{total}), 0) FROM checkout_orderline l WHERE l.order_id = o.id AND l.edit_id IS NULL
    ) + (SELECT coalesce(sum((part->>'amount')::numeric), 0) FROM jsonb_array_elements(o.{parts}) part)
ORDER BY o.id
"""
_SENT = """
SELECT o.number
FROM checkout_orderline l
JOIN checkout_order o ON o.id = l.order_id
LEFT JOIN checkout_fulfillmentline f ON f.order_line_id = l.id
GROUP BY o.id, l.id HAVING l.fulfilled_quantity <> coalesce(sum(f.quantity), 0) ORDER BY o.id
"""
_RETURNED = """
SELECT o.number
FROM checkout_orderline l
JOIN checkout_order o ON o.id = l.order_id
LEFT JOIN checkout_returnline back ON back.order_line_id = l.id
LEFT JOIN checkout_return r ON r.id = back.of_id
GROUP BY o.id, l.id
HAVING l.returned_quantity <> coalesce(sum(back.good + back.damaged) FILTER (WHERE r.status = 'RECEIVED'), 0)
    OR l.returning_quantity <> coalesce(sum(back.quantity) FILTER (WHERE r.status IN ('REQUESTED', 'OPEN')), 0)
ORDER BY o.id
"""
_MOVED = """
WITH sent AS (
    SELECT o.id, part.variant_id, sum(l.{column} * part.quantity) AS units
    FROM checkout_orderline l
    JOIN checkout_order o ON o.id = l.order_id
    CROSS JOIN LATERAL (
        SELECT (c->>'variant_id')::bigint AS variant_id, (c->>'quantity')::int AS quantity
        FROM jsonb_array_elements(l.components) c
        UNION ALL SELECT l.variant_id, 1 WHERE jsonb_array_length(l.components) = 0
    ) part
    JOIN catalog_productvariant v ON v.id = part.variant_id
    GROUP BY o.id, part.variant_id
),
moved AS (
    SELECT o.id, m.variant_id, abs(sum(m.on_hand_delta)) AS units
    FROM checkout_order o JOIN catalog_stockmovement m ON m.reference = 'order:' || o.key AND m.kind = '{kind}'
    GROUP BY o.id, m.variant_id
)
SELECT DISTINCT o.number
FROM sent FULL JOIN moved USING (id, variant_id) JOIN checkout_order o USING (id)
WHERE coalesce(sent.units, 0) <> coalesce(moved.units, 0)
ORDER BY o.number
"""
_HELD = """
WITH unsent AS (
    SELECT o.id, part.variant_id,
           sum((l.quantity - l.cancelled_quantity - l.fulfilled_quantity) * part.quantity) AS units
    FROM checkout_orderline l
    JOIN checkout_order o ON o.id = l.order_id AND o.status IN ('PLACED', 'CONFIRMED')
    CROSS JOIN LATERAL (
        SELECT (c->>'variant_id')::bigint AS variant_id, (c->>'quantity')::int AS quantity
        FROM jsonb_array_elements(l.components) c
        UNION ALL SELECT l.variant_id, 1 WHERE jsonb_array_length(l.components) = 0
    ) part
    JOIN catalog_productvariant v ON v.id = part.variant_id
    GROUP BY o.id, part.variant_id
),
held AS (
    SELECT o.id, h.variant_id, sum(h.quantity) AS units
    FROM checkout_order o JOIN catalog_stockhold h ON h.reference = 'order:' || o.key
    GROUP BY o.id, h.variant_id
)
SELECT DISTINCT o.number
FROM unsent FULL JOIN held USING (id, variant_id) JOIN checkout_order o USING (id)
WHERE coalesce(unsent.units, 0) <> coalesce(held.units, 0)
ORDER BY o.number
"""
_UNTOLD = """
SELECT o.number
FROM checkout_order o
CROSS JOIN LATERAL (VALUES
    ('PLACED', o.placed_at), ('CONFIRMED', o.confirmed_at), ('FULFILLED', o.fulfilled_at), ('CANCELLED', o.cancelled_at)
) stage(kind, at)
WHERE stage.at IS NOT NULL
  AND NOT EXISTS (SELECT FROM checkout_orderevent e WHERE e.order_id = o.id AND e.kind = stage.kind)
GROUP BY o.id ORDER BY o.id
"""
_CHECKS = (
    (_AGREED, "has another subtotal than its lines"),
    (_EDITED, "is said to be edited and was not, or the other way round"),
    (_PARTS.format(total="discount_total", parts="discounts"), "has a line with another discount than its parts"),
    (_PARTS.format(total="tax_total", parts="taxes"), "has a line with another tax than its parts"),
    (_SUMS.format(total="discount_total", parts="shipping_discounts"), "has another discount than lines and delivery"),
    (_SUMS.format(total="tax_total", parts="shipping_taxes"), "has another tax than its lines and its delivery"),
    (_SENT, "has other units sent than its parcels"),
    (_MOVED.format(column="fulfilled_quantity", kind="SALE"), "has other units sent than left the stock"),
    (_HELD, "holds other units than it has left to send"),
    (_RETURNED, "has other units on their way back, or back, than its returns"),
    (_MOVED.format(column="returned_quantity", kind="RETURN"), "has other units back than came into stock"),
    (_UNTOLD, "has a timeline without its status"),
)
