"""Downloads: granted when an order is paid, taken back when it is cancelled or the money is given back.

Paid means that the money of the whole order was captured, or is owed by agreement (the manual gateway). A card that is
merely authorised is not charged yet, and a file cannot be called back: it waits for the capture, and so does an order
that a gift card paid in part. What was granted is taken back when what was agreed at first is paid no more, when
nothing of the money is left, or no unit of its line.

A link holds for `settings.DOWNLOAD_LINK_LIFETIME` and is made anew whenever the order is read; what it leads to is
decided when it is followed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from catalog import digital
from catalog.models import DigitalFile
from checkout import dues
from checkout.models import DownloadGrant, Order, OrderStatus, PaymentStatus, Refund
from shop import clock, outbox
from shop.errors import NotFound, Refusal, blaming
from shop.money import Money
from shop.outbox import Message

BY_AGREEMENT = "manual"
_SALT = "checkout.downloads"
_STANDING = (OrderStatus.CONFIRMED, OrderStatus.FULFILLED)


class NotPaid(Refusal):
    """The order is not paid, or no more: nothing of it can be downloaded."""

    code = "ORDER_NOT_PAID"


class Gone(Exception):
    """The link was right, and leads to nothing any more; the message says why."""


@dataclass(frozen=True, slots=True)
class Download:
    """A grant as its buyer sees it: without a link where nothing can be downloaded any more."""

    grant: DownloadGrant
    url: str | None
    url_expires_at: datetime | None


def of_orders(order_ids: Sequence[int]) -> dict[int, list[Download]]:
    """What may be downloaded of each order, in the order of its lines; nothing of what was taken back."""
    found: dict[int, list[Download]] = {order_id: [] for order_id in order_ids}
    grants = DownloadGrant.objects.filter(order_line__order_id__in=found, revoked_at=None)
    ordered = grants.select_related("file", "order_line__order").order_by(
        "order_line__position", "file__position", "pk"
    )
    for grant in ordered:
        order = grant.order_line.order
        if order.status in _STANDING:
            found[order.pk].append(_shown(grant))
    return found


def follow(token: str) -> DownloadGrant:
    """The grant a link leads to, if it may be downloaded now. Raises NotFound for no link of ours, and Gone."""
    try:
        key, expires = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise NotFound("Download") from error
    if clock.now().timestamp() > expires:
        raise Gone("This link has expired. Open your order again for a new one.")
    grant = DownloadGrant.objects.select_related("file", "order_line__order").filter(key=UUID(key)).first()
    if grant is None or grant.revoked_at or grant.order_line.order.status not in _STANDING:
        raise Gone("This download was taken back, because its order was cancelled or its money given back.")
    if grant.expires_at and grant.expires_at <= clock.now():
        raise Gone("The time in which this could be downloaded is over.")
    if grant.remaining == 0:
        raise Gone("This was downloaded as often as it may be.")
    return grant


def count(grant: DownloadGrant) -> None:
    """Count one download, in the one statement that also makes sure that it is allowed. Raises Gone."""
    allowed = Q(download_limit=None) | Q(download_count__lt=F("download_limit"))
    counted = DownloadGrant.objects.filter(allowed, pk=grant.pk, revoked_at=None)
    if not counted.update(download_count=F("download_count") + 1):
        raise Gone("This was downloaded as often as it may be.")


@transaction.atomic(durable=True)
def reset(*, grant_key: UUID) -> Download:
    """Let a buyer download a file anew: counted from none, and valid from now. Raises NotFound, NotPaid."""
    with blaming("id"):
        found = DownloadGrant.objects.filter(key=grant_key).values_list("order_line__order_id", flat=True).first()
        if found is None:
            raise NotFound("OrderDownload")
        order = Order.objects.select_for_update().get(pk=found)
        grant = DownloadGrant.objects.select_for_update(of=("self",)).select_related("file").get(key=grant_key)
        if not _is_paid(order, min(order.total_price, order.current_total)):
            raise NotPaid(f"Order {order.name} is not paid, or no more; nothing of it can be downloaded.")
        if grant.order_line_id in _gone(order):
            raise NotPaid(f"This is no part of order {order.name} any more; it cannot be downloaded.")
    grant.download_count, grant.revoked_at = 0, None
    grant.expires_at = _end(grant.file)
    grant.save(update_fields=["download_count", "revoked_at", "expires_at"])
    return _shown(grant)


@outbox.handler("order.confirmed")
@outbox.handler("order.edited")
@outbox.handler("payment.captured")
def grant(message: Message) -> None:
    """Grant the files of what was bought, once; a second message changes nothing."""
    order = Order.objects.select_for_update().get(pk=message.payload["order_id"])
    if not _is_paid(order, order.current_total):
        return
    lines = list(order.lines.exclude(pk__in=_gone(order)).order_by("pk"))
    files = digital.files_of({variant_id for line in lines for variant_id, _ in line.takes})
    grants = []
    for line in lines:
        for variant_id, each in line.takes:
            for file in files.get(variant_id, []):
                limit = file.download_limit and file.download_limit * each * (line.quantity - line.gone)
                grants.append(
                    DownloadGrant(
                        order_line=line, file=file, title=file.title, download_limit=limit, expires_at=_end(file)
                    )
                )
    DownloadGrant.objects.bulk_create(grants, ignore_conflicts=True)


@outbox.handler("order.cancelled")
@outbox.handler("order.lines_cancelled")
@outbox.handler("order.edited")
@outbox.handler("return.received")
@outbox.handler("payment.refunded")
@outbox.handler("payment.voided")
def revoke(message: Message) -> None:
    """Take back what was granted to an order that is paid no more, or of lines that are no part of it any more.

    What an edit added and nobody paid yet takes nothing back of what was paid before.
    """
    order = Order.objects.select_for_update().get(pk=message.payload["order_id"])
    granted = _of(order).filter(revoked_at=None)
    if _is_paid(order, min(order.total_price, order.current_total)):
        granted = granted.filter(order_line_id__in=_gone(order))
    granted.update(revoked_at=clock.now())


def is_any_in(order: Order) -> bool:
    """Whether something of this order can be downloaded, now or once it is paid."""
    variants = {variant_id for line in order.lines.all() for variant_id, _ in line.takes}
    return DigitalFile.objects.filter(variant_id__in=variants).exists()


def _of(order: Order) -> QuerySet[DownloadGrant]:
    return DownloadGrant.objects.filter(order_line__order=order)


def _is_paid(order: Order, total: Money) -> bool:
    """Whether so much of the order is received, or owed by agreement, and anything of it is left with the shop."""
    if order.status not in _STANDING:
        return False
    paid = list(order.payments.all())
    promised = [one for one in paid if one.status == PaymentStatus.AUTHORIZED and one.gateway == BY_AGREEMENT]
    agreed = sum((one.amount for one in promised), Decimal(0))
    kept = sum((one.captured - one.refunded for one in paid), Decimal(0))
    left = dues.reckoned(total, paid, Refund.objects.filter(payment__order=order)).outstanding
    return left.amount <= agreed and bool(kept or agreed or not total)


def _gone(order: Order) -> list[int]:
    """The lines of which no unit is a part of the order any more."""
    gone = order.lines.filter(quantity=F("cancelled_quantity") + F("returned_quantity"))
    return list(gone.values_list("pk", flat=True))


def _end(file: DigitalFile) -> datetime | None:
    return None if file.valid_days is None else clock.now() + timedelta(days=file.valid_days)


def _shown(grant: DownloadGrant) -> Download:
    ends = clock.now() + settings.DOWNLOAD_LINK_LIFETIME
    if grant.expires_at is not None:
        ends = min(ends, grant.expires_at)
    if grant.remaining == 0 or ends <= clock.now():
        return Download(grant, None, None)
    token = signing.Signer(salt=_SALT).sign_object([str(grant.key), int(ends.timestamp())])
    return Download(grant, f"{settings.SHOP_URL}{reverse('download', args=[token])}", ends)
