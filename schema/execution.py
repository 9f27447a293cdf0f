"""Carry out an operation: the one place where documents, limits, context and executors come together.

The breadth-first engine executes whatever it supports, which is all the schema has but introspection; graphql-core
executes the rest, reaching the same batch functions through DataLoaders.
"""

from collections.abc import Mapping
from functools import lru_cache
from inspect import isawaitable
from typing import Any
from weakref import WeakKeyDictionary

import graphql
from asgiref.sync import async_to_sync
from django.conf import settings

from schema import directives, errors, limits, retries
from schema.context import Context
from schema.documents import Documents, Operation
from schema.edges import converter
from schema.engine import Engine, Plan, Unsupported
from schema.engine.for_strawberry import StrawberryAdapter
from schema.errors import ClientError, Rejected
from schema.root import schema
from shop import metrics

BREADTH_FIRST = "breadth-first"
GRAPHQL_CORE = "graphql-core"

documents = Documents(schema._schema)
engine = Engine(
    schema._schema,
    StrawberryAdapter(schema, convert_to=converter, ignored_directives=frozenset({directives.NAME, retries.NAME})),
)

# The plan of each operation, or why there is none; gone with the document.
_plans: WeakKeyDictionary[Operation, Plan | str] = WeakKeyDictionary()
_OF_SCHEMA = {"__schema", "__type", "__typename"}


def execute(operation: Operation, variables: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """The answer as a GraphQL response map. Raises Rejected where nothing could be executed."""
    try:
        limits.check_variables(variables)
        operation.cost.check(variables)
    except ClientError as error:
        raise Rejected.because(error.code, error.message) from None
    directives.put_in_context(operation.node, variables, context)
    replayed: list[str] = []
    if retries.are_wanted(operation, context):
        result, replayed = retries.execute(operation, variables, context, _run)
    else:
        result = _run(operation, variables, context)
    found = errors.presented(result.errors or (), context.request_id)
    # An error without a path came before the first field: variables that do not fit.
    if result.data is None and found and not any("path" in error for error in found):
        raise Rejected(found)
    answer: dict[str, Any] = {"data": result.data, "errors": found} if found else {"data": result.data}
    extensions = _extensions(operation, replayed)
    return {**answer, "extensions": extensions} if extensions else answer


def plan_of(operation: Operation) -> Plan | str:
    """How the engine executes this operation, or why it does not."""
    found = _plans.get(operation)
    if found is None:
        found = _plans[operation] = _planned(operation)
    return found


def _run(operation: Operation, variables: Mapping[str, Any], context: Context) -> graphql.ExecutionResult:
    plan = plan_of(operation)
    if isinstance(plan, str):
        metrics.executed(GRAPHQL_CORE, _in_short(plan))
        return _by_core(operation, variables, context)
    metrics.executed(BREADTH_FIRST, "")
    return plan.execute(variables, context)


def _extensions(operation: Operation, replayed: list[str]) -> dict[str, Any]:
    """What is told beside the answer: which fields were answered before, and in debug which executor was at work."""
    told: dict[str, Any] = {"replayed": replayed} if replayed else {}
    if settings.DEBUG:
        plan = plan_of(operation)
        is_reason = isinstance(plan, str)
        told |= {"executor": GRAPHQL_CORE if is_reason else BREADTH_FIRST, "reason": plan if is_reason else None}
    return told


def _in_short(reason: str) -> str:
    """The reason without the field it is about: a metric must not have as many series as the schema has fields."""
    return reason.rpartition(": ")[2]


def _planned(operation: Operation) -> Plan | str:
    if operation.schema is not engine.schema:
        return "it is of another schema"
    try:
        return engine.plan(operation.document, operation.node)
    except Unsupported as reason:
        return str(reason)


def _by_core(operation: Operation, variables: Mapping[str, Any], context: Context) -> graphql.ExecutionResult:
    if _asks_for_schema_alone(operation):
        return _told_of_schema(operation)
    return async_to_sync(_in_core)(operation, dict(variables), context)


# The answers are large, and documents that ask for them easily made up: few are kept.
@lru_cache(4)
def _told_of_schema(operation: Operation) -> graphql.ExecutionResult:
    return async_to_sync(_in_core)(operation, {}, None)


def _asks_for_schema_alone(operation: Operation) -> bool:
    """Whether the answer is the same whoever asks: nothing but the schema is asked for, and by no variable."""
    selections = operation.node.selection_set.selections
    return not operation.node.variable_definitions and all(
        isinstance(selection, graphql.FieldNode) and selection.name.value in _OF_SCHEMA for selection in selections
    )


async def _in_core(operation: Operation, variables: dict[str, Any], context: Context | None) -> graphql.ExecutionResult:
    # Strawberry's own `execute` would parse and validate again, and hang a hook on each field for each directive.
    result = graphql.execute(
        operation.schema,
        operation.document,
        context_value=context,
        variable_values=variables,
        operation_name=operation.name,
    )
    return await result if isawaitable(result) else result
