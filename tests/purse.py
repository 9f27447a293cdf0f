"""A purse for tests: the note of a cart is a tin, and says how much is in it."""

from decimal import Decimal

from accounts.actors import Actor
from checkout.models import Cart, Order, Payment
from checkout.purses import Spent
from shop.money import Money


class Tins:
    """Keeps its coins in the cart's own row, so that what it does is rolled back with the rest."""

    handle = "tin"

    def spend(self, order: Order, cart: Cart, most: Money, buyer: Actor) -> list[Spent]:
        locked = Cart.objects.select_for_update().get(pk=cart.pk)
        held = Money.price(Decimal(locked.note or 0), order.currency)
        taken = min(held, most)
        if not taken:
            return []
        self._keep(locked, held - taken)
        return [Spent(taken, reference=str(cart.pk), method="Tin")]

    def give_back(self, payment: Payment, amount: Money) -> None:
        cart = Cart.objects.select_for_update().get(pk=payment.gateway_reference)
        self._keep(cart, Money.price(Decimal(cart.note or 0), payment.currency) + amount)

    def _keep(self, cart: Cart, held: Money) -> None:
        cart.note = str(held.amount)
        cart.save(update_fields=["note"])
