"""Global ids: `gid://shop/<Type>/<key>`. Any namespace is accepted on the way in, for clients rebuild ids."""

import re
from uuid import UUID

import strawberry

from shop.errors import NotFound

_GID = re.compile(r"gid://[A-Za-z0-9_-]+/(?P<noun>[A-Za-z]+)/(?P<key>[A-Za-z0-9_-]{1,100})(?:\?[^\s]*)?")
_MAX_NUMBER = 2**63 - 1


@strawberry.interface(description="Anything that has an id and can be read again through `node`.")
class Node:
    id: strawberry.ID = strawberry.field(description="A globally unique, opaque id.")


def gid(noun: str, key: object) -> strawberry.ID:
    """The id by which the API knows the `noun` with this key."""
    return strawberry.ID(f"gid://shop/{noun}/{key}")


def parse(text: str) -> tuple[str, str] | None:
    """Type and key in an id, or None where it is not one."""
    match = _GID.fullmatch(text) if len(text) <= 500 else None
    return (match["noun"], match["key"]) if match else None


def key(text: str, noun: str, *field: str | int) -> str:
    """The key in an id of a `noun`. Raises NotFound for anything else: a malformed id looks like a foreign one."""
    parsed = parse(text)
    if parsed is None or parsed[0] != noun:
        raise NotFound(noun, field=field)
    return parsed[1]


def number(text: str, noun: str, *field: str | int) -> int:
    """The numeric key in an id. Raises NotFound."""
    found = key(text, noun, *field)
    if not found.isascii() or not found.isdigit() or int(found) > _MAX_NUMBER:
        raise NotFound(noun, field=field)
    return int(found)


def number_if_any(text: str | None, noun: str) -> int | None:
    """The numeric key in an id, or None for anything else: for reads that answer the same where nothing is found."""
    try:
        return number(text or "", noun)
    except NotFound:
        return None


def uuid_if_any(text: str, noun: str) -> UUID | None:
    """The UUID key in an id, or None for anything else."""
    try:
        return uuid(text, noun)
    except NotFound:
        return None


def uuid(text: str, noun: str, *field: str | int) -> UUID:
    """The UUID key in an id. Raises NotFound."""
    try:
        return UUID(key(text, noun, *field))
    except ValueError as error:
        raise NotFound(noun, field=field) from error
