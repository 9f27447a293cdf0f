"""Sessions when several requests come at the same moment, as those of a thief and of the owner do."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from graphql_jwt.refresh_token.models import RefreshToken

from accounts import actors, sessions
from accounts.models import User
from shop.errors import Refusal
from tests import builders
from tests.concurrency.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 4


def at_once(act: Callable[[], object], times: int = 1) -> Counter[str]:
    """How often it went well or was refused, `times` in each of several threads."""
    together = Barrier(THREADS)

    def run(_: int) -> list[str]:
        try:
            together.wait(PATIENCE)
            return [outcome_of(act) for _ in range(times)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(outcome for outcomes in pool.map(run, range(THREADS)) for outcome in outcomes)


def exchange_of(user: User) -> Callable[[], object]:
    """The exchange of a new session's refresh token, yet to be made."""
    token = sessions.start(user).refresh_token
    return lambda: sessions.refresh(refresh_token=token)


def outcome_of(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return "OK"


def test_a_refresh_token_is_exchanged_once_and_its_copies_end_every_session():
    token = sessions.start(builders.a_customer()).refresh_token

    outcomes = at_once(lambda: sessions.refresh(refresh_token=token))

    assert outcomes == {"OK": 1, "TOKEN_REFUSED": THREADS - 1}
    assert not RefreshToken.objects.filter(revoked=None).exists()


@pytest.mark.parametrize("_round", range(5))
def test_no_exchange_slips_a_token_past_a_sign_out_everywhere(_round):
    user = builders.a_customer()
    turns = iter([lambda: sessions.end_all(actor=actors.of_user(user)), *map(exchange_of, [user] * (THREADS - 1))])

    at_once(lambda: next(turns)())

    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_guessing_in_parallel_gives_no_more_guesses():
    user = builders.a_customer()

    outcomes = at_once(
        lambda: sessions.sign_in(email=user.email, password="wrong", client_address="192.0.2.1"), times=5
    )

    assert outcomes == {"INVALID_CREDENTIALS": 10, "TOO_MANY_ATTEMPTS": THREADS * 5 - 10}
