"""Pages of Django's admin that staff read, and where nobody changes anything: the commands behind the API do."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.staff import Permission


class ReadOnly:
    """To be read by staff whose role includes `permission`, and changed by nobody."""

    permission = Permission.MANAGE_CATALOG

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(f"accounts.{self.permission}")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Browsed(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    show_full_result_count = False
    list_per_page = 50


class Inline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False
    show_change_link = False
