"""Attempts to prove who one is: counted in the database, so that guessing passwords is slow on every server at once."""

from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any

from django.db import connection
from django.db.models import F

from accounts.models import SignInAttempts
from shop import clock
from shop.errors import Refusal

# This many wrong passwords for an e-mail address from a network, then none until the window that began with the
# first of them has passed.
LIMIT = 10
WINDOW = timedelta(minutes=15)

# A window that has passed starts anew; one statement, so that attempts at the same time cannot slip through.
_COUNT = """
INSERT INTO accounts_signinattempts AS known (who, failures, since) VALUES (%(who)s, 1, %(now)s)
ON CONFLICT (who) DO UPDATE SET
    failures = CASE WHEN known.since <= %(past)s THEN 1 ELSE least(known.failures + 1, %(beyond)s) END,
    since = CASE WHEN known.since <= %(past)s THEN %(now)s ELSE known.since END
RETURNING failures, since
"""


class TooManyAttempts(Refusal):
    """This was tried too often; the message says when to try again."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, free_at: datetime) -> None:
        minutes = max(1, ceil((free_at - clock.now()) / timedelta(minutes=1)))
        super().__init__(f"Too many attempts. Try again in {minutes} minute{'s' if minutes > 1 else ''}.")


def count(*, email: str, client_address: str, limit: int = LIMIT) -> None:
    """Count an attempt as failed before it is made; `forget` those of who succeeds. Raises TooManyAttempts."""
    now = clock.now()
    values: dict[str, Any] = {"who": _who(email, client_address), "now": now, "past": now - WINDOW, "beyond": limit + 1}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        failures, since = cursor.fetchone()
    if failures > limit:
        raise TooManyAttempts(since + WINDOW)


def take_back(*, email: str, client_address: str) -> None:
    """Count one attempt less: it turned out to be right, and those before it may still have been guesses."""
    known = SignInAttempts.objects.filter(who=_who(email, client_address), failures__gt=0)
    known.update(failures=F("failures") - 1)


def forget(*, email: str, client_address: str) -> None:
    """Start over: who asks has proven who they are."""
    SignInAttempts.objects.filter(who=_who(email, client_address)).delete()


def forget_old() -> None:
    """Remove what can refuse nobody any more."""
    SignInAttempts.objects.filter(since__lte=clock.now() - WINDOW).delete()


def _who(email: str, client_address: str) -> str:
    return sha256(f"{email}\n{_network(client_address)}".encode()).hexdigest()


def _network(address: str) -> str:
    """The address, or of IPv6 the part that a provider gives to one customer as a whole."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address
