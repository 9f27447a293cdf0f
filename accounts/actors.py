"""Who is asking: what every command and query knows of the person behind a request."""

from dataclasses import dataclass, field

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
    """The actor a signed-in user is. Only active staff hold permissions."""
    held: frozenset[Permission] = frozenset()
    if user.is_active and user.is_staff:
        granted = user.get_all_permissions()
        held = frozenset(permission for permission in Permission if f"accounts.{permission}" in granted)
    return Actor(user_id=user.pk, email=user.email, permissions=held)
