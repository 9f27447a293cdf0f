"""What inputs share: telling what the client sent from what it left out, and the parts that many nouns have."""

import dataclasses
from collections.abc import Sequence
from enum import Enum
from typing import Any

import strawberry
from strawberry import UNSET

from schema.scalars import Upload
from shop.errors import blaming


def given(sent: Any) -> Any:
    """An input as plain data: the fields that the client sent by their Python names, enum values by their names."""
    if dataclasses.is_dataclass(sent):
        values = {field.name: getattr(sent, field.name) for field in dataclasses.fields(sent)}
        return {name: given(value) for name, value in values.items() if value is not UNSET}
    if isinstance(sent, list):
        return [given(item) for item in sent]
    return sent.name if isinstance(sent, Enum) else sent


def meant(sent: Sequence[Any], *path: str) -> list[Any]:
    """What each input of a list means to the domain, each blamed by its place in it."""
    found = []
    for number, one in enumerate(sent):
        with blaming(*path, number):
            found.append(one.to_domain())
    return found


@strawberry.input(description="What search engines are to be told. What is left out stays; null empties it.")
class SEOInput:
    title: str | None = strawberry.field(
        default=UNSET, description="Title for search engines, at most 255 characters; empty means the ordinary title."
    )
    description: str | None = strawberry.field(
        default=UNSET, description="Summary for search engines, at most 5,000 characters."
    )


@strawberry.input(description="A picture to show: either its file, or where it is.")
class ImageInput:
    src: str | None = strawberry.field(
        default=UNSET,
        description="Where it is: an address that begins with https:// or http://, or a path below the media "
        "directory.",
    )
    file: Upload | None = strawberry.field(
        default=UNSET,
        description="The file: a JPEG, PNG, WebP, GIF or AVIF by its content, whatever its name. It is kept upright "
        "and without data on where and how it was taken.",
    )
    alt: str | None = strawberry.field(
        default=UNSET, description="What it shows, for who cannot see it; at most 500 characters."
    )
