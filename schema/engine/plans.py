"""Operations made ready: looked through once for what the engine cannot do, then compiled as far as they are reached.

The fields of a selection are collected by graphql-core itself, for each combination of the variables in @skip and
@include that requests have come with.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import graphql
from graphql.execution.collect_fields import collect_fields, collect_sub_fields, does_fragment_condition_match

from schema.engine.resolutions import Adapter, Attribute, Batch, Call, Resolution, Unsupported
from schema.engine.runs import Run
from schema.engine.shapes import Abstract, EnumLeaf, Leaf, List, Object, Shape
from schema.engine.writing import is_writable, writer

TYPENAME = "__typename"
CONDITIONS = ("skip", "include")
MAX_VARIANTS = 32


class Engine:
    """Executes operations over one schema. Safe to share among threads."""

    def __init__(self, schema: graphql.GraphQLSchema, adapter: Adapter) -> None:
        self.schema = schema
        self.adapter = adapter

    def plan(self, document: graphql.DocumentNode, operation: graphql.OperationDefinitionNode) -> "Plan":
        """Make an operation of a valid document ready. Raises Unsupported."""
        try:
            return Plan(self.schema, self.adapter, document, operation)
        except RecursionError:
            raise Unsupported("its selections are nested too deeply") from None


class Plan:
    """An operation ready to be executed any number of times."""

    def __init__(
        self,
        schema: graphql.GraphQLSchema,
        adapter: Adapter,
        document: graphql.DocumentNode,
        operation: graphql.OperationDefinitionNode,
    ) -> None:
        self.schema = schema
        self.adapter = adapter
        self.operation = operation
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, graphql.FragmentDefinitionNode)
        }
        if operation.operation is graphql.OperationType.SUBSCRIPTION:
            raise Unsupported("it is a subscription")
        root = schema.get_root_type(operation.operation)
        if root is None:
            raise Unsupported(f"the schema has no {operation.operation.value}")
        self.root = root
        self._resolutions: dict[tuple[str, str], Resolution] = {}
        self._conditions = sorted(self._survey())
        self._variants: dict[tuple[Any, ...], Variant] = {}

    @property
    def is_serial(self) -> bool:
        return self.operation.operation is graphql.OperationType.MUTATION

    def execute(
        self, variables: Mapping[str, Any] | None = None, context: Any = None, root_value: Any = None
    ) -> graphql.ExecutionResult:
        """What graphql-core's `execute` would answer for these variables, as they came with the request."""
        return Run(self, context, root_value).execute(variables or {})

    def variant(self, variables: Mapping[str, Any]) -> "Variant":
        """The operation as these coerced variables decide its conditions."""
        name = tuple(variables.get(condition, graphql.Undefined) for condition in self._conditions)
        variant = self._variants.get(name)
        if variant is None:
            if len(self._variants) >= MAX_VARIANTS:
                self._variants = {}
            decided = {key: variables[key] for key in self._conditions if key in variables}
            variant = self._variants[name] = Variant(self, decided)
        return variant

    def resolution(self, parent_type: graphql.GraphQLObjectType, name: str, field: graphql.GraphQLField) -> Resolution:
        place = (parent_type.name, name)
        if place not in self._resolutions:
            try:
                self._resolutions[place] = self.adapter.resolution(parent_type, name, field)
            except Unsupported as reason:
                raise Unsupported(f"{parent_type.name}.{name}: {reason}") from None
        return self._resolutions[place]

    def _survey(self) -> set[str]:
        """The variables in conditions of all selections that may be reached. Raises Unsupported.

        Each selection set is looked at once for each type it may apply to, however fragments multiply their paths.
        """
        conditions: set[str] = set()
        pending: list[tuple[graphql.SelectionSetNode, graphql.GraphQLObjectType]] = [
            (self.operation.selection_set, self.root)
        ]
        seen = set()
        while pending:
            selection_set, parent_type = pending.pop()
            if (id(selection_set), parent_type.name) in seen:
                continue
            seen.add((id(selection_set), parent_type.name))
            for selection in selection_set.selections:
                conditions.update(self._variables_in(selection.directives))
                if isinstance(selection, graphql.FieldNode):
                    pending.extend(self._below(selection, parent_type))
                    continue
                fragment: Any = selection
                if isinstance(selection, graphql.FragmentSpreadNode):
                    fragment = self.fragments.get(selection.name.value)
                if fragment and does_fragment_condition_match(self.schema, fragment, parent_type):
                    pending.append((fragment.selection_set, parent_type))
        return conditions

    def _below(
        self, node: graphql.FieldNode, parent_type: graphql.GraphQLObjectType
    ) -> Iterator[tuple[graphql.SelectionSetNode, graphql.GraphQLObjectType]]:
        name = node.name.value
        if name.startswith("__") and name != TYPENAME:
            raise Unsupported(f"it asks for {name}")
        field = parent_type.fields.get(name)
        if field is None:
            return
        self.resolution(parent_type, name, field)
        named = graphql.get_named_type(field.type)
        if node.selection_set and graphql.is_composite_type(named):
            types = self.schema.get_possible_types(named) if graphql.is_abstract_type(named) else [named]
            for possible in types:
                yield node.selection_set, cast(graphql.GraphQLObjectType, possible)

    def _variables_in(self, directives: tuple[graphql.DirectiveNode, ...]) -> Iterator[str]:
        for directive in directives or ():
            name = directive.name.value
            if name not in CONDITIONS:
                if not self.adapter.ignores(name):
                    raise Unsupported(f"it uses the directive @{name}")
                continue
            for argument in directive.arguments:
                if isinstance(argument.value, graphql.VariableNode):
                    yield argument.value.name.value


