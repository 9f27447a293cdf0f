"""Roles of a shop that is upgraded: each new permission goes to the stock roles once, and is the merchant's since."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as StoredPermission
from django.db import transaction

from accounts.models import KnownPermission
from accounts.staff import ROLES, Permission


@transaction.atomic
def extend(sender: AppConfig, apps: Apps = installed, **options: Any) -> None:
    """Give permissions that are new in this version to the stock roles there are, after every migration.

    A role that was renamed or removed is none any more, and a permission that was taken from one stays away.
    """
    if "knownpermission" not in apps.all_models[sender.label]:
        return  # migrated back to before there was such a thing
    # Django makes permissions after a migration too, and perhaps after this.
    create_permissions(sender, verbosity=0)
    known = set(KnownPermission.objects.values_list("codename", flat=True))
    new = set(Permission) - known
    stored = {one.codename: one for one in StoredPermission.objects.filter(content_type__app_label="accounts")}
    for group in Group.objects.filter(name__in=ROLES):
        group.permissions.add(*(stored[permission] for permission in new & ROLES[group.name]))
    KnownPermission.objects.bulk_create([KnownPermission(codename=one) for one in sorted(new)], ignore_conflicts=True)
