"""Tags and product types: the words products are labelled with, and changing tags, for staff who keep the catalog."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from accounts.staff import Permission
from catalog import tags
from schema import errors
from schema.context import Info
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.pagination import After, Before, First, Last, PageInfo
from schema.permissions import Staff
from shop import paging
from shop.errors import Refusal
from shop.paging import PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class TagErrorCode(Enum): ...

else:
    TagErrorCode = errors.code_enum("TagErrorCode", "a tag", errors.codes_of(tags))


@strawberry.type(description="A word of a list, with its place.")
class StringEdge:
    cursor: str = strawberry.field(description="The word's place, to page on from; opaque.")
    node: str = strawberry.field(description="The word itself.")


@strawberry.type(description="A page of a list of words.")
class StringConnection:
    edges: list[StringEdge] = strawberry.field(description="The words with their cursors.")
    nodes: list[str] = strawberry.field(description="The words alone.")
    page_info: PageInfo = strawberry.field(description="Whether there is more, and from where.")

    @classmethod
    def of(cls, words: Sequence[str], request: PageRequest) -> "StringConnection":
        page = paging.slice_of(words, request)
        edges = [StringEdge(cursor=cursor, node=word) for cursor, word in zip(page.cursors, page.rows, strict=True)]
        return cls(edges=edges, nodes=list(page.rows), page_info=PageInfo.of(page))


@strawberry.type(description="Why a tag was not changed.")
class TagUserError(DisplayableError):
    code: TagErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "TagUserError":
        return cls(**errors.parts(refusal, TagErrorCode))


@strawberry.type(description="What became of `productTagRename`.")
class ProductTagRenamePayload:
    tag: str | None = strawberry.field(
        default=None, description="The tag as it is called now; null where this was refused."
    )
    product_count: int | None = strawberry.field(default=None, description="How many products had the old one.")
    user_errors: list[TagUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `productTagDelete`.")
class ProductTagDeletePayload:
    deleted_tag: str | None = strawberry.field(
        default=None, description="The tag that is gone; null where this was refused."
    )
    product_count: int | None = strawberry.field(default=None, description="How many products had it.")
    user_errors: list[TagUserError] = strawberry.field(
        default_factory=list, description="Why nothing was removed; empty when all went well."
    )


OldTag = Annotated[str, strawberry.argument(description="The tag, letter for letter.")]


@strawberry.type
class TagQueries:
    @query
    def product_tags(
        self, info: Info, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> StringConnection:
        """The tags of the products for sale, each once."""
        return StringConnection.of(tags.of_products(info.context.actor), PageRequest(first, last, after, before))

    @query
    def product_types(
        self, info: Info, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> StringConnection:
        """The types of the products for sale, each once."""
        return StringConnection.of(tags.types_of_products(info.context.actor), PageRequest(first, last, after, before))


@strawberry.type
class TagMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_tag_rename(
        self,
        tag: OldTag,
        name: Annotated[
            str, strawberry.argument(description="What to call it, on one line of at most 255 characters.")
        ],
    ) -> ProductTagRenamePayload:
        """Call a tag otherwise on all products and in the rules of collections. For staff who manage the catalog.

        Where there is a tag of that name, the two become one.
        """
        renamed = tags.rename(tag=tag, name=name)
        return ProductTagRenamePayload(tag=renamed.tag, product_count=renamed.products)

    @mutation(permission_classes=[Staff(Permission.MANAGE_CATALOG)])
    def product_tag_delete(self, tag: OldTag) -> ProductTagDeletePayload:
        """Take a tag off all products; refused while rules name it. For staff who manage the catalog."""
        return ProductTagDeletePayload(product_count=tags.delete(tag=tag), deleted_tag=tag)
