"""Wishlists: types, queries, and the mutations of their owners."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from django.conf import settings

from catalog import wishlists
from catalog.models import Wishlist as StoredWishlist
from catalog.wishlists import ItemRow
from schema import errors, loaders, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.nodes import Node, gid
from schema.pagination import After, Before, CountedConnection, First, Last
from schema.permissions import SignedIn
from schema.scalars import URL
from schema.variants import ProductVariant
from shop import paging
from shop.errors import Refusal, blaming
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class WishlistErrorCode(Enum): ...

else:
    WishlistErrorCode = errors.code_enum("WishlistErrorCode", "a wishlist", errors.codes_of(wishlists))


@strawberry.type(description="A variant on a wishlist.")
class WishlistItem:
    added_at: datetime = strawberry.field(description="When it was put there.")
    variant: ProductVariant | None = edge(
        loaders.visible_variants,
        key="variant_id",
        description="The variant; null while it is not offered, and found again when it is.",
    )
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: ItemRow) -> "WishlistItem":
        return cls(added_at=row.added_at, variant_id=row.variant_id)


def _items(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[ItemRow]]:
    request = PageRequest(first, last, after, before)
    found = wishlists.items(keys)
    return [paging.slice_of(found[key], request) for key in keys]


@strawberry.type(description="What somebody wants to remember. Nobody else sees it unless its owner shares it.")
class Wishlist(Node):
    name: str = strawberry.field(description="What its owner calls it.")
    is_default: bool = strawberry.field(description="Whether things go here where no wishlist is named.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it or what is on it last changed.")
    share_token: str | None = strawberry.field(
        description="What lets anybody read it through `wishlist(token)`; null where it is not shared."
    )
    share_url: URL | None = strawberry.field(
        description="A page of the storefront to pass on; null where it is not shared."
    )
    items: CountedConnection[WishlistItem] = edge(_items, description="What is on it, what was added last first.")
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredWishlist) -> "Wishlist":
        return cls(
            id=gid("Wishlist", row.pk),
            name=row.name,
            is_default=row.is_default,
            created_at=row.created_at,
            updated_at=row.updated_at,
            share_token=row.share_token,
            share_url=URL(settings.WISHLIST_URL.format(token=row.share_token)) if row.share_token else None,
            pk=row.pk,
        )


def wishlists_of_customer(context: Context, keys: Sequence[int]) -> list[list[StoredWishlist]]:
    found = wishlists.by_owner(context.actor, keys)
    return [found[key] for key in keys]


def wishlists_by_id(context: Context, keys: Sequence[int]) -> list[StoredWishlist | None]:
    found = wishlists.own(context.actor).in_bulk(keys)
    return [found.get(key) for key in keys]


@strawberry.type(description="Why a wishlist was not made or changed.")
class WishlistUserError(DisplayableError):
    code: WishlistErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "WishlistUserError":
        return cls(**errors.parts(refusal, WishlistErrorCode))


@strawberry.type
class WishlistPayload:
    """What every change of a wishlist answers."""

    wishlist: Wishlist | None = strawberry.field(
        default=None, description="The wishlist as it is now; null where this was refused."
    )
    user_errors: list[WishlistUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty when all went well."
    )


@strawberry.type(description="What became of `wishlistCreate`.")
class WishlistCreatePayload(WishlistPayload):
    pass


@strawberry.type(description="What became of `wishlistUpdate`.")
class WishlistUpdatePayload(WishlistPayload):
    pass


@strawberry.type(description="What became of `wishlistShare`.")
class WishlistSharePayload(WishlistPayload):
    pass


@strawberry.type(description="What became of `wishlistUnshare`.")
class WishlistUnsharePayload(WishlistPayload):
    pass


@strawberry.type(description="What became of `wishlistItemsAdd`.")
class WishlistItemsAddPayload(WishlistPayload):
    pass


@strawberry.type(description="What became of `wishlistItemsRemove`.")
class WishlistItemsRemovePayload(WishlistPayload):
    pass


@strawberry.type(description="What became of `wishlistItemsMove`.")
class WishlistItemsMovePayload(WishlistPayload):
    destination: Wishlist | None = strawberry.field(
        default=None, description="The wishlist they are on now; null where this was refused."
    )


@strawberry.type(description="What became of `wishlistDelete`.")
class WishlistDeletePayload:
    deleted_wishlist_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id of the wishlist that is gone; null where this was refused."
    )
    user_errors: list[WishlistUserError] = strawberry.field(
        default_factory=list, description="Why nothing was deleted; empty when all went well."
    )


@strawberry.type
class WishlistQueries:
    @query
    def wishlist(
        self,
        info: Info,
        token: Annotated[str | None, strawberry.argument(description="The token of a shared wishlist.")] = None,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="A wishlist of your own.")] = None,
    ) -> Wishlist | None:
        """The wishlist shared by this token, for anybody, or your own with this id; null otherwise."""
        row = wishlists.shared(token or "")
        if id is not None:
            [row] = wishlists_by_id(info.context, [nodes.number(id, "Wishlist")])
        return Wishlist.of(row) if row else None


Id = Annotated[strawberry.ID, strawberry.argument(description="A wishlist of your own.")]
Name = Annotated[str, strawberry.argument(description="What to call it, on one line of at most 100 characters.")]
VariantIds = Annotated[list[strawberry.ID], strawberry.argument(description="1 to 250 variants.")]


@strawberry.type
class WishlistMutations:
    @mutation(permission_classes=[SignedIn])
    def wishlist_create(self, info: Info, name: Name) -> WishlistCreatePayload:
        """Make an empty wishlist; a customer has at most 50."""
        return WishlistCreatePayload(wishlist=Wishlist.of(wishlists.create(actor=info.context.actor, name=name)))

    @mutation(permission_classes=[SignedIn])
    def wishlist_update(self, info: Info, id: Id, name: Name) -> WishlistUpdatePayload:
        """Call a wishlist of your own something else."""
        key = nodes.number(id, "Wishlist", "id")
        renamed = wishlists.rename(actor=info.context.actor, wishlist_id=key, name=name)
        return WishlistUpdatePayload(wishlist=Wishlist.of(renamed))

    @mutation(permission_classes=[SignedIn])
    def wishlist_delete(self, info: Info, id: Id) -> WishlistDeletePayload:
        """Delete a wishlist of your own, with all that is on it."""
        key = nodes.number(id, "Wishlist", "id")
        deleted = wishlists.delete(actor=info.context.actor, wishlist_id=key)
        return WishlistDeletePayload(deleted_wishlist_id=gid("Wishlist", deleted))

    @mutation(permission_classes=[SignedIn])
    def wishlist_share(self, info: Info, id: Id) -> WishlistSharePayload:
        """Share a wishlist of your own by a link; shared once more, it keeps its link."""
        key = nodes.number(id, "Wishlist", "id")
        return WishlistSharePayload(wishlist=Wishlist.of(wishlists.share(actor=info.context.actor, wishlist_id=key)))

    @mutation(permission_classes=[SignedIn])
    def wishlist_unshare(self, info: Info, id: Id) -> WishlistUnsharePayload:
        """Share a wishlist with nobody any more: every link to it leads nowhere from now on."""
        key = nodes.number(id, "Wishlist", "id")
        return WishlistUnsharePayload(
            wishlist=Wishlist.of(wishlists.unshare(actor=info.context.actor, wishlist_id=key))
        )

    @mutation(permission_classes=[SignedIn])
    def wishlist_items_add(
        self,
        info: Info,
        variant_ids: VariantIds,
        id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="A wishlist of your own; where it is left out the default one, made when it is needed."
            ),
        ] = None,
    ) -> WishlistItemsAddPayload:
        """Put variants on a wishlist, which holds at most 250. What is on it already stays."""
        key = None if id is None else nodes.number(id, "Wishlist", "id")
        keys = _variants(variant_ids)
        changed = wishlists.add(actor=info.context.actor, wishlist_id=key, variant_ids=keys)
        return WishlistItemsAddPayload(wishlist=Wishlist.of(changed))

    @mutation(permission_classes=[SignedIn])
    def wishlist_items_remove(self, info: Info, id: Id, variant_ids: VariantIds) -> WishlistItemsRemovePayload:
        """Take variants off a wishlist; it is no error if one is not on it."""
        key, keys = nodes.number(id, "Wishlist", "id"), _variants(variant_ids)
        changed = wishlists.remove(actor=info.context.actor, wishlist_id=key, variant_ids=keys)
        return WishlistItemsRemovePayload(wishlist=Wishlist.of(changed))

    @mutation(permission_classes=[SignedIn])
    def wishlist_items_move(
        self,
        info: Info,
        id: Id,
        to_id: Annotated[strawberry.ID, strawberry.argument(description="Another wishlist of your own.")],
        variant_ids: VariantIds,
    ) -> WishlistItemsMovePayload:
        """Take variants off one wishlist and put them on another."""
        key, to_key = nodes.number(id, "Wishlist", "id"), nodes.number(to_id, "Wishlist", "to_id")
        origin, destination = wishlists.move(
            actor=info.context.actor, wishlist_id=key, to_id=to_key, variant_ids=_variants(variant_ids)
        )
        return WishlistItemsMovePayload(wishlist=Wishlist.of(origin), destination=Wishlist.of(destination))


def _variants(ids: Sequence[str]) -> list[int]:
    with blaming("variant_ids"):
        return [nodes.number(id, "ProductVariant", place) for place, id in enumerate(ids)]
