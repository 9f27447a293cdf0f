"""M-Pesa through Safaricom's Daraja: the shopper confirms on the phone (STK push), and Safaricom calls back.

A push cannot be repeated safely, so it is noted before it is sent; where its answer is lost, the callback names it.
Safaricom signs nothing: each payment has a callback address that nobody can guess, and the answer is asked for anyway.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import phonenumbers
from django.conf import settings
from django.utils import timezone

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
    one_at_a_time,
    unavailable,
)
from checkout.models import MpesaPush, PaymentStatus, RefundStatus
from shop import clock
from shop.money import Money

_NAIROBI = timezone.get_fixed_timezone(180)
_UNDECIDED = "500.001.1001"
_WAITING = NextAction("WAIT")


class MpesaGateway:
    """`token` is the number of the phone that pays. Amounts are whole shillings."""

    handle = "mpesa"
    title = "M-Pesa"
    is_collected_outside = False
    requires: tuple[str, ...] = (
        "MPESA_CONSUMER_KEY",
        "MPESA_CONSUMER_SECRET",
        "MPESA_SHORTCODE",
        "MPESA_PASSKEY",
        "MPESA_CALLBACK_SECRET",
    )
    can_capture_later = False
    holds_for: timedelta | None = None

    def pay(self, charge: Charge) -> Outcome:
        amount = charge.amount
        if amount.currency != "KES" or amount.amount != int(amount.amount):
            return Outcome(PaymentStatus.FAILED, message="M-Pesa takes whole shillings of Kenya (KES) only.")
        with one_at_a_time(charge.key):
            pushed = MpesaPush.objects.filter(key=charge.key).first()
            if pushed is not None:
                return self._outcome(charge.reference or pushed.checkout_request_id)
            phone = _phone(charge.token)
            if not phone:
                return Outcome(PaymentStatus.FAILED, message="Give the number of a phone of Kenya that has M-Pesa.")
            access = self._access()
        return self._push(charge, phone, access)

    def find(self, charge: Charge) -> Outcome | None:
        pushed = MpesaPush.objects.filter(key=charge.key).first()
        if pushed is None and not charge.reference:
            return None
        return self._outcome(charge.reference or (pushed.checkout_request_id if pushed else ""))

    def capture(self, charge: Charge, amount: Money) -> Outcome:
        return self.find(charge) or Outcome(PaymentStatus.FAILED, message="M-Pesa was never asked.")

    def void(self, charge: Charge) -> Outcome:
        """A push that was never heard of again has run out on the phone; should money come, it is heard of."""
        MpesaPush.objects.get_or_create(key=charge.key)
        outcome = self.find(charge)
        if outcome is None or (outcome.status == PaymentStatus.PENDING and not outcome.reference):
            return Outcome(PaymentStatus.VOIDED)
        return outcome

    def refund(self, charge: Charge, refund_key: UUID, amount: Money) -> RefundOutcome:
        return RefundOutcome(RefundStatus.FAILED, message="Send M-Pesa payments back by hand, in Safaricom's portal.")

    def webhook(self, incoming: Incoming) -> Iterable[Notice]:
        named, _, given = incoming.path.strip("/").partition("/")
        try:
            key = UUID(named)
        except ValueError as error:
            raise BadNotice("This is no address for callbacks.") from error
        if not settings.MPESA_CALLBACK_SECRET or not hmac.compare_digest(given.encode(), _mark(key).encode()):
            raise BadNotice("This is no address for callbacks.")
        try:
            told = json.loads(incoming.body)["Body"]["stkCallback"]
            request_id = str(told["CheckoutRequestID"])
            return [Notice(request_id, f"stk callback {told['ResultCode']}", key, request_id)]
        except (ValueError, KeyError, TypeError) as error:
            raise BadNotice("This is no callback of M-Pesa.") from error

    def _push(self, charge: Charge, phone: str, access: str) -> Outcome:
        _, is_mine = MpesaPush.objects.get_or_create(key=charge.key)
        if not is_mine:
            return Outcome(PaymentStatus.PENDING, next_action=_WAITING)
        wish = {
            **_password(),
            "TransactionType": "CustomerPayBillOnline",
            "Amount": int(charge.amount.amount),
            "PartyA": phone,
            "PartyB": settings.MPESA_SHORTCODE,
            "PhoneNumber": phone,
            "CallBackURL": callback_address(charge.key),
            "AccountReference": charge.description[-12:],
            "TransactionDesc": "Order",
        }
        noted = MpesaPush.objects.filter(key=charge.key)
        try:
            told = self._ask("/mpesa/stkpush/v1/processrequest", wish, access)
        except NeverAsked as error:
            noted.delete()
            raise unavailable(self.handle, "M-Pesa cannot be reached; try again.") from error
        except Refused as refused:
            if refused.status >= 500:
                raise unavailable(self.handle, "M-Pesa does not say whether it asks the phone.") from refused
            return Outcome(PaymentStatus.FAILED, message=_told(refused))
        noted.update(checkout_request_id=told["CheckoutRequestID"])
        return Outcome(PaymentStatus.PENDING, told["CheckoutRequestID"], next_action=_WAITING)

    def _outcome(self, request_id: str) -> Outcome:
        if not request_id:
            return Outcome(PaymentStatus.PENDING, next_action=_WAITING)
        wish = {**_password(), "CheckoutRequestID": request_id}
        try:
            told = self._ask("/mpesa/stkpushquery/v1/query", wish, self._access())
        except NeverAsked as error:
            raise unavailable(self.handle, "M-Pesa cannot be reached; try again.") from error
        except Refused as refused:
            if refused.told.get("errorCode") == _UNDECIDED:
                return Outcome(PaymentStatus.PENDING, request_id, next_action=_WAITING)
            raise unavailable(self.handle, "M-Pesa does not say what became of the payment.") from refused
        if str(told.get("ResultCode")) == "0":
            return Outcome(PaymentStatus.CAPTURED, request_id)
        return Outcome(PaymentStatus.FAILED, request_id, str(told.get("ResultDesc") or "The payment failed."))

    def _access(self) -> str:
        auth = (settings.MPESA_CONSUMER_KEY, settings.MPESA_CONSUMER_SECRET)
        address = f"{settings.MPESA_API_BASE}/oauth/v1/generate"
        try:
            told = http.ask(self.handle, "GET", address, params={"grant_type": "client_credentials"}, auth=auth)
        except (NeverAsked, Refused) as error:
            raise unavailable(self.handle, "M-Pesa cannot be reached; try again.") from error
        return str(told["access_token"])

    def _ask(self, path: str, wish: dict[str, Any], access: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {access}"}
        return http.ask(self.handle, "POST", settings.MPESA_API_BASE + path, json=wish, headers=headers)


def callback_address(key: UUID) -> str:
    """Where Safaricom tells what became of a payment; only it is told the address."""
    return f"{settings.SHOP_URL}/webhooks/mpesa/{key}/{_mark(key)}"


def _mark(key: UUID) -> str:
    return hmac.new(settings.MPESA_CALLBACK_SECRET.encode(), str(key).encode(), hashlib.sha256).hexdigest()


def _password() -> dict[str, str]:
    """What every question to Daraja begins with."""
    now = clock.now().astimezone(_NAIROBI).strftime("%Y%m%d%H%M%S")
    code = settings.MPESA_SHORTCODE
    secret = base64.b64encode(f"{code}{settings.MPESA_PASSKEY}{now}".encode()).decode()
    return {"BusinessShortCode": code, "Password": secret, "Timestamp": now}


def _phone(token: str) -> str:
    """The number as Daraja wants it, 2547…; "" where it is none of Kenya."""
    try:
        number = phonenumbers.parse(token, "KE")
    except phonenumbers.NumberParseException:
        return ""
    return f"254{number.national_number}" if phonenumbers.is_valid_number_for_region(number, "KE") else ""


def _told(refused: Refused) -> str:
    return str(refused.told.get("errorMessage") or "M-Pesa refuses the payment.")
