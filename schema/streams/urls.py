"""What the streaming process serves besides streams."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path

from shop import health
from shop.metrics import metrics


def preflight(request: HttpRequest) -> HttpResponse:
    """Only what is neither GET nor POST comes here, and a browser's question is answered before."""
    return HttpResponseNotAllowed(["GET", "POST", "OPTIONS"])


urlpatterns = [
    path("graphql/", preflight),
    path("graphql/stream", preflight),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", metrics),
]
