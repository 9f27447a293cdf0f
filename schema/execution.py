"""Carry out an operation: the one place where documents, limits, context and executor come together."""

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

import graphql
from asgiref.sync import async_to_sync

from schema import directives, errors, limits
from schema.context import Context
from schema.documents import Documents, Operation
from schema.errors import ClientError, Rejected
from schema.root import schema

documents = Documents(schema._schema)


def execute(operation: Operation, variables: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """The answer as a GraphQL response map. Raises Rejected where nothing could be executed."""
    try:
        limits.check_variables(variables)
        operation.cost.check(variables)
    except ClientError as error:
        raise Rejected.because(error.code, error.message) from None
    directives.put_in_context(operation.node, variables, context)
    result = async_to_sync(_run)(operation, dict(variables), context)
    found = errors.presented(result.errors or (), context.request_id)
    # An error without a path came before the first field: variables that do not fit.
    if result.data is None and found and not any("path" in error for error in found):
        raise Rejected(found)
    return {"data": result.data, "errors": found} if found else {"data": result.data}


async def _run(operation: Operation, variables: dict[str, Any], context: Context) -> graphql.ExecutionResult:
    # Strawberry's own `execute` would parse and validate again, and hang a hook on each field for each directive.
    result = graphql.execute(
        operation.schema,
        operation.document,
        context_value=context,
        variable_values=variables,
        operation_name=operation.name,
    )
    return await result if isawaitable(result) else result
