"""What a client sent over HTTP, read by the GraphQL-over-HTTP specification, or the status it is refused with."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from schema import bodies
from schema.bodies import JSON, BadRequest

RESPONSE_JSON = "application/graphql-response+json"
HTML = "text/html"
_CHARSET = "; charset=utf-8"


@dataclass(frozen=True)
class Incoming:
    """The parameters of one request."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "Incoming":
        """Read a request's body, or the query string of a GET. Raises BadRequest."""
        return cls.of_parameters(bodies.read(request) if request.method == "POST" else _query_string(request))

    @classmethod
    def of_parameters(cls, given: dict[str, Any]) -> "Incoming":
        """Read the parameters as JSON has them. Raises BadRequest."""
        query, variables, name = given.get("query"), given.get("variables"), given.get("operationName")
        extensions = given.get("extensions")
        if extensions is not None and not isinstance(extensions, dict):
            raise BadRequest("`extensions` must be an object.")
        if query is None and extensions and "persistedQuery" in extensions:
            raise BadRequest(
                "Persisted queries are not supported; send the document in `query`.",
                code="PERSISTED_QUERY_NOT_SUPPORTED",
            )
        if query is None:
            raise BadRequest("`query` is missing: send the GraphQL document in it.")
        if not isinstance(query, str):
            raise BadRequest("`query` must be a string.")
        if variables is not None and not isinstance(variables, dict):
            raise BadRequest("`variables` must be an object.")
        if name is not None and not isinstance(name, str):
            raise BadRequest("`operationName` must be a string.")
        return cls(query, variables or {}, name or None)


def answer_type(request: HttpRequest) -> str:
    """The type of answer the client prefers; a page of HTML only for GET. Raises BadRequest."""
    if not request.headers.get("Accept", "").strip():
        return JSON
    offers = [JSON + _CHARSET, RESPONSE_JSON + _CHARSET]
    if request.method in {"GET", "HEAD"}:
        offers.append(HTML + _CHARSET)
    preferred = request.get_preferred_type(offers)
    if preferred is None:
        raise BadRequest(f"Answers come as {JSON} or {RESPONSE_JSON}; `Accept` allows neither.", status=406)
    return str(preferred).partition(";")[0]


def _query_string(request: HttpRequest) -> dict[str, Any]:
    try:
        given: dict[str, Any] = request.GET.dict()
    except SuspiciousOperation:
        raise BadRequest("The query string has too many parameters.") from None
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = bodies.json(given[name].encode(errors="surrogatepass"), f"`{name}`")
        else:
            given.pop(name, None)
    return given
