"""What is stored about the people of the shop."""

from accounts.models.attempts import SignInAttempts
from accounts.models.group import CustomerGroup
from accounts.models.known_permission import KnownPermission
from accounts.models.user import User

__all__ = ["CustomerGroup", "KnownPermission", "SignInAttempts", "User"]