@dataclass(eq=False)
class Field:
    """A field of a selection: what the answer calls it, and all there is to know to fill it."""

    key: str
    nodes: list[graphql.FieldNode]
    definition: graphql.GraphQLField
    parent_type: graphql.GraphQLObjectType
    resolution: Resolution
    shape: Shape

    def arguments(self, variables: dict[str, Any]) -> dict[str, Any]:
        """The field's arguments; for a batch, as its function wants them. Not to be changed. Raises GraphQLError."""
        if self._fixed is not None:
            return self._fixed
        return self._coerced(variables)

    @cached_property
    def _fixed(self) -> dict[str, Any] | None:
        """The arguments where no variable decides them; None where it does, or where a callee might change them."""
        if any(_has_variable(argument.value) for argument in self.nodes[0].arguments):
            return None
        try:
            found = self._coerced({})
            hash(tuple(found.values()))
        except Exception:
            return None
        return found

    def _coerced(self, variables: dict[str, Any]) -> dict[str, Any]:
        found = graphql.get_argument_values(self.definition, self.nodes[0], variables)
        if isinstance(self.resolution, Batch) and self.resolution.arguments:
            return self.resolution.arguments(found)
        return found


class Selection:
    """The fields of an object, in the order of the answer."""

    def __init__(
        self, parent_type: graphql.GraphQLObjectType, collected: dict[str, list[graphql.FieldNode]], variant: "Variant"
    ):
        self.fields: list[Field] = []
        self.template: dict[str, Any] = {}
        for key, nodes in collected.items():
            if nodes[0].name.value == TYPENAME:
                self.template[key] = parent_type.name
            elif definition := parent_type.fields.get(nodes[0].name.value):
                self.template[key] = None
                self.fields.append(variant.field(key, nodes, definition, parent_type))
        plain = [
            field for field in self.fields if isinstance(field.resolution, Attribute) and not field.resolution.guard
        ]
        # Written as they are read; read into columns, of objects or what must be serialized; resolved otherwise.
        self.writable = [field for field in plain if is_writable(field)]
        self.columns = [field for field in plain if not is_writable(field)]
        self.others = [field for field in self.fields if field not in plain]
        self.write = writer(self.template, self.writable, self.columns)


class Variant:
    """An operation with its conditions decided, compiled as far as answers have reached."""

    def __init__(self, plan: Plan, decided: dict[str, Any]) -> None:
        self._plan = plan
        self._decided = decided

    @cached_property
    def root(self) -> Selection:
        """What is selected at the root. Raises GraphQLError."""
        plan = self._plan
        collected = collect_fields(plan.schema, plan.fragments, self._decided, plan.root, plan.operation.selection_set)
        return Selection(plan.root, collected, self)

    def below(self, parent_type: graphql.GraphQLObjectType, nodes: list[graphql.FieldNode]) -> Selection:
        """What these merged fields select of an object of this type. Raises GraphQLError."""
        plan = self._plan
        collected = collect_sub_fields(plan.schema, plan.fragments, self._decided, parent_type, nodes)
        return Selection(parent_type, collected, self)

    def field(
        self,
        key: str,
        nodes: list[graphql.FieldNode],
        definition: graphql.GraphQLField,
        parent_type: graphql.GraphQLObjectType,
    ) -> Field:
        name = nodes[0].name.value
        resolution = self._plan.resolution(parent_type, name, definition)
        if isinstance(resolution, Call) and resolution.bare and not nodes[0].arguments:
            resolution = resolution.bare
        shape = self._shape(definition.type, nodes, f"{parent_type.name}.{name}")
        return Field(key, nodes, definition, parent_type, resolution, shape)

    def _shape(self, graphql_type: graphql.GraphQLOutputType, nodes: list[graphql.FieldNode], place: str) -> Shape:
        required_at = place if isinstance(graphql_type, graphql.GraphQLNonNull) else None
        inner: Any = graphql_type.of_type if isinstance(graphql_type, graphql.GraphQLNonNull) else graphql_type
        if isinstance(inner, graphql.GraphQLList):
            return List(required_at, place, self._shape(inner.of_type, nodes, place))
        if graphql.is_leaf_type(inner):
            return (EnumLeaf if graphql.is_enum_type(inner) else Leaf)(required_at, inner)
        classes = self._plan.adapter.classes(inner)

        def object_of(object_type: graphql.GraphQLObjectType) -> Object:
            known = frozenset(cls for cls, found in classes.items() if found is object_type)
            return Object(required_at, object_type, known, lambda: self.below(object_type, nodes))

        return Abstract(required_at, inner, classes, object_of) if graphql.is_abstract_type(inner) else object_of(inner)


def _has_variable(value: graphql.ValueNode) -> bool:
    match value:
        case graphql.VariableNode():
            return True
        case graphql.ListValueNode(values=values):
            return any(map(_has_variable, values))
        case graphql.ObjectValueNode(fields=fields):
            return any(_has_variable(field.value) for field in fields)
    return False
