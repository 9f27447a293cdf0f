"""Alerts: shoppers ask to be told, once, when a variant can be bought again or costs less.

Whatever changes stock, prices or what is shown refreshes the facts of its products, and `facts` then calls `announce`
in the same transaction. Asking locks the variant and its product's offers, as such a change does, so that neither can
miss the other. What is announced is looked through by a worker, and sent by `catalog.notifications`.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import attempts, contacts
from accounts.actors import Actor
from catalog.models import AlertKind, AlertStatus, Price, Product, ProductAlert, ProductVariant
from catalog.models.price import Tariff, base_of
from catalog.models.stock import IN_STOCK
from shop import clock, money, outbox, prepared
from shop.errors import InvalidInput, NotFound, Refusal
from shop.money import Money

MAX_OPEN = 200
# Who asks a guest for a confirmation asks a stranger, perhaps: once a day about the same thing, and this many things
# within the `attempts.WINDOW` from a network, which may be that of a whole office.
ASKED_AGAIN_AFTER = timedelta(days=1)
MAX_ASKED_FROM_NETWORK = 60
KEPT_UNCONFIRMED = timedelta(days=7)
KEPT_WHEN_SENT = timedelta(days=30)

_TOKEN = re.compile(r"[0-9a-f]{32}")


class AlreadyAvailable(Refusal):
    """The variant can be bought now."""

    code = "ALREADY_AVAILABLE"

    def __init__(self, sku: str) -> None:
        super().__init__(f"{sku} can be bought now; there is nothing to wait for.", field=("variant_id",))


class AlreadyCheaper(Refusal):
    """The variant costs as little as that now."""

    code = "ALREADY_CHEAPER"

    def __init__(self, price: Money) -> None:
        super().__init__(f"It costs {price} now; name a price below that.", field=("price",))


class TooManyAlerts(Refusal):
    """A customer waits for as much as is allowed."""

    code = "TOO_MANY_ALERTS"

    def __init__(self) -> None:
        super().__init__(f"You wait for {MAX_OPEN} things already, and no more are allowed; cancel one first.")


def open_of(actor: Actor) -> QuerySet[ProductAlert]:
    """What the actor waits for; nothing for a guest."""
    mine = ProductAlert.objects.filter(customer_id=actor.user_id, customer__isnull=False)
    return mine.exclude(status=AlertStatus.SENT).order_by("-created_at", "-pk")


def by_token(token: str) -> ProductAlert | None:
    """The alert that the mail with this token is about."""
    return ProductAlert.objects.filter(token=token).first() if _TOKEN.fullmatch(token) else None


@transaction.atomic(durable=True)
def ask_for_stock(
    *, actor: Actor, currency: str, variant_id: int, email: str, client_address: str, language: str = ""
) -> ProductAlert:
    """Have the actor told, in this language, when the variant can be bought again.

    A guest gets a mail first, to confirm the address. Raises NotFound, AlreadyAvailable, TooManyAlerts, EmailInvalid,
    TooManyAttempts.
    """
    who = _who(actor, email, client_address)
    variant = _locked(actor, variant_id)
    if not _price(variant, currency):
        raise NotFound("ProductVariant", field=("variant_id",))
    if _is_available(variant):
        raise AlreadyAvailable(variant.sku)
    return _kept(AlertKind.BACK_IN_STOCK, variant, who, currency=currency, language=language, price_limit=None)


@transaction.atomic(durable=True)
def ask_for_price(
    *,
    actor: Actor,
    currency: str,
    variant_id: int,
    price: Decimal | None,
    email: str,
    client_address: str,
    language: str = "",
) -> ProductAlert:
    """Have the actor told, in this language, when the variant costs `price` or less; without it, less than now.

    A guest gets a mail first, to confirm the address. Raises NotFound, InvalidInput, AlreadyCheaper, TooManyAlerts,
    EmailInvalid, TooManyAttempts.
    """
    who = _who(actor, email, client_address)
    variant = _locked(actor, variant_id)
    now = _price(variant, currency)
    if now is None:
        raise NotFound("ProductVariant", field=("variant_id",))
    least = Decimal(1).scaleb(-money.exponent(currency))
    if price is None:
        limit = now.amount - least
    else:
        try:
            limit = Money.price(price, currency).amount
        except InvalidInput as refusal:
            refusal.field = ("price",)
            raise
    if not 0 <= limit < now.amount:
        raise AlreadyCheaper(Money.rounded(now.amount, currency))
    return _kept(AlertKind.PRICE_DROP, variant, who, currency=currency, language=language, price_limit=limit)


@transaction.atomic(durable=True)
def confirm(*, token: str) -> ProductAlert:
    """Let what a guest asked for begin; confirming again changes nothing. Raises NotFound."""
    alert = by_token(token)
    if alert is None:
        raise NotFound("ProductAlert", field=("token",))
    _lock_offers(alert.product_id)
    alert = ProductAlert.objects.select_for_update(no_key=True).filter(pk=alert.pk).first()
    if alert is None:
        raise NotFound("ProductAlert", field=("token",))
    if alert.status == AlertStatus.PENDING:
        alert.become(AlertStatus.ACTIVE)
        alert.save(update_fields=["status"])
        # What it waits for may have come while nobody had confirmed.
        outbox.publish("alert.due", alert_id=alert.pk)
    return alert


@transaction.atomic(durable=True)
def cancel(*, actor: Actor, alert_id: int | None, token: str) -> int:
    """Give up an alert: one's own by its id, or any by the token in its mail; answers its id. Raises NotFound."""
    field = "token" if alert_id is None else "id"
    alert = by_token(token) if alert_id is None else open_of(actor).filter(pk=alert_id).first()
    if alert is None:
        raise NotFound("ProductAlert", field=(field,))
    key = alert.pk
    alert.delete()
    return key


