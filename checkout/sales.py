"""What sold: kept on products, so that best sellers can be listed without counting orders."""

from django.db.models import Sum

from catalog import popularity
from checkout.models import OrderLine
from shop import outbox
from shop.outbox import Message


@outbox.handler("order.confirmed")
@outbox.handler("order.edited")
def count_sold(message: Message) -> None:
    """Add the units of a confirmed order to its products, or of what an edit added to it.

    Once: the delivery's record is in the same transaction.
    """
    lines = OrderLine.objects.filter(order_id=message.payload["order_id"], edit=message.payload.get("edit_id"))
    sold = (
        lines.filter(variant__isnull=False)
        .order_by("variant__product_id")
        .values_list("variant__product_id")
        .annotate(units=Sum("quantity"))
    )
    popularity.count_sold(dict(sold))
