"""Cards and wallets through Stripe: one PaymentIntent for each payment, found again by its idempotency key.

The intent is made first, always with the same words, and confirmed after that; so whoever asks again, with whatever
token, comes to the same intent. An intent whose confirmation failed is cancelled: nobody can pay it later.
"""

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import stripe
from django.conf import settings

from checkout.gateways.protocol import (
    BadNotice,
    Charge,
    Incoming,
    NextAction,
    Notice,
    Outcome,
    RefundOutcome,
    unavailable,
)
from checkout.models import PaymentStatus, RefundStatus
from shop import money
from shop.money import Money

TIMEOUT = 20  # seconds, for each of two tries
SIGNATURE = "Stripe-Signature"

# Stripe counts these in hundredths, although they have none.
_COUNTED_IN_HUNDREDTHS = {"ISK", "UGX"}
_CAN_BE_CONFIRMED = {"requires_payment_method", "requires_confirmation"}
_CAN_BE_CANCELLED = {*_CAN_BE_CONFIRMED, "requires_action", "requires_capture", "processing"}

Answer = TypeVar("Answer")


class StripeGateway:
    """`token` is a PaymentMethod made by Stripe's form; without one, the form confirms with the client secret."""

    handle = "stripe"
    title = "Card"
    is_collected_outside = False
    requires: tuple[str, ...] = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")
    can_capture_later = True
    holds_for: timedelta | None = None

    def pay(self, charge: Charge) -> Outcome:
        intent = self._intent(charge)
        if not charge.token or intent.status not in _CAN_BE_CONFIRMED:
            return _outcome(intent)
        try:
            intent = self._asked(lambda client: client.v1.payment_intents.confirm(intent.id, _confirmation(charge)))
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            intent = self._given_up(intent)
            return _outcome(intent, message=_told(error))
        return _outcome(intent)

    def find(self, charge: Charge) -> Outcome | None:
        return _outcome(self._intent(charge))

    def capture(self, charge: Charge, amount: Money) -> Outcome:
        intent = self._intent(charge)
        if intent.status == "requires_capture":
            wanted: Any = {"amount_to_capture": minor(amount)}
            options: Any = {"idempotency_key": f"{charge.key}-capture"}
            try:
                intent = self._asked(
                    lambda client: client.v1.payment_intents.capture(intent.id, wanted, options=options)
                )
            except (stripe.CardError, stripe.InvalidRequestError):
                intent = self._now(intent.id)
        return _outcome(intent)

    def void(self, charge: Charge) -> Outcome:
        return _outcome(self._given_up(self._intent(charge)))

    def refund(self, charge: Charge, refund_key: UUID, amount: Money) -> RefundOutcome:
        intent = self._intent(charge)
        # Idempotency keys are forgotten after some days; the list of refunds is not.
        made: Any = self._asked(lambda client: client.v1.refunds.list({"payment_intent": intent.id, "limit": 100}))
        found = [one for one in made.data if _metadata(one).get("refund") == str(refund_key)]
        if not found:
            wanted: Any = {
                "payment_intent": intent.id,
                "amount": minor(amount),
                "metadata": {"refund": str(refund_key)},
            }
            options: Any = {"idempotency_key": f"refund-{refund_key}"}
            try:
                found = [self._asked(lambda client: client.v1.refunds.create(wanted, options=options))]
            except (stripe.CardError, stripe.InvalidRequestError) as error:
                return RefundOutcome(RefundStatus.FAILED, message=_told(error))
        return _refund_outcome(found[0])

    def webhook(self, incoming: Incoming) -> Iterable[Notice]:
        try:
            stripe.Webhook.construct_event(
                incoming.body, incoming.headers.get(SIGNATURE, ""), settings.STRIPE_WEBHOOK_SECRET
            )
            event = json.loads(incoming.body)
            about = event["data"]["object"]
            reference = about["id"] if about["object"] == "payment_intent" else about.get("payment_intent")
            notice = Notice(event["id"], event["type"], _key(about), str(reference or ""))
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadNotice("The signature is not Stripe's.") from error
        return [notice]

    def _intent(self, charge: Charge) -> stripe.PaymentIntent:
        """The one intent of this payment as it stands now, made if there is none."""
        if charge.reference:
            return self._now(charge.reference)
        wish: Any = {
            "amount": minor(charge.amount),
            "currency": charge.amount.currency.lower(),
            "capture_method": "manual" if charge.captures_later else "automatic_async",
            "description": charge.description,
            "metadata": {"payment": str(charge.key)},
        }
        options: Any = {"idempotency_key": str(charge.key)}
        try:
            intent = self._asked(lambda client: client.v1.payment_intents.create(wish, options=options))
        except stripe.InvalidRequestError as error:
            raise unavailable(self.handle, f"Stripe refuses to take this payment: {_told(error)}") from error
        # What is answered to a repeated request is how things were when it was made first.
        was_made_before = _headers(intent).get("Idempotent-Replayed") == "true"
        return self._now(intent.id) if was_made_before else intent

    def _now(self, reference: str) -> stripe.PaymentIntent:
        try:
            return self._asked(lambda client: client.v1.payment_intents.retrieve(reference))
        except stripe.InvalidRequestError as error:
            raise unavailable(self.handle, "Stripe does not know this payment.") from error

    def _given_up(self, intent: stripe.PaymentIntent) -> stripe.PaymentIntent:
        if intent.status not in _CAN_BE_CANCELLED:
            return intent
        try:
            return self._asked(lambda client: client.v1.payment_intents.cancel(intent.id))
        except stripe.InvalidRequestError:
            return self._now(intent.id)

    def _asked(self, question: Callable[[stripe.StripeClient], Answer]) -> Answer:
        """What Stripe answers. Raises GatewayUnavailable, and Stripe's own CardError and InvalidRequestError."""
        client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE},
            max_network_retries=1,
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
        )
        try:
            return question(client)
        except (stripe.CardError, stripe.InvalidRequestError):
            raise
        except stripe.StripeError as error:
            # Its words may hold a part of the key.
            raise unavailable(self.handle, "Stripe does not answer; try again.") from error


