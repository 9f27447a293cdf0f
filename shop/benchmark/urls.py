"""The shop's addresses and those of the floors: what is served to the benchmark alone."""

from django.urls import path

from shop import urls
from shop.benchmark import buying, floors

urlpatterns = [
    *urls.urlpatterns,
    path("benchmark/floors/<str:name>", floors.floor),
    path("benchmark/buying/<str:name>", buying.step),
    path("benchmark/smallest", floors.smallest),
]
