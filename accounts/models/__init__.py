"""What is stored about the people of the shop."""

from accounts.models.attempts import SignInAttempts
from accounts.models.credit_limit import CreditLimit
from accounts.models.group import CustomerGroup
from accounts.models.known_permission import KnownPermission
from accounts.models.loyalty import LoyaltyProgram, LoyaltyRate, PointsAccount, PointsEntry, PointsEntryKind
from accounts.models.user import User

__all__ = [
    "CreditLimit",
    "CustomerGroup",
    "KnownPermission",
    "LoyaltyProgram",
    "LoyaltyRate",
    "PointsAccount",
    "PointsEntry",
    "PointsEntryKind",
    "SignInAttempts",
    "User",
]