def announce(product_ids: list[int]) -> None:
    """Have those told who wait for what is now true of these products. Call inside the transaction that made it so.

    The caller holds locks that sales wait for, so it costs the same however many wait: a worker finds out who does.
    """
    if _waiting(product_ids):
        outbox.publish("alerts.due", product_ids=product_ids)


@outbox.handler("alerts.due")
def look_through(message: outbox.Message) -> None:
    """Announce each alert of these products whose time has come; one that was told meanwhile stays told."""
    _announce_each(ProductAlert.objects.filter(product__in=message.payload["product_ids"]))


def is_due(alert_id: int) -> bool:
    """Whether what is waited for is true now."""
    return bool(_due([alert_id]))


@outbox.every(seconds=3600)
def tidy() -> None:
    """Announce what became true in another way, such as a branch shown again, and forget what nobody needs."""
    now = clock.now()
    unconfirmed = ProductAlert.objects.filter(status=AlertStatus.PENDING, created_at__lt=now - KEPT_UNCONFIRMED)
    sent = ProductAlert.objects.filter(status=AlertStatus.SENT, sent_at__lt=now - KEPT_WHEN_SENT)
    unconfirmed.delete()
    sent.delete()
    with transaction.atomic():
        _announce_each(ProductAlert.objects.all())


def _announce_each(among: QuerySet[ProductAlert]) -> None:
    waiting = list(among.filter(status=AlertStatus.ACTIVE).values_list("pk", flat=True))
    due = sorted(_due(waiting)) if waiting else []
    outbox.publish_many("alert.due", [{"alert_id": alert_id} for alert_id in due])


def _who(actor: Actor, email: str, client_address: str) -> dict[str, Any]:
    """The columns that tell whom to write to. Raises EmailInvalid, TooManyAttempts, TooManyAlerts."""
    if not actor.is_guest:
        if open_of(actor).count() >= MAX_OPEN:
            raise TooManyAlerts
        return {"customer_id": actor.user_id, "email": ""}
    address = contacts.email(email).lower()
    # Each may send a mail to somebody who never asked, so counted whether it does or not: nobody learns who is known.
    attempts.count(email=f"alerts of {address}", client_address="")
    attempts.count(email="alerts", client_address=client_address, limit=MAX_ASKED_FROM_NETWORK)
    return {"customer_id": None, "email": address}


