"""Keys and secrets: what names a row to the outside world, and what only its holder may know."""

import secrets
from uuid import UUID

from uuid6 import uuid7


def new_key() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by time of birth, says nothing about how many came before."""
    return UUID(int=uuid7().int)


def new_secret() -> str:
    """128 random bits as 32 hexadecimal digits: whoever knows it may use what it names."""
    return secrets.token_hex(16)
