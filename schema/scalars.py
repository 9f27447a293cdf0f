"""Scalars of our own, and the small value types every noun uses: money, SEO, pictures, attributes."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from django.core.files.uploadedfile import UploadedFile
from graphql import GraphQLError
from strawberry.schema.types.base_scalars import DateTimeDefinition, DecimalDefinition
from strawberry.types.scalar import ScalarDefinition

from schema import codes
from shop.money import Money

URL = NewType("URL", str)
HTML = NewType("HTML", str)
JSON = NewType("JSON", str)
Color = NewType("Color", str)
Upload = NewType("Upload", object)


def _uploaded(value: Any) -> object:
    """The file that `schema.multipart` put in a variable's place; nothing else becomes one."""
    if not isinstance(value, UploadedFile):
        raise GraphQLError(
            "A file is sent in a request of multipart/form-data, with null in its place and its path in `map`."
        )
    return value


def _never(value: Any) -> Any:
    raise GraphQLError("A file is sent, and never answered.")


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: replace(DecimalDefinition, description='A number without rounding, as text such as "19.90".'),
    datetime: replace(
        DateTimeDefinition, description="A moment after ISO 8601, with its offset, such as 2026-01-02T03:04:05+00:00."
    ),
    URL: strawberry.scalar(name="URL", serialize=str, parse_value=str, description="An absolute URL (RFC 3986)."),
    Color: strawberry.scalar(
        name="Color", serialize=str, parse_value=str, description="A color in hexadecimal digits, such as #1a2b3c."
    ),
    Upload: strawberry.scalar(
        name="Upload",
        serialize=_never,
        parse_value=_uploaded,
        description="A file, sent after the GraphQL multipart request specification; docs/api.md shows how.",
    ),
    JSON: strawberry.scalar(name="JSON", serialize=str, parse_value=str, description="JSON, written in a text."),
    HTML: strawberry.scalar(
        name="HTML", serialize=str, parse_value=str, description="HTML, safe to show: scripts and handlers are removed."
    ),
}


@strawberry.type(description="An amount of money in a currency.")
class MoneyV2:
    amount: Decimal = strawberry.field(description="Decimal text with exactly the currency's decimals, such as 19.90.")
    currency_code: codes.CurrencyCode = strawberry.field(description="The currency of the amount.")

    @classmethod
    def of(cls, money: Money) -> "MoneyV2":
        return cls(amount=money.amount, currency_code=codes.currency(money.currency))


@strawberry.type(description="What search engines are told about a page.")
class SEO:
    title: str | None = strawberry.field(description="Title for search engines; null means the ordinary title.")
    description: str | None = strawberry.field(description="Summary for search engines; null where none was written.")

    @classmethod
    def of(cls, title: str, description: str) -> "SEO":
        return cls(title=title or None, description=description or None) if title or description else _NO_SEO


_NO_SEO = SEO(title=None, description=None)


@strawberry.type(description="A note in two parts, such as an engraving, that travels with a cart, a line or an order.")
class Attribute:
    key: str = strawberry.field(description="What the note is about.")
    value: str | None = strawberry.field(description="What it says.")
