"""Errors at the edge of the API: user errors in payloads, and top-level errors with a code for client mistakes."""

import logging
from collections.abc import Iterable
from enum import Enum
from typing import Any

import strawberry
from django.db import DataError
from graphql import GraphQLError
from strawberry.utils.str_converters import to_camel_case

from shop import metrics
from shop.errors import Refusal, Refusals

log = logging.getLogger(__name__)

BAD_INPUT = {"code": "BAD_USER_INPUT"}
MASKED_CODE = "INTERNAL_SERVER_ERROR"
UNSTORABLE = "The input has a number beyond all measure, or a text with the character U+0000."


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
    return enum_of(name, f"Why a change of {noun} was refused.", codes)


def enum_of(name: str, description: str, members: dict[str, str]) -> type[Enum]:
    """A GraphQL enum made from data: each member's name and meaning, which becomes a sentence if it is none."""
    values = {
        member: strawberry.enum_value(member, description=f"{text.removesuffix('.')}.")
        for member, text in members.items()
    }
    return strawberry.enum(Enum(name, values), description=description)  # type: ignore[call-overload, no-any-return]


def refusals_in(error: Refusal | Refusals) -> Iterable[Refusal]:
    return [error] if isinstance(error, Refusal) else error.refusals


class Rejected(Exception):
    """The request cannot be executed at all: its answer has these errors, as they go out, and no data."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(error["message"] for error in errors))
        self.errors = errors

    @classmethod
    def because(cls, code: str, message: str) -> "Rejected":
        return cls([{"message": message, "extensions": {"code": code}}])


def presented(found: Iterable[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The errors of an execution as a client may see them: its own mistakes in full, bugs masked and logged once."""
    logged: set[int] = set()
    shown = []
    for error in found:
        cause = error.original_error
        if isinstance(cause, Refusal | Refusals):
            shown.append(_refused(error, cause))
        elif isinstance(cause, DataError):
            log.warning("request %s has input that the database refuses at %s", request_id, error.path, exc_info=cause)
            shown.append(_shown(error, UNSTORABLE, BAD_INPUT))
        elif _is_clients(error):
            shown.append(_shown(error, error.message, {**BAD_INPUT, **(error.extensions or {})}))
        else:
            if id(cause) not in logged:
                log.error("request %s failed at %s", request_id, error.path, exc_info=cause or error)
            logged.add(id(cause))
            shown.append(_shown(error, **masked(request_id)))
    return shown


def masked(request_id: str) -> dict[str, Any]:
    """What a client is told of a bug: the id under which it stands in the log."""
    return {
        "message": "Something went wrong on our side.",
        "extensions": {"code": MASKED_CODE, "requestId": request_id},
    }


def outcome(answer: dict[str, Any]) -> str:
    """What came of a request that was carried out, for the metrics."""
    if "errors" not in answer:
        return metrics.OK
    is_bug = any(error["extensions"]["code"] == MASKED_CODE for error in answer["errors"])
    return metrics.BUG if is_bug else metrics.WITH_ERRORS


def _refused(error: GraphQLError, cause: Refusal | Refusals) -> dict[str, Any]:
    first, *_ = refusals_in(cause)
    extensions = {"code": first.code, **({"field": path(first)} if first.field else {})}
    return _shown(error, str(cause), extensions)


def _is_clients(error: GraphQLError) -> bool:
    """Whether the client can mend it. Of graphql-core's own errors, those about input name the input's place."""
    cause = error.original_error
    if cause is None or error.path is None:
        return True
    return isinstance(cause, ClientError) or (isinstance(cause, GraphQLError) and bool(cause.nodes))


def _shown(error: GraphQLError, message: str, extensions: dict[str, Any]) -> dict[str, Any]:
    return {**error.formatted, "message": message, "extensions": extensions}


def parts(refusal: Refusal, codes: Any) -> dict[str, Any]:
    """The fields of a user error with a code of the enum `codes`. A refusal that enum does not know is a bug."""
    return {"code": codes[refusal.code], "field": path(refusal), "message": refusal.message}
