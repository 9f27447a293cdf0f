"""Where everything is served."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from catalog import downloads
from schema import graphiql
from schema.download_view import download
from schema.invoice_view import document
from schema.view import graphql
from schema.webhook_view import webhook
from shop import health, thumbnails
from shop.media import media
from shop.metrics import metrics

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="graphql")),
    path("graphql/", graphql, name="graphql"),
    path("api/<str:version>/graphql.json", graphql, name="graphql-of-a-version"),
    path("graphql/assets/<path:path>", graphiql.asset, name="playground-asset"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path("media/sized/<str:signature>/<str:size>/<path:path>", thumbnails.sized, name="thumbnail"),
    path("media/<path:path>", media, name="media"),
    path("exports/<str:signature>", downloads.export, name="bulk-file"),
    path("downloads/<str:token>", download, name="download"),
    path("webhooks/<str:gateway>/", webhook, name="webhook"),
    path("webhooks/<str:gateway>/<path:rest>", webhook, name="webhook-of-payment"),
    path("documents/<str:token>", document, name="document"),
    path("admin/", admin.site.urls),
]
