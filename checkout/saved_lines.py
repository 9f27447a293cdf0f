"""Lines saved for later: in the cart, but neither priced nor held nor bought, until they are moved back.

A cart that becomes an order keeps them. If it has a customer they are the customer's then: every open cart of theirs
shows them to them, signed in, and the first one in which they save or move lines takes them over. For a guest, who
alone knows the secrets of both carts, `take_over` brings them to another one. Locked are the cart, its lines, then
lines of carts that are orders.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, Q, QuerySet, Value

from accounts.actors import Actor
from catalog.category_rules import MAX_QUANTITY
from checkout import carts
from checkout.bills import Totals
from checkout.carts import MAX_LINES, InvalidMerchandise, NewLine, PricedCart, cart_command
from checkout.models import Cart, CartLine
from shop import clock, outbox, paging, writes
from shop.errors import InvalidInput, NotFound, Refusal
from shop.paging import Page, PageRequest

_OLDEST_FIRST = paging.Order("ID", "pk")


@cart_command
def save(cart: Cart, line_ids: Sequence[int], *, actor: Actor) -> None:
    """Set lines aside; what is set aside already, attributes included, becomes one line with the sum.

    Raises InvalidMerchandise for a line that is not in the cart; then none is set aside.
    """
    lines, saved = _locked(cart, actor)
    keep(cart, saved, _chosen(lines, line_ids))


@cart_command
def move_to_cart(cart: Cart, line_ids: Sequence[int], *, actor: Actor) -> Totals:
    """Have what was saved for later bought after all. Refused like adding it: then everything stays where it is.

    Raises InvalidMerchandise, QuantityTooHigh, InsufficientStock.
    """
    lines, saved = _locked(cart, actor)
    chosen = _chosen(saved, line_ids)
    CartLine.objects.filter(pk__in=[line.pk for line in chosen]).delete()
    rest = [line for line in saved if line not in chosen]
    try:
        return carts.fill(cart, [*lines, *rest], [_as_new(line) for line in chosen])
    except Refusal as refusal:
        # What is to blame of a line is that it is named at all.
        refusal.field = ("line_ids", *refusal.field[1:2])
        raise


@cart_command
def remove(cart: Cart, line_ids: Sequence[int], *, actor: Actor) -> None:
    """Take lines out for good, whether they were saved or not.

    Raises InvalidMerchandise for a line that is not in the cart; then none is removed.
    """
    known = {line.pk for line in carts.locked_lines(cart.pk)}
    if not known.issuperset(line_ids):
        known |= {line.pk for line in _left(cart, actor)}
    for number, line_id in enumerate(line_ids):
        if line_id not in known:
            raise InvalidMerchandise("This line is not in the cart.", field=("line_ids", number))
    CartLine.objects.filter(pk__in=line_ids).delete()


@transaction.atomic(durable=True)
def take_over(*, secret: str, source: str, actor: Actor) -> PricedCart:
    """Bring the saved lines of a cart that has become an order into an open cart, as far as there is room.

    Raises NotFound, InvalidInput for a cart that is open still: that one can be merged.
    """
    both = Cart.objects.select_for_update().filter(secret__in=[secret, source]).order_by("pk")
    found = {cart.secret: cart for cart in both}
    if secret not in found or not carts.is_open(found[secret]):
        raise NotFound("Cart", field=("cart_id",))
    if source not in found:
        raise NotFound("Cart", field=("from_cart_id",))
    if found[source].completed_at is None:
        raise InvalidInput("This cart is no order yet: it can be merged.", field=("from_cart_id",))
    cart = found[secret]
    lines, saved = _locked(cart, actor)
    coming = [line for line in carts.locked_lines(found[source].pk) if line.is_saved]
    keep(cart, saved, fitting(saved, coming, MAX_LINES - len(lines) - len(saved)))
    cart.updated_at = clock.now()
    writes.update([cart], "updated_at")
    return carts.locked(cart)


def _locked(cart: Cart, actor: Actor) -> tuple[list[CartLine], list[CartLine]]:
    """The lines of a cart that the caller has locked, and those that it has saved.

    Among them, from now on, is what its customer, if it is they who ask, had saved in carts that are orders, as far as
    there is room.
    """
    found = carts.locked_lines(cart.pk)
    lines, saved = [line for line in found if not line.is_saved], [line for line in found if line.is_saved]
    left = _left(cart, actor)
    if left:
        saved += keep(cart, saved, fitting(saved, left, MAX_LINES - len(found)))
    return lines, saved


def _left(cart: Cart, actor: Actor) -> list[CartLine]:
    """What the cart's customer, if it is they who ask, had saved in carts that are orders; locked."""
    if not _is_theirs(cart, actor):
        return []
    left = CartLine.objects.filter(_inherited(cart), is_saved=True)
    return list(left.select_for_update(of=("self",)).order_by("pk"))


