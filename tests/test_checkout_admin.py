"""What is sold and delivered in Django's admin: everything can be read, nothing can be changed."""

import pytest
from django.contrib.auth.models import Permission as StoredPermission

from accounts.staff import Permission
from tests import builders


@pytest.mark.parametrize("noun", ["shippingzone", "shippingmethod"])
def test_staff_look_around_and_change_nothing(client, noun):
    method = builders.a_shipping_method("Standard")
    clerk = builders.a_customer(is_staff=True)
    clerk.user_permissions.set(StoredPermission.objects.filter(codename=Permission.MANAGE_CATALOG))
    client.force_login(clerk)
    key = method.pk if noun == "shippingmethod" else method.zone_id

    for page in ("", f"{key}/change/"):
        assert b"Standard" in client.get(f"/admin/checkout/{noun}/{page}").content

    assert client.post(f"/admin/checkout/{noun}/{key}/change/", {"title": "Other"}).status_code == 403
    assert client.get(f"/admin/checkout/{noun}/add/").status_code == 403