def _locked(actor: Actor, variant_id: int) -> ProductVariant:
    """The variant, which cannot change before the transaction ends, nor can what is offered of it. Raises NotFound."""
    shown = ProductVariant.objects.filter(product__in=Product.objects.visible_to(actor), pk=variant_id)
    variant = shown.select_for_update(no_key=True, of=("self",)).first()
    if variant is None:
        raise NotFound("ProductVariant", field=("variant_id",))
    _lock_offers(variant.product_id)
    return variant


def _lock_offers(product_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_OFFERS, [product_id])


def _price(variant: ProductVariant, currency: str) -> Price | None:
    """What the variant costs everybody: alerts wait for the prices of base lists."""
    return Price.objects.by(Tariff(base_of(currency))).filter(variant=variant).first()


def _is_available(variant: ProductVariant) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_AVAILABLE, [variant.pk])
        [is_available] = cursor.fetchone()
    return bool(is_available)


def _kept(
    kind: AlertKind,
    variant: ProductVariant,
    who: dict[str, Any],
    *,
    currency: str,
    language: str,
    price_limit: Decimal | None,
) -> ProductAlert:
    """The one open alert of this kind, variant and person, made or made anew."""
    status = AlertStatus.PENDING if who["customer_id"] is None else AlertStatus.ACTIVE
    wanted = {"currency": currency, "language": language, "price_limit": price_limit}
    alert, is_new = ProductAlert.objects.exclude(status=AlertStatus.SENT).get_or_create(
        kind=kind, variant=variant, **who, defaults={"product_id": variant.product_id, "status": status, **wanted}
    )
    # Who knows no more than an address must not change what its owner has confirmed.
    if not is_new and (alert.status == AlertStatus.PENDING or alert.customer_id is not None):
        ProductAlert.objects.filter(pk=alert.pk).update(**wanted)
        alert.refresh_from_db()
    if alert.status == AlertStatus.PENDING:
        _ask_to_confirm(alert)
    return alert


def _ask_to_confirm(alert: ProductAlert) -> None:
    """Send the link to confirm, unless that was done lately. The variant is locked, so two do not send it at once."""
    now = clock.now()
    if alert.asked_at is not None and alert.asked_at > now - ASKED_AGAIN_AFTER:
        return
    ProductAlert.objects.filter(pk=alert.pk).update(asked_at=now)
    outbox.publish("alert.confirmation_wanted", alert_id=alert.pk)


@prepared.statement
def _waiting(product_ids: list[int]) -> QuerySet[Any, Any]:
    return ProductAlert.objects.filter(product_id__any=product_ids, status=AlertStatus.ACTIVE).values_list("pk")[:1]


def _due(alert_ids: list[int]) -> set[int]:
    """Those of these alerts for which what is waited for is true, and shown."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [alert_ids])
        return {alert_id for (alert_id,) in cursor.fetchall()}


_LOCK_OFFERS = "SELECT 1 FROM catalog_offer WHERE product_id = %s ORDER BY product_id, price_list_id FOR SHARE"

_AVAILABLE = f"SELECT {IN_STOCK.format(variant='wanted.id')} FROM (SELECT %s::bigint AS id) wanted"  # noqa: S608

_DUE = f"""
SELECT a.id FROM catalog_productalert a
JOIN catalog_product p ON p.id = a.product_id AND p.status = 'ACTIVE'
JOIN catalog_category c ON c.id = p.category_id AND c.is_listed
JOIN catalog_pricelist list ON list.currency = a.currency AND list.base_id IS NULL
JOIN catalog_price price ON price.variant_id = a.variant_id AND price.price_list_id = list.id AND price.min_quantity = 1
WHERE a.id = ANY(%s) AND a.status = 'ACTIVE'
  AND CASE a.kind
      WHEN 'PRICE_DROP' THEN price.amount <= a.price_limit
      ELSE {IN_STOCK.format(variant="a.variant_id")}
      END
"""  # noqa: S608
