"""Operations of any schema, drawn by hypothesis: aliases, fragments, merged fields, conditions, variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ValuesOfCorrectTypeRule,
    VariablesInAllowedPositionRule,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
    parse,
    validate,
)
from hypothesis import strategies as st

DOUBTFUL = (
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ValuesOfCorrectTypeRule,
    VariablesInAllowedPositionRule,
)
VARIABLES = {"yes": True, "no": False}


@dataclass
class Drawn:
    """A document, and the variables that come with it."""

    text: str
    variables: dict[str, Any]

    @cached_property
    def document(self) -> DocumentNode:
        return parse(self.text)

    @property
    def operation(self) -> OperationDefinitionNode:
        [operation] = [node for node in self.document.definitions if isinstance(node, OperationDefinitionNode)]
        return operation

    def is_valid(self, schema: GraphQLSchema) -> bool:
        """Whether it fits the schema, as far as what is drawn may not: all rules would take most of the time."""
        return not validate(schema, self.document, DOUBTFUL)


@dataclass
class _Writer:
    """Writes one operation. `pick(n)` is some number below n."""

    schema: GraphQLSchema
    pick: Callable[[int], int]
    values: Mapping[str, Sequence[str]]
    skipped: frozenset[str]
    budget: int
    fragments: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    def selections(self, parent: Any, depth: int) -> str:
        names = [name for name in getattr(parent, "fields", ()) if f"{parent.name}.{name}" not in self.skipped]
        if depth <= 0:
            names = [name for name in names if not is_composite_type(get_named_type(parent.fields[name].type))]
        written = []
        for _ in range(1 + self.pick(5)):
            self.budget -= 1
            kind = self.pick(14)
            if kind == 0 or not names or self.budget < 0:
                written.append("__typename" + self.condition())
            elif kind in (1, 2, 3) and depth > 0:
                written.append(self.fragment(parent, depth, is_named=kind == 1))
            else:
                written.append(self.field(parent, names[self.pick(len(names))], depth))
        if is_abstract_type(parent) and depth > 0 and self.pick(2):
            written.append(self.fragment(parent, depth, is_named=False))
        return "{ " + " ".join(written) + " }"

    def field(self, parent: Any, name: str, depth: int) -> str:
        definition = parent.fields[name]
        arguments = self.arguments(f"{parent.name}.{name}", definition)
        # One key of the answer always means the same field with the same arguments, whatever fragment it is in.
        marks = "".join(character for character in arguments if character.isalnum())
        named = get_named_type(definition.type)
        key = f"{parent.name if is_composite_type(named) else ''}{name}{marks}"
        alias = f"{key}: " if marks or self.pick(3) == 0 or is_composite_type(named) else ""
        below = self.selections(named, depth - 1) if is_composite_type(named) else ""
        return f"{alias}{name}{arguments}{self.condition()} {below}"

    def fragment(self, parent: Any, depth: int, *, is_named: bool) -> str:
        possible = list(self.schema.get_possible_types(parent)) if is_abstract_type(parent) else [parent]
        target = possible[self.pick(len(possible))]
        wider = [*target.interfaces, target, parent]
        target = wider[self.pick(len(wider))]
        if is_named:
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            self.fragments[int(name[1:])] = f"fragment {name} on {target.name} {self.selections(target, depth - 1)}"
            return f"...{name}{self.condition()}" * (1 + self.pick(2))
        return f"... on {target.name}{self.condition()} {self.selections(target, depth - 1)}"

    def condition(self) -> str:
        kind = self.pick(16)
        if kind > 1:
            return " "
        value = ("true", "false", "$yes", "$no")[self.pick(4)]
        if value.startswith("$"):
            self.declared[value[1:]] = "Boolean!" if self.pick(2) else "Boolean = true"
            self.variables[value[1:]] = VARIABLES[value[1:]]
        return f" @{('skip', 'include')[kind]}(if: {value}) "

    def arguments(self, place: str, definition: Any) -> str:
        written = []
        for name, argument in definition.args.items():
            if not is_required_argument(argument) and self.pick(2):
                continue
            chosen = self.values.get(f"{place}.{name}")
            text = chosen[self.pick(len(chosen))] if chosen else self.value(argument.type, 2)
            if self.pick(3) == 0 and not chosen:
                text = self.variable(argument.type)
            written.append(f"{name}: {text}")
        return f"({', '.join(written)})" if written else ""

    def variable(self, graphql_type: Any) -> str:
        name = f"v{len(self.declared)}"
        default = f" = {self.value(graphql_type, 1)}" if self.pick(2) else ""
        self.declared[name] = f"{graphql_type}{default}"
        kind = self.pick(4)
        if kind or (isinstance(graphql_type, GraphQLNonNull) and not default):
            self.variables[name] = self.json(graphql_type, 2) if kind != 1 else self.json(graphql_type, 1)
        return f"${name}"

    def value(self, graphql_type: Any, depth: int) -> str:
        return _literal(self.json(graphql_type, depth), graphql_type)

    def json(self, graphql_type: Any, depth: int) -> Any:
        if isinstance(graphql_type, GraphQLNonNull):
            return self.json_of(graphql_type.of_type, depth)
        return None if self.pick(6) == 0 else self.json_of(graphql_type, depth)

    def json_of(self, graphql_type: Any, depth: int) -> Any:
        if isinstance(graphql_type, GraphQLList):
            return [self.json(graphql_type.of_type, depth - 1) for _ in range(self.pick(3))]
        if isinstance(graphql_type, GraphQLEnumType):
            names = list(graphql_type.values)
            return names[self.pick(len(names))]
        if isinstance(graphql_type, GraphQLInputObjectType):
            return {
                name: self.json(chosen.type, depth - 1)
                for name, chosen in graphql_type.fields.items()
                if isinstance(chosen.type, GraphQLNonNull) or (depth > 0 and self.pick(2))
            }
        if graphql_type.name == "Boolean":
            return bool(self.pick(2))
        if graphql_type.name in {"Int", "Float", "Decimal"}:
            return (2, 0, 1, 3, 5, -1)[self.pick(6)]
        return ("a", "1", "")[self.pick(3)]


def _literal(value: Any, graphql_type: Any) -> str:
    if isinstance(graphql_type, GraphQLNonNull):
        return _literal(value, graphql_type.of_type)
    if value is None:
        return "null"
    if isinstance(graphql_type, GraphQLList):
        return f"[{', '.join(_literal(item, graphql_type.of_type) for item in value)}]"
    if isinstance(graphql_type, GraphQLInputObjectType):
        fields = graphql_type.fields
        return "{" + ", ".join(f"{name}: {_literal(item, fields[name].type)}" for name, item in value.items()) + "}"
    if isinstance(graphql_type, GraphQLEnumType):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


@st.composite
def operations(
    draw: Any,
    schema: GraphQLSchema,
    kind: str = "query",
    *,
    values: Mapping[str, Sequence[str]] | None = None,
    skipped: frozenset[str] = frozenset(),
    max_depth: int = 5,
) -> Drawn:
    """Operations of this kind. `values` are the literals tried for an argument, by `Type.field.argument`."""
    root: Any = schema.query_type if kind == "query" else schema.mutation_type
    # A seed for all choices: to ask hypothesis for each would take most of the time. It shrinks size and depth.
    random = Random(draw(st.integers(0, 2**32)))  # noqa: S311  (no secret)
    depth, budget = max_depth - draw(st.integers(0, max_depth - 1)), 70 - draw(st.integers(0, 69))
    writer = _Writer(schema, random.randrange, values or {}, skipped, budget)
    body = writer.selections(root, depth)
    declared = ", ".join(f"${name}: {text}" for name, text in writer.declared.items())
    head = f"{kind} Drawn({declared})" if declared else kind
    return Drawn("\n".join([f"{head} {body}", *writer.fragments]), writer.variables)
