"""What staff who keep orders are told by e-mail; `settings.STAFF_MAILS` chooses."""

from django.conf import settings
from django.utils.translation import gettext

from accounts import actors
from accounts.staff import Permission
from checkout import letters
from checkout.models import Order, OrderStatus, Payment, PaymentStatus
from shop import mails, outbox, speech


@outbox.handler("order.confirmed")
def tell_of_order(message: outbox.Message) -> None:
    """Tell what is to be got ready, if it still is."""
    staff = _staff(message)
    order = Order.objects.get(pk=message.payload["order_id"])
    if not staff or order.status == OrderStatus.CANCELLED:
        return
    with speech.speaking(""):
        said = {"name": order.name, "total": letters.price(order.total, order.currency)}
        mails.send(
            "checkout/mail/staff_new_order",
            letters.whole(order),
            subject=gettext("new order %(name)s, %(total)s") % said,
            to=staff,
            name=f"staff_new_order.{order.key}",
        )


@outbox.handler("order.partly_paid")
def tell_of_part(message: outbox.Message) -> None:
    """Tell of an order of which a part was paid, while it waits for the rest."""
    staff = _staff(message)
    order = Order.objects.get(pk=message.payload["order_id"])
    if not staff or order.status != OrderStatus.PLACED or order.hold_expires_at is None:
        return
    with speech.speaking(""):
        context = letters.rest_of(order, order.hold_expires_at)
        subject = gettext("%(due)s of order %(name)s are missing") % {"due": context["due"], "name": order.name}
        name = f"staff_partly_paid.{order.key}"
        mails.send("checkout/mail/staff_partly_paid", context, subject=subject, to=staff, name=name)


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
    with speech.speaking(""):
        context = letters.about(order) | {
            "amount": letters.price(payment.amount, payment.currency),
            "gateway": payment.gateway,
            "error": payment.error,
            "status": _called(order.status),
        }
        mails.send(
            "checkout/mail/staff_payment_failed",
            context,
            subject=gettext("a payment of order %(name)s failed") % {"name": order.name},
            to=staff,
            name=f"staff_payment_failed.{payment.key}",
        )


def _called(status: str) -> str:
    match status:
        case OrderStatus.PLACED:
            return gettext("placed")
        case OrderStatus.CONFIRMED:
            return gettext("confirmed")
        case OrderStatus.CANCELLED:
            return gettext("cancelled")
        case _:
            return gettext("fulfilled")


def _staff(message: outbox.Message) -> list[str]:
    return actors.addresses(Permission.MANAGE_ORDERS) if message.topic in settings.STAFF_MAILS else []
