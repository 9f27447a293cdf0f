"""Mutations that act once however often they are sent: `@idempotent(key:)` on a field, or the `Idempotency-Key` header.

The fields of such an operation are executed one by one, each in a transaction with the record of its answer. A mutation
that commits on its way, for it asks somebody outside, goes on where it stopped when it is called again; its answer is
recorded as soon as it is there.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from typing import Annotated, Any, TypeAlias
from weakref import WeakKeyDictionary

import graphql
import strawberry
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from graphql import DocumentNode, ExecutionResult, FieldNode, GraphQLError, OperationType
from graphql.execution.collect_fields import collect_fields
from strawberry.directive import DirectiveLocation, DirectiveValue

from schema.context import Context
from schema.documents import Operation
from shop import deadlocks, idempotency
from shop.errors import Refusal
from shop.idempotency import Attempt, KeyGuessable

NAME = "idempotent"
MAX_VARIABLE_ERRORS = 50  # as graphql-core's `execute`
# Guests share their keys, and an answer may hold a secret, such as the id of a cart.
MIN_KEY_OF_GUESTS = 16

_GUEST = "guest"

Run: TypeAlias = Callable[[Operation, Mapping[str, Any], Context], ExecutionResult]

# Each operation's fields as operations of their own; gone with it.
_alone: WeakKeyDictionary[Operation, dict[tuple[int, ...], Operation]] = WeakKeyDictionary()


@strawberry.directive(
    name=NAME,
    locations=[DirectiveLocation.FIELD],
    description="On a field of a mutation: act once for this key. The same request sent again with the same key gets "
    "the same answer and changes nothing; another request with that key is refused. Answers are kept for some days.",
)
def idempotent(
    value: DirectiveValue[Any],
    key: Annotated[
        str, strawberry.argument(description="The client's name for this action, new for each: a UUID, say.")
    ],
) -> Any:
    """Declared here; `execute` gives it its effect."""
    return value


def are_wanted(operation: Operation, context: Context) -> bool:
    """Whether the operation acts, and asks to do so once."""
    if operation.node.operation is not OperationType.MUTATION:
        return False
    return bool(context.idempotency_key) or operation.may_ask_once


def execute(
    operation: Operation, variables: Mapping[str, Any], context: Context, run: Run
) -> tuple[ExecutionResult, list[str]]:
    """What `run` answers to each field in turn, or answered before; and the fields that were answered before."""
    coerced = graphql.get_variable_values(
        operation.schema, operation.node.variable_definitions, dict(variables), max_errors=MAX_VARIABLE_ERRORS
    )
    if isinstance(coerced, list):
        return ExecutionResult(None, coerced), []
    data: dict[str, Any] = {}
    errors: list[GraphQLError] = []
    replayed: list[str] = []
    for name, nodes in _fields(operation, coerced):
        try:
            part = _on_its_own(operation, nodes)
            result, is_old = _answered_again(part, name, nodes, coerced, (variables, context, run))
        except Refusal as refusal:
            error = GraphQLError(refusal.message, nodes, path=[name], original_error=refusal)
            return ExecutionResult(None, [*errors, error]), replayed
        errors += result.errors or []
        if result.data is None:
            return ExecutionResult(None, errors), replayed
        data |= result.data
        replayed += [name] if is_old else []
    return ExecutionResult(data, errors or None), replayed


def _answered_again(part: Operation, *asked: Any) -> tuple[ExecutionResult, bool]:
    """As `_answered`, once more where the database gave its transaction up to end a circle of waiting."""
    for _ in range(deadlocks.ATTEMPTS - 1):
        result, is_old = _answered(part, *asked)
        if not any(deadlocks.is_one(error.original_error) for error in result.errors or ()):
            return result, is_old
    return _answered(part, *asked)


def _answered(
    part: Operation,
    name: str,
    nodes: list[FieldNode],
    coerced: Mapping[str, Any],
    asked: tuple[Mapping[str, Any], Context, Run],
) -> tuple[ExecutionResult, bool]:
    """The answer to one field, and whether it is an old one. Raises KeyUnfit, KeyReused."""
    variables, context, run = asked
    key = _key(part, nodes, coerced, f"{context.idempotency_key}/{name}" if context.idempotency_key else None)
    if key is None:
        return run(part, variables, context), False
    who = _who(context)
    if who == _GUEST and len(key) < MIN_KEY_OF_GUESTS:
        raise KeyGuessable
    attempt = Attempt(who, key, _digest(part, variables))
    resumes = _resumes(part, nodes[0])
    with nullcontext() if resumes else idempotency.one_at_a_time(attempt):
        kept = idempotency.answer_to(attempt)
        if kept is not None:
            return ExecutionResult({name: json.loads(kept)}, None), True
        context.has_refused = False
        result = run(part, variables, context)
        if result.data is None or result.errors:
            # An answer that cannot be kept, because something in it failed, must not leave its effect behind.
            if not resumes:
                transaction.set_rollback(True)
        elif not context.has_refused:
            idempotency.keep(attempt, json.dumps(result.data[name]).encode())
        return result, False


def _fields(operation: Operation, coerced: dict[str, Any]) -> Iterator[tuple[str, list[FieldNode]]]:
    fragments = {
        node.name.value: node
        for node in operation.document.definitions
        if isinstance(node, graphql.FragmentDefinitionNode)
    }
    root = operation.schema.mutation_type
    if root is None:
        raise TypeError("The schema has no mutations.")
    yield from collect_fields(operation.schema, fragments, coerced, root, operation.node.selection_set).items()


def _on_its_own(operation: Operation, nodes: list[FieldNode]) -> Operation:
    """The operation with these merged fields alone."""
    parts = _alone.setdefault(operation, {})
    place = tuple(map(id, nodes))
    if place not in parts:
        node = graphql.OperationDefinitionNode(
            operation=operation.node.operation,
            name=operation.node.name,
            variable_definitions=operation.node.variable_definitions,
            directives=operation.node.directives,
            selection_set=graphql.SelectionSetNode(selections=tuple(nodes)),
        )
        fragments = [one for one in operation.document.definitions if isinstance(one, graphql.FragmentDefinitionNode)]
        parts[place] = Operation(operation.schema, DocumentNode(definitions=(node, *fragments)), node, operation.cost)
    return parts[place]


def _key(part: Operation, nodes: list[FieldNode], coerced: Mapping[str, Any], otherwise: str | None) -> str | None:
    definition = part.schema.get_directive(NAME)
    if definition is None:
        raise TypeError(f"The schema does not declare @{NAME}.")
    for node in nodes:
        found = graphql.get_directive_values(definition, node, dict(coerced))
        if found:
            return str(found["key"])
    return otherwise


def _who(context: Context) -> str:
    return _GUEST if context.signed_in.user_id is None else f"user {context.signed_in.user_id}"


def _digest(part: Operation, variables: Mapping[str, Any]) -> str:
    told = json.dumps(variables, sort_keys=True, default=_content)
    return hashlib.sha256(f"{graphql.print_ast(part.document)}\0{told}".encode()).hexdigest()


def _content(value: Any) -> str:
    """A file among the variables, told by what is in it."""
    if not isinstance(value, UploadedFile):
        return str(value)
    value.seek(0)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.hexdigest()


def _resumes(part: Operation, node: FieldNode) -> bool:
    """Whether the mutation commits on its way, and goes on where it stopped."""
    root = part.schema.mutation_type
    declared = root.fields[node.name.value].extensions.get("strawberry-definition") if root else None
    resolver = getattr(declared, "base_resolver", None)
    return bool(resolver and getattr(resolver.wrapped_func, "resumes", False))
