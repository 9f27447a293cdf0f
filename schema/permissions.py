"""Who may use a field: roles are checked on the way in; ownership is checked by loading only what is visible."""

from functools import cache
from typing import Any

from strawberry.permission import BasePermission

from accounts.staff import Permission
from schema.context import Info
from schema.errors import Forbidden, Unauthenticated


class SignedIn(BasePermission):
    """Somebody is signed in."""

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        if info.context.actor.is_guest:
            raise Unauthenticated("Sign in first: send an access token in the Authorization header.")
        return True


@cache
def Staff(permission: Permission) -> type[BasePermission]:  # noqa: N802  (reads as the rule it makes)
    """A member of staff whose role includes `permission`."""

    class HasRole(BasePermission):
        def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
            actor = info.context.actor
            if actor.is_guest:
                raise Unauthenticated("Sign in as a member of staff first.")
            if not actor.may(permission):
                raise Forbidden(f"Your role does not include {permission}.")
            return True

    return HasRole
