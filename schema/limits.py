"""How much one request may ask for: counted before anything runs, in steps that grow with the document alone.

`check_document` needs no schema and comes before validation, whose own rules take quadratic time on hostile documents.
What an answer could cost is told by `costs`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    Visitor,
    visit,
)

from schema.errors import ClientError

MAX_FIELDS = 2_000
MAX_OPERATIONS = 20
MAX_FRAGMENTS = 100
MAX_DIRECTIVES = 500
MAX_NESTING = 100
MAX_SAME_FIELD = 100
MAX_STRING = 100_000
MAX_LIST = 1_000
INTROSPECTION = frozenset({"__schema", "__type"})


class QueryTooDeep(ClientError):
    """Fields are nested too deeply."""

    code = "QUERY_TOO_DEEP"


class QueryTooLarge(ClientError):
    """The document has too many parts."""

    code = "QUERY_TOO_LARGE"


class QueryTooComplex(ClientError):
    """The answer could hold too much."""

    code = "QUERY_TOO_COMPLEX"


class TooManyAliases(ClientError):
    """One field, or the root, is asked for too many times."""

    code = "TOO_MANY_ALIASES"


class InputTooLarge(ClientError):
    """A text or a list in the input is too long."""

    code = "INPUT_TOO_LARGE"


class FragmentCycle(ClientError):
    """A fragment contains itself."""

    code = "GRAPHQL_VALIDATION_FAILED"


def check_document(document: DocumentNode) -> None:
    """Refuse a document that asks for too much, whatever its variables will be. Raises ClientError."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = fragments_of(document)
    parts = _Parts()
    visit(document, parts)
    for found, allowed, what in (
        (len(operations), MAX_OPERATIONS, "operations"),
        (len(fragments), MAX_FRAGMENTS, "fragments"),
        (parts.directives, MAX_DIRECTIVES, "directives"),
    ):
        if found > allowed:
            raise QueryTooLarge(f"This document has {found} {what}; {allowed} are allowed.")

    sizes = _Sizes(fragments)
    for operation in operations:
        _check_size(sizes.of(operation.selection_set))
        _check_repeats(operation, fragments)
    for name, fragment in fragments.items():
        if name not in sizes.known:
            _check_size(sizes.of_fragment(name))
            _check_repeats(fragment, fragments)


def check_variables(variables: Mapping[str, Any]) -> None:
    """Refuse variables with a text or a list that is too long. Raises ClientError."""
    pending: list[Any] = [variables]
    while pending:
        match pending.pop():
            case str(text):
                _check_text(text)
            case list(values):
                _check_length(len(values))
                pending.extend(values)
            case dict(values):
                pending.extend(values.values())


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The document's fragments by name."""
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


class _Parts(Visitor):
    """Counts directives, and refuses long texts and lists."""

    def __init__(self) -> None:
        super().__init__()
        self.directives = 0

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        self.directives += 1

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        _check_text(node.value)

    def enter_list_value(self, node: ListValueNode, *_: Any) -> None:
        _check_length(len(node.values))


class _Size(NamedTuple):
    """Fields with every fragment spelled out, how deep they nest, and how deep selections of any kind nest."""

    fields: int
    depth: int
    nesting: int


_EMPTY = _Size(0, 0, 0)


@dataclass
class _Sizes:
    """Sizes of selection sets. Each fragment is measured once, however often it is spread."""

    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, _Size | None] = field(default_factory=dict)

    def of(self, selection_set: SelectionSetNode | None, level: int = 0) -> _Size:
        if selection_set is None:
            return _EMPTY
        if level > MAX_NESTING:
            raise QueryTooDeep(f"Selections are nested more than {MAX_NESTING} deep, fragments included.")
        fields = depth = nesting = 0
        for selection in selection_set.selections:
            size = self._of_selection(selection, level + 1)
            fields += size.fields
            depth = max(depth, size.depth)
            nesting = max(nesting, size.nesting)
        return _Size(fields, depth, nesting + 1)

    def of_fragment(self, name: str, level: int = 0) -> _Size:
        if name not in self.fragments:
            return _EMPTY  # validation tells
        if name not in self.known:
            self.known[name] = None
            self.known[name] = self.of(self.fragments[name].selection_set, level)
        size = self.known[name]
        if size is None:
            raise FragmentCycle(f"The fragment '{name}' contains itself.")
        return size

    def _of_selection(self, selection: SelectionNode, level: int) -> _Size:
        match selection:
            case FragmentSpreadNode():
                return self.of_fragment(selection.name.value, level)
            case FieldNode():
                inner = self.of(selection.selection_set, level)
                # Tools nest introspection deeply; validation keeps that finite.
                depth = 0 if selection.name.value in INTROSPECTION else inner.depth
                return _Size(inner.fields + 1, depth + 1, inner.nesting)
            case InlineFragmentNode():
                return self.of(selection.selection_set, level)
        raise TypeError(selection)


