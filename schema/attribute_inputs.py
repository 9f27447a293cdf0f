"""What is said of products in inputs: values of attributes."""

from decimal import Decimal

import strawberry
from strawberry import UNSET


@strawberry.input(
    description="The value of one attribute: give the field that the attribute's kind calls for, and no other. Without "
    "any, or with an empty list of choices, the value is taken away."
)
class AttributeValueInput:
    handle: str = strawberry.field(description="The attribute's handle.")
    choices: list[str] | None = strawberry.field(
        default=UNSET, description="Handles of choices: one, or for an attribute of many choices at most 100."
    )
    number: Decimal | None = strawberry.field(
        default=UNSET, description="A number of 12 digits before the point and 4 after it at the most."
    )
    text: str | None = strawberry.field(default=UNSET, description="A line of at most 1,000 characters.")
    boolean: bool | None = strawberry.field(default=UNSET, description="Yes or no.")
    date: str | None = strawberry.field(default=UNSET, description="A day as year, month and day: 2026-05-31.")
