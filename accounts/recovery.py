"""Getting back into an account whose password was forgotten: a link by e-mail, good for one new password."""

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction

from accounts import attempts, contacts, customers
from accounts.models import User
from accounts.sessions import Session, TokenRefused
from shop import outbox


def ask(*, email: str, client_address: str, language: str = "") -> None:
    """Have a link sent to the address, if it has an account, in this language; "" is the shop's own.

    Raises TooManyAttempts.

    Whether it has one is looked up later, elsewhere: neither the answer nor the time it takes can tell.
    """
    # What is longer is of nobody, and PostgreSQL stores no NUL.
    email = email.strip().lower().replace("\x00", "\ufffd")[: contacts.MAX_EMAIL + 1]
    attempts.count(email=f"recovery of {email}", client_address=client_address)
    with transaction.atomic():
        outbox.publish("customer.recovery_requested", email=email, language=language)


def token_of(user: User) -> str:
    """The token for a link; it is worth nothing after a sign-in, another password or address, or an hour."""
    return f"{user.pk}.{default_token_generator.make_token(user)}"


def reset(*, token: str, new: str) -> Session:
    """Set another password, sign out everywhere, and in here. Raises TokenRefused, or Refusals of the new password."""
    key, _, secret = token.partition(".")
    is_key = key.isascii() and key.isdecimal() and len(key) < 20
    user = User.objects.filter(pk=key, is_active=True).first() if is_key else None
    if user is None or not default_token_generator.check_token(user, secret):
        raise _refused()
    session = customers.replace_password(user, new)
    if session is None:
        raise _refused()
    return session


def _refused() -> TokenRefused:
    return TokenRefused("This link does not hold any more: ask for another with customerRecover.", field=("token",))
