"""Where a cart goes and how: its addresses, one of them selected, and the delivery option chosen for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts import addresses
from accounts.addresses import Address
from checkout import pricing
from checkout.bills import Totals
from checkout.carts import cart_command
from checkout.models import Cart, CartAddress
from shop import prepared, writes
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together

MAX_ADDRESSES = 20


class DeliveryOptionUnknown(Refusal):
    """The delivery option is not offered for this cart and address."""

    code = "DELIVERY_OPTION_UNKNOWN"


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address to keep, and whether the cart goes there."""

    address: Address
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class AddressChange:
    """What to change of an address; None leaves it."""

    address_id: int
    address: Address | None = None
    is_selected: bool | None = None


@dataclass(frozen=True, slots=True)
class DeliveryChoice:
    """The option chosen for a group of lines; there is one group, which has the cart's secret for a name."""

    group: str
    handle: str


@cart_command
def add_addresses(cart: Cart, new: Sequence[NewAddress]) -> None:
    """Add addresses. The first of a cart is selected by itself; of several that are to be selected, the last is.

    Raises Refusals of everything that is wrong with them, InvalidInput where there are too many.
    """
    kept = _addresses(cart.pk)
    if len(kept) + len(new) > MAX_ADDRESSES:
        raise InvalidInput(f"A cart has {MAX_ADDRESSES} addresses at the most.", field=("addresses",))
    with together() as check:
        for number, one in enumerate(new):
            with check("addresses", number, "address", "delivery_address"):
                kept.append(CartAddress(cart=cart, address=addresses.checked(one.address).as_json()))
    wanted = [place for place, one in enumerate(new, len(kept) - len(new)) if one.is_selected]
    if wanted or len(kept) == len(new):
        _select(kept, kept[wanted[-1] if wanted else 0] if kept else None)
    _store_addresses(cart, kept)


@cart_command
def update_addresses(cart: Cart, changes: Sequence[AddressChange]) -> None:
    """Change addresses, or which one the cart goes to. Raises Refusals of everything that is wrong; NotFound in it."""
    kept = {row.pk: row for row in _addresses(cart.pk)}
    with together() as check:
        for number, change in enumerate(changes):
            with check("addresses", number):
                row = kept.get(change.address_id)
                if row is None:
                    raise NotFound("CartSelectableAddress", field=("id",))
                if change.address is not None:
                    with blaming("address", "delivery_address"):
                        row.address = addresses.checked(change.address).as_json()
                if change.is_selected:
                    _select(kept.values(), row)
                elif change.is_selected is not None:
                    row.is_selected = False
    _store_addresses(cart, kept.values())


@cart_command
def remove_addresses(cart: Cart, address_ids: Sequence[int]) -> None:
    """Forget addresses. None is selected in place of a selected one. Raises NotFound; then none is forgotten."""
    known = {row.pk for row in _addresses(cart.pk)}
    for number, address_id in enumerate(address_ids):
        if address_id not in known:
            raise NotFound("CartSelectableAddress", field=("address_ids", number))
    CartAddress.objects.filter(pk__in=address_ids).delete()


@cart_command
def select(cart: Cart, choices: Sequence[DeliveryChoice]) -> Totals:
    """Choose how the cart is delivered: one choice, for it is delivered in one group.

    Raises NotFound for a group of another cart, DeliveryOptionUnknown, InvalidInput.
    """
    if len(choices) != 1:
        raise InvalidInput("Choose one delivery option.", field=("selected_delivery_options",))
    bill, [choice] = pricing.totals(cart), choices
    with blaming("selected_delivery_options", 0):
        if choice.group != cart.secret:
            raise NotFound("CartDeliveryGroup", field=("delivery_group_id",))
        chosen = next((option for option in bill.delivery_options if option.handle == choice.handle), None)
        if chosen is None:
            offered = ", ".join(option.handle for option in bill.delivery_options) or "none"
            raise DeliveryOptionUnknown(
                f"This delivery option is not offered; offered are: {offered}.", field=("delivery_option_handle",)
            )
    cart.delivery_method_id = chosen.method_id
    return pricing.delivered(bill, chosen)


@prepared.statement
def addresses_of(cart_ids: list[int]) -> QuerySet[CartAddress]:
    """The addresses of several carts, each cart's oldest first."""
    return CartAddress.objects.filter(cart_id__any=cart_ids).order_by("pk")


@prepared.statement
def _addresses(cart_id: int) -> QuerySet[CartAddress]:
    return CartAddress.objects.select_for_update().filter(cart_id=cart_id).order_by("pk")


def _select(rows: Iterable[CartAddress], chosen: CartAddress | None) -> None:
    for row in rows:
        row.is_selected = row is chosen


def _store_addresses(cart: Cart, rows: Iterable[CartAddress]) -> None:
    rows = list(rows)
    if any(row.pk for row in rows):
        # At most one is selected at any moment, so that the old one goes first.
        CartAddress.objects.filter(cart=cart, is_selected=True).update(is_selected=False)
    writes.update([row for row in rows if row.pk], "address", "is_selected")
    writes.insert([row for row in rows if not row.pk])
