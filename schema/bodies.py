"""Bodies of requests: JSON, or with files after the GraphQL multipart request specification.

https://github.com/jaydenseric/graphql-multipart-request-spec
"""

from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousMultipartForm,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

JSON = "application/json"
MULTIPART = "multipart/form-data"
# A form of another site can send files, but none of these headers: for them a browser asks us first.
PREFLIGHTED = ("GraphQL-Preflight", "Apollo-Require-Preflight", "X-Requested-With")
MAX_PLACES = 1_000
_UTF_8 = frozenset({"utf-8", "utf8"})


class BadRequest(Exception):
    """A request that is no GraphQL request; the message says how to make it one."""

    def __init__(self, message: str, *, status: int = 400, code: str = "BAD_REQUEST", allow: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.allow = allow


def read(request: HttpRequest) -> dict[str, Any]:
    """The parameters in a request's body. Raises BadRequest."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise BadRequest("Send the body uncompressed.", status=415)
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type == JSON and charset in _UTF_8:
        return _one_request(json(_bytes(request), "The body"), "The body")
    if request.content_type == MULTIPART and charset in _UTF_8:
        return _with_files(request)
    # Anything a form could send without asking first would let other sites act for a visitor.
    raise BadRequest(f"Send the body as {JSON} in UTF-8, or with files as {MULTIPART}.", status=415)


def json(text: bytes, what: str) -> Any:
    """The value in a text that is called `what`. Raises BadRequest."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{what} is not JSON in UTF-8: {error}.") from None


def _one_request(given: Any, what: str) -> dict[str, Any]:
    if isinstance(given, list):
        raise BadRequest(f"{what} must be one request; batches (a list of requests) are not supported.")
    if not isinstance(given, dict):
        raise BadRequest(f"{what} must be a JSON object.")
    return given


def _bytes(request: HttpRequest) -> bytes:
    allowed = settings.GRAPHQL_MAX_BODY_BYTES
    _check_length(request, allowed)
    try:
        body = request.body
    except RequestDataTooBig:
        raise _too_large(allowed) from None
    if len(body) > allowed:
        raise _too_large(allowed)
    return body


def _check_length(request: HttpRequest, allowed: int) -> None:
    length = request.headers.get("Content-Length", "")
    if not length and "Transfer-Encoding" in request.headers:
        raise BadRequest("Say in `Content-Length` how long the body is.", status=411)
    if length.isdigit() and int(length) > allowed:
        raise _too_large(allowed)


def _too_large(allowed: int) -> BadRequest:
    return BadRequest(f"The body is too large; {allowed} bytes are allowed.", status=413, code="BODY_TOO_LARGE")


class _EndsLargeFiles(FileUploadHandler):
    """Keeps of each file no more than shows that it is too large: who reads it can then say whose file it was."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= settings.UPLOAD_MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        return None


def _with_files(request: HttpRequest) -> dict[str, Any]:
    if not any(name in request.headers for name in PREFLIGHTED):
        raise BadRequest(f"Send a header such as `{PREFLIGHTED[0]}: 1` with files: no form of another site can.")
    _check_length(request, settings.GRAPHQL_MAX_BODY_BYTES + settings.UPLOAD_MAX_FILES * settings.UPLOAD_MAX_BYTES)
    request.upload_handlers.insert(0, _EndsLargeFiles(request))
    try:
        fields, files = request.POST, request.FILES
    except RequestDataTooBig:
        raise _too_large(settings.GRAPHQL_MAX_BODY_BYTES) from None
    except TooManyFilesSent:
        raise BadRequest(f"Send {settings.UPLOAD_MAX_FILES} files at the most.", status=413) from None
    except (MultiPartParserError, SuspiciousMultipartForm, TooManyFieldsSent) as error:
        raise BadRequest(f"The body is no {MULTIPART} that can be read: {error}") from None
    for name in ("operations", "map"):
        if name not in fields:
            raise BadRequest(f"`{name}` is missing: it comes before the files, as JSON.")
    given = _one_request(json(_encoded(fields["operations"]), "`operations`"), "`operations`")
    places = json(_encoded(fields["map"]), "`map`")
    if not isinstance(places, dict):
        raise BadRequest("`map` must be a JSON object: the paths of each file's places by the file's name.")
    for name, path in _pairs(places):
        if name not in files:
            raise BadRequest(f"`map` names the file `{name}`, which is not sent.")
        _put(given, path, files.getlist(name)[0])
    if unplaced := sorted(set(files) - set(places)):
        raise BadRequest(f"The file `{unplaced[0]}` has no place in `map`.")
    return given


def _encoded(text: str | list[object]) -> bytes:
    return str(text).encode(errors="surrogatepass")


def _pairs(places: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each place with the name of its file. Raises BadRequest."""
    count = 0
    for name, paths in places.items():
        if not isinstance(paths, list) or not paths:
            raise BadRequest(f"`map.{name}` must be a list of paths such as `variables.file`.")
        for path in paths:
            if not isinstance(path, str) or not path.startswith("variables."):
                raise BadRequest(f"`map.{name}` must be a list of paths such as `variables.file`.")
            count += 1
            if count > MAX_PLACES:
                raise BadRequest(f"`map` has more than {MAX_PLACES} paths.")
            yield name, path


def _put(given: dict[str, Any], path: str, file: "UploadedFile[Any]") -> None:
    """Set the file in a place that is null. Raises BadRequest."""
    *way, last = path.split(".")
    holder: Any = given
    for step in way:
        holder = _below(holder, step)
    if _below(holder, last, missing=file) is not None:
        raise BadRequest(f"`{path[:200]}` in `map` leads to no null in `operations`.")
    holder[int(last) if isinstance(holder, list) else last] = file


def _below(holder: Any, step: str, missing: Any = None) -> Any:
    """What an object or a list has in this place; `missing` where there is no such place."""
    if isinstance(holder, dict):
        return holder.get(step, missing)
    if isinstance(holder, list) and step.isascii() and step.isdigit() and len(step) < 5 and int(step) < len(holder):
        return holder[int(step)]
    return missing
