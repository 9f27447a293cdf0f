"""Ways to deliver a cart, and what each would cost it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from checkout.models import Cart, ShippingRate
from shop.money import Money


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A method at the price it has for this cart."""

    method_id: int
    handle: str
    title: str
    description: str
    price: Money


def options(cart: Cart, address: Mapping[str, str] | None, subtotal: Money) -> list[DeliveryOption]:
    """The methods that deliver to the cart's country and are priced in its currency, in the merchant's order.

    Its country is that of its selected address, else the one the shopper named; all are offered if neither is known.
    """
    country = address["country_code"] if address else cart.country
    rates = (
        ShippingRate.objects.select_related("method")
        .filter(currency=cart.currency, method__is_active=True)
        .order_by("method__position", "method_id")
    )
    if country:
        rates = rates.filter(Q(method__countries=[]) | Q(method__countries__contains=[country]))
    return [_option(rate, subtotal) for rate in rates]


def _option(rate: ShippingRate, subtotal: Money) -> DeliveryOption:
    is_free = rate.free_from is not None and subtotal.amount >= rate.free_from
    price = Money.zero(rate.currency) if is_free else Money.rounded(rate.amount, rate.currency)
    method = rate.method
    return DeliveryOption(method.pk, method.handle, method.title, method.description, price)
