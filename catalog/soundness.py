"""What must hold of stock, of the tree of categories, of handles and of attribute values; `manage.py verify` asks."""

from django.db import connection
from django.db.models import Sum

from catalog.models import Category, StockHold, StockLevel, StockMovement

_STEP = Category.steplen


def stock_differences() -> list[str]:
    """Every level whose ledger or holds do not add up to it."""
    wrong = []
    entries = StockMovement.objects.values_list("variant_id", "location_id").annotate(
        on_hand=Sum("on_hand_delta"), reserved=Sum("reserved_delta")
    )
    ledger = {(variant, place): (on_hand, reserved) for variant, place, on_hand, reserved in entries}
    held = {
        (variant, place): quantity
        for variant, place, quantity in StockHold.objects.values_list("variant_id", "location_id").annotate(
            held=Sum("quantity")
        )
    }
    for level in StockLevel.objects.order_by("variant_id", "location_id").iterator():
        key = (level.variant_id, level.location_id)
        if ledger.pop(key, (0, 0)) != (level.on_hand, level.reserved):
            wrong.append(f"stock of variant {key[0]} at location {key[1]} differs from its ledger")
        if held.pop(key, 0) != level.reserved:
            wrong.append(f"holds of variant {key[0]} at location {key[1]} differ from what is reserved")
    wrong += [f"ledger of variant {variant} at location {place} has no level" for variant, place in sorted(ledger)]
    wrong += [f"holds of variant {variant} at location {place} have no level" for variant, place in sorted(held)]
    return wrong


def tree_differences() -> list[str]:
    """Every category whose place in the tree, or what is derived from it, contradicts its path."""
    wrong = []
    with connection.cursor() as cursor:
        for query, complaint in _TREE_CHECKS:
            cursor.execute(query)
            wrong += [f"category {category} {complaint}" for (category,) in cursor.fetchall()]
    return wrong


def handle_differences() -> list[str]:
    """Every category and collection that has not reserved the handle it carries."""
    with connection.cursor() as cursor:
        cursor.execute(_UNRESERVED)
        return [f"{kind} {key} has not reserved its handle" for kind, key in cursor.fetchall()]


def collection_differences() -> list[str]:
    """Every collection that has both products and rules, or says otherwise than which of them it has."""
    with connection.cursor() as cursor:
        cursor.execute(_MIXED)
        return [f"collection {key} contradicts its rules or its places" for (key,) in cursor.fetchall()]


def attribute_differences() -> list[str]:
    """Every value of an attribute that breaks its definition, or stands where it cannot."""
    wrong = []
    with connection.cursor() as cursor:
        for condition, complaint in _VALUE_CHECKS:
            cursor.execute(f"{_VALUES} WHERE {condition} ORDER BY v.id")
            wrong += [f"attribute value {key} of product {product} {complaint}" for key, product in cursor.fetchall()]
    return wrong


_VALUES = """
SELECT v.id, v.product_id FROM catalog_attributevalue v JOIN catalog_attribute a ON a.id = v.attribute_id
LEFT JOIN catalog_attributechoice choice ON choice.id = v.choice_id
LEFT JOIN catalog_productvariant variant ON variant.id = v.variant_id
"""
_VALUE_CHECKS = (
    (
        """
        CASE a.kind WHEN 'TEXT' THEN v.text IS NULL WHEN 'NUMBER' THEN v.number IS NULL
        WHEN 'BOOLEAN' THEN v.boolean IS NULL WHEN 'DATE' THEN v.date IS NULL ELSE v.choice_id IS NULL END
        """,
        "is of another kind than its attribute",
    ),
    ("choice.attribute_id <> v.attribute_id", "is a choice of another attribute"),
    ("variant.product_id <> v.product_id", "is of another product's variant"),
    (
        """
        a.kind = 'CHOICE' AND EXISTS (
            SELECT 1 FROM catalog_attributevalue other
            WHERE other.product_id = v.product_id AND other.variant_id IS NOT DISTINCT FROM v.variant_id
                AND other.attribute_id = v.attribute_id AND other.id < v.id
        )
        """,
        "is one choice too many",
    ),
)

_TREE_CHECKS = (
    (
        f"SELECT id FROM catalog_category WHERE path !~ '^([0-9A-Z]{{{_STEP}}})+$' ORDER BY id",  # noqa: S608  (a constant)
        "has a path that is none",
    ),
    (
        f"SELECT id FROM catalog_category WHERE depth * {_STEP} <> length(path) ORDER BY id",  # noqa: S608
        "has a depth that is not its path's",
    ),
    (
        f"""
        SELECT c.id FROM catalog_category c
        LEFT JOIN catalog_category parent ON parent.path = left(c.path, -{_STEP})
        WHERE length(c.path) > {_STEP} AND parent.id IS NULL ORDER BY c.id
        """,  # noqa: S608
        "has no parent",
    ),
    (
        f"""
        SELECT c.id FROM catalog_category c
        LEFT JOIN (
            SELECT left(path, -{_STEP}) AS path, count(*) AS children FROM catalog_category GROUP BY 1
        ) counted USING (path)
        WHERE c.numchild <> coalesce(counted.children, 0) ORDER BY c.id
        """,  # noqa: S608
        "has a number of children that is not theirs",
    ),
    (
        f"""
        SELECT c.id FROM catalog_category c
        WHERE c.is_listed = EXISTS (
            SELECT 1 FROM generate_series({_STEP}, length(c.path), {_STEP}) AS size
            JOIN catalog_category a ON a.path = left(c.path, size) AND NOT a.is_active
        )
        ORDER BY c.id
        """,  # noqa: S608
        "is listed although a category at or above it is inactive, or the other way round",
    ),
)

_MIXED = """
SELECT c.id FROM catalog_collection c
WHERE (c.rule_match <> '') <> EXISTS (SELECT 1 FROM catalog_collectionrule r WHERE r.collection_id = c.id)
    OR (c.rule_match <> '' AND EXISTS (SELECT 1 FROM catalog_collectionproduct p WHERE p.collection_id = c.id))
ORDER BY c.id
"""

_UNRESERVED = """
SELECT 'category', c.id FROM catalog_category c
WHERE NOT EXISTS (SELECT 1 FROM catalog_listhandle h WHERE h.category_id = c.id AND h.handle = c.handle)
UNION ALL
SELECT 'collection', c.id FROM catalog_collection c
WHERE NOT EXISTS (SELECT 1 FROM catalog_listhandle h WHERE h.collection_id = c.id AND h.handle = c.handle)
ORDER BY 1, 2
"""
