"""A small schema in which everything can go wrong.

Its objects come from a `World`, where each attribute is drawn once from good and bad values, so every executor finds
the same. Resolvers carry the marks of our adapter; graphql-core calls them object by object and knows nothing of it.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry.permission import BasePermission, PermissionExtension
from strawberry.scalars import JSON
from strawberry.types import Info

NAMES = ("Ada", "Bo", "Cy")
MISSING = object()


class Broken(Exception):
    """What goes wrong in this schema."""


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


ODD: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: None,
    lambda: MISSING,
    lambda: Broken("an error for a value"),
    lambda: GraphQLError("told to the client", extensions={"code": "TOLD"}),
    lambda: 7,
    lambda: 2**40,
    lambda: 2.5,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: True,
    lambda: "text",
    lambda: "",
    list,
    lambda: (None,),
    lambda: [None, Broken("an error in a list"), "text", 1, [2, None]],
    lambda: {"a": 1},
    lambda: Decimal("1.50"),
    lambda: Colour.BLUE,
    lambda: "RED",
    lambda: b"bytes",
    lambda: Rock(weight=3, name=None),
    lambda: object,
)


@dataclass
class World:
    """Objects by number, made when first asked for, with about `oddity` of a thousand attributes odd."""

    seed: int
    oddity: int = 0
    log: list[Any] = field(default_factory=list)
    _made: dict[Any, Any] = field(default_factory=dict)

    def creature(self, number: int) -> Any:
        kind = (Dog, Cat)[number % 2]
        return self._of(kind, number)

    def person(self, number: int) -> Any:
        return self._of(Person, number)

    def thing(self, number: int) -> Any:
        return self._of((Dog, Rock, Cat)[number % 3], number)

    def row(self, kind: str, number: int) -> Any:
        """What a batch function finds: an object, nothing, or an error for this key alone."""
        random = Random(f"{self.seed} {kind} {number}")  # noqa: S311
        if random.randrange(1000) < self.oddity:
            return random.choice((None, Broken(f"no {kind} {number}"), self.thing(number)))
        return self.person(number) if kind == "person" else self.creature(number)

    def _of(self, kind: Any, number: int) -> Any:
        if (kind, number) not in self._made:
            self._made[kind, number] = made = kind.__new__(kind)
            random = Random(f"{self.seed} {kind.__name__} {number}")  # noqa: S311
            for name, value in kind.attributes(self, random, number % 50).items():
                if random.randrange(1000) < self.oddity:
                    value = random.choice(ODD)()
                if value is not MISSING:
                    setattr(made, name, value)
            # Keys are sound: a batch function that cannot bear one fails for all, which one by one it would not.
            made.pk = number % 50
            made.heir_pk = number % 50 + 2 if number % 3 else None
        return self._made[kind, number]


class MayKnow(BasePermission):
    message = "Not for you."

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        if source is not None and source.pk % 5 == 4:
            raise Broken(f"asked by {info.path.as_list()} with {sorted(kwargs)}")
        return source is None or source.pk % 3 != 0


def edge(load: Callable[..., Sequence[Any]], key: str = "pk", extensions: Sequence[Any] = ()) -> Any:
    """A field like those of our schemas' edges, asked for one key at a time."""

    def resolve(root: Any, info: Any, **arguments: Any) -> Any:
        found = getattr(root, key)
        if found is None:
            return None
        hash(found)  # as a DataLoader would
        [row] = load(info.context, [found], **arguments)
        return row

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    own = [inspect.Parameter("root", kind), inspect.Parameter("info", kind, annotation=Info)]
    wanted = [p for p in inspect.signature(load).parameters.values() if p.kind is inspect.Parameter.KEYWORD_ONLY]
    resolve.__signature__ = inspect.Signature([*own, *wanted])  # type: ignore[attr-defined]
    resolve.edge = (load, key)  # type: ignore[attr-defined]
    return strawberry.field(resolver=resolve, extensions=list(extensions))


def load_related(world: World, keys: Sequence[int], *, count: int = 2, colour: Colour | None = None) -> list[Any]:
    world.log.append(("related", tuple(keys), count, colour))
    if count < 0:
        raise Broken("count is negative")
    shift = 7 if colour is Colour.BLUE else 3
    return [[world.row("creature", key * shift + index) for index in range(count % 4)] for key in keys]


def load_owner(world: World, keys: Sequence[int]) -> list[Any]:
    world.log.append(("owner", tuple(keys)))
    return [world.row("person", key) for key in keys]


def load_secret(world: World, keys: Sequence[int], *, loud: bool = False) -> list[Any]:
    return [f"secret {key}{'!' if loud else ''}" for key in keys]


def load_tone(world: World, keys: Sequence[Any]) -> list[str]:
    return [f"{len(str(key))} letters" for key in keys]


@strawberry.interface
class Named:
    name: str


@strawberry.interface
class Creature(Named):
    name: str
    legs: int | None
    buddy: "Creature | None"
    buddies: list["Creature"]
    related: list["Creature"]
    owner: "Person | None"


@strawberry.type
class Rock:
    weight: int
    name: str | None

    @staticmethod
    def attributes(world: World, random: Random, number: int) -> dict[str, Any]:
        return {"weight": number, "name": random.choice((*NAMES, None))}


def permitted(**options: Any) -> list[Any]:
    return [PermissionExtension(permissions=[MayKnow()], **options)]


