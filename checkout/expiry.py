"""Carts that nobody came back to: removed in batches, unless an order lives that they became."""

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from checkout.models import Cart, Order, OrderStatus
from shop import clock, outbox

BATCH = 500


@outbox.every(seconds=3600)
def remove_expired() -> None:
    """Remove all carts that have expired; what somebody is changing at this moment waits for the next time."""
    while _remove(BATCH) == BATCH:
        pass


@transaction.atomic
def _remove(batch: int) -> int:
    living = Order.objects.filter(cart=OuterRef("pk")).exclude(status=OrderStatus.CANCELLED)
    expired = Cart.objects.filter(~Exists(living), updated_at__lte=clock.now() - settings.CART_LIFETIME)
    found = list(expired.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:batch])
    Cart.objects.filter(pk__in=found).delete()
    return len(found)
