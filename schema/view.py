"""The GraphQL endpoint over HTTP: one sync view that reads a request, executes it, and answers JSON."""

import logging
from typing import Any

import orjson
from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts import sessions
from accounts.actors import GUEST
from schema.context import Context
from schema.errors import presented
from schema.root import schema
from shop import requests
from shop.errors import Refusal

log = logging.getLogger(__name__)


@csrf_exempt
def graphql(request: HttpRequest, **_: Any) -> HttpResponse:
    """Answer one GraphQL request."""
    body = orjson.loads(request.body)
    return _json(execute(body["query"], body.get("variables"), body.get("operationName"), context_of(request)))


def context_of(request: HttpRequest) -> Context:
    """What the request's headers say: who asks."""
    actor, problem = GUEST, ""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "jwt"} and token:
        try:
            actor = sessions.actor_of(token.strip())
        except Refusal as refusal:
            problem = refusal.message
    return Context(
        currency=settings.SHOP_CURRENCY,
        country=settings.SHOP_COUNTRY,
        request_id=getattr(request, "request_id", ""),
        client_address=requests.client_address(request),
        signed_in=actor,
        token_problem=problem,
        token=token,
    )


def execute(
    document: str, variables: dict[str, Any] | None, operation_name: str | None, context: Context
) -> dict[str, Any]:
    """The answer to an operation, as a GraphQL response map."""
    result = async_to_sync(schema.execute)(document, variables, context, operation_name=operation_name)
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [presented(error, context.request_id).formatted for error in result.errors]
    return answer


def _json(answer: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(answer), status=status, content_type="application/json; charset=utf-8")
