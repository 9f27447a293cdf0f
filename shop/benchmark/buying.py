"""The floor of a checkout: its four requests as views that write the same rows by statements written by hand.

There are as few statements as transactions: six, for the test bank keeps its book in one of its own, between the two
that a payment needs. They take the locks the shop takes. What they leave out is what makes a shop of it: no input is
checked, nothing is refused in words, no facts are counted anew, so that they never take the last unit of anything.
Where something does not fit they answer null, or fail, which the load generator counts as an error.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from shop import ids, money, prepared, requests
from shop.benchmark.pieces import FREE
from shop.prepared import Bound


def _money(amount: str) -> str:
    return f"json_build_object('amount', round({amount}, 2)::text, 'currencyCode', cart.currency)"


# What may still be taken of one level.
_LEFT = "level.on_hand - level.reserved - level.safety_stock + level.backorder_limit"

# Each of these is part of a WITH, and reads a `cart` before it.
_GOODS = """
goods AS (
    SELECT sum(line.quantity * price.amount) AS subtotal
    FROM cart
    JOIN checkout_cartline line ON line.cart_id = cart.id AND NOT line.is_saved
    JOIN catalog_price price
      ON price.variant_id = line.variant_id AND price.price_list_id = %(price_list)s AND price.min_quantity = 1
)
"""
_SELECTED = """
place AS (
    SELECT given.address, given.address ->> 'country_code' AS country
    FROM cart JOIN checkout_cartaddress given ON given.cart_id = cart.id AND given.is_selected
)
"""
_OPTIONS = """
option AS (
    SELECT method.id, method.handle, method.title, method.position,
           CASE WHEN goods.subtotal >= rate.free_from THEN 0 ELSE rate.amount END AS amount
    FROM cart CROSS JOIN place CROSS JOIN goods
    JOIN checkout_shippingrate rate ON rate.currency = cart.currency
    JOIN checkout_shippingmethod method ON method.id = rate.method_id AND method.is_active
    JOIN checkout_shippingzone zone ON zone.id = method.zone_id
    WHERE zone.countries = '{}' OR zone.countries @> ARRAY[place.country]::varchar[]
)
"""
_LOCKED = """
cart AS (SELECT * FROM checkout_cart WHERE secret = %(cart)s AND completed_at IS NULL FOR UPDATE)
"""

_CREATE = f"""
WITH wanted AS (
    SELECT wanted.*, price.amount
    FROM unnest(%(variants)s::bigint[], %(quantities)s::int[]) WITH ORDINALITY AS wanted(variant_id, quantity, number)
    JOIN catalog_productvariant v ON v.id = wanted.variant_id
    JOIN catalog_product p ON p.id = v.product_id AND p.status = 'ACTIVE'
    JOIN catalog_category c ON c.id = p.category_id AND c.is_listed
    JOIN catalog_price price
      ON price.variant_id = v.id AND price.price_list_id = %(price_list)s AND price.min_quantity = 1
    WHERE wanted.quantity <= {FREE}
),
cart AS (
    INSERT INTO checkout_cart (secret, currency, country, email, phone, note, attributes, created_at, updated_at)
    SELECT %(secret)s, %(currency)s, %(country)s, %(email)s, '', '', '[]', now(), now()
    WHERE (SELECT count(*) FROM wanted) = cardinality(%(variants)s::bigint[])
    RETURNING *
),
line AS (
    INSERT INTO checkout_cartline
        (cart_id, variant_id, quantity, attributes, created_at, seen_price, seen_currency)
    SELECT cart.id, variant_id, quantity, '[]', now(), amount, cart.currency
    FROM cart CROSS JOIN wanted ORDER BY number
)
SELECT json_build_object('cartCreate', json_build_object(
    'cart', json_build_object(
        'id', 'gid://shop/Cart/' || cart.secret,
        'totalQuantity', goods.quantity,
        'cost', json_build_object('totalAmount', {_money("goods.subtotal")})
    ),
    'userErrors', '[]'::json
))::text
FROM cart CROSS JOIN (SELECT sum(quantity) AS quantity, sum(quantity * amount) AS subtotal FROM wanted) goods
"""  # noqa: S608  (here as below, only constants of this module are put together)

_ADD_ADDRESS = f"""
WITH cart AS (
    UPDATE checkout_cart SET updated_at = now() WHERE secret = %(cart)s AND completed_at IS NULL RETURNING *
),
place AS (
    INSERT INTO checkout_cartaddress (cart_id, address, is_selected)
    SELECT id, %(address)s::jsonb, NOT EXISTS (SELECT 1 FROM checkout_cartaddress given WHERE given.cart_id = cart.id)
    FROM cart
    RETURNING address ->> 'country_code' AS country
),
{_GOODS}, {_OPTIONS}
SELECT json_build_object('cartDeliveryAddressesAdd', json_build_object(
    'cart', json_build_object('deliveryGroups', json_build_object('nodes', json_build_array(json_build_object(
        'id', 'gid://shop/CartDeliveryGroup/' || cart.secret,
        'deliveryOptions', (
            SELECT json_agg(json_build_object(
                'handle', handle, 'title', title, 'estimatedCost', json_build_object('amount', round(amount, 2)::text)
            ) ORDER BY position, id)
            FROM option
        )
    )))),
    'userErrors', '[]'::json
))::text
FROM cart
"""  # noqa: S608

_SELECT_DELIVERY = f"""
WITH {_LOCKED}, {_SELECTED}, {_GOODS}, {_OPTIONS},
chosen AS (
    UPDATE checkout_cart SET delivery_method_id = option.id, updated_at = now()
    FROM cart CROSS JOIN option
    WHERE checkout_cart.id = cart.id AND option.handle = %(option)s
    RETURNING option.amount
)
SELECT json_build_object('cartSelectedDeliveryOptionsUpdate', json_build_object(
    'cart', json_build_object('cost', json_build_object(
        'totalAmount', {_money("goods.subtotal + chosen.amount")},
        'totalShippingAmount', json_build_object('amount', round(chosen.amount, 2)::text)
    )),
    'userErrors', '[]'::json
))::text
FROM cart CROSS JOIN goods CROSS JOIN chosen
"""  # noqa: S608

# The order is placed, its stock held and its payment intended.
_PLACE = f"""
WITH {_LOCKED}, {_SELECTED}, {_GOODS}, {_OPTIONS},
line AS (
    SELECT line.variant_id, line.quantity, line.attributes, p.title, v.title AS variant_title, v.sku,
           coalesce(own.src, first.src, '') AS image_src, v.requires_shipping, price.amount,
           row_number() OVER (ORDER BY line.id) - 1 AS position
    FROM cart
    JOIN checkout_cartline line ON line.cart_id = cart.id AND NOT line.is_saved
    JOIN catalog_productvariant v ON v.id = line.variant_id
    JOIN catalog_product p ON p.id = v.product_id AND p.status = 'ACTIVE'
    JOIN catalog_category c ON c.id = p.category_id AND c.is_listed
    JOIN catalog_price price
      ON price.variant_id = v.id AND price.price_list_id = %(price_list)s AND price.min_quantity = 1
    LEFT JOIN catalog_productimage own ON own.id = v.image_id
    LEFT JOIN catalog_productimage first ON first.product_id = p.id AND first.position = 0
),
level AS (
    SELECT level.id, line.quantity
    FROM line
    JOIN catalog_stocklevel level ON level.variant_id = line.variant_id
    JOIN catalog_stocklocation l ON l.id = level.location_id AND l.is_active
    WHERE line.quantity < {_LEFT}
    ORDER BY level.variant_id FOR UPDATE OF level
),
taken AS (
    UPDATE catalog_stocklevel SET reserved = reserved + level.quantity
    FROM level WHERE catalog_stocklevel.id = level.id
    RETURNING variant_id, location_id, level.quantity
),
held AS (
    INSERT INTO catalog_stockhold (reference, variant_id, location_id, quantity, expires_at)
    SELECT 'order:' || %(key)s::uuid, variant_id, location_id, quantity, now() + %(hold)s FROM taken
),
moved AS (
    INSERT INTO catalog_stockmovement
           (variant_id, location_id, kind, on_hand_delta, reserved_delta, reference, note, created_at)
    SELECT variant_id, location_id, 'HOLD', 0, quantity, 'order:' || %(key)s::uuid, '', now() FROM taken
),
completed AS (
    UPDATE checkout_cart SET completed_at = now() FROM cart WHERE checkout_cart.id = cart.id
),
placed AS (
    INSERT INTO checkout_order
           (key, number, status_token, cart_id, customer_id, status, email, phone, note, attributes, currency, language,
            subtotal, shipping_total, tax_total, total, delivery_address, delivery_method, hold_expires_at,
            cancel_reason, placed_at)
    SELECT %(key)s::uuid, checkout_new_order_number(), %(token)s, cart.id, cart.customer_id, 'PLACED', cart.email,
           cart.phone, cart.note, cart.attributes, cart.currency, 'EN', goods.subtotal, option.amount, 0,
           goods.subtotal + option.amount, place.address, option.title, now() + %(hold)s, '', now()
    FROM cart JOIN option ON option.id = cart.delivery_method_id CROSS JOIN place CROSS JOIN goods
    WHERE (SELECT count(*) FROM taken) = (
        SELECT count(*) FROM checkout_cartline line WHERE line.cart_id = cart.id AND NOT line.is_saved
    )
    RETURNING *
),
bought AS (
    INSERT INTO checkout_orderline
           (order_id, variant_id, position, title, variant_title, sku, image_src, attributes, requires_shipping,
            quantity, fulfilled_quantity, unit_price, total)
    SELECT placed.id, line.variant_id, line.position, line.title, line.variant_title, line.sku, line.image_src,
           line.attributes, line.requires_shipping, line.quantity, 0, line.amount, line.quantity * line.amount
    FROM placed CROSS JOIN line ORDER BY line.position
),
event AS (
    INSERT INTO checkout_orderevent (order_id, kind, message, is_public, actor_id, created_at)
    SELECT id, 'PLACED', 'The order was placed.', true, customer_id, now() FROM placed
)
INSERT INTO checkout_payment
       (key, order_id, gateway, method, status, amount, currency, gateway_reference, error, created_at, updated_at)
