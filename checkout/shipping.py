"""Ways to deliver a cart, and what each would cost it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from checkout.bills import DeliveryOption
from checkout.models import Cart, ShippingRate
from shop import prepared
from shop.money import Money


def options(cart: Cart, address: Mapping[str, str] | None, subtotal: Money) -> list[DeliveryOption]:
    """The methods that deliver to the cart's country and are priced in its currency, in the merchant's order.

    Its country is that of its selected address, else the one the shopper named; all are offered if neither is known.
    """
    country = address["country_code"] if address else cart.country
    options = []
    for method_id, handle, title, description, amount, free_from in _rates(cart.currency, country or None):
        is_free = free_from is not None and subtotal.amount >= free_from
        price = Money.zero(cart.currency) if is_free else Money.rounded(amount, cart.currency)
        options.append(DeliveryOption(method_id, handle, title, description, price))
    return options


@prepared.statement
def _rates(currency: str, country: str | None) -> QuerySet[Any, Any]:
    rates = ShippingRate.objects.filter(currency=currency, method__is_active=True)
    if country is not None:
        rates = rates.filter(Q(method__countries=[]) | Q(method__countries__contains=[country]))
    return rates.order_by("method__position", "method_id").values_list(
        "method_id", "method__handle", "method__title", "method__description", "amount", "free_from"
    )
