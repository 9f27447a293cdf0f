"""Sign-in with JSON Web Tokens: short-lived access tokens, and refresh tokens that live in the database."""

from graphql_jwt.exceptions import JSONWebTokenError, JSONWebTokenExpired
from graphql_jwt.utils import get_payload, get_user_by_payload

from accounts import actors
from accounts.actors import Actor
from shop.errors import Refusal


class TokenRefused(Refusal):
    """An access token that is malformed, expired, revoked, or of somebody who may not sign in."""

    code = "TOKEN_REFUSED"


def actor_of(access_token: str) -> Actor:
    """The actor an access token speaks for. Raises TokenRefused."""
    try:
        user = get_user_by_payload(get_payload(access_token))
    except JSONWebTokenExpired as error:
        raise TokenRefused("The access token has expired: refresh it with tokenRefresh.") from error
    except JSONWebTokenError as error:
        raise TokenRefused("The access token is not valid: sign in again with tokenCreate.") from error
    if user is None:
        raise TokenRefused("The access token is not valid: sign in again with tokenCreate.")
    return actors.of_user(user)
