"""tokenRevoke: signing out of one session."""

import pytest
from graphql_jwt.refresh_token.models import RefreshToken

from accounts import sessions
from accounts.sessions import TokenRefused

REVOKE = "mutation ($token: String!) { tokenRevoke(refreshToken: $token) { userErrors { code field message } } }"
DONE: dict[str, object] = {"tokenRevoke": {"userErrors": []}}


def test_ends_one_session(execute, alice, bob):
    here, elsewhere, of_bob = sessions.start(alice), sessions.start(alice), sessions.start(bob)

    assert execute(REVOKE, token=here.refresh_token) == DONE

    with pytest.raises(TokenRefused):
        sessions.refresh(refresh_token=here.refresh_token)
    assert sessions.refresh(refresh_token=elsewhere.refresh_token).user == alice
    assert sessions.refresh(refresh_token=of_bob.refresh_token).user == bob


@pytest.mark.parametrize("token", ["", "nobody knows this one", "x" * 10_000], ids=["empty", "unknown", "10 kB"])
def test_leaves_an_unknown_token_at_that(execute, alice, token):
    sessions.start(alice)

    assert execute(REVOKE, token=token) == DONE
    assert RefreshToken.objects.filter(revoked=None).count() == 1


def test_can_be_done_twice(execute, alice):
    session = sessions.start(alice)

    assert execute(REVOKE, token=session.refresh_token) == DONE
    assert execute(REVOKE, token=session.refresh_token) == DONE


def test_a_token_that_was_exchanged_still_tells_of_a_theft_afterwards(execute, alice):
    old = sessions.start(alice)
    new = sessions.refresh(refresh_token=old.refresh_token)
    execute(REVOKE, token=old.refresh_token)

    with pytest.raises(TokenRefused):
        sessions.refresh(refresh_token=old.refresh_token)
    with pytest.raises(TokenRefused):
        sessions.refresh(refresh_token=new.refresh_token)
