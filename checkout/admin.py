"""What is sold and delivered in Django's admin, for looking around: the commands behind the API change it."""

from django.contrib import admin

from catalog.admin import Browsed, Inline
from checkout.models import ShippingMethod, ShippingRate, ShippingZone


@admin.register(ShippingZone)
class ShippingZoneAdmin(Browsed):
    list_display = ("title", "countries", "provinces", "is_rest")
    search_fields = ("title",)
    ordering = ("pk",)


class ShippingRateInline(Inline):
    model = ShippingRate
    ordering = ("currency",)


@admin.register(ShippingMethod)
class ShippingMethodAdmin(Browsed):
    list_display = ("title", "zone", "pickup_location", "basis", "position", "is_active")
    list_select_related = ("zone", "pickup_location")
    search_fields = ("title", "handle")
    ordering = ("position", "pk")
    inlines = (ShippingRateInline,)
