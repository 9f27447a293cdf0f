"""Who is asking: what every command and query knows of the person behind a request."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from accounts.models import User
from accounts.staff import Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """A guest where `user_id` is None. Holds facts, not a model, so that it can be compared and logged."""

    user_id: int | None = None
    email: str = ""
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    @property
    def is_guest(self) -> bool:
        return self.user_id is None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


GUEST = Actor()
SYSTEM = Actor(email="system", permissions=frozenset(Permission))


def of_user(user: User) -> Actor:
    """The actor a signed-in user is."""
    return of_users([user])[0]


def of_users(users: Sequence[User]) -> list[Actor]:
    """The actors these users are, in order. Only active staff hold permissions."""
    staff = [user for user in users if user.is_active and user.is_staff]
    held: dict[int, set[str]] = {user.pk: set(Permission) if user.is_superuser else set() for user in staff}
    for user_id, codename in _granted([user.pk for user in staff if not user.is_superuser]):
        held[user_id].add(codename)
    return [
        Actor(user.pk, user.email, frozenset(known for known in Permission if known in held.get(user.pk, ())))
        for user in users
    ]


def who_may(permission: Permission) -> list[Actor]:
    """The members of staff who may do this."""
    staff = User.objects.filter(is_active=True, is_staff=True).order_by("pk")
    return [actor for actor in of_users(list(staff)) if actor.may(permission)]


def addresses(permission: Permission) -> list[str]:
    """Where staff hear of what needs this permission: `settings.STAFF_EMAILS`, or else all who have it."""
    return settings.STAFF_EMAILS or [actor.email for actor in who_may(permission)]


def _granted(user_ids: Sequence[int]) -> Sequence[tuple[int, str]]:
    """(user, codename) of what was granted directly or by a role, in one statement."""
    if not user_ids:
        return []
    directly = User.user_permissions.through.objects.filter(
        user_id__in=user_ids, permission__content_type__app_label="accounts"
    ).values_list("user_id", "permission__codename")
    by_role = User.groups.through.objects.filter(
        user_id__in=user_ids, group__permissions__content_type__app_label="accounts"
    ).values_list("user_id", "group__permissions__codename")
    return list(directly.union(by_role))
