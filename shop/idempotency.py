"""Retries that change nothing: what an action answered is kept under the client's key, in one transaction with it.

After draft-ietf-httpapi-idempotency-key-header: the same key with the same request is answered as before, with another
request it is refused. Only what had an effect is kept; most refusals had none, and a retry may succeed.

Answers can hold secrets, such as a cart's id or an access token. They are sealed with a secret made of the client's
key, of which the database has only a digest: nobody reads an answer there without the key it was asked under.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection, transaction

from shop import clock, outbox
from shop.errors import Refusal
from shop.models import IdempotencyRecord

MAX_KEY = 255
_CLEAN_EVERY = 3600


class KeyUnfit(Refusal):
    """An idempotency key has 1 to 255 visible characters of ASCII."""

    code = "IDEMPOTENCY_KEY_UNFIT"

    def __init__(self) -> None:
        super().__init__(f"An idempotency key has 1 to {MAX_KEY} visible ASCII characters; a UUID is a good one.")


class KeyGuessable(Refusal):
    """Guests share one space of keys, so that their keys must be hard to guess."""

    code = "IDEMPOTENCY_KEY_GUESSABLE"

    def __init__(self) -> None:
        super().__init__("An idempotency key of a guest has 16 characters or more that nobody guesses, such as a UUID.")


class KeyReused(Refusal):
    """The idempotency key was used for another request."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another request; take a new key for each action.")


@dataclass(frozen=True)
class Attempt:
    """A request to act once: by whom, under which key, and a digest of all that is asked. Raises KeyUnfit."""

    who: str
    key: str
    request: str

    def __post_init__(self) -> None:
        if not (0 < len(self.key) <= MAX_KEY and self.key.isascii() and self.key.isprintable()):
            raise KeyUnfit

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.key.encode()).hexdigest()

    @cached_property
    def seal(self) -> Fernet:
        secret = hashlib.sha256(f"{settings.SECRET_KEY}\0{self.who}\0{self.key}".encode()).digest()
        return Fernet(urlsafe_b64encode(secret))


@contextmanager
def one_at_a_time(attempt: Attempt) -> Iterator[None]:
    """A transaction that the action becomes a part of, with all that is kept of it; the same key waits for its end.

    Commands that are durable may stand in it: they commit when it does.
    """
    block = transaction.atomic()
    # The one way Django knows to let a durable block stand in another.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        with connection.cursor() as cursor:
            name = f"idempotency {attempt.who} {attempt.digest}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        yield


def answer_to(attempt: Attempt) -> bytes | None:
    """What was answered to this very request before; None if it is new. Raises KeyReused."""
    kept = IdempotencyRecord.objects.filter(
        who=attempt.who, key=attempt.digest, created_at__gt=clock.now() - settings.IDEMPOTENCY_LIFETIME
    ).first()
    if kept is None:
        return None
    if kept.request != attempt.request:
        raise KeyReused
    return attempt.seal.decrypt(bytes(kept.answer))


def keep(attempt: Attempt, answer: bytes) -> None:
    """Answer so from now on. Call in the transaction of the effect, or at once after it."""
    fields = {"request": attempt.request, "answer": attempt.seal.encrypt(answer), "created_at": clock.now()}
    IdempotencyRecord.objects.update_or_create(who=attempt.who, key=attempt.digest, defaults=fields)


@outbox.every(seconds=_CLEAN_EVERY)
def forget_old() -> None:
    """Remove what no retry is answered from any more."""
    IdempotencyRecord.objects.filter(created_at__lte=clock.now() - settings.IDEMPOTENCY_LIFETIME).delete()
