"""The person who signs in: a customer, a member of staff, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.staff import MEANINGS, Permission

if TYPE_CHECKING:
    from accounts.actors import Actor


class UserQuerySet(models.QuerySet["User"]):
    """Which users."""

    def of(self, actor: Actor) -> UserQuerySet:
        """Only the actor; nobody for a guest."""
        return self.filter(pk=actor.user_id) if actor.user_id is not None else self.none()

    def visible_to(self, actor: Actor) -> UserQuerySet:
        """Everybody for staff who serve customers, and for others only themselves."""
        if actor.may(Permission.MANAGE_CUSTOMERS) or actor.may(Permission.MANAGE_ORDERS):
            return self
        return self.of(actor)


class UserManager(BaseUserManager["User"]):
    """Makes users; e-mail addresses are stored in lower case, so that one person has one account."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def of(self, actor: Actor) -> UserQuerySet:
        return self.get_queryset().of(actor)

    def visible_to(self, actor: Actor) -> UserQuerySet:
        return self.get_queryset().visible_to(actor)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Signs in with an e-mail address. Staff roles are Django groups; `accounts.staff` names the permissions."""

    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    accepts_marketing = models.BooleanField(default=False)
    tax_id = models.CharField(max_length=30, blank=True)
    is_tax_exempt = models.BooleanField(default=False)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    sign_outs = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
        ]
        permissions = [(permission.value, MEANINGS[permission]) for permission in Permission]

    def __str__(self) -> str:
        return self.email

    @property
    def display_name(self) -> str:
        """Both names, or the e-mail address of who gave none."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def session_proof(self) -> str:
        """What every token is issued for: another one after a change of password or a sign-out everywhere."""
        return salted_hmac("accounts.session", f"{self.password}:{self.sign_outs}", algorithm="sha256").hexdigest()[:32]
