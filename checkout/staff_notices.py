"""What staff who keep orders are told by e-mail; `settings.STAFF_MAILS` chooses."""

from django.conf import settings

from accounts import actors
from accounts.staff import Permission
from checkout import letters
from checkout.models import Order, OrderStatus, Payment, PaymentStatus
from shop import mails, outbox


@outbox.handler("order.confirmed")
def tell_of_order(message: outbox.Message) -> None:
    """Tell what is to be got ready, if it still is."""
    staff = _staff(message)
    order = Order.objects.get(pk=message.payload["order_id"])
    if not staff or order.status == OrderStatus.CANCELLED:
        return
    mails.send(
        "checkout/mail/staff_new_order",
        letters.whole(order),
        subject=f"new order {order.name}, {order.total_price}",
        to=staff,
        name=f"staff_new_order.{order.key}",
    )


@outbox.handler("payment.failed")
def tell_of_failed_payment(message: outbox.Message) -> None:
    """Tell which payment a gateway declined, and why."""
    staff = _staff(message)
    if not staff:
        return
    payment = Payment.objects.select_related("order").get(pk=message.payload["payment_id"])
    order = payment.order
    if payment.status != PaymentStatus.FAILED:
        return
    context = letters.about(order) | {
        "amount": str(payment.money),
        "gateway": payment.gateway,
        "error": payment.error,
        "status": order.status.lower(),
    }
    mails.send(
        "checkout/mail/staff_payment_failed",
        context,
        subject=f"a payment of order {order.name} failed",
        to=staff,
        name=f"staff_payment_failed.{payment.key}",
    )


def _staff(message: outbox.Message) -> list[str]:
    return actors.addresses(Permission.MANAGE_ORDERS) if message.topic in settings.STAFF_MAILS else []
