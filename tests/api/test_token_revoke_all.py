"""tokenRevokeAll: signing out everywhere."""

import pytest

from accounts import sessions
from accounts.sessions import TokenRefused

REVOKE_ALL = "mutation { tokenRevokeAll { userErrors { code field message } } }"


def test_ends_every_session_at_once(execute, alice, bob):
    one, two, of_bob = sessions.start(alice), sessions.start(alice), sessions.start(bob)

    assert execute(REVOKE_ALL, as_=alice) == {"tokenRevokeAll": {"userErrors": []}}

    for session in (one, two):
        with pytest.raises(TokenRefused):
            sessions.refresh(refresh_token=session.refresh_token)
        with pytest.raises(TokenRefused):
            sessions.actor_of(session.access_token)
    assert sessions.actor_of(of_bob.access_token).user_id == bob.pk
    assert sessions.refresh(refresh_token=of_bob.refresh_token).user == bob


def test_who_signs_in_again_is_signed_in(execute, alice):
    execute(REVOKE_ALL, as_=alice)
    alice.refresh_from_db()

    session = sessions.start(alice)

    assert sessions.actor_of(session.access_token).user_id == alice.pk


def test_a_guest_has_nothing_to_end(request_graphql, alice):
    session = sessions.start(alice)

    answer = request_graphql(REVOKE_ALL)

    assert [error["extensions"] for error in answer["errors"]] == [{"code": "UNAUTHENTICATED"}]
    assert sessions.actor_of(session.access_token).user_id == alice.pk
