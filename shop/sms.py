"""Text messages: one small protocol, a sender that shows them on the console, and one that is Africa's Talking."""

import json
import logging
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from django.conf import settings

log = logging.getLogger(__name__)

# The alphabet of GSM 03.38, and what takes two places of it. With any other character a message is sent in UCS-2.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_IN_TWO = frozenset("\f^{}\\[~]|€")
_MAX_ANSWER = 65_536
# What Africa's Talking says of a number to which nothing can be sent, today or tomorrow.
_HOPELESS = frozenset({"InvalidPhoneNumber", "UnsupportedNumberType", "UserInBlacklist", "DoNotDisturbRejection"})
_ACCEPTED = frozenset({"Success", "Processed", "Sent", "Queued"})


class NumberRefused(Exception):
    """Nothing can ever be sent to this number; the message says why."""


class SmsNotSent(Exception):
    """The message was not sent, or nobody knows; it may be another time."""


class SmsSender(Protocol):
    """Who takes text messages to people."""

    def send(self, to: str, text: str, key: str) -> None:
        """Send `text` to a number in E.164. `key` is the same whenever the same message is sent again.

        Raises NumberRefused, SmsNotSent.
        """
        ...


class Console:
    """Shows messages in the worker's output."""

    def send(self, to: str, text: str, key: str) -> None:
        log.info("Text message %s to %s (%d parts): %s", key, to, parts(text), text)


class AfricasTalking:
    """Sends through the bulk SMS API of Africa's Talking, or its sandbox.

    The API knows no idempotency key: a message whose answer was lost may be sent twice.
    """

    def send(self, to: str, text: str, key: str) -> None:
        form = {"username": settings.AFRICASTALKING_USERNAME, "to": to, "message": text}
        if settings.AFRICASTALKING_SENDER_ID:
            form["from"] = settings.AFRICASTALKING_SENDER_ID
        status, body = _post(settings.AFRICASTALKING_URL, form)
        if not 200 <= status < 300:
            raise SmsNotSent(f"Africa's Talking answered {status} to {key}.")
        said = _verdict(body)
        if said in _HOPELESS:
            raise NumberRefused(f"Africa's Talking says {said}.")
        if said not in _ACCEPTED:
            raise SmsNotSent(f"Africa's Talking says {said or 'nothing'} of {key}.")


def sender() -> SmsSender:
    """Who sends text messages here."""
    return AfricasTalking() if settings.SMS_SENDER == "africastalking" else Console()


def parts(text: str) -> int:
    """How many messages a text is sent, and paid, as."""
    if all(sign in _GSM or sign in _GSM_IN_TWO for sign in text):
        length, single, part = sum(2 if sign in _GSM_IN_TWO else 1 for sign in text), 160, 153
    else:
        length, single, part = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= single else -(-length // part)


def shortest(texts: Sequence[str]) -> str:
    """The first of these wordings, the wordiest first, that is sent in as few parts as any."""
    return min(texts, key=parts)


def masked(number: str) -> str:
    """A number for the log, in which nobody is recognised."""
    return f"{number[:4]}…{number[-2:]}"


def _post(url: str, form: dict[str, str]) -> tuple[int, bytes]:
    """The answer to a form, in `settings.SMS_TIMEOUT` at most. Redirects are not followed: they would take the key."""
    where = urlsplit(url)
    deadline = time.monotonic() + settings.SMS_TIMEOUT
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=settings.SMS_TIMEOUT)
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "apiKey": settings.AFRICASTALKING_API_KEY,
    }
    try:
        connection.request("POST", where.path, urlencode(form), headers)
        answer = connection.getresponse()
        body = b""
        while (chunk := answer.read1(4096)) and len(body) < _MAX_ANSWER:
            body += chunk
            if time.monotonic() > deadline:
                raise TimeoutError
    except (OSError, HTTPException) as lost:
        raise SmsNotSent(f"Africa's Talking cannot be reached: {type(lost).__name__}.") from None
    finally:
        connection.close()
    return answer.status, body


def _verdict(body: bytes) -> str:
    """What became of the one recipient, or what the API says where it took none."""
    try:
        answer: Any = json.loads(body)
        data = answer["SMSMessageData"]
        return str(data["Recipients"][0]["status"] if data["Recipients"] else data["Message"])[:200]
    except (ValueError, KeyError, TypeError, IndexError):
        return ""
