"""Root fields: `@query` reads, `@mutation` acts, `@subscription` reads again and again.

All of them wrap plain sync functions, and keep them for faster executors.
"""

import inspect
import typing
from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import strawberry
from asgiref.sync import sync_to_async

from schema import errors
from schema.context import Info
from shop import deadlocks
from shop.errors import NotFound, Refusal, Refusals


def query(
    function: Callable[..., Any] | None = None,
    *,
    permission_classes: Sequence[Any] = (),
    deprecation_reason: str | None = None,
) -> Callable[..., Any]:
    """A root query. The docstring is its description; NotFound becomes null, other refusals top-level errors."""

    def declare(function: Callable[..., Any]) -> Any:
        wanted = _wanted(function)

        @wraps(function)
        def read(*args: Any, **arguments: Any) -> Any:
            try:
                return function(*args, **wanted(arguments))
            except NotFound:
                return None

        return _field(function, read, permission_classes, deprecation_reason)

    return declare(function) if function else declare


def mutation(
    function: Callable[..., Any] | None = None,
    *,
    permission_classes: Sequence[Any] = (),
    deprecation_reason: str | None = None,
    resumes: bool = False,
) -> Callable[..., Any]:
    """A root mutation that answers a payload. The docstring is its description.

    It is one transaction, or `resumes`: it commits on its way, and called again it goes on where it stopped. It is
    called again where it and another waited for each other.

    A refusal becomes the payload's `userErrors`. Where the payload class has `unchanged(arguments)`, the rest of
    it is what that says: the object as it stands, so that a storefront that ignores errors still has something to show.
    """

    def declare(function: Callable[..., Any]) -> Any:
        payload: Any = typing.get_type_hints(function)["return"]
        error_type = typing.get_args(typing.get_type_hints(payload)["user_errors"])[0]

        wanted = _wanted(function)

        @wraps(function)
        def act(*args: Any, **arguments: Any) -> Any:
            # What an earlier mutation of the same request read may be true no longer.
            arguments["info"].context.loaders.clear()
            arguments["info"].context.choice = None
            try:
                return deadlocks.again(partial(function, *args, **wanted(arguments)))
            except (Refusal, Refusals) as error:
                refusals = errors.refusals_in(error)
                arguments["info"].context.has_refused = not all(refusal.is_final for refusal in refusals)
                user_errors = [error_type.of(refusal) for refusal in refusals]
            unchanged = getattr(payload, "unchanged", None)
            found = unchanged(arguments) if unchanged else {}
            return payload(user_errors=user_errors, **found)

        return _field(function, act, permission_classes, deprecation_reason, resumes=resumes)

    return declare(function) if function else declare


def subscription(function: Callable[..., Any]) -> Callable[..., Any]:
    """A root subscription. The docstring is its description; refusals become top-level errors, and end it.

    The function reads what is watched as it stands, and tells `info.context.watched` how to notice that it changed;
    `schema.streams` calls it again each time.
    """
    declared: Callable[..., Any] = _field(function, function, (), None)
    return declared


def _wanted(function: Callable[..., Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Every root field is given `info`; this leaves it out for a function that has no use for it."""
    if "info" in inspect.signature(function).parameters:
        return lambda arguments: arguments
    return lambda arguments: {name: value for name, value in arguments.items() if name != "info"}


def _with_info(function: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(function)
    if "info" in signature.parameters:
        return signature
    info = inspect.Parameter("info", inspect.Parameter.KEYWORD_ONLY, annotation=Info)
    return signature.replace(parameters=[*signature.parameters.values(), info])


def _field(
    function: Callable[..., Any],
    plain: Callable[..., Any],
    permission_classes: Sequence[Any],
    deprecation_reason: str | None,
    *,
    resumes: bool = False,
) -> Any:
    in_thread = sync_to_async(plain, thread_sensitive=True)

    async def resolve(*args: Any, **arguments: Any) -> Any:
        return await in_thread(*args, **arguments)

    resolve.__signature__ = _with_info(function)  # type: ignore[attr-defined]
    resolve.__module__ = function.__module__
    resolve.__name__ = function.__name__
    resolve.plain = plain  # type: ignore[attr-defined]
    resolve.resumes = resumes  # type: ignore[attr-defined]
    return strawberry.field(
        resolver=resolve,
        description=inspect.getdoc(function),
        permission_classes=list(permission_classes),
        deprecation_reason=deprecation_reason,
    )
