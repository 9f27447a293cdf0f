"""Errors at the edge of the API: user errors in payloads, and top-level errors with a code for client mistakes."""

import logging
from collections.abc import Iterable
from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.utils.str_converters import to_camel_case

from shop.errors import Refusal, Refusals

log = logging.getLogger(__name__)


class ClientError(GraphQLError):
    """A mistake of the client, told in the answer's top-level `errors` with a stable `extensions.code`."""

    code = "BAD_REQUEST"

    def __init__(self, message: str, **extensions: Any) -> None:
        super().__init__(message, extensions={"code": self.code, **extensions})


class Unauthenticated(ClientError):
    """Nobody is signed in, or the access token does not hold."""

    code = "UNAUTHENTICATED"


class Forbidden(ClientError):
    """Who is signed in may not do this."""

    code = "FORBIDDEN"


@strawberry.interface(description="Something wrong with the input that can be shown to the person who typed it.")
class DisplayableError:
    field: list[str] | None = strawberry.field(description="The path to the input at fault, outermost first.")
    message: str = strawberry.field(description="What is wrong and what is possible, in words for people.")


def path(refusal: Refusal) -> list[str] | None:
    """The refusal's field in the words of the API."""
    return [to_camel_case(part) if isinstance(part, str) else str(part) for part in refusal.field] or None


def codes_of(*modules: object, extra: dict[str, str] | None = None) -> dict[str, str]:
    """Code and meaning of each Refusal these modules define or use, for an enum of a noun's error codes."""
    found = {Refusal.code: "The input is not allowed; the message says why."}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Refusal) and value.__doc__:
                found.setdefault(value.code, value.__doc__.splitlines()[0])
    return dict(sorted({**(extra or {}), **found}.items()))


def code_enum(name: str, noun: str, codes: dict[str, str]) -> type[Enum]:
    """The GraphQL enum of the codes that user errors about `noun` carry."""
    members = {code: strawberry.enum_value(code, description=text) for code, text in codes.items()}
    made = Enum(name, members)  # type: ignore[misc]
    return strawberry.enum(made, description=f"Why a change of {noun} was refused.")  # type: ignore[return-value]


def refusals_in(error: Refusal | Refusals) -> Iterable[Refusal]:
    return [error] if isinstance(error, Refusal) else error.refusals


def presented(error: GraphQLError, request_id: str) -> GraphQLError:
    """The error as a client may see it. A bug is logged with the request's id and masked; a client's mistake is told."""
    cause = error.original_error
    if isinstance(cause, Refusal):
        return _like(error, cause.message, {"code": cause.code, "field": path(cause)})
    if cause is None or isinstance(cause, GraphQLError):
        found = error.extensions or (cause.extensions if isinstance(cause, GraphQLError) else None) or {}
        return _like(error, error.message, {"code": "BAD_USER_INPUT", **found})
    log.error("request %s failed at %s", request_id, error.path, exc_info=cause)
    return _like(error, "Something went wrong on our side.", {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id})


def _like(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(message, nodes=error.nodes, path=error.path, extensions=extensions)


def parts(refusal: Refusal, codes: Any) -> dict[str, Any]:
    """The fields of a user error with a code of the enum `codes`. A refusal the enum does not know is a bug: KeyError."""
    return {"code": codes[refusal.code], "field": path(refusal), "message": refusal.message}
