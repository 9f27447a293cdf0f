"""Sign-in with JSON Web Tokens: short-lived access tokens, and refresh tokens that live in the database.

A refresh token is good for one exchange. Its row is marked revoked by that exchange and stays, to notice a copy of it;
the row of a session that was ended is deleted. Only digests are stored.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare
from graphql_jwt.exceptions import JSONWebTokenError, JSONWebTokenExpired
from graphql_jwt.refresh_token.models import RefreshToken
from graphql_jwt.utils import get_payload, jwt_encode

from accounts import actors, attempts
from accounts.actors import Actor
from accounts.models import User
from shop import clock, outbox
from shop.errors import Refusal

log = logging.getLogger(__name__)

_DAY = 24 * 60 * 60


class TokenRefused(Refusal):
    """A token is malformed, expired, revoked, or of somebody who may not sign in."""

    code = "TOKEN_REFUSED"


class InvalidCredentials(Refusal):
    """The password is wrong, or nobody has this e-mail address: which of the two is not told."""

    code = "INVALID_CREDENTIALS"


@dataclass(frozen=True, slots=True)
class Session:
    """The tokens a user has just been given; the only moment at which the refresh token is known in the clear."""

    user: User
    access_token: str
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom an access token speaks for, and until when."""

    user: User
    expires_at: datetime


def sign_in(*, email: str, password: str, client_address: str) -> Session:
    """A new session for who knows the password. Raises InvalidCredentials and TooManyAttempts."""
    user = authenticated(email=email, password=password, client_address=client_address)
    if user is None:
        raise InvalidCredentials("The e-mail address or the password is wrong.")
    return start(user)


def authenticated(*, email: str, password: str, client_address: str) -> User | None:
    """The active user with this e-mail address and password. Raises TooManyAttempts.

    The hasher runs even where nobody has the address, so that the time taken does not tell.
    """
    # PostgreSQL stores no NUL, and refuses to look for one.
    email = email.strip().lower().replace("\x00", "\ufffd")
    attempts.count(email=email, client_address=client_address)
    user = authenticate(email=email, password=password)
    if not isinstance(user, User):
        return None
    attempts.forget(email=email, client_address=client_address)
    return user


@transaction.atomic
def start(user: User) -> Session:
    """Sign the user in, without asking for anything."""
    now = clock.now()
    User.objects.filter(pk=user.pk).update(last_login=now)
    user.last_login = now
    return _issued(user)


def refresh(*, refresh_token: str) -> Session:
    """Exchange a refresh token for a new session. Raises TokenRefused.

    A token that comes a second time was copied, and nobody knows whose the first was: all of the user's sessions end.
    """
    session = _exchanged(refresh_token)
    if session is None:
        raise TokenRefused("The refresh token is not valid: sign in again with tokenCreate.")
    return session


@transaction.atomic
def _exchanged(refresh_token: str) -> Session | None:
    """A new session, or None where the token is refused; returned, for what is written then must be kept."""
    digest = _digest(refresh_token)
    owner = RefreshToken.objects.filter(token=digest).values("user_id")
    # The user before the tokens, as `end_all` does: no exchange can slip a new token past it.
    user = User.objects.select_for_update(no_key=True).filter(pk__in=owner, is_active=True).first()
    known = RefreshToken.objects.filter(token=digest, user=user).first() if user else None
    if user is None or known is None:
        return None
    # Of a session that a new password ended, a copy can do no harm.
    if not constant_time_compare(refresh_token.rpartition(".")[2], user.session_proof):
        return None
    if known.revoked:
        log.warning("A refresh token of user %s was used twice: all their sessions are ended.", user.pk)
        _end_all(user)
        return None
    if known.created + settings.REFRESH_TOKEN_LIFETIME <= clock.now():
        return None
    known.revoke()
    return _issued(user)


def end(*, refresh_token: str) -> None:
    """Sign out one session. A token that is unknown, or was signed out before, is left at that."""
    RefreshToken.objects.filter(token=_digest(refresh_token), revoked=None).delete()


@transaction.atomic
def end_all(*, actor: Actor) -> None:
    """Sign out everywhere: refuse every token issued to the actor so far."""
    for user in User.objects.of(actor).select_for_update(no_key=True):
        _end_all(user)


def _end_all(user: User) -> None:
    User.objects.filter(pk=user.pk).update(sign_outs=F("sign_outs") + 1)
    RefreshToken.objects.filter(user=user).delete()
    user.refresh_from_db(fields=["sign_outs"])


@transaction.atomic
def replace_all(user: User) -> Session:
    """Sign out everywhere, and in again here. Call with the user's row locked or just written."""
    _end_all(user)
    return _issued(user)


def actor_of(access_token: str) -> Actor:
    """The actor an access token speaks for. Raises TokenRefused."""
    return actors.of_user(verify(access_token).user)


def verify(access_token: str) -> Verified:
    """Whom an access token speaks for. Raises TokenRefused."""
    payload = _payload(access_token)
    user = User.objects.filter(pk=payload["sub"], is_active=True).first()
    if user is None or not constant_time_compare(payload["proof"], user.session_proof):
        raise _invalid()
    return Verified(user, datetime.fromtimestamp(payload["exp"], UTC))


def claims(user: User, context: Any = None) -> dict[str, Any]:
    """What an access token says; `GRAPHQL_JWT` names this function as its payload handler."""
    # No time of issue: a server whose clock is a second behind would refuse what another has just signed.
    return {
        "sub": str(user.pk),
        "iss": settings.GRAPHQL_JWT["JWT_ISSUER"],
        "aud": settings.GRAPHQL_JWT["JWT_AUDIENCE"],
        "exp": int((clock.now() + settings.ACCESS_TOKEN_LIFETIME).timestamp()),
        "proof": user.session_proof,
    }


@outbox.every(seconds=_DAY)
def forget_expired() -> None:
    """Remove refresh tokens and counts of attempts that time has made worthless."""
    RefreshToken.objects.filter(created__lte=clock.now() - settings.REFRESH_TOKEN_LIFETIME).delete()
    attempts.forget_old()


def _issued(user: User) -> Session:
    secret = f"{RefreshToken().generate_token()}.{user.session_proof}"
    stored = RefreshToken.objects.create(user=user, token=_digest(secret))
    payload = claims(user)
    return Session(
        user=user,
        access_token=jwt_encode(payload),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        refresh_token=secret,
        refresh_expires_at=stored.created + settings.REFRESH_TOKEN_LIFETIME,
    )


def _payload(access_token: str) -> dict[str, Any]:
    """The claims of a token that we signed and that has not expired. Raises TokenRefused."""
    try:
        payload: dict[str, Any] = get_payload(access_token)
    except JSONWebTokenExpired as error:
        raise TokenRefused("The access token has expired: refresh it with tokenRefresh.") from error
    except JSONWebTokenError as error:
        raise _invalid() from error
    # Whoever else signs with our key makes tokens for something else.
    if not isinstance(payload.get("proof"), str) or not str(payload.get("sub")).isdecimal() or "exp" not in payload:
        raise _invalid()
    return payload


def _invalid() -> TokenRefused:
    return TokenRefused("The access token is not valid: sign in again with tokenCreate.")


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
