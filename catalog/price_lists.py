"""Price lists: which there are, and what stands in them."""

from django.db import connection

from catalog.models.price import base_of


def base(currency: str) -> int:
    """The key of a currency's base list, which is made if it is not there yet. Call inside a transaction."""
    key = base_of(currency)
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_BASE, [key, currency.lower(), currency, currency, key])
    return key


_MAKE_BASE = """
INSERT INTO catalog_pricelist (id, handle, title, currency, countries, priority, is_active, is_current)
SELECT %s, %s, %s, %s, '{}', 0, true, true
WHERE NOT EXISTS (SELECT 1 FROM catalog_pricelist WHERE id = %s)
ON CONFLICT DO NOTHING
"""