SELECT %(payment)s::uuid, id, 'test', '', 'PENDING', total, currency, '', '', now(), now() FROM placed
RETURNING amount, currency
"""  # noqa: S608

_CHARGE = """
INSERT INTO checkout_testcharge (key, amount, currency, status, token, created_at)
VALUES (%(payment)s, %(amount)s, %(currency)s, 'CAPTURED', 'success', now())
RETURNING status
"""

# What the bank said is recorded, and the order confirmed.
_RECORD = f"""
WITH locked AS (
    SELECT p.id AS payment_id, o.id AS order_id, 'order:' || o.key AS reference
    FROM checkout_payment p JOIN checkout_order o ON o.id = p.order_id JOIN checkout_cart c ON c.id = o.cart_id
    WHERE p.key = %(payment)s AND p.status = 'PENDING' AND o.status = 'PLACED'
    FOR UPDATE OF c, o, p
),
paid AS (
    UPDATE checkout_payment SET status = %(status)s, captured = amount, gateway_reference = 'test_' || key,
        updated_at = now()
    FROM locked WHERE id = locked.payment_id
    RETURNING id, status, amount, gateway_reference
),
entry AS (
    INSERT INTO checkout_paymententry (payment_id, kind, amount, gateway_reference, message, created_at)
    SELECT id, 'CAPTURE', amount, gateway_reference, '', now() FROM paid
),
cart AS (
    UPDATE checkout_order SET status = 'CONFIRMED', confirmed_at = now(), hold_expires_at = NULL
    FROM locked WHERE id = locked.order_id
    RETURNING id, key, number, status, status_token, total, currency
),
kept AS (
    UPDATE catalog_stockhold hold SET expires_at = NULL FROM locked WHERE hold.reference = locked.reference
),
event AS (
    INSERT INTO checkout_orderevent (order_id, kind, message, is_public, created_at)
    SELECT cart.id, event.*, true, now()
    FROM cart CROSS JOIN paid CROSS JOIN LATERAL (VALUES
        ('PAYMENT_CAPTURED', paid.amount || ' ' || cart.currency || ' came in.'),
        ('CONFIRMED', 'The order was confirmed.')
    ) AS event
),
told AS (
    INSERT INTO shop_outboxmessage (topic, payload, request_id, created_at)
    SELECT message.*, %(request)s, now()
    FROM cart CROSS JOIN paid CROSS JOIN LATERAL (VALUES
        ('payment.captured', jsonb_build_object('payment_id', paid.id, 'order_id', cart.id)),
        ('order.confirmed', jsonb_build_object('order_id', cart.id))
    ) AS message
)
SELECT json_build_object('checkoutComplete', json_build_object(
    'order', json_build_object(
        'id', 'gid://shop/Order/' || cart.key,
        'name', '#' || cart.number,
        'status', cart.status,
        'financialStatus', 'PAID',
        'totalPrice', {_money("cart.total")}
    ),
    'orderStatusToken', cart.status_token,
    'payment', json_build_object('status', paid.status),
    'userErrors', '[]'::json
))::text
FROM cart CROSS JOIN paid
"""  # noqa: S608


def _create(given: Mapping[str, Any]) -> str:
    return _answer(_CREATE, {**given, "secret": ids.new_secret(), "currency": settings.SHOP_CURRENCY})


def _add_address(given: Mapping[str, Any]) -> str:
    return _answer(_ADD_ADDRESS, {**given, "address": orjson.dumps(given["address"]).decode()})


def _select_delivery(given: Mapping[str, Any]) -> str:
    return _answer(_SELECT_DELIVERY, given)


def _complete(given: Mapping[str, Any]) -> str:
    keys = {"key": ids.new_key(), "payment": ids.new_key(), "token": ids.new_secret()}
    [(amount, currency)] = _rows(_PLACE, {**given, **keys, "hold": settings.HOLD_LIFETIME})
    charge = {"payment": keys["payment"], "amount": amount, "currency": currency}
    [(status,)] = _rows(_CHARGE, charge)
    return _answer(_RECORD, {"payment": keys["payment"], "status": status, "request": requests.current_id()})


STEPS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "create": _create,
    "address": _add_address,
    "delivery": _select_delivery,
    "complete": _complete,
}


@csrf_exempt
def step(request: HttpRequest, name: str) -> HttpResponse:
    """One request of a checkout, with its variables as JSON; answers what the page's `data` would be."""
    return HttpResponse(STEPS[name](orjson.loads(request.body)), content_type="application/json")


def _answer(statement: str, values: Mapping[str, Any]) -> str:
    found = _rows(statement, values)
    return str(found[0][0]) if found else "null"


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Its plan is kept, as the shop keeps its own."""
    price_list = money.number(settings.SHOP_CURRENCY)
    return prepared.rows([Bound(statement, {**values, "price_list": price_list})])
