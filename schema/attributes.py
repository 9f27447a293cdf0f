"""Attributes: what products are described by; types, edges and queries."""

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog import attribute_lists
from catalog.attribute_lists import AttributeRow, ChoiceRow, PlaceRow, ValueRow
from schema import loaders, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.fields import query
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, First, Last
from shop import languages
from shop.paging import PageRequest

if TYPE_CHECKING:
    from schema.categories import Category


@strawberry.enum(description="What the values of an attribute are.")
class AttributeKind(Enum):
    TEXT = strawberry.enum_value("TEXT", description="A line of text.")
    NUMBER = strawberry.enum_value("NUMBER", description="A number, in the attribute's unit if it has one.")
    BOOLEAN = strawberry.enum_value("BOOLEAN", description="Yes or no.")
    CHOICE = strawberry.enum_value("CHOICE", description="One of the attribute's choices.")
    MULTI_CHOICE = strawberry.enum_value("MULTI_CHOICE", description="Any number of the attribute's choices.")
    DATE = strawberry.enum_value("DATE", description="A day.")


def definitions_by_id(context: Context, keys: Sequence[int]) -> list[AttributeRow | None]:
    language = languages.foreign(context.language)
    found = attribute_lists.named(language, attribute_lists.by_id(keys).values())
    return [found.get(key) for key in keys]


def choices_of_definition(context: Context, keys: Sequence[int]) -> list[list[ChoiceRow]]:
    found = attribute_lists.choices(keys)
    flat = [row for rows in found.values() for row in rows]
    told = {row.pk: row for row in attribute_lists.labelled(languages.foreign(context.language), flat)}
    return [[told[row.pk] for row in found[key]] for key in keys]


def choices_by_id(context: Context, keys: Sequence[int]) -> list[ChoiceRow | None]:
    rows = attribute_lists.choices_by_id(keys).values()
    found = {row.pk: row for row in attribute_lists.labelled(languages.foreign(context.language), rows)}
    return [found.get(key) for key in keys]


def attributes_of_category(context: Context, keys: Sequence[str]) -> list[list[PlaceRow]]:
    found = attribute_lists.of_categories(set(keys))
    rows = [place.attribute for places in found.values() for place in places]
    told = attribute_lists.named(languages.foreign(context.language), rows)
    return [[place._replace(attribute=told[place.attribute.pk]) for place in found[key]] for key in keys]


def attributes_of_product(context: Context, keys: Sequence[int]) -> list[list[ValueRow]]:
    found = attribute_lists.of_products(set(keys), languages.foreign(context.language))
    return [found[key] for key in keys]


def attributes_of_variant(context: Context, keys: Sequence[int]) -> list[list[ValueRow]]:
    found = attribute_lists.of_variants(set(keys), languages.foreign(context.language))
    return [found[key] for key in keys]


@strawberry.type(description="One of the values that an attribute leaves to choose from.")
class AttributeChoice:
    id: strawberry.ID = strawberry.field(description="The choice's id.")
    handle: str = strawberry.field(description="Its name in filters, unique among the choices of the attribute.")
    label: str = strawberry.field(description="The value as shoppers see it.")

    @classmethod
    def of(cls, row: ChoiceRow) -> "AttributeChoice":
        return cls(id=gid("AttributeChoice", row.pk), handle=row.handle, label=row.label)


@strawberry.type(description="Something to know of products, such as their material: its kind, and what it may be.")
class AttributeDefinition(Node):
    handle: str = strawberry.field(description="Its name in filters, unique among attributes.")
    name: str = strawberry.field(description="Its name as shoppers see it.")
    kind: AttributeKind = strawberry.field(description="What its values are.")
    unit: str | None = strawberry.field(description="What its numbers count, such as cm; null where nothing is said.")
    is_filterable: bool = strawberry.field(description="Whether lists of products are meant to be narrowed by it.")
    position: int = strawberry.field(description="Its place among all attributes, smallest first.")
    choices: list[AttributeChoice] = edge(
        choices_of_definition,
        description="What there is to choose from, in the merchant's order; empty for other kinds.",
    )
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: AttributeRow) -> "AttributeDefinition":
        return cls(
            id=gid("AttributeDefinition", row.pk),
            handle=row.handle,
            name=row.name,
            kind=AttributeKind[row.kind],
            unit=row.unit or None,
            is_filterable=row.is_filterable,
            position=row.position,
            pk=row.pk,
        )


@strawberry.type(description="That a category describes its products by an attribute.")
class CategoryAttribute:
    definition: AttributeDefinition = strawberry.field(description="The attribute.")
    is_required: bool = strawberry.field(description="Whether a product needs a value before it is offered for sale.")
    position: int = strawberry.field(description="Its place among the attributes of the category that gives it.")
    given_by: Annotated["Category", strawberry.lazy("schema.categories")] | None = edge(
        loaders.categories, key="category_id", description="The category it comes from: this one, or one above it."
    )
    category_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: PlaceRow) -> "CategoryAttribute":
        return cls(
            definition=AttributeDefinition.of(row.attribute),
            is_required=row.is_required,
            position=row.position,
            category_id=row.category_id,
        )


@strawberry.type(
    description="What a product or a variant is in one respect: filled is what the attribute's kind calls for."
)
class AttributeValue:
    definition: AttributeDefinition = strawberry.field(description="What is told by it.")
    value: str = strawberry.field(description="The value in words, with its unit: ready to print.")
    choices: list[AttributeChoice] = strawberry.field(description="The choices made; empty for other kinds.")
    number: Decimal | None = strawberry.field(description="The number.")
    text: str | None = strawberry.field(description="The text.")
    boolean: bool | None = strawberry.field(description="Yes or no.")
    date: str | None = strawberry.field(description="The day, as year, month and day: 2026-05-31.")

    @classmethod
    def of(cls, row: ValueRow) -> "AttributeValue":
        return cls(
            definition=AttributeDefinition.of(row.attribute),
            value=row.printable,
            choices=[AttributeChoice.of(choice) for choice in row.choices],
            number=row.number,
            text=row.text,
            boolean=row.boolean,
            date=row.date.isoformat() if row.date else None,
        )


@strawberry.type
class AttributeQueries:
    @query
    def attributes(
        self, info: Info, first: First = None, last: Last = None, after: After = None, before: Before = None
    ) -> Connection[AttributeDefinition]:
        """What products are described by: all attributes, in the merchant's order."""
        page = attribute_lists.page(PageRequest(first, last, after, before))
        told = attribute_lists.named(languages.foreign(info.context.language), page.rows)
        return Connection.of(page, lambda row: AttributeDefinition.of(told[row.pk]))

    @query
    def attribute(
        self,
        info: Info,
        handle: Annotated[str | None, strawberry.argument(description="The attribute's name in filters.")] = None,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The attribute's id.")] = None,
    ) -> AttributeDefinition | None:
        """The attribute with this handle or id; null where there is none."""
        if id is not None:
            key = nodes.number(id, "AttributeDefinition")
            row = attribute_lists.by_id([key]).get(key)
        else:
            row = attribute_lists.by_handle([handle or ""]).get(handle or "")
        if row is None:
            return None
        return AttributeDefinition.of(attribute_lists.named(languages.foreign(info.context.language), [row])[row.pk])
