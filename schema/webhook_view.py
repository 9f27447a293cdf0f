"""Webhooks over HTTP: what gateways tell by themselves is kept and answered at once, and acted upon later."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from checkout import gateways, webhooks
from checkout.gateways import BadNotice, Incoming

MAX_BYTES = 256_000


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, gateway: str, rest: str = "") -> HttpResponse:
    """Keep a notice whose signature is the gateway's. Whatever else it is, nothing of it is kept."""
    if gateway not in gateways.known():
        return _plain("There is no such gateway.", 404)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return _plain("This is too long for a notice.", 413)
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return _plain("This is too long for a notice.", 413)
    try:
        webhooks.receive(gateway, Incoming(body, request.headers, rest))
    except BadNotice as error:
        return _plain(str(error), 400)
    return _plain("Received.", 200)


def _plain(said: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8", status=status)
    response["Cache-Control"] = "no-store"
    return response
