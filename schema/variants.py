"""Product variants: what is bought."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts.staff import Permission
from catalog import bundles, category_rules, components, variants
from catalog.components import Part
from catalog.details import VariantRow
from catalog.models import BundlePricing as StoredPricing
from schema import errors, images, loaders
from schema.attributes import AttributeValue, attributes_of_variant
from schema.choices import SelectedOption
from schema.context import Context
from schema.digital import ProductDownload, files_of_variant
from schema.edges import edge
from schema.images import Image
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, First, Last
from schema.permissions import Staff
from schema.scalars import MoneyV2
from schema.variant_prices import (
    PriceChange,
    QuantityPriceBreak,
    breaks_of_variant,
    history_of_variant,
    lowest_price_of_variant,
)
from shop import paging
from shop.money import Money
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data
    from enum import Enum

    from schema.locations import InventoryLevel
    from schema.products import Product

    class BundlePricing(Enum): ...

else:
    BundlePricing = errors.enum_of(
        "BundlePricing", "Where the price of a bundle comes from.", dict(StoredPricing.choices)
    )


def components_of_variant(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[Part]]:
    request = PageRequest(first, last, after, before)
    found = components.parts(keys)
    return [paging.slice_of(found[key], request) for key in keys]


def bundles_of_variant(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[VariantRow]]:
    """The bundles of each variant: which they are, and the rows of all of them, in two statements."""
    request = PageRequest(first, last, after, before)
    found = components.bundles(keys)
    ids = sorted({bundle_id for bundles in found.values() for bundle_id in bundles})
    rows = dict(zip(ids, loaders.visible_variants(context, ids), strict=True)) if ids else {}
    return [paging.slice_of([row for pk in found[key] if (row := rows[pk])], request) for key in keys]


def problems_of_variant(context: Context, keys: Sequence[int]) -> list[list[str]]:
    found = bundles.problems(keys)
    return [found[key] for key in keys]


@strawberry.type(description="A part of a bundle.")
class ProductVariantComponent:
    quantity: int = strawberry.field(description="How many units of it are in one unit of the bundle.")
    product_variant: Annotated["ProductVariant", strawberry.lazy("schema.variants")] | None = edge(
        loaders.variants,
        key="variant_id",
        description="The part, for sale by itself or not; null where it was deleted, and the bundle is not for sale.",
    )
    variant_id: strawberry.Private[int | None]

    @classmethod
    def of(cls, part: Part) -> "ProductVariantComponent":
        return cls(quantity=part.quantity, variant_id=part.part_id)


@strawberry.type(description="How many units of a variant one order may have.")
class QuantityRule:
    minimum: int = strawberry.field(description="The fewest units: 1.")
    maximum: int | None = strawberry.field(description="The most units; null where its category sets no limit.")
    increment: int = strawberry.field(description="The step between quantities: 1.")

    @classmethod
    def of(cls, row: category_rules.Limit) -> "QuantityRule":
        return cls(minimum=1, maximum=row.maximum, increment=1)


def limits_of_variant(context: Context, keys: Sequence[int]) -> list[category_rules.Limit]:
    found = category_rules.of_variants(keys)
    return [found[key] for key in keys]


def gift_cards_among_variants(context: Context, keys: Sequence[int]) -> list[bool]:
    found = variants.gift_cards_among(keys)
    return [key in found for key in keys]


@strawberry.type(description="A combination of a product's options, with its own sku, price and stock.")
class ProductVariant(Node):
    title: str = strawberry.field(description='The option values joined by " / "; "Default Title" without options.')
    sku: str | None = strawberry.field(description="The merchant's stock keeping unit, unique in the shop.")
    barcode: str | None = strawberry.field(description="GTIN, EAN or ISBN, where known.")
    requires_shipping: bool = strawberry.field(description="Whether it is sent in a parcel.")
    is_gift_card: bool = edge(
        gift_cards_among_variants,
        description="Whether each unit is a gift card worth its price, mailed once it is paid.",
    )
    weight_grams: int = strawberry.field(description="Weight in grams.")
    price: MoneyV2 = strawberry.field(description="What one costs, in the context currency.")
    compare_at_price: MoneyV2 | None = strawberry.field(description="The price it is reduced from, if it is reduced.")
    unit_price: MoneyV2 | None = strawberry.field(description="Price of a unit of measure; null where none is kept.")
    image: Image | None = strawberry.field(description="Its own picture, if it has one.")
    available_for_sale: bool = strawberry.field(description="Whether at least one can be bought now.")
    quantity_available: int | None = strawberry.field(description="How many can be bought now, over all locations.")
    currently_not_in_stock: bool = edge(
        loaders.outlook_of_variant,
        key="stock_key",
        convert=attrgetter("is_in_advance"),
        description="Whether it can be bought only in advance now: none is left to send, and more are expected.",
    )
    expected_at: datetime | None = edge(
        loaders.outlook_of_variant,
        key="stock_key",
        convert=attrgetter("expected_at"),
        description="When what is bought in advance is to come in, as far as that is known; null for what is in stock.",
    )
    quantity_price_breaks: Connection[QuantityPriceBreak] = edge(
        breaks_of_variant,
        description="From how many of it in a cart on each costs another price, the lowest quantity first.",
    )
    lowest_price_30d: MoneyV2 | None = edge(
        lowest_price_of_variant,
        convert=MoneyV2.of,
        description="The lowest price of the 30 days before the present reduction began, to be told beside it by "
        "article 6a of Directive 98/6/EC; where the price is not reduced, the lowest of the last 30 days. Null where "
        "it was not sold in that time.",
    )
    price_history: Connection[PriceChange] = edge(
        history_of_variant,
        description="How its price of one changed by each list, the latest change first; the last 250. Staff only.",
        permission_classes=[Staff(Permission.MANAGE_CATALOG)],
    )
    inventory_quantity: int = edge(
        loaders.on_hand_of_variant,
        description="Units on hand over all locations, those held for orders included. Staff only.",
        permission_classes=[Staff(Permission.MANAGE_INVENTORY)],
    )
    unit_cost: MoneyV2 | None = edge(
        loaders.unit_cost_of_variant,
        description="What a unit costs the shop: the moving average of what purchases told, in the shop's currency; "
        "null where none told. Staff only.",
        permission_classes=[Staff(Permission.MANAGE_INVENTORY)],
    )
    low_stock_threshold: int | None = edge(
        loaders.threshold_of_variant,
        description="Stock is low at this many free units or fewer; null: at as few as the shop says. Staff only.",
        permission_classes=[Staff(Permission.MANAGE_INVENTORY)],
    )
    inventory_levels: list[Annotated["InventoryLevel", strawberry.lazy("schema.locations")]] = edge(
        loaders.levels_of_variant,
        description="Units at each location, in the order that orders take from them. Staff only.",
        permission_classes=[Staff(Permission.MANAGE_INVENTORY)],
    )
    quantity_rule: QuantityRule = edge(
        limits_of_variant, description="How many units one order may have, by its category."
    )
    downloads: list[ProductDownload] = edge(
        files_of_variant, description="The files that its buyers may download once they have paid."
    )
    requires_components: bool = strawberry.field(
        description="Whether it is a bundle: it is sold as what it is made of, and its stock is that of its parts."
    )
    bundle_pricing: BundlePricing | None = strawberry.field(
        description="Where the price of a bundle comes from; null for what is none."
    )
    components: Connection[ProductVariantComponent] = edge(
        components_of_variant, description="What a bundle is made of; empty for what is none."
    )
    grouped_by: Connection["ProductVariant"] = edge(
        bundles_of_variant, description="The bundles it is a part of, as far as they are for sale."
    )
    bundle_problems: list[str] = edge(
        problems_of_variant,
        description="Why a bundle cannot be sold, in words; empty where it can, and for what is none. Staff only.",
        permission_classes=[Staff(Permission.MANAGE_CATALOG)],
    )
    selected_options: list[SelectedOption] = edge(
        loaders.options_of_variant, key="choice", description="The choice this variant stands for, in option order."
    )
    attributes: list[AttributeValue] = edge(
        attributes_of_variant,
        description="What is said of this variant alone; what holds for all is said of the product.",
    )
    product: Annotated["Product", strawberry.lazy("schema.products")] = edge(
        loaders.product_of_variant, key="product_id", description="The product it is a variant of."
    )
    pk: strawberry.Private[int]
    product_id: strawberry.Private[int]
    stock_key: strawberry.Private[tuple[int, bool]]
    choice: strawberry.Private[tuple[int, tuple[str, ...]]]

    @classmethod
    def of(cls, row: VariantRow) -> "ProductVariant":
        reduced = row.compare_at is not None and row.amount is not None and row.compare_at > row.amount
        return cls(
            id=gid("ProductVariant", row.pk),
            title=row.title,
            sku=row.sku,
            barcode=row.barcode or None,
            requires_shipping=row.requires_shipping,
            weight_grams=row.weight_grams,
            price=_money(row.amount or Decimal(0), row.currency),
            compare_at_price=_money(row.compare_at, row.currency) if reduced and row.compare_at else None,
            unit_price=None,
            available_for_sale=row.is_for_sale,
            quantity_available=max(row.free, 0) if row.amount is not None else 0,
            image=images.joined(row.image_pk, row.image_src, row.image_alt, row.image_width, row.image_height),
            pk=row.pk,
            product_id=row.product_id,
            requires_components=bool(row.bundle_pricing),
            bundle_pricing=BundlePricing[row.bundle_pricing] if row.bundle_pricing else None,
            stock_key=(row.pk, bool(row.bundle_pricing)),
            choice=(row.product_id, tuple(row.option_values)),
        )


def _money(amount: Decimal, currency: str) -> MoneyV2:
    return MoneyV2.of(Money.rounded(amount, currency))
