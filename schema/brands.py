"""Brands: who makes products, as types, queries, and mutations for staff who keep the catalog."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import UNSET

from accounts.staff import Permission
from catalog import brands, handles
from catalog.brands import BrandFields, BrandRow, NewBrand
from catalog.filters import ProductFilter, Rule
from schema import errors, loaders, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.lists import products_of_list
from schema.node_query import READERS, by_number
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, First, Last
from schema.permissions import Staff
from schema.products import ProductConnection
from shop.errors import Refusal
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class BrandErrorCode(Enum): ...

else:
    BrandErrorCode = errors.code_enum("BrandErrorCode", "a brand", errors.codes_of(brands, handles))


def _counts(context: Context, keys: Sequence[int]) -> list[int]:
    found = brands.product_counts(loaders.shopper(context), keys)
    return [found[key] for key in keys]


@strawberry.type(description="Who makes products: what a product calls its vendor.")
class ProductBrand(Node):
    handle: str = strawberry.field(description="Its name in URLs, unique among brands.")
    name: str = strawberry.field(description="Its name.")
    product_count: int = edge(_counts, description="How many of its products the shopper may see.")
    products: ProductConnection = edge(
        products_of_list, key="found_by", description="Its products, by default best sellers first."
    )
    pk: strawberry.Private[int]
    found_by: strawberry.Private[ProductFilter]

    @classmethod
    def of(cls, row: BrandRow) -> "ProductBrand":
        return cls(
            id=gid("ProductBrand", row.pk),
            handle=row.handle,
            name=row.name,
            pk=row.pk,
            found_by=ProductFilter(rules=(Rule(brand_id=row.pk),)),
        )


def brands_by_id(context: Context, keys: Sequence[int]) -> list[BrandRow | None]:
    found = brands.by_id(loaders.shopper(context), keys)
    return [found.get(key) for key in keys]


READERS["ProductBrand"] = by_number(brands_by_id, ProductBrand.of, "ProductBrand")


@strawberry.type(description="Why a brand was not made, changed or removed.")
class BrandUserError(DisplayableError):
    code: BrandErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "BrandUserError":
        return cls(**errors.parts(refusal, BrandErrorCode))


@strawberry.input(description="A brand to make.")
class BrandCreateInput:
    name: str = strawberry.field(
        description="Its name, on one line of at most 255 characters; no other brand has it, capitals aside."
    )
    handle: str | None = strawberry.field(
        default=UNSET,
        description="Its name in URLs, unique among brands: lower-case letters and digits with hyphens between them. "
        "Made from the name where it is left out.",
    )

    def to_domain(self) -> NewBrand:
        return cast(NewBrand, given(self))


@strawberry.input(description="What is to change of a brand. What is left out stays.")
class BrandUpdateInput:
    name: str | None = strawberry.field(
        default=UNSET, description="Its name, which its products show as their vendor; it cannot be empty."
    )
    handle: str | None = strawberry.field(
        default=UNSET, description="Its name in URLs, unique among brands; null makes one from the name."
    )

    def to_domain(self) -> BrandFields:
        return cast(BrandFields, given(self))


@strawberry.type(description="What became of `brandCreate`.")
class BrandCreatePayload:
    brand: ProductBrand | None = edge(
        brands_by_id, key="brand_id", description="The new brand; null where it was refused."
    )
    user_errors: list[BrandUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty when all went well."
    )
    brand_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `brandUpdate`.")
class BrandUpdatePayload:
    brand: ProductBrand | None = edge(
        brands_by_id, key="brand_id", description="The brand as it is now; null where this was refused."
    )
    user_errors: list[BrandUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )
    brand_id: strawberry.Private[int | None] = None


@strawberry.type(description="What became of `brandDelete`.")
class BrandDeletePayload:
    deleted_brand_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of what is gone; null where this was refused."
    )
    user_errors: list[BrandUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


@strawberry.type
class BrandQueries:
    @query
    def brand(
        self, info: Info, handle: Annotated[str, strawberry.argument(description="The brand's name in URLs.")]
    ) -> ProductBrand | None:
        """The brand with this handle; null where shoppers see no product of it."""
        row = brands.by_handle(loaders.shopper(info.context), handle)
        return ProductBrand.of(row) if row else None

    @query
    def brands(
        self,
        info: Info,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
    ) -> Connection[ProductBrand]:
        """The brands of the products for sale, by name; staff who manage the catalog see all."""
        request = PageRequest(first, last, after, before)
        return Connection.of(_page(info.context, request), ProductBrand.of)


def _page(context: Context, request: PageRequest) -> Page[BrandRow]:
    """The query has the name of the module."""
    return brands.page(loaders.shopper(context), request)


@strawberry.type
class BrandMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def brand_create(
        self, brand: Annotated[BrandCreateInput, strawberry.argument(description="The brand to make.")]
    ) -> BrandCreatePayload:
        """Make a brand. For staff who manage the catalog."""
        return BrandCreatePayload(brand_id=brands.create(brand=brand.to_domain()).pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def brand_update(
        self,
        id: Annotated[strawberry.ID, strawberry.argument(description="The brand to change.")],
        brand: Annotated[BrandUpdateInput, strawberry.argument(description="What is to change of it.")],
    ) -> BrandUpdatePayload:
        """Call a brand otherwise, and so the vendor of all its products. For staff who manage the catalog."""
        changed = brands.update(brand_id=nodes.number(id, "ProductBrand", "id"), brand=brand.to_domain())
        return BrandUpdatePayload(brand_id=changed.pk)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def brand_delete(
        self, id: Annotated[strawberry.ID, strawberry.argument(description="The brand to remove.")]
    ) -> BrandDeletePayload:
        """Remove a brand that no product has and no rule names. For staff who manage the catalog."""
        key = nodes.number(id, "ProductBrand", "id")
        brands.delete(brand_id=key)
        return BrandDeletePayload(deleted_brand_id=gid("ProductBrand", key))
