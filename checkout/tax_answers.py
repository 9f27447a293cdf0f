"""What the tax service says of bills: asked outside of any transaction, kept by what was asked, and bought as shown.

Whoever prices a cart reads what is kept of just this question. Until there is an answer, and where there is none, the
shop's own rates tell the taxes: an estimate, or with TAX_SERVICE_FALLBACK what is bought.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from catalog.models import TaxClass
from checkout import tax_services, taxes
from checkout.bills import TaxesTold, TaxLine, Totals
from checkout.models import TaxAnswer
from checkout.tax_services import Answer, Levy, Question, TaxableLine, TaxService, TaxServiceUnavailable
from shop import clock, outbox, prepared
from shop.money import Money

log = logging.getLogger(__name__)

# After so long a service that did not answer is asked again, when somebody reads the cart.
_SILENCE = timedelta(minutes=1)
_OUTDATED = "What taxes come to is out of date, or not known yet; read the cart again."
_MISSING = "What taxes come to cannot be told now; try again in a minute."


def applied(bill: Totals) -> Totals:
    """The bill with its taxes: what the service told of it, or what the shop's own rates make.

    Until it is known where the bill goes, own rates do.
    """
    is_destined = bool(bill.address) or bill.is_pickup or not bill.requires_shipping
    return destined(bill) if is_destined else taxes.levied(bill)


def destined(bill: Totals) -> Totals:
    """As `applied`, of a bill that goes where its address is, or where there is none, to the country of its rules."""
    service = tax_services.in_use()
    if service is None or not bill.lines:
        return taxes.levied(bill)
    question = _question(bill)
    now = clock.now()
    for told, ask_again_at, expires_at in _kept(_digest(question)):
        hindrance = "" if now < expires_at else _OUTDATED
        wanted = question if ask_again_at <= now else None
        if told is not None:
            noted = TaxesTold(service.title, told["reference"], wanted, hindrance)
            return replace(_borne(bill, told), taxes_told=noted)
        if not settings.TAX_SERVICE_FALLBACK:
            hindrance = hindrance or _MISSING
        return replace(taxes.levied(bill), taxes_told=TaxesTold(wanted=wanted, hindrance=hindrance))
    return replace(taxes.levied(bill), taxes_told=TaxesTold(wanted=question, hindrance=_OUTDATED))


def fetch(question: Question) -> bool:
    """Ask the service and keep what it says; False, and nothing is asked, within a transaction: it may take long."""
    service = tax_services.in_use()
    if service is None or connection.in_atomic_block:
        return False
    _keep(question, _asked(service, _with_classes(question)))
    return True


def _question(bill: Totals) -> Question:
    """What is to be asked of a bill that has lines."""
    address = next((line.row.cart_address for line in bill.lines), None)
    rules = bill.tax_rules
    lines = [
        TaxableLine(line.total, line.discount, line.row.quantity, line.row.is_gift_card, line.row.tax_class_id)
        for line in bill.lines
    ]
    return Question(
        currency=bill.currency,
        country=address["country_code"] if address else rules.country,
        province=address["province_code"] if address else "",
        postcode=address["zip"] if address else "",
        prices_include_tax=bill.taxes_included,
        is_exempt=rules.is_exempt,
        lines=tuple(lines),
        shipping=bill.shipping,
    )


def _borne(bill: Totals, told: dict[str, Any]) -> Totals:
    def levied(levies: Iterable[dict[str, str]]) -> tuple[TaxLine, ...]:
        amounts = [(one, Money.rounded(Decimal(one["amount"]), bill.currency)) for one in levies]
        return tuple(TaxLine(one["title"], Decimal(one["rate"]), amount) for one, amount in amounts)

    lines = [replace(line, taxes=levied(levies)) for line, levies in zip(bill.lines, told["lines"], strict=True)]
    delivery = bill.delivery and replace(bill.delivery, taxes=levied(told["shipping"]))
    return replace(bill, lines=lines, delivery=delivery)


def _with_classes(question: Question) -> Question:
    """The question with the handles of its classes, which a service knows them by."""
    wanted = {line.tax_class_id for line in question.lines if line.tax_class_id}
    handles = dict(TaxClass.objects.filter(pk__in=wanted).values_list("pk", "handle")) if wanted else {}
    lines = [replace(line, tax_class=handles.get(line.tax_class_id or 0, "")) for line in question.lines]
    return replace(question, lines=tuple(lines))


def _asked(service: TaxService, question: Question) -> Answer | None:
    """What the service says, None where it says nothing that could be."""
    try:
        answer = service.taxes(question)
        _ensure_possible(answer, question)
    except TaxServiceUnavailable as error:
        log.warning("The tax service says nothing: %s", error)
    except Exception:
        # A service is written elsewhere; what is wrong with it must not keep anybody from the cart.
        log.exception("The tax service failed.")
    else:
        return answer
    return None


def _ensure_possible(answer: Answer, question: Question) -> None:
    """Raises TaxServiceUnavailable for taxes on other lines, in other money, or higher than the prices they are in."""
    amounts = [line.amount for line in question.lines]
    shipping = question.shipping or Money.zero(question.currency)
    if len(answer.lines) != len(amounts) or (answer.shipping and question.shipping is None):
        raise TaxServiceUnavailable("It tells of other lines than it was asked about.")
    for levies, amount in zip([*answer.lines, answer.shipping], [*amounts, shipping], strict=True):
        if not all(_is_possible(one, question) for one in levies):
            raise TaxServiceUnavailable("It tells of taxes that cannot be.")
        if question.prices_include_tax and sum(one.amount.amount for one in levies) > amount.amount:
            raise TaxServiceUnavailable("It tells of taxes that are higher than the prices they are in.")


def _is_possible(levy: Levy, question: Question) -> bool:
    is_finite = levy.rate.is_finite() and levy.amount.amount.is_finite()
    return is_finite and levy.amount.currency == question.currency and min(levy.rate, levy.amount.amount) >= 0


def _keep(question: Question, answer: Answer | None) -> None:
    """Of several who ask at once the first is kept, and shown to all."""
    now: datetime = clock.now()
    expires_at = now + timedelta(minutes=settings.TAX_SERVICE_MINUTES)
    ask_again_at = min(now + _SILENCE, expires_at) if answer is None else expires_at
    told = None if answer is None else json.dumps(_as_json(answer))
    prepared.execute(_STORE, [_digest(question), told, now, ask_again_at, expires_at])


def _as_json(answer: Answer) -> dict[str, Any]:
    def listed(levies: Sequence[Levy]) -> list[dict[str, str]]:
        return [{"title": one.title[:100], "rate": str(one.rate), "amount": str(one.amount.amount)} for one in levies]

    lines = [listed(levies) for levies in answer.lines]
    return {"reference": answer.reference[:255], "lines": lines, "shipping": listed(answer.shipping)}


def _digest(question: Question) -> str:
    told = json.dumps([settings.TAX_SERVICE, asdict(question)], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


@prepared.statement
def _kept(digest: str) -> QuerySet[Any, Any]:
    return TaxAnswer.objects.filter(digest=digest).values_list("answer", "ask_again_at", "expires_at")


@outbox.every(seconds=3600)
def forget_old() -> None:
    """Remove answers that nobody asked for again since they ran out, a day ago; orders keep what they were told."""
    TaxAnswer.objects.filter(expires_at__lt=clock.now() - timedelta(days=1)).delete()


_STORE = """
INSERT INTO checkout_taxanswer AS known (digest, answer, asked_at, ask_again_at, expires_at)
VALUES (%s, %s::jsonb, %s, %s, %s)
ON CONFLICT (digest) DO UPDATE
SET answer = excluded.answer, asked_at = excluded.asked_at, ask_again_at = excluded.ask_again_at,
    expires_at = excluded.expires_at
WHERE known.ask_again_at <= excluded.asked_at
"""
