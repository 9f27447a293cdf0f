"""Ways to deliver a cart, and what each would cost it."""

from dataclasses import dataclass

from django.db.models import Q

from checkout.models import Cart, CartAddress, ShippingRate
from shop.money import Money


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A method at the price it has for this cart."""

    method_id: int
    handle: str
    title: str
    description: str
    price: Money


def options(cart: Cart, subtotal: Money) -> list[DeliveryOption]:
    """The methods that deliver to the cart's country and are priced in its currency, in the merchant's order."""
    country = destination(cart)
    rates = (
        ShippingRate.objects.select_related("method")
        .filter(currency=cart.currency, method__is_active=True)
        .order_by("method__position", "method_id")
    )
    if country:
        rates = rates.filter(Q(method__countries=[]) | Q(method__countries__contains=[country]))
    return [_option(rate, subtotal) for rate in rates]


def destination(cart: Cart) -> str:
    """The country the cart goes to: that of its selected address, else the one the shopper named; may be empty."""
    stored = CartAddress.objects.filter(cart=cart, is_selected=True).values_list("address", flat=True).first()
    return str(stored["country_code"]) if stored else cart.country


def _option(rate: ShippingRate, subtotal: Money) -> DeliveryOption:
    is_free = rate.free_from is not None and subtotal.amount >= rate.free_from
    price = Money.zero(rate.currency) if is_free else Money.rounded(rate.amount, rate.currency)
    method = rate.method
    return DeliveryOption(method.pk, method.handle, method.title, method.description, price)
