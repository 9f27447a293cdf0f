"""What a client sent over HTTP, read by the GraphQL-over-HTTP specification, or the status it is refused with."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
HTML = "text/html"
_CHARSET = "; charset=utf-8"


class BadRequest(Exception):
    """A request that is no GraphQL request; the message says how to make it one."""

    def __init__(self, message: str, *, status: int = 400, code: str = "BAD_REQUEST", allow: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.allow = allow


@dataclass(frozen=True)
class Incoming:
    """The parameters of one request."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "Incoming":
        """Read a request's body, or the query string of a GET. Raises BadRequest."""
        return cls._of_parameters(_body(request) if request.method == "POST" else _query_string(request))

    @classmethod
    def _of_parameters(cls, given: dict[str, Any]) -> "Incoming":
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
            given[name] = _json(given[name].encode(errors="surrogatepass"), f"`{name}`")
        else:
            given.pop(name, None)
    return given


def _body(request: HttpRequest) -> dict[str, Any]:
    content_type, charset = request.content_type, (request.content_params or {}).get("charset", "utf-8")
    if content_type != JSON or charset.lower() not in {"utf-8", "utf8"}:
        # Anything a form could send without asking first would let other sites act for a visitor.
        raise BadRequest(f"Send the body as {JSON} in UTF-8.", status=415)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise BadRequest("Send the body uncompressed.", status=415)
    given = _json(_bytes(request), "The body")
    if isinstance(given, list):
        raise BadRequest("The body must be one request; batches (a list of requests) are not supported.")
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object.")
    return given


def _bytes(request: HttpRequest) -> bytes:
    allowed = settings.GRAPHQL_MAX_BODY_BYTES
    too_large = BadRequest(f"The body is too large; {allowed} bytes are allowed.", status=413, code="BODY_TOO_LARGE")
    length = request.headers.get("Content-Length", "")
    if not length and "Transfer-Encoding" in request.headers:
        raise BadRequest("Say in `Content-Length` how long the body is.", status=411)
    if length.isdigit() and int(length) > allowed:
        raise too_large
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_large from None
    if len(body) > allowed:
        raise too_large
    return body


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{what} is not JSON in UTF-8: {error}.") from None
