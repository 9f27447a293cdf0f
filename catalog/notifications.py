"""What shoppers who asked for it are told about variants, by e-mail."""

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from catalog import alerts
from catalog.models import AlertKind, AlertStatus, Price, ProductAlert
from shop import clock, outbox
from shop.money import Money

# Seconds a mail server may stay silent, where EMAIL_URL does not say.
PATIENCE = 30
# How the dialect titles the one variant of a product without options; people need not read it.
ONLY_VARIANT = "Default Title"


@outbox.handler("alert.confirmation_wanted")
def ask_to_confirm(message: outbox.Message) -> None:
    """Send a guest the link that confirms the address; nothing where that has happened or the alert is gone."""
    alert = _found(message, AlertStatus.PENDING)
    if alert is not None:
        _send("alert_confirmation", alert, subject=f"{settings.SHOP_NAME}: shall we write to you?")


@outbox.handler("alert.due")
def tell(message: outbox.Message) -> None:
    """Tell whoever waits, once; nothing where it is true no longer, which is then waited for again."""
    alert = _found(message, AlertStatus.ACTIVE)
    if alert is None or not alerts.is_due(alert.pk):
        return
    alert.become(AlertStatus.SENT)
    alert.sent_at = clock.now()
    alert.save(update_fields=["status", "sent_at"])
    if alert.kind == AlertKind.BACK_IN_STOCK:
        _send("back_in_stock", alert, subject=f"{settings.SHOP_NAME}: {alert.variant.product.title} is back")
    else:
        _send("price_drop", alert, subject=f"{settings.SHOP_NAME}: {alert.variant.product.title} costs less now")


def _found(message: outbox.Message, status: AlertStatus) -> ProductAlert | None:
    """The alert the message is about, locked, if it stands there still."""
    among = ProductAlert.objects.select_for_update(no_key=True, of=("self",))
    related = among.select_related("variant__product", "customer").defer("variant__product__search")
    return related.filter(pk=message.payload["alert_id"], status=status).first()


def _send(template: str, alert: ProductAlert, *, subject: str) -> None:
    variant, product = alert.variant, alert.variant.product
    if alert.customer is not None and not alert.customer.is_active:
        return
    price = Price.objects.filter(variant=variant, currency=alert.currency).first()
    url = settings.PRODUCT_ALERT_URL.format(token=alert.token)
    context = {
        "shop_name": settings.SHOP_NAME,
        "title": product.title if variant.title == ONLY_VARIANT else f"{product.title} ({variant.title})",
        "price": Money.rounded(alert.price_limit, alert.currency) if alert.price_limit is not None else "",
        "price_now": Money.rounded(price.amount, alert.currency) if price else "",
        "product_url": f"{settings.STOREFRONT_URL}/products/{product.handle}",
        "alert_url": url,
    }
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    EmailMessage(
        subject=" ".join(subject.split()),
        body=render_to_string(f"catalog/mail/{template}.txt", context),
        to=[alert.customer.email if alert.customer else alert.email],
        headers={
            # The same mail sent twice has the same name, by which mail programs may tell that it is one.
            "Message-ID": f"<{template}.{alert.pk}@{domain}>",
            "List-Unsubscribe": f"<{url}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(timeout=settings.EMAIL_TIMEOUT or PATIENCE),
    ).send()
