"""Cards, UPI and banks of India through Razorpay: one order there for each payment, told by its receipt.

Razorpay captures by itself, unless captures wait for the goods; what is never captured it gives back by itself.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings

from checkout.gateways import http
from checkout.gateways.http import NeverAsked, Refused
from checkout.gateways.protocol import (
    BadNotice,
    Charge,
    Incoming,
    NextAction,
    Notice,
    Outcome,
    RefundOutcome,
    TokenRefused,
    one_at_a_time,
    unavailable,
)
from checkout.models import PaymentStatus, RefundStatus
from shop import money
from shop.money import Money

SIGNATURE, EVENT_ID = "X-Razorpay-Signature", "X-Razorpay-Event-Id"
# Minutes after which Razorpay gives back what was not captured: as long as it allows.
_EXPIRY = {"automatic_expiry_period": 12, "manual_expiry_period": 7200, "refund_speed": "normal"}


class RazorpayGateway:
    """`token` is what Razorpay's form answers once the shopper has paid: `razorpay_payment_id|razorpay_signature`."""

    handle = "razorpay"
    title = "Card, UPI or bank"
    is_collected_outside = False
    requires: tuple[str, ...] = ("RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET")
    can_capture_later = True
    holds_for: timedelta | None = None

    def pay(self, charge: Charge) -> Outcome:
        order_id = charge.reference or self._order_id(charge)
        if charge.token:
            _ensure_signed(order_id, charge.token)
        return self._outcome(order_id, charge)

    def find(self, charge: Charge) -> Outcome | None:
        order_id = charge.reference or self._known_order_id(charge)
        return self._outcome(order_id, charge) if order_id else None

    def capture(self, charge: Charge, amount: Money) -> Outcome:
        order_id = charge.reference or self._order_id(charge)
        payment = self._payment(order_id)
        if payment and payment["status"] == "authorized":
            wish = {"amount": minor(amount), "currency": amount.currency}
            try:
                self._ask("POST", f"/v1/payments/{payment['id']}/capture", json=wish)
            except Refused:
                return self._outcome(order_id, charge)
            return Outcome(PaymentStatus.CAPTURED, order_id, captured=amount)
        return self._outcome(order_id, charge)

    def void(self, charge: Charge) -> Outcome:
        """What is not captured goes back by itself; what is paid afterwards is heard of, and given back."""
        outcome = self.find(charge)
        if outcome is not None and outcome.status == PaymentStatus.CAPTURED:
            return outcome
        return Outcome(PaymentStatus.VOIDED, outcome.reference if outcome else "")

    def refund(self, charge: Charge, refund_key: UUID, amount: Money) -> RefundOutcome:
        payment = self._payment(charge.reference or self._order_id(charge))
        if payment is None:
            return RefundOutcome(RefundStatus.FAILED, message="Razorpay has received nothing for this payment.")
        path = f"/v1/payments/{payment['id']}"
        with one_at_a_time(refund_key):
            made = self._ask("GET", f"{path}/refunds", params={"count": 100})["items"]
            found = next((one for one in made if _note(one, "refund") == str(refund_key)), None)
            if found is None:
                wish = {"amount": minor(amount), "notes": {"refund": str(refund_key)}}
                try:
                    found = self._ask("POST", f"{path}/refund", json=wish)
                except Refused as refused:
                    return RefundOutcome(RefundStatus.FAILED, message=_told(refused))
        status = {"processed": RefundStatus.DONE, "failed": RefundStatus.FAILED}.get(
            found["status"], RefundStatus.PENDING
        )
        return RefundOutcome(status, found["id"])

    def webhook(self, incoming: Incoming) -> Iterable[Notice]:
        signed = _signature(settings.RAZORPAY_WEBHOOK_SECRET, incoming.body)
        given = incoming.headers.get(SIGNATURE, "")
        if not settings.RAZORPAY_WEBHOOK_SECRET or not hmac.compare_digest(given.encode(), signed.encode()):
            raise BadNotice("The signature is not Razorpay's.")
        try:
            event = json.loads(incoming.body)
            entities = {name: part["entity"] for name, part in event["payload"].items()}
            order_id = (entities.get("payment") or {}).get("order_id") or (entities.get("order") or {}).get("id")
            event_id = incoming.headers.get(EVENT_ID) or hashlib.sha256(incoming.body).hexdigest()
            return [Notice(event_id, str(event["event"]), reference=str(order_id or ""))]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadNotice("This is no event of Razorpay.") from error

    def _order_id(self, charge: Charge) -> str:
        """The order of this payment, made if there is none."""
        with one_at_a_time(charge.key):
            if known := self._known_order_id(charge):
                return known
            wish = {
                "amount": minor(charge.amount),
                "currency": charge.amount.currency,
                "receipt": str(charge.key),
                "notes": {"payment": str(charge.key), "description": charge.description},
                "payment": {
                    "capture": "manual" if charge.captures_later else "automatic",
                    "capture_options": _EXPIRY,
                },
            }
            try:
                order_id: str = self._ask("POST", "/v1/orders", json=wish)["id"]
            except Refused as refused:
                raise unavailable(self.handle, f"Razorpay refuses to take this payment: {_told(refused)}") from refused
        return order_id

    def _known_order_id(self, charge: Charge) -> str:
        made = self._ask("GET", "/v1/orders", params={"receipt": str(charge.key)})["items"]
        return next((str(one["id"]) for one in made if one["receipt"] == str(charge.key)), "")

    def _payment(self, order_id: str) -> dict[str, Any] | None:
        """The attempt that took the money or promises it; an order has one at the most."""
        tried = self._ask("GET", f"/v1/orders/{order_id}/payments")["items"]
        for wanted in ({"captured", "refunded"}, {"authorized"}):
            for one in tried:
                if one["status"] in wanted:
                    found: dict[str, Any] = one
                    return found
        return None

    def _outcome(self, order_id: str, charge: Charge) -> Outcome:
        payment = self._payment(order_id)
        if payment is None:
            return Outcome(PaymentStatus.PENDING, order_id, next_action=NextAction("CONFIRM", reference=order_id))
        if payment["status"] == "authorized":
            return Outcome(PaymentStatus.AUTHORIZED, order_id)
        received = major(payment["amount"], charge.amount.currency)
        return Outcome(PaymentStatus.CAPTURED, order_id, captured=min(received, charge.amount))

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Raises Refused, GatewayUnavailable."""
        auth = (settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET)
        try:
            return http.ask(self.handle, method, settings.RAZORPAY_API_BASE + path, auth=auth, **options)
        except NeverAsked as error:
            raise unavailable(self.handle, "Razorpay cannot be reached; try again.") from error
        except Refused as refused:
            if refused.status in {401, 403, 429} or refused.status >= 500:
                raise unavailable(self.handle, "Razorpay does not answer; try again.") from refused
            raise


def minor(amount: Money) -> int:
    """The amount in the smallest unit of its currency."""
    return int(amount.amount.scaleb(money.exponent(amount.currency)))


def major(units: int, currency: str) -> Money:
    """What so many of the smallest units are."""
    return Money.rounded(Decimal(units).scaleb(-money.exponent(currency)), currency)


def _ensure_signed(order_id: str, token: str) -> None:
    payment_id, _, given = token.partition("|")
    signed = _signature(settings.RAZORPAY_KEY_SECRET, f"{order_id}|{payment_id}".encode())
    if not hmac.compare_digest(given.encode(), signed.encode()):
        raise TokenRefused("The signature is not Razorpay's for this payment.", field=("payment", "token"))


def _signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _note(refund: dict[str, Any], name: str) -> Any:
    # Razorpay tells an empty object as an empty list.
    notes = refund.get("notes")
    return notes.get(name) if isinstance(notes, dict) else None


def _told(refused: Refused) -> str:
    error = refused.told.get("error")
    said = error.get("description") if isinstance(error, dict) else None
    return str(said or "no reason is given.")