@strawberry.type
class Person(Named):
    name: str
    nickname: str | None
    ident: strawberry.ID
    flag: bool
    ratio: float | None
    amount: Decimal
    notes: JSON | None
    colour: Colour
    colours: list[Colour | None] | None
    friend: "Person | None"
    pets: list[Creature] | None = edge(load_related)
    boss: "Person" = edge(load_owner)
    heir: "Person | None" = edge(load_owner, key="heir_pk")
    secret: str = edge(load_secret, extensions=permitted())
    quiet: str | None = edge(load_secret, extensions=permitted(fail_silently=True))
    pin: int = strawberry.field(extensions=permitted())
    tone: str | None = edge(load_tone, key="notes")

    @strawberry.field
    def greeting(self, info: Info, word: str = "Hello", times: int | None = 1) -> str:
        if times is None:
            raise Broken(f"never, at {info.path.as_list()}")
        return " ".join([word] * times)

    @staticmethod
    def attributes(world: World, random: Random, number: int) -> dict[str, Any]:
        return {
            "name": random.choice(NAMES),
            "nickname": random.choice((*NAMES, None)),
            "ident": random.choice(("a", "b", 3)),
            "flag": random.choice((True, False)),
            "ratio": random.choice((1.5, 2, None)),
            "amount": Decimal(number) / 2,
            "notes": random.choice((None, {"a": [1]}, [1, "b"], "text")),
            "colour": random.choice(list(Colour)),
            "colours": random.choice((None, [], [Colour.RED, None, Colour.BLUE])),
            "friend": world.person(number + 1) if number % 4 else None,
            "pin": number,
        }


@strawberry.type
class Dog(Creature):
    name: str
    legs: int | None
    buddy: Creature | None
    buddies: list[Creature]
    things: "list[Thing | None]"
    tags: list[str]
    grid: list[list[int | None] | None] | None
    cubes: list[list[list[int]]]
    packs: list[list[Creature | None]]
    related: list[Creature] = edge(load_related)
    owner: Person | None = edge(load_owner)

    @staticmethod
    def attributes(world: World, random: Random, number: int) -> dict[str, Any]:
        return {
            **_of_creature(world, random, number),
            "things": [world.thing(number + 1), None, world.thing(number + 2)][: number % 4],
            "tags": random.choice(([], ["a"], ("b", "c"))),
            "grid": random.choice((None, [], [[1, None], None, []])),
            "cubes": random.choice(([], [[], [[1], []]], [[[1, 2]], [[3]]])),
            "packs": [[world.creature(number + 1), None], [], [world.creature(number + 2)]][: number % 4],
        }


@strawberry.type
class Cat(Creature):
    name: str
    legs: int | None
    buddy: Creature | None
    buddies: list[Creature]
    lives: int
    related: list[Creature] = edge(load_related)
    owner: Person | None = edge(load_owner)

    @staticmethod
    def attributes(world: World, random: Random, number: int) -> dict[str, Any]:
        return {**_of_creature(world, random, number), "lives": 9}


def _of_creature(world: World, random: Random, number: int) -> dict[str, Any]:
    return {
        "name": random.choice(NAMES),
        "legs": random.choice((4, 3, None)),
        "buddy": world.creature(number + 1) if number % 3 else None,
        "buddies": [world.creature(number + 1), world.creature(number + 2)][: number % 3],
    }


Thing = Annotated[Dog | Rock, strawberry.union("Thing")]


@strawberry.input
class Wish:
    number: int = 3
    colours: list[Colour] | None = None
    again: "Wish | None" = None


def plain(function: Any) -> Any:
    """A root field that the engine calls as it is."""
    function.plain = function
    return strawberry.field(resolver=function)


def _dog(info: Info, number: int = 1) -> Dog | None:
    return info.context._of(Dog, number)


def _person(info: Info, number: int = 1) -> Person:
    if number < 0:
        raise Broken("no such person")
    return info.context.person(number)


def _creatures(info: Info, first: int | None = 2) -> list[Creature]:
    return [info.context.creature(number) for number in range(first or 0)]


def _things(info: Info, wish: Wish | None = None) -> "list[Thing] | None":
    return None if wish is None else [info.context.thing(number) for number in range(wish.number % 5)]


def _echo(wishes: list[Wish], colour: Colour = Colour.RED, id: strawberry.ID | None = None) -> str:
    return f"{wishes!r} {colour} {id}"


def _fail() -> str | None:
    raise Broken("as asked")


@strawberry.type
class Query:
    dog: Dog | None = plain(_dog)
    person: Person = plain(_person)
    maybe_person: Person | None = plain(_person)
    creatures: list[Creature] = plain(_creatures)
    things: "list[Thing] | None" = plain(_things)
    echo: str | None = plain(_echo)
    fail: str | None = plain(_fail)

    @strawberry.field
    def named(self, info: Info, number: int = 0) -> Named | None:
        return info.context.person(number) if number % 3 else info.context.creature(number)


def _rename(info: Info, number: int = 1, name: str | None = "New") -> Person | None:
    info.context.log.append(("rename", number, name))
    if name is None:
        raise Broken("no name")
    info.context.person(number).name = name
    return info.context.person(number)


@strawberry.type
class Mutation:
    rename: Person | None = plain(_rename)
    rename_strictly: Person = plain(_rename)


schema = strawberry.Schema(query=Query, mutation=Mutation, types=[Dog, Cat])
