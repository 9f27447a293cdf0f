"""Wishlists: several for each customer, each shared by a link if its owner likes.

Every command locks the owner first, so that what one customer does happens one after the other.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import User
from catalog.models import Product, ProductVariant, Wishlist, WishlistItem
from shop import clock, ids, text
from shop.errors import InvalidInput, NotFound, Refusal, Refusals

MAX_NAME = 100
MAX_LISTS = 50
# One page of the API shows as many.
MAX_ITEMS = 250
DEFAULT_NAME = "Wishlist"

_TOKEN = re.compile(r"[0-9a-f]{32}")


class TooManyWishlists(Refusal):
    """A customer has as many wishlists as are allowed."""

    code = "TOO_MANY_WISHLISTS"

    def __init__(self) -> None:
        super().__init__(f"You have {MAX_LISTS} wishlists, and no more are allowed; delete one first.")


class WishlistFull(Refusal):
    """A wishlist holds as many variants as are allowed."""

    code = "WISHLIST_FULL"

    def __init__(self, name: str) -> None:
        super().__init__(f'"{name}" cannot hold more than {MAX_ITEMS} things; use another wishlist.')


class ItemRow(NamedTuple):
    """A variant on a list."""

    wishlist_id: int
    variant_id: int
    added_at: datetime


def own(actor: Actor) -> QuerySet[Wishlist]:
    """The actor's own lists; none for a guest."""
    return Wishlist.objects.filter(owner__in=User.objects.of(actor))


def by_owner(actor: Actor, owner_ids: Collection[int]) -> dict[int, list[Wishlist]]:
    """The lists of each of these customers that the actor may see: their own, the default one first."""
    found: dict[int, list[Wishlist]] = {owner_id: [] for owner_id in owner_ids}
    for wishlist in own(actor).filter(owner_id__in=owner_ids).order_by("-is_default", "name", "pk"):
        found[wishlist.owner_id].append(wishlist)
    return found


def shared(token: str) -> Wishlist | None:
    """The list that is shared by this token."""
    return Wishlist.objects.filter(share_token=token).first() if _TOKEN.fullmatch(token) else None


def items(wishlist_ids: Collection[int]) -> dict[int, list[ItemRow]]:
    """What is on each of these lists, what was added last first."""
    found: dict[int, list[ItemRow]] = {wishlist_id: [] for wishlist_id in wishlist_ids}
    rows = WishlistItem.objects.filter(wishlist_id__in=wishlist_ids).order_by("wishlist_id", "-added_at", "-pk")
    for row in rows.values_list(*ItemRow._fields):
        found[row[0]].append(ItemRow._make(row))
    return found


@transaction.atomic(durable=True)
def create(*, actor: Actor, name: str) -> Wishlist:
    """A new, empty list. Raises InvalidInput, TooManyWishlists, NotFound for a guest."""
    name = _checked_name(name)
    return _new(_locked_owner(actor), name=name)


@transaction.atomic(durable=True)
def rename(*, actor: Actor, wishlist_id: int, name: str) -> Wishlist:
    """Call one's own list something else. Raises InvalidInput, NotFound."""
    name = _checked_name(name)
    wishlist = _own(_locked_owner(actor), wishlist_id)
    wishlist.name = name
    wishlist.save(update_fields=["name", "updated_at"])
    return wishlist


@transaction.atomic(durable=True)
def delete(*, actor: Actor, wishlist_id: int) -> int:
    """Delete one's own list with all that is on it; answers its id. Raises NotFound."""
    _own(_locked_owner(actor), wishlist_id).delete()
    return wishlist_id


@transaction.atomic(durable=True)
def share(*, actor: Actor, wishlist_id: int) -> Wishlist:
    """Let whoever has the token read one's own list. Shared again, it keeps its token. Raises NotFound."""
    wishlist = _own(_locked_owner(actor), wishlist_id)
    if wishlist.share_token is None:
        wishlist.share_token = ids.new_secret()
        wishlist.save(update_fields=["share_token", "updated_at"])
    return wishlist


@transaction.atomic(durable=True)
def unshare(*, actor: Actor, wishlist_id: int) -> Wishlist:
    """Make every link to one's own list worthless. Raises NotFound."""
    wishlist = _own(_locked_owner(actor), wishlist_id)
    wishlist.share_token = None
    wishlist.save(update_fields=["share_token", "updated_at"])
    return wishlist


