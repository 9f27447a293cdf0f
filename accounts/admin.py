"""People in Django's admin: signing in with an e-mail address, and found by it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts import attempts
from accounts.admin_reading import Browsed, Inline
from accounts.attempts import TooManyAttempts
from accounts.models import CreditLimit, CustomerGroup, LoyaltyProgram, LoyaltyRate, PointsEntry, User
from accounts.staff import Permission
from shop import requests


class SignInForm(AdminAuthenticationForm):
    """Passwords guessed here count together with those guessed through the API."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        who = {
            "email": str(self.cleaned_data.get("username", "")).strip().lower(),
            "client_address": requests.client_address(self.request),
        }
        try:
            attempts.count(email=who["email"], client_address=who["client_address"])
        except TooManyAttempts as refusal:
            raise ValidationError(refusal.message) from refusal
        cleaned: dict[str, Any] = super().clean()
        attempts.forget(**who)
        return cleaned


admin.site.login_form = SignInForm


class LowerCaseEmail:
    """E-mail addresses are stored in lower case however they are typed."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class NewUserForm(LowerCaseEmail, AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email",)


class UserForm(LowerCaseEmail, UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = "__all__"


class CreditLimitInline(Inline):
    """To be looked at: the API sets limits, and orders use them."""

    model = CreditLimit
    permission = Permission.MANAGE_CUSTOMERS
    fields = ("currency", "amount", "used", "terms_in_days", "updated_at")
    readonly_fields = fields
    ordering = ("currency",)


@admin.register(User)
class UserAdmin(StockUserAdmin):  # type: ignore[type-arg]
    form = UserForm
    add_form = NewUserForm
    ordering = ("-created_at", "-pk")
    date_hierarchy = "created_at"
    list_display = ("email", "first_name", "last_name", "is_staff", "is_active", "created_at", "last_login")
    list_filter = ("is_staff", "is_active", "accepts_marketing", "groups")
    search_fields = ("email", "first_name", "last_name", "phone")
    readonly_fields = ("created_at", "updated_at", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "phone", "accepts_marketing")}),
        ("What they may do", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("When", {"fields": ("created_at", "updated_at", "last_login")}),
    )
    inlines = (CreditLimitInline,)
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)

    def get_inlines(self, request: HttpRequest, obj: User | None = None) -> tuple[type[Inline], ...]:
        """Who is being made has no credit yet."""
        return self.inlines if obj else ()


@admin.register(CustomerGroup)
class CustomerGroupAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who is in a group can be changed here. The API removes it, for it asks whether price lists are meant for it."""

    list_display = ("title", "handle")
    search_fields = ("title", "handle")
    ordering = ("title", "pk")
    autocomplete_fields = ("members",)

    def has_delete_permission(self, request: HttpRequest, obj: CustomerGroup | None = None) -> bool:
        return False


class LoyaltyRateInline(Inline):
    model = LoyaltyRate
    permission = Permission.MANAGE_CUSTOMERS
    ordering = ("currency",)


@admin.register(LoyaltyProgram)
class LoyaltyProgramAdmin(Browsed):
    permission = Permission.MANAGE_CUSTOMERS
    list_display = ("__str__", "is_active", "pending_days", "expiry_days", "min_percentage", "max_percentage")
    ordering = ("pk",)
    inlines = (LoyaltyRateInline,)


@admin.register(PointsEntry)
class PointsEntryAdmin(Browsed):
    """The ledger of all customers; what one has is told through the API."""

    permission = Permission.MANAGE_CUSTOMERS
    list_display = ("created_at", "customer", "kind", "points", "reference", "expires_at", "reason", "actor")
    list_select_related = ("account__customer", "actor")
    list_filter = ("kind",)
    search_fields = ("=account__customer__email", "=reference")
    ordering = ("-pk",)

    @admin.display(description="customer")
    def customer(self, entry: PointsEntry) -> str:
        return str(entry.account.customer or "")
