"""What members of staff may do: permissions, given through Django's groups as roles."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing a role allows. Every value is a permission of the User model."""

    MANAGE_CATALOG = "manage_catalog"
    MANAGE_INVENTORY = "manage_inventory"
    MANAGE_ORDERS = "manage_orders"
    MANAGE_CUSTOMERS = "manage_customers"
    MANAGE_REVIEWS = "manage_reviews"
    MANAGE_PROMOTIONS = "manage_promotions"


MEANINGS: dict[Permission, str] = {
    Permission.MANAGE_CATALOG: "Change categories, products and content",
    Permission.MANAGE_INVENTORY: "Change stock",
    Permission.MANAGE_ORDERS: "See, fulfil and cancel orders",
    Permission.MANAGE_CUSTOMERS: "See and change customers",
    Permission.MANAGE_REVIEWS: "Approve, reject and delete reviews",
    Permission.MANAGE_PROMOTIONS: "See and change promotions and their codes",
}

ROLES: dict[str, frozenset[Permission]] = {
    "Owner": frozenset(Permission),
    "Merchandiser": frozenset(
        {
            Permission.MANAGE_CATALOG,
            Permission.MANAGE_INVENTORY,
            Permission.MANAGE_PROMOTIONS,
            Permission.MANAGE_REVIEWS,
        }
    ),
    "Fulfilment": frozenset({Permission.MANAGE_ORDERS, Permission.MANAGE_INVENTORY}),
    "Support": frozenset({Permission.MANAGE_ORDERS, Permission.MANAGE_CUSTOMERS, Permission.MANAGE_REVIEWS}),
}
