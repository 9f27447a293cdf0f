"""Conditions on lists of products: the dialect's `ProductFilter`, and what the domain makes of it."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import strawberry

from catalog import described, lists
from catalog.filters import ProductFilter as Wanted
from catalog.models import review
from catalog.shopper import Shopper
from schema import nodes
from shop.errors import InvalidInput, blaming


@strawberry.input(description="A range of prices in the context currency; either end may be open.")
class PriceRangeFilter:
    min: Decimal | None = strawberry.field(default=None, description="The lowest price.")
    max: Decimal | None = strawberry.field(default=None, description="The highest price.")


@strawberry.input(
    description="A condition on one attribute of a product, or of one of its variants: by its kind either choices, a "
    "range, or yes or no."
)
class AttributeFilter:
    handle: str = strawberry.field(description="The attribute's handle.")
    values: list[str] | None = strawberry.field(default=None, description="Handles of choices: any of them will do.")
    min: Decimal | None = strawberry.field(default=None, description="The lowest number.")
    max: Decimal | None = strawberry.field(default=None, description="The highest number.")
    boolean: bool | None = strawberry.field(default=None, description="Yes or no.")

    def to_domain(self) -> described.Wanted:
        return described.Wanted(self.handle, tuple(self.values or ()), self.min, self.max, self.boolean)


@strawberry.input(
    description="A condition on products. In a list of them, those of one kind add up (either brand), and all kinds "
    "must hold."
)
class ProductFilter:
    available: bool | None = strawberry.field(default=None, description="In stock, or not.")
    on_sale: bool | None = strawberry.field(default=None, description="With a reduced price, or not.")
    price: PriceRangeFilter | None = strawberry.field(default=None, description="With a variant in this price range.")
    rating: Decimal | None = strawberry.field(
        default=None, description="Rated with so many stars or more, on average; 0 to 5."
    )
    tag: str | None = strawberry.field(default=None, description="Labelled so, letter for letter.")
    product_type: str | None = strawberry.field(default=None, description="Of this product type.")
    product_vendor: str | None = strawberry.field(default=None, description="Of this brand.")
    category: strawberry.ID | None = strawberry.field(
        default=None, description="In this category or anywhere below it."
    )
    attribute: AttributeFilter | None = strawberry.field(
        default=None,
        description="With such a value of an attribute. Choices of one attribute add up; all attributes must hold.",
    )


def merged(shopper: Shopper, filters: Sequence[ProductFilter], *, argument: str = "filters") -> Wanted:
    """What the domain is asked for by this argument. Raises InvalidInput for two conditions that cannot add up."""
    wanted = Wanted()
    for number, one in enumerate(filters):
        with blaming(argument, number):
            wanted = _narrowed(shopper, wanted, one)
    asked = {number: one.attribute.to_domain() for number, one in enumerate(filters) if one.attribute is not None}
    return replace(wanted, attributes=described.conditions(asked)) if asked else wanted


def _narrowed(shopper: Shopper, wanted: Wanted, one: ProductFilter) -> Wanted:
    if one.price is not None:
        if wanted.price_min is not None or wanted.price_max is not None:
            raise InvalidInput("Give one price range, not several.", field=("price",))
        for end, amount in (("min", one.price.min), ("max", one.price.max)):
            if amount is not None and not amount.is_finite():
                raise InvalidInput("A price is a number, and has an end.", field=("price", end))
        wanted = replace(wanted, price_min=one.price.min, price_max=one.price.max)
    if one.category is not None:
        wanted = replace(wanted, within=(*wanted.within, _path(shopper, one.category)))
    if one.available is not None:
        wanted = replace(wanted, available=one.available)
    if one.rating is not None:
        if not (one.rating.is_finite() and 0 <= one.rating <= review.STARS[-1]):
            raise InvalidInput(f"A rating is 0 to {review.STARS[-1]} stars.", field=("rating",))
        lowest = one.rating if wanted.rating_min is None else min(wanted.rating_min, one.rating)
        wanted = replace(wanted, rating_min=lowest)
    if one.on_sale is not None:
        wanted = replace(wanted, on_sale=one.on_sale)
    if one.tag is not None:
        wanted = replace(wanted, tags=(*wanted.tags, one.tag))
    if one.product_type is not None:
        wanted = replace(wanted, product_types=(*wanted.product_types, one.product_type))
    if one.product_vendor is not None:
        wanted = replace(wanted, brands=(*wanted.brands, one.product_vendor))
    return wanted


def _path(shopper: Shopper, category_id: str) -> str:
    """The path of the category; one that nothing is below where shoppers see none with this id."""
    key = nodes.number_if_any(category_id, "Category")
    row = None if key is None else lists.categories_by_id(shopper, [key]).get(key)
    return row.path if row else lists.NOWHERE