def _is_theirs(cart: Cart, actor: Actor) -> bool:
    """Whether who asks is the cart's customer: others may know its id, and see what is in it, but no other cart."""
    return cart.customer_id is not None and cart.customer_id == actor.user_id


def pages(priced: Sequence[PricedCart], request: PageRequest, *, actor: Actor) -> dict[int, Page[CartLine]]:
    """A page of each cart's saved lines that `actor` may see, oldest first, in one statement. Raises InvalidPage."""
    own = {
        one.cart.pk: _seen_in(one.cart, actor).annotate(seen_in=Value(one.cart.pk, BigIntegerField())) for one in priced
    }
    return paging.pages(own, _OLDEST_FIRST, request, list, lambda row: row.seen_in, lambda row: (row.pk,))  # type: ignore[attr-defined]


def keep(cart: Cart, saved: Sequence[CartLine], coming: Sequence[CartLine]) -> list[CartLine]:
    """Store `coming` as saved lines of the cart beside those it has `saved`, and answer those that are lines still.

    One that is there already, attributes included, becomes one with the sum, of what an order may have at the most.
    """
    kept = {line.mark: line for line in saved}
    gone, changed = [], {}
    for line in coming:
        first = kept.setdefault(line.mark, line)
        changed[first.pk] = first
        if first is not line:
            first.quantity = min(first.quantity + line.quantity, MAX_QUANTITY)
            gone.append(line.pk)
    for line in changed.values():
        line.cart, line.is_saved = cart, True
    if gone:
        CartLine.objects.filter(pk__in=gone).delete()
    writes.update(list(changed.values()), "cart", "quantity", "is_saved")
    return [line for line in coming if line.pk in changed]


@outbox.every(seconds=3600)
def forget_expired() -> None:
    """Remove what was left in carts that are orders: it expires as carts do, counted from the order."""
    long_ago = clock.now() - settings.CART_LIFETIME
    expired = CartLine.objects.filter(is_saved=True, cart__completed_at__lte=long_ago)
    with transaction.atomic():
        found = expired.select_for_update(of=("self",), skip_locked=True).order_by("pk").values_list("pk", flat=True)
        CartLine.objects.filter(pk__in=list(found)).delete()


def fitting(saved: Sequence[CartLine], coming: Sequence[CartLine], places: int) -> list[CartLine]:
    """Those of the lines that find a place: what is saved already, attributes included, needs none."""
    marks, found = {line.mark for line in saved}, []
    for line in coming:
        if line.mark not in marks:
            if places <= 0:
                continue
            places -= 1
            marks.add(line.mark)
        found.append(line)
    return found


def _chosen(known: Sequence[CartLine], line_ids: Sequence[int]) -> list[CartLine]:
    by_id = {line.pk: line for line in known}
    for number, line_id in enumerate(line_ids):
        if line_id not in by_id:
            raise InvalidMerchandise("This line is not there.", field=("line_ids", number))
    return [by_id[line_id] for line_id in dict.fromkeys(line_ids)]


def _as_new(line: CartLine) -> NewLine:
    return NewLine(line.variant_id, line.quantity, tuple((one["key"], one["value"]) for one in line.attributes))


def _seen_in(cart: Cart, actor: Actor) -> QuerySet[CartLine]:
    own = Q(cart_id=cart.pk)
    return CartLine.objects.filter(own | _inherited(cart) if _is_theirs(cart, actor) else own, is_saved=True)


def _inherited(cart: Cart) -> Q:
    """The lines saved in carts of the same customer that are orders."""
    since = clock.now() - settings.CART_LIFETIME
    return Q(cart__customer_id=cart.customer_id, cart__completed_at__gt=since)