@transaction.atomic(durable=True)
def add(*, actor: Actor, wishlist_id: int | None, variant_ids: Sequence[int]) -> Wishlist:
    """Put variants on one's own list, or on the default one, which is made when it is first needed.

    What is on it already stays where it is. Raises NotFound, Refusals, WishlistFull, TooManyWishlists, InvalidInput.
    """
    _ensure_some(variant_ids)
    owner = _locked_owner(actor)
    wishlist = _default(owner) if wishlist_id is None else _own(owner, wishlist_id)
    _ensure_shown(actor, variant_ids)
    _put(wishlist, variant_ids)
    return wishlist


@transaction.atomic(durable=True)
def remove(*, actor: Actor, wishlist_id: int, variant_ids: Sequence[int]) -> Wishlist:
    """Take variants off one's own list; what is not on it is no error. Raises NotFound, InvalidInput."""
    _ensure_some(variant_ids)
    wishlist = _own(_locked_owner(actor), wishlist_id)
    wishlist.items.filter(variant_id__in=variant_ids).delete()
    wishlist.save(update_fields=["updated_at"])
    return wishlist


@transaction.atomic(durable=True)
def move(*, actor: Actor, wishlist_id: int, to_id: int, variant_ids: Sequence[int]) -> tuple[Wishlist, Wishlist]:
    """Take variants off one list and put them on another; answers both.

    Raises NotFound for a list that is not one's own or a variant that is not on it, Refusals, WishlistFull,
    InvalidInput.
    """
    _ensure_some(variant_ids)
    owner = _locked_owner(actor)
    origin, destination = _own(owner, wishlist_id), _own(owner, to_id, field="to_id")
    if origin == destination:
        raise InvalidInput("Choose another wishlist to move to.", field=("to_id",))
    moved = origin.items.filter(variant_id__in=variant_ids)
    _ensure_among(variant_ids, set(moved.values_list("variant_id", flat=True)))
    moved.delete()
    origin.save(update_fields=["updated_at"])
    _put(destination, variant_ids)
    return origin, destination


def _put(wishlist: Wishlist, variant_ids: Sequence[int]) -> None:
    added_at = clock.now()
    wanted = [WishlistItem(wishlist=wishlist, variant_id=pk, added_at=added_at) for pk in dict.fromkeys(variant_ids)]
    WishlistItem.objects.bulk_create(wanted, ignore_conflicts=True)
    if wishlist.items.count() > MAX_ITEMS:
        raise WishlistFull(wishlist.name)
    wishlist.save(update_fields=["updated_at"])


def _new(owner: User, *, name: str, is_default: bool = False) -> Wishlist:
    if owner.wishlists.count() >= MAX_LISTS:
        raise TooManyWishlists
    return Wishlist.objects.create(owner=owner, name=name, is_default=is_default)


def _default(owner: User) -> Wishlist:
    found = owner.wishlists.filter(is_default=True).first()
    return found or _new(owner, name=DEFAULT_NAME, is_default=True)


def _locked_owner(actor: Actor) -> User:
    owner = User.objects.of(actor).select_for_update(no_key=True).first()
    if owner is None:
        raise NotFound("Customer")
    return owner


def _own(owner: User, wishlist_id: int, *, field: str = "id") -> Wishlist:
    wishlist = Wishlist.objects.filter(owner=owner, pk=wishlist_id).first()
    if wishlist is None:
        raise NotFound("Wishlist", field=(field,))
    return wishlist


def _checked_name(name: str) -> str:
    return text.line(name, limit=MAX_NAME, field=("name",), required=True)


def _ensure_some(variant_ids: Sequence[int]) -> None:
    if not 1 <= len(variant_ids) <= MAX_ITEMS:
        raise InvalidInput(f"Name 1 to {MAX_ITEMS} variants.", field=("variant_ids",))


def _ensure_shown(actor: Actor, variant_ids: Sequence[int]) -> None:
    """Refuse variants that the actor does not see; the others cannot go before the transaction ends."""
    shown = ProductVariant.objects.filter(product__in=Product.objects.visible_to(actor), pk__in=variant_ids)
    locked = shown.select_for_update(no_key=True, of=("self",)).order_by("pk")
    _ensure_among(variant_ids, set(locked.values_list("pk", flat=True)))


def _ensure_among(variant_ids: Sequence[int], known: set[int]) -> None:
    missing = [place for place, pk in enumerate(variant_ids) if pk not in known]
    if missing:
        raise Refusals([NotFound("ProductVariant", field=("variant_ids", place)) for place in missing])
