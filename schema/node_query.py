"""`node(id)` and `nodes(ids)`: read again whatever has an id, by the type that stands in it.

A noun becomes readable by one line in `READERS`, or by `READERS[noun] = …` where its module is imported.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import strawberry

from checkout import carts
from schema import loaders, nodes
from schema.attributes import AttributeDefinition, definitions_by_id
from schema.bulk import BulkJob, bulk_jobs_by_id
from schema.carts import Cart
from schema.categories import Category
from schema.classes import ShippingClass, TaxClass, shipping_classes_by_id, tax_classes_by_id
from schema.collections import Collection
from schema.content import Menu, Page
from schema.context import Context, Info
from schema.customer_groups import CustomerGroup, customer_groups
from schema.customers import Customer
from schema.fields import query
from schema.locations import Location
from schema.nodes import Node
from schema.orders import Order
from schema.price_changes import ScheduledPriceChange, scheduled_changes
from schema.price_lists import PriceList, price_lists_by_key
from schema.products import Product
from schema.promotions import Promotion, promotions_by_key
from schema.redirects import UrlRedirect, redirects_by_id
from schema.reviews import Review, reviews_by_id
from schema.shipping import ShippingMethod, ShippingZone, methods_by_key, zones_by_key
from schema.stock_counts import StockCount, counts_by_id
from schema.taxes import TaxRate, tax_rates_by_id
from schema.transfers import InventoryTransfer
from schema.variants import ProductVariant
from schema.wishlists import Wishlist, wishlists_by_id
from shop.errors import InvalidInput

MAX_NODES = 250

Read: TypeAlias = Callable[[Context, Sequence[str]], dict[str, Node]]


def by_number(load: Callable[[Context, list[int]], Sequence[Any]], of: Callable[[Any], Node], noun: str) -> Read:
    """Reads nodes whose key is a number through a batch function: one query however many ids."""

    def read(context: Context, ids: Sequence[str]) -> dict[str, Node]:
        keys = {id: key for id in ids if (key := nodes.number_if_any(id, noun)) is not None}
        rows = load(context, list(keys.values())) if keys else []
        return {id: of(row) for id, row in zip(keys, rows, strict=True) if row is not None}

    return read


def by_uuid(load: Callable[[Context, list[UUID]], Sequence[Any]], of: Callable[[Any], Node], noun: str) -> Read:
    """As `by_number`, for nodes whose key is a UUID."""

    def read(context: Context, ids: Sequence[str]) -> dict[str, Node]:
        keys = {id: key for id in ids if (key := nodes.uuid_if_any(id, noun)) is not None}
        rows = load(context, list(keys.values())) if keys else []
        return {id: of(row) for id, row in zip(keys, rows, strict=True) if row is not None}

    return read


def carts_by_secret(context: Context, ids: Sequence[str]) -> dict[str, Node]:
    """Reads open carts, for who knows their secrets. A handful of queries for each: each is priced on its own."""
    return {id: Cart.of(priced) for id in ids if (priced := carts.open_with(nodes.key(id, "Cart")))}


READERS: dict[str, Read] = {
    "ShippingClass": by_number(shipping_classes_by_id, ShippingClass.of, "ShippingClass"),
    "TaxRate": by_number(tax_rates_by_id, TaxRate.of, "TaxRate"),
    "TaxClass": by_number(tax_classes_by_id, TaxClass.of, "TaxClass"),
    "AttributeDefinition": by_number(definitions_by_id, AttributeDefinition.of, "AttributeDefinition"),
    "BulkJob": by_number(bulk_jobs_by_id, BulkJob.of, "BulkJob"),
    "Cart": carts_by_secret,
    "Category": by_number(loaders.categories, Category.of, "Category"),
    "Collection": by_number(loaders.collections, Collection.of, "Collection"),
    "Customer": by_number(loaders.customers, Customer.of, "Customer"),
    "CustomerGroup": by_number(customer_groups, CustomerGroup.of, "CustomerGroup"),
    "InventoryTransfer": by_number(loaders.transfers, InventoryTransfer.of, "InventoryTransfer"),
    "Location": by_number(loaders.locations, Location.of, "Location"),
    "Menu": by_number(loaders.menus, Menu.of, "Menu"),
    "Order": by_uuid(loaders.orders_by_key, Order.of, "Order"),
    "Page": by_number(loaders.pages, Page.of, "Page"),
    "PriceList": by_number(price_lists_by_key, PriceList.of, "PriceList"),
    "Product": by_number(loaders.products, Product.of, "Product"),
    "ProductVariant": by_number(loaders.visible_variants, ProductVariant.of, "ProductVariant"),
    "Promotion": by_number(promotions_by_key, Promotion.of, "Promotion"),
    "Review": by_number(reviews_by_id, Review.of, "Review"),
    "ScheduledPriceChange": by_number(scheduled_changes, ScheduledPriceChange.of, "ScheduledPriceChange"),
    "ShippingMethod": by_number(methods_by_key, ShippingMethod.of, "ShippingMethod"),
    "ShippingZone": by_number(zones_by_key, ShippingZone.of, "ShippingZone"),
    "StockCount": by_number(counts_by_id, StockCount.of, "StockCount"),
    "UrlRedirect": by_number(redirects_by_id, UrlRedirect.of, "UrlRedirect"),
    "Wishlist": by_number(wishlists_by_id, Wishlist.of, "Wishlist"),
}


@strawberry.type
class NodeQueries:
    @query
    def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Any id the API gave.")]
    ) -> Node | None:
        """What has this id; null where it names nothing that may be seen."""
        return _read(info.context, [id]).get(id)

    @query
    def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Ids the API gave, 250 at the most.")],
    ) -> list[Node | None]:
        """What has each of these ids, in their order; null where one names nothing that may be seen."""
        if len(ids) > MAX_NODES:
            raise InvalidInput(f"Ask for {MAX_NODES} nodes at the most; these are {len(ids)}.", field=("ids",))
        found = _read(info.context, ids)
        return [found.get(id) for id in ids]


def _read(context: Context, ids: Iterable[str]) -> dict[str, Node]:
    by_noun: dict[str, list[str]] = {}
    for id in dict.fromkeys(ids):
        parsed = nodes.parse(id)
        if parsed is not None and parsed[0] in READERS:
            by_noun.setdefault(parsed[0], []).append(id)
    found: dict[str, Node] = {}
    for noun, chosen in by_noun.items():
        found |= READERS[noun](context, chosen)
    return found
