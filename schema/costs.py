"""How many objects an operation could answer: worked out once, then told the variables of each request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
)
from graphql.execution.execute import get_field_def

from schema.limits import QueryTooComplex, fragments_of
from shop.paging import DEFAULT_PAGE, MAX_PAGE

# What a list counts for that has an object with an id in each place, and no argument that says how many. Reached again
# inside itself by way of other fields (the children of the parent of the children), any list counts for a full page:
# the same objects could be answered over and over. Children of children are no more than the tree has.
PLAIN_LIST = 10
PAGE_ARGUMENTS = ("first", "last", "limit")
WRAPPERS = frozenset({"edges", "nodes", "node", "pageInfo"})


@dataclass(frozen=True)
class Cost:
    """How many objects an answer could hold: `fixed`, and for each part as many times what its page size says."""

    fixed: int = 0
    parts: tuple[tuple["PageSize", "Cost"], ...] = ()

    @classmethod
    def of(cls, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> "Cost":
        """The cost of a valid operation."""
        root = schema.get_root_type(operation.operation)
        defaults = {
            node.variable.name.value: int(node.default_value.value)
            for node in operation.variable_definitions
            if node.default_value
            and isinstance(node.default_value, IntValueNode)
            and len(node.default_value.value) < 10
        }
        return _Costs(schema, fragments_of(document), defaults).of(operation.selection_set, root)

    def total(self, variables: Mapping[str, Any]) -> int:
        return self.fixed + sum(size.given(variables) * cost.total(variables) for size, cost in self.parts)

    def check(self, variables: Mapping[str, Any]) -> None:
        """Refuse an operation that could answer too much. Raises QueryTooComplex."""
        found, allowed = self.total(variables), settings.GRAPHQL_MAX_COST
        if found > allowed:
            raise QueryTooComplex(
                f"This operation could answer {found} objects; {allowed} are allowed. Ask for smaller pages."
            )


class PageSize(NamedTuple):
    """Sizes in the document, variables with their defaults, and what holds where none of them says anything."""

    literals: tuple[int, ...]
    variables: tuple[tuple[str, int | None], ...]
    otherwise: int

    @property
    def is_known(self) -> bool:
        return not self.variables

    def given(self, variables: Mapping[str, Any]) -> int:
        values = (variables.get(name, default) for name, default in self.variables)
        asked = (*self.literals, *(_size_of(value) for value in values if value is not None))
        return max(asked) if asked else self.otherwise


class Way(NamedTuple):
    """The lists without a page size that a selection is inside of, and the one that its objects are the items of."""

    lists: frozenset[str] = frozenset()
    innermost: str = ""


_START = Way()


@dataclass
class _Costs:
    """Works out the cost of selection sets. Each fragment is counted once in each place that makes a difference."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    defaults: Mapping[str, int]
    known: dict[tuple[str, Way], Cost] = field(default_factory=dict)

    def of(self, selection_set: SelectionSetNode | None, parent: Any, way: Way = _START) -> Cost:
        if selection_set is None or parent is None:
            return Cost()  # a leaf, or a kind of operation that the schema does not have
        costs = [self._of_selection(selection, parent, way) for selection in selection_set.selections]
        return Cost(sum(cost.fixed for cost in costs), tuple(part for cost in costs for part in cost.parts))

    def _of_selection(self, selection: SelectionNode, parent: GraphQLCompositeType, way: Way) -> Cost:
        match selection:
            case FieldNode():
                return self._of_field(selection, parent, way)
            case InlineFragmentNode(type_condition=condition):
                narrowed = self.schema.get_type(condition.name.value) if condition else parent
                return self.of(selection.selection_set, narrowed, way)
            case FragmentSpreadNode(name=name):
                place = (name.value, way)
                if place not in self.known:
                    fragment = self.fragments[name.value]
                    on = self.schema.get_type(fragment.type_condition.name.value)
                    self.known[place] = self.of(fragment.selection_set, on, way)
                return self.known[place]
        raise TypeError(selection)

    def _of_field(self, node: FieldNode, parent: Any, way: Way) -> Cost:
        definition = get_field_def(self.schema, parent, node)
        if definition is None or node.name.value.startswith("__"):
            return Cost()
        named = get_named_type(definition.type)
        if not is_composite_type(named):
            return Cost()
        if node.name.value in WRAPPERS and parent.name.endswith(("Connection", "Edge")):
            return self.of(node.selection_set, named, way)
        name = f"{parent.name}.{node.name.value}"
        is_plain_list = _is_list(definition.type) and not _page_arguments(definition)
        inner = self.of(node.selection_set, named, Way(way.lists | {name}, name) if is_plain_list else Way(way.lists))
        each = Cost(inner.fixed + 1, inner.parts)
        is_again = name in way.lists and name != way.innermost
        size = self._size(node, definition, is_again=is_again)
        if size is None:
            return each
        if size.is_known and not each.parts:
            return Cost(size.given({}) * each.fixed)
        return Cost(parts=((size, each),))

    def _size(self, node: FieldNode, definition: GraphQLField, *, is_again: bool) -> PageSize | None:
        """How many objects the field answers; None for one. `is_again` says that it is inside of itself."""
        given = {argument.name.value: argument.value for argument in node.arguments}
        paged = _page_arguments(definition)
        if paged:
            default = next((size for name in paged if type(size := definition.args[name].default_value) is int), None)
            otherwise = DEFAULT_PAGE if default is None else default
            return self._asked([given[name] for name in paged if name in given], otherwise)
        if not _is_list(definition.type):
            return None
        ids = [name for name, argument in definition.args.items() if _is_list(argument.type) and _is_ids(argument.type)]
        if ids:
            return self._asked([given[name] for name in ids if name in given], PLAIN_LIST)
        if is_again:
            return self._asked([], MAX_PAGE)
        return self._asked([], PLAIN_LIST) if _is_node(get_named_type(definition.type)) else None

    def _asked(self, values: Iterable[ValueNode], otherwise: int) -> PageSize:
        literals: list[int] = []
        variables: list[tuple[str, int | None]] = []
        for value in values:
            match value:
                case IntValueNode():
                    literals.append(_size_of(int(value.value)))
                case ListValueNode():
                    literals.append(len(value.values))
                case VariableNode(name=name):
                    variables.append((name.value, self.defaults.get(name.value)))
        return PageSize(tuple(literals), tuple(variables), otherwise)


def _page_arguments(definition: GraphQLField) -> list[str]:
    return [name for name in PAGE_ARGUMENTS if name in definition.args]


def _is_ids(graphql_type: Any) -> bool:
    return bool(get_named_type(graphql_type).name == "ID")


def _is_list(graphql_type: Any) -> bool:
    return is_list_type(graphql_type.of_type if isinstance(graphql_type, GraphQLNonNull) else graphql_type)


def _is_node(named: GraphQLNamedType) -> bool:
    """Whether it has an id, and so was likely read from a row of its own."""
    return named.name == "Node" or any(interface.name == "Node" for interface in getattr(named, "interfaces", ()))


def _size_of(value: Any) -> int:
    """The objects a page size or a list of ids asks for. What is neither, coercion or the domain refuses."""
    if isinstance(value, list):
        return len(value)
    return int(min(max(value, 0), MAX_PAGE)) if isinstance(value, int | float) else DEFAULT_PAGE
