"""What shoppers who asked for it are told about variants, and staff about stock, by e-mail."""

from django.conf import settings
from django.utils.translation import gettext

from accounts import actors
from accounts.staff import Permission
from catalog import alerts, low_stock, stock, translated
from catalog.models import AlertKind, AlertStatus, Price, Product, ProductAlert, ProductVariant
from catalog.models.price import Tariff, base_of
from shop import clock, languages, mails, outbox, speech

# How the dialect titles the one variant of a product without options; people need not read it.
ONLY_VARIANT = "Default Title"
# A mail about stock names this many variants, and of the rest how many they are.
MAX_LISTED = 250


@outbox.handler("alert.confirmation_wanted")
def ask_to_confirm(message: outbox.Message) -> None:
    """Send a guest the link that confirms the address; nothing where that has happened or the alert is gone."""
    alert = _found(message, AlertStatus.PENDING)
    if alert is not None:
        with speech.speaking(alert.language):
            _send("alert_confirmation", alert, gettext("shall we write to you?"))


@outbox.handler("alert.due")
def tell(message: outbox.Message) -> None:
    """Tell whoever waits, once; nothing where it is true no longer, which is then waited for again."""
    alert = _found(message, AlertStatus.ACTIVE)
    if alert is None or not alerts.is_due(alert.pk):
        return
    alert.become(AlertStatus.SENT)
    alert.sent_at = clock.now()
    alert.save(update_fields=["status", "sent_at"])
    with speech.speaking(alert.language):
        if alert.kind == AlertKind.BACK_IN_STOCK:
            _send("back_in_stock", alert, gettext("%(title)s is back"))
        else:
            _send("price_drop", alert, gettext("%(title)s costs less now"))


@outbox.handler("stock.low")
def tell_of_low_stock(message: outbox.Message) -> None:
    """Tell staff who keep the inventory, in one mail, of all that became low since the last one, if it still is."""
    variant_ids = low_stock.take_untold()
    staff = actors.addresses(Permission.MANAGE_INVENTORY) if message.topic in settings.STAFF_MAILS else []
    if not variant_ids or not staff:
        return
    free = stock.free(variant_ids)
    named = ProductVariant.objects.filter(pk__in=variant_ids).select_related("product").order_by("sku")
    lines = [
        (variant.sku, _title(variant), free[variant.pk]) for variant in named.defer("product__search")[:MAX_LISTED]
    ]
    rows = [{"title": sku, "notes": [title], "value": units} for sku, title, units in lines]
    with speech.speaking(""):
        mails.send(
            "catalog/mail/low_stock",
            {"lines": lines, "rows": rows, "more": len(variant_ids) - len(lines)},
            subject=gettext("%(count)d low on stock") % {"count": len(variant_ids)},
            to=staff,
            name=f"low_stock.{message.id}",
        )


def _found(message: outbox.Message, status: AlertStatus) -> ProductAlert | None:
    """The alert the message is about, locked, if it stands there still."""
    among = ProductAlert.objects.select_for_update(no_key=True, of=("self",))
    related = among.select_related("variant__product", "customer").defer("variant__product__search")
    return related.filter(pk=message.payload["alert_id"], status=status).first()


def _send(template: str, alert: ProductAlert, subject: str) -> None:
    """Send the mail, in whose subject the product may be named."""
    variant, product = alert.variant, _told(alert.variant.product, alert.language)
    if alert.customer is not None and not alert.customer.is_active:
        return
    price = Price.objects.by(Tariff(base_of(alert.currency))).filter(variant=variant).first()
    url = settings.PRODUCT_ALERT_URL.format(token=alert.token)
    context = {
        "title": _title(variant),
        "price": speech.price(alert.price_limit, alert.currency) if alert.price_limit is not None else "",
        "price_now": speech.price(price.amount, alert.currency) if price else "",
        "product_url": f"{settings.STOREFRONT_URL}/products/{product.handle}",
        "alert_url": url,
    }
    mails.send(
        f"catalog/mail/{template}",
        context,
        subject=subject % {"title": product.title},
        to=[alert.customer.email if alert.customer else alert.email],
        name=f"{template}.{alert.pk}",
        headers={"List-Unsubscribe": f"<{url}>"},
    )


def _told(product: Product, language: str) -> Product:
    """The product, called as it is in this language."""
    for said in translated.of(languages.foreign(language), "product", [product.pk]).values():
        product.title, product.handle = said.texts.get("title", product.title), said.handle or product.handle
    return product


def _title(variant: ProductVariant) -> str:
    return variant.product.title if variant.title == ONLY_VARIANT else f"{variant.product.title} ({variant.title})"