def _check_size(size: _Size) -> None:
    if size.depth > settings.GRAPHQL_MAX_DEPTH:
        raise QueryTooDeep(
            f"This document nests fields {size.depth} deep; {settings.GRAPHQL_MAX_DEPTH} levels are allowed."
        )
    if size.nesting > MAX_NESTING:
        raise QueryTooDeep(
            f"Selections are nested {size.nesting} deep, fragments included; {MAX_NESTING} levels are allowed."
        )
    if size.fields > MAX_FIELDS:
        raise QueryTooComplex(
            f"This operation has {size.fields} fields with its fragments spelled out; {MAX_FIELDS} are allowed."
        )


class _Merged(NamedTuple):
    """Selection sets whose fields end in the same object of the answer."""

    selection_sets: list[SelectionSetNode]
    is_root: bool = False
    is_introspection: bool = False


def _check_repeats(
    definition: OperationDefinitionNode | FragmentDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> None:
    """Refuse too many aliases of one field in an object. Visits each field once: `_check_size` has bounded them."""
    is_operation = isinstance(definition, OperationDefinitionNode)
    pending = [_Merged([definition.selection_set], is_root=is_operation)]
    while pending:
        merged = pending.pop()
        by_key = _fields(merged.selection_sets, fragments)
        _check_aliases(merged, by_key)
        for nodes in by_key.values():
            inner = [node.selection_set for node in nodes if node.selection_set]
            if inner:
                is_introspection = merged.is_introspection or nodes[0].name.value in INTROSPECTION
                pending.append(_Merged(inner, is_introspection=is_introspection))


def _check_aliases(merged: _Merged, by_key: Mapping[str, list[FieldNode]]) -> None:
    allowed = settings.GRAPHQL_MAX_ALIASES
    if merged.is_root and len(by_key) > allowed:
        raise TooManyAliases(f"This operation has {len(by_key)} root fields; {allowed} are allowed.")
    for name, found in Counter(nodes[0].name.value for nodes in by_key.values()).items():
        most = 1 if merged.is_introspection or name == "__schema" else allowed
        if found > most:
            raise TooManyAliases(f"The field '{name}' has {found} aliases in one object; {most} are allowed.")
    for key, nodes in by_key.items():
        if len(nodes) > MAX_SAME_FIELD:
            raise TooManyAliases(
                f"The field '{key}' is asked for {len(nodes)} times in one object; {MAX_SAME_FIELD} are allowed."
            )


def _fields(
    selection_sets: Iterable[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, list[FieldNode]]:
    """The fields of these selection sets by the key they have in the answer."""
    found: dict[str, list[FieldNode]] = {}
    seen: set[str] = set()
    pending = list(selection_sets)
    while pending:
        for selection in pending.pop().selections:
            match selection:
                case FieldNode():
                    key = (selection.alias or selection.name).value
                    found.setdefault(key, []).append(selection)
                case InlineFragmentNode():
                    pending.append(selection.selection_set)
                case FragmentSpreadNode(name=name) if name.value in fragments and name.value not in seen:
                    seen.add(name.value)
                    pending.append(fragments[name.value].selection_set)
    return found


def _check_text(text: str) -> None:
    if len(text) > MAX_STRING:
        raise InputTooLarge(f"A text in the input has {len(text)} characters; {MAX_STRING} are allowed.")


def _check_length(length: int) -> None:
    if length > MAX_LIST:
        raise InputTooLarge(f"A list in the input has {length} items; {MAX_LIST} are allowed.")