def minor(amount: Money) -> int:
    """The amount as Stripe counts it: in the smallest unit of its currency."""
    places = 2 if amount.currency in _COUNTED_IN_HUNDREDTHS else money.exponent(amount.currency)
    return int(amount.amount.scaleb(places))


def major(units: int, currency: str) -> Money:
    """What so many of Stripe's units are."""
    currency = currency.upper()
    places = 2 if currency in _COUNTED_IN_HUNDREDTHS else money.exponent(currency)
    return Money.rounded(Decimal(units).scaleb(-places), currency)


def _confirmation(charge: Charge) -> Any:
    return {"payment_method": charge.token, "return_url": settings.STOREFRONT_URL}


def _outcome(intent: stripe.PaymentIntent, *, message: str = "") -> Outcome:
    match intent.status:
        case "succeeded":
            received = major(intent.amount_received, intent.currency)
            return Outcome(PaymentStatus.CAPTURED, intent.id, captured=received)
        case "requires_capture":
            return Outcome(PaymentStatus.AUTHORIZED, intent.id)
        case "canceled":
            status = PaymentStatus.FAILED if message else PaymentStatus.VOIDED
            return Outcome(status, intent.id, message)
        case _:
            return Outcome(PaymentStatus.PENDING, intent.id, next_action=_next_action(intent))


def _next_action(intent: stripe.PaymentIntent) -> NextAction | None:
    if intent.status == "processing":
        return None
    wanted: Any = intent.next_action
    if wanted and wanted["type"] == "redirect_to_url":
        return NextAction("REDIRECT", url=wanted["redirect_to_url"]["url"])
    return NextAction("CONFIRM", reference=intent.client_secret or "")


def _refund_outcome(refund: stripe.Refund) -> RefundOutcome:
    match refund.status:
        case "succeeded":
            return RefundOutcome(RefundStatus.DONE, refund.id)
        case "failed" | "canceled":
            return RefundOutcome(RefundStatus.FAILED, refund.id, f"Stripe says: {refund.status}.")
        case _:
            return RefundOutcome(RefundStatus.PENDING, refund.id)


def _metadata(refund: stripe.Refund) -> dict[str, Any]:
    kept: dict[str, Any] = refund.to_dict().get("metadata") or {}
    return kept


def _told(error: stripe.StripeError) -> str:
    """What Stripe says to shoppers."""
    return error.user_message or "The payment was refused."


def _headers(answer: stripe.StripeObject) -> Any:
    response = answer.last_response
    return response.headers if response is not None else {}


def _key(about: dict[str, Any]) -> UUID | None:
    named = (about.get("metadata") or {}).get("payment")
    try:
        return UUID(named) if named else None
    except ValueError:
        return None
