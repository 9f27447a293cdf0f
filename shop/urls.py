"""Where everything is served."""

from django.conf import settings
from django.contrib import admin
from django.urls import path
from django.views.static import serve

from schema import graphiql
from schema.view import graphql
from shop import health

urlpatterns = [
    path("graphql/", graphql, name="graphql"),
    path("api/<str:version>/graphql.json", graphql, name="graphql-of-a-version"),
    path("graphql/assets/<path:path>", graphiql.asset, name="playground-asset"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
    path("admin/", admin.site.urls),
]
