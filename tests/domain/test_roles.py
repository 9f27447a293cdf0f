"""Stock roles of a shop that is upgraded: a new permission is given to them once, and stays away where it is taken."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as StoredPermission
from django.core.management import call_command

from accounts.models import KnownPermission
from accounts.staff import ROLES, Permission


@pytest.fixture
def roles(db):
    """Owner and Support as an older version made them, and a role of the merchant's own."""
    for name in ("Owner", "Support", "Temps"):
        held = set(ROLES.get(name, [Permission.MANAGE_CATALOG])) - {Permission.MANAGE_REVIEWS}
        Group.objects.create(name=name).permissions.set(StoredPermission.objects.filter(codename__in=held))
    KnownPermission.objects.filter(codename=Permission.MANAGE_REVIEWS).delete()
    return Group.objects


def migrate():
    call_command("migrate", verbosity=0)


def held(name):
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


def test_a_new_permission_goes_to_the_stock_roles_alone(roles):
    migrate()

    assert held("Owner") == set(ROLES["Owner"])
    assert held("Support") == set(ROLES["Support"])
    assert held("Temps") == {"manage_catalog"}
    assert not roles.exclude(name__in=["Owner", "Support", "Temps"]).exists()


def test_what_the_merchant_took_from_a_role_stays_away(roles):
    roles.get(name="Support").permissions.remove(StoredPermission.objects.get(codename="manage_orders"))
    migrate()
    roles.get(name="Support").permissions.remove(StoredPermission.objects.get(codename="manage_reviews"))

    migrate()

    assert held("Support") == {"manage_customers"}
    assert set(KnownPermission.objects.values_list("codename", flat=True)) == set(Permission)
