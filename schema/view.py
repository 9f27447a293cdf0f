"""The GraphQL endpoint: one sync view after the GraphQL-over-HTTP specification, and the playground for browsers.

A client that accepts `application/graphql-response+json` can tell from the status whether its operation was executed;
one that knows only `application/json` gets 200 for every request that could be read.
"""

import json
import logging
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.log import log_response
from django.views.decorators.csrf import csrf_exempt
from graphql import OperationType

from accounts import actors, sessions
from accounts.actors import GUEST
from schema import errors, execution, graphiql
from schema.bodies import JSON, MULTIPART, BadRequest
from schema.context import Context
from schema.errors import Rejected
from schema.execution import documents
from schema.incoming import HTML, RESPONSE_JSON, Incoming, answer_type
from shop import requests
from shop.errors import Refusal
from shop.metrics import Timed

log = logging.getLogger(__name__)

METHODS = "GET, HEAD, POST, OPTIONS"


# No cookie signs anybody in here, and no form can send what is read here.
@csrf_exempt
def graphql(request: HttpRequest, **_: Any) -> HttpResponse:
    """Answer one GraphQL request, or show a browser the playground."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": METHODS})
    media_type = JSON
    try:
        media_type = answer_type(request)
        if media_type == HTML:
            return graphiql.page(request)
        with Timed(rejections=(BadRequest, Rejected)) as timed:
            response = _response(request, media_type, 200, _answer(request, timed))
    except BadRequest as bad:
        response = _response(
            request, media_type, bad.status, {"errors": Rejected.because(bad.code, bad.message).errors}
        )
        if bad.allow:
            response["Allow"] = bad.allow
        if bad.status == 401:
            response["WWW-Authenticate"] = "Bearer"
    except Rejected as rejected:
        status = 400 if media_type == RESPONSE_JSON else 200
        response = _response(request, media_type, status, {"errors": rejected.errors})
    except Exception as error:
        request_id = getattr(request, "request_id", "")
        response = _response(request, media_type, 500, {"errors": [errors.masked(request_id)]})
        # Not `log.exception`: Django would log the status 500 once more.
        log_response("request %s failed", request_id, response=response, request=request, logger=log, exception=error)
    return response


def context_of(request: HttpRequest, *, authorization: str | None = None) -> Context:
    """What the request's headers say: who asks. Another `authorization` goes before the header of that name."""
    actor, problem, expires_at = GUEST, "", None
    told = request.headers.get("Authorization", "") if authorization is None else authorization
    scheme, _, token = told.partition(" ")
    if scheme.lower() in {"bearer", "jwt"} and token:
        try:
            verified = sessions.verify(token.strip())
            actor, expires_at = actors.of_user(verified.user), verified.expires_at
        except Refusal as refusal:
            problem = refusal.message
    return Context(
        shop_currency=settings.SHOP_CURRENCY,
        country=settings.SHOP_COUNTRY,
        request_id=getattr(request, "request_id", ""),
        client_address=requests.client_address(request),
        idempotency_key=request.headers.get("Idempotency-Key", "").strip().strip('"'),
        signed_in=actor,
        token_problem=problem,
        token=token,
        token_expires_at=expires_at,
    )


def encoded(answer: dict[str, Any]) -> bytes:
    """The answer as JSON, in one line."""
    try:
        return orjson.dumps(answer)
    except orjson.JSONEncodeError:
        # Half a surrogate pair has no UTF-8, but an escape in JSON; anything else that fails here fails again.
        return json.dumps(answer).encode()


def _answer(request: HttpRequest, timed: Timed) -> dict[str, Any]:
    if request.method not in METHODS.split(", "):
        raise BadRequest("GraphQL is asked for by POST, and queries also by GET.", status=405, allow=METHODS)
    context = context_of(request)
    if request.method == "POST" and request.content_type == MULTIPART:
        _check_may_send_files(context)
    incoming = Incoming.of(request)
    operation = documents.operation(incoming.query, incoming.operation_name)
    kind = operation.node.operation
    timed.kind = kind.value
    if kind is OperationType.SUBSCRIPTION:
        raise Rejected.because("BAD_REQUEST", f"Subscriptions are answered at {settings.STREAM_URL}.")
    if kind is OperationType.MUTATION and request.method != "POST":
        raise BadRequest("Mutations are sent by POST.", status=405, allow="POST")
    answer = execution.execute(operation, incoming.variables, context)
    timed.outcome = errors.outcome(answer)
    return answer


def _check_may_send_files(context: Context) -> None:
    """Refuse files before anything of them is read: a guest could fill the disk. Raises BadRequest."""
    if context.token_problem or context.signed_in.is_guest:
        message = context.token_problem or "Sign in as a member of staff first: only they send files."
        raise BadRequest(message, status=401, code="UNAUTHENTICATED")
    if not context.signed_in.permissions:
        raise BadRequest(
            "Only members of staff send files; send this as application/json.", status=403, code="FORBIDDEN"
        )


def _response(request: HttpRequest, media_type: str, status: int, answer: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(encoded(answer), status=status, content_type=f"{media_type}; charset=utf-8")
    response["Cache-Control"] = "no-store" if request.method == "POST" else "private, no-cache"
    patch_vary_headers(response, ["Accept", "Authorization"])
    return response
