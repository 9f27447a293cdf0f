"""What any mutation may be asked, read from the schema: arguments as small as they may be, with a value at one place.

A mutation that is added to the schema is covered by itself. Where an id or a text must mean something, `Samples` knows
by its name what to say; of what it does not know, no more can be expected than that nothing breaks.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    Undefined,
)

from accounts.actors import SYSTEM
from accounts.staff import Permission
from catalog import stock, transfers
from catalog.models import AttributeKind, StockTransfer
from schema.permissions import Staff
from schema.root import schema
from tests import builders

# The way to a value: names of arguments and fields, and 0 for the one member of a list.
Place = tuple[str | int, ...]
Inputs = Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField]

assert schema._schema.mutation_type is not None
_ROOT = schema._schema.mutation_type
_ROLES = {Staff(permission) for permission in Permission}
_TEXTS = {
    "attribute.handle": "colour",
    "value.handle": "colour",
    "code": "word",
    "currency": "USD",
    "email": "word@example.com",
    "handle": "word",
    "path": "/word",
    "src": "https://example.com/word.jpg",
    "target": "/word",
    "url": "https://example.com/word",
}
_MOMENT = datetime(2030, 1, 1, tzinfo=UTC).isoformat()
_SCALARS = {"Int": 1, "Float": 1.0, "Boolean": True, "Decimal": "1", "DateTime": _MOMENT}
# What an input needs beside, although the schema calls it optional.
_BESIDE = {
    "categoryMove": {"parentId"},
    "ImageInput": {"src"},
    "ProductImageInput": {"src"},
    "MenuItemInput": {"title", "path"},
}


def staff_mutations() -> dict[str, GraphQLField]:
    """The mutations that only members of staff may send."""
    declared = schema.get_type_by_name("Mutation")
    guarded = {
        schema.config.name_converter.get_graphql_name(field)
        for field in declared.fields  # type: ignore[union-attr]
        if _ROLES & set(field.permission_classes)
    }
    return {name: field for name, field in _ROOT.fields.items() if name in guarded}


def document(mutation: str, arguments: Iterable[str], answer: str = "") -> str:
    """A mutation that is given these of its arguments by variables of the same names."""
    field = _ROOT.fields[mutation]
    declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in arguments)
    passed = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    return f"mutation ({declared}) {{ {mutation}({passed}) {{ {answer} userErrors {{ code field message }} }} }}"


def places(inputs: Inputs, *, scalar: str, above: Place = (), seen: tuple[str, ...] = ()) -> Iterator[Place]:
    """Every place where a value of this scalar may stand; into a type that contains itself it is looked once."""
    for name, one in inputs.items():
        kind, way = one.type, (*above, name)
        while isinstance(kind, GraphQLNonNull | GraphQLList):
            way = (*way, 0) if isinstance(kind, GraphQLList) else way
            kind = kind.of_type
        if isinstance(kind, GraphQLInputObjectType):
            if kind.name not in seen:
                yield from places(kind.fields, scalar=scalar, above=way, seen=(*seen, kind.name))
        elif str(kind) == scalar:
            yield way


class Samples:
    """One of everything, and arguments that name it."""

    def __init__(self) -> None:
        shelf = builders.a_category("Shelf")
        product = builders.a_product("Mug", category=shelf, variants=2, images=2)
        variant = product.variants.order_by("pk")[0]
        review = builders.a_review(product)
        here, there = stock.default_location(), builders.a_location("Oslo")
        transfer = StockTransfer.objects.create(origin=here, destination=there)
        transfer.lines.create(variant=variant, quantity=1)
        transfers.ship(transfer_id=transfer.pk, actor=SYSTEM)
        order = builders.an_order((variant, 1))
        colour = builders.an_attribute("Colour", AttributeKind.CHOICE, "Red", "Blue", on=shelf)
        named = {
            "attribute": colour,
            "attributeChoice": colour.choices.all()[0],
            "category": shelf,
            "collection": builders.a_collection("Gifts", products=[product]),
            "page": builders.a_page("About"),
            "menu": builders.a_menu("main", []),
            "urlRedirect": builders.a_redirect("/old", "/new"),
            "review": review,
            "location": there,
            "inventoryTransfer": transfer,
            "product": product,
            "productVariant": variant,
            "variant": variant,
            "order": order,
            "origin": here,
            "destination": there,
            "parent": builders.a_category("Top"),
            "media": product.images.order_by("pk")[0],
            "orderLineItem": order.lines.get(),
            "giftCard": builders.a_gift_card()[0],
        }
        self._ids = {name: builders.id_of(thing) for name, thing in named.items()}
        self._ids["media"] = self._ids["media"].replace("ProductImage", "Image")

    def arguments(self, mutation: str, field: GraphQLField, place: Place = (), value: Any = None) -> dict[str, Any]:
        """The least that `mutation` takes, and `value` at `place`."""
        made = self._object(mutation, field.args, place, _BESIDE.get(mutation, set()))
        if place:
            *way, last = place
            holder: Any = made
            for step in way:
                holder = holder[step]
            holder[last] = value
        return made

    def _object(self, owner: str, inputs: Inputs, place: Place, beside: set[str]) -> dict[str, Any]:
        made = {}
        for name, one in inputs.items():
            is_on_the_way = bool(place) and place[0] == name
            is_optional = not isinstance(one.type, GraphQLNonNull) or one.default_value is not Undefined
            if is_on_the_way or not is_optional or name in beside:
                made[name] = self._value(owner, name, one.type, place[1:] if is_on_the_way else ())
        return made

    def _value(self, owner: str, name: str, kind: Any, place: Place) -> Any:
        match kind:
            case GraphQLNonNull():
                return self._value(owner, name, kind.of_type, place)
            case GraphQLList():
                return [self._value(owner, name.removesuffix("s"), kind.of_type, place[1:])]
            case GraphQLInputObjectType():
                return self._object(name, kind.fields, place, _BESIDE.get(kind.name, set()))
            case GraphQLEnumType():
                return "USD" if "USD" in kind.values else next(iter(kind.values))
            case GraphQLScalarType(name="ID"):
                return self._id(owner, name)
            case GraphQLScalarType(name="String" | "URL" | "HTML" | "Color"):
                return _TEXTS.get(f"{owner}.{name}") or _TEXTS.get(name, "Word")
            case _:
                return _SCALARS.get(kind.name)

    def _id(self, owner: str, name: str) -> str:
        noun = name.removesuffix("Id")
        if name == "id":
            noun = max((one for one in self._ids if owner.startswith(one)), key=len, default="")
        return self._ids.get(noun, "gid://shop/Nothing/1")
