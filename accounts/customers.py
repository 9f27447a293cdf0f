"""Customers: signing up, and changing what the shop knows about oneself."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import contacts, sessions
from accounts.actors import Actor
from accounts.models import User
from accounts.sessions import InvalidCredentials, Session
from shop import outbox, text
from shop.errors import InvalidInput, NotFound, Refusal, Refusals, blaming

MAX_NAME = 100
MAX_PASSWORD = 256


class EmailTaken(Refusal):
    """Another account has this e-mail address."""

    code = "EMAIL_TAKEN"


class PasswordRefused(InvalidInput):
    """The new password is easy to guess, or too long."""

    code = "PASSWORD_REFUSED"


@transaction.atomic
def sign_up(
    *,
    email: str,
    password: str,
    first_name: str = "",
    last_name: str = "",
    phone: str = "",
    accepts_marketing: bool = False,
) -> Session:
    """Make an account and sign its owner in. Raises EmailTaken, or Refusals of everything that is wrong at once."""
    refused: list[Refusal] = []
    user = User(accepts_marketing=accepts_marketing)
    with _gathered(refused):
        user.email = contacts.email(email).lower()
    with _gathered(refused):
        user.first_name = text.line(first_name, limit=MAX_NAME, field=("first_name",))
    with _gathered(refused):
        user.last_name = text.line(last_name, limit=MAX_NAME, field=("last_name",))
    with _gathered(refused):
        user.phone = contacts.phone(phone, country=settings.SHOP_COUNTRY)
    with _gathered(refused):
        _ensure_strong(password, user, field="password")
    if refused:
        raise Refusals(refused)
    user.set_password(password)
    _save(user)
    outbox.publish("customer.created", customer_id=user.pk)
    return sessions.start(user)


def change(
    *,
    actor: Actor,
    email: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    phone: str | None = None,
    accepts_marketing: bool | None = None,
    current_password: str | None = None,
    client_address: str = "",
) -> User:
    """Change what is given about the actor; None leaves a thing as it is.

    Whoever has the e-mail address can have the account, so another one takes the password too. Raises EmailTaken,
    InvalidCredentials, TooManyAttempts, NotFound for a guest, or Refusals of everything that is wrong at once.
    """
    user = _own(actor)
    refused: list[Refusal] = []
    changes: dict[str, str | bool] = {}
    with _gathered(refused):
        if email is not None:
            changes["email"] = contacts.email(email).lower()
    with _gathered(refused):
        if first_name is not None:
            changes["first_name"] = text.line(first_name, limit=MAX_NAME, field=("first_name",))
    with _gathered(refused):
        if last_name is not None:
            changes["last_name"] = text.line(last_name, limit=MAX_NAME, field=("last_name",))
    with _gathered(refused):
        if phone is not None:
            changes["phone"] = contacts.phone(phone, country=settings.SHOP_COUNTRY)
    if refused:
        raise Refusals(refused)
    if accepts_marketing is not None:
        changes["accepts_marketing"] = accepts_marketing
    if changes.get("email", user.email) != user.email:
        _ensure_known(user, current_password or "", client_address)
    for name, value in changes.items():
        setattr(user, name, value)
    if changes:
        _save(user, only=[*changes, "updated_at"])
    return user


def change_password(*, actor: Actor, current: str, new: str, client_address: str) -> Session:
    """Set another password, sign out everywhere, and in again here.

    Raises InvalidCredentials, TooManyAttempts, Refusals of everything wrong with the new one, NotFound for a guest.
    """
    user = _own(actor)
    _ensure_known(user, current, client_address)
    session = replace_password(user, new)
    if session is None:
        raise _wrong_password()
    return session


def replace_password(user: User, new: str) -> Session | None:
    """Set another password without asking for the one until now, sign out everywhere, and in again here.

    None where that one was changed meanwhile. Raises Refusals of everything wrong with the new one.
    """
    _ensure_strong(new, user, field="new_password")
    known, user.password = user.password, make_password(new)
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, password=known).update(password=user.password):
            return None
        return sessions.replace_all(user)


def _own(actor: Actor) -> User:
    user = User.objects.of(actor).first()
    if user is None:
        raise NotFound("Customer")
    return user


def _save(user: User, only: list[str] | None = None) -> None:
    """Write the user. Raises EmailTaken: the database decides between two who ask at the same time."""
    try:
        with transaction.atomic():
            user.save(update_fields=only)
    except IntegrityError as error:
        if not User.objects.filter(email=user.email).exclude(pk=user.pk).exists():
            raise
        raise EmailTaken(
            "This e-mail address already has an account: sign in, or choose another address.", field=("email",)
        ) from error


def _ensure_known(user: User, password: str, client_address: str) -> None:
    """Raises InvalidCredentials and TooManyAttempts."""
    with blaming("current_password"):
        known = sessions.authenticated(email=user.email, password=password, client_address=client_address)
    if known != user:
        raise _wrong_password()
    # A hasher of today may just have replaced one of yesterday.
    user.refresh_from_db(fields=["password"])


def _wrong_password() -> InvalidCredentials:
    return InvalidCredentials("The current password is wrong.", field=("current_password",))


def _ensure_strong(password: str, user: User, *, field: str) -> None:
    """Raises Refusals with every rule the password breaks."""
    if len(password) > MAX_PASSWORD:
        raise PasswordRefused(
            f"At most {MAX_PASSWORD} characters are allowed; these are {len(password)}.", field=(field,)
        )
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refusals([PasswordRefused(message, field=(field,)) for message in error.messages]) from error


@contextmanager
def _gathered(refused: list[Refusal]) -> Iterator[None]:
    """Put aside what is refused inside, so that the rest of a form can be looked at too."""
    try:
        yield
    except Refusal as refusal:
        refused.append(refusal)
    except Refusals as several:
        refused.extend(several.refusals)
