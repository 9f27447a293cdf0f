"""Every mutation of the staff turns away guests, customers, and staff whose role does not include it."""

import pytest
from django.contrib.auth.models import Permission as StoredPermission

from accounts.models import User
from accounts.staff import Permission
from catalog.models import Category
from tests import builders

CATALOG, INVENTORY, REVIEWS = Permission.MANAGE_CATALOG, Permission.MANAGE_INVENTORY, Permission.MANAGE_REVIEWS
PROMOTIONS = Permission.MANAGE_PROMOTIONS
GHOST = '"gid://shop/Category/404"'
MUTATIONS = {
    'categoryCreate(category: {title: "Mugs"})': CATALOG,
    f'categoryUpdate(id: {GHOST}, category: {{title: "Mugs"}})': CATALOG,
    f"categoryMove(id: {GHOST}, parentId: null)": CATALOG,
    f"categoryDelete(id: {GHOST})": CATALOG,
    f'productCreate(product: {{title: "Mug", categoryId: {GHOST}, variants: []}})': CATALOG,
    f'productUpdate(id: {GHOST}, product: {{title: "Mug"}})': CATALOG,
    f"productPublish(id: {GHOST})": CATALOG,
    f"productArchive(id: {GHOST})": CATALOG,
    f'productVariantUpdate(id: {GHOST}, variant: {{sku: "MUG"}})': CATALOG,
    "inventoryAdjustQuantities(input: {reason: DAMAGE, changes: []})": INVENTORY,
    "inventoryLimitsSet(input: {limits: []})": INVENTORY,
    f'inventoryTransferCreate(transfer: {{originId: {GHOST}, destinationId: "", lines: []}})': INVENTORY,
    f"inventoryTransferShip(id: {GHOST})": INVENTORY,
    f"inventoryTransferReceive(id: {GHOST})": INVENTORY,
    f"inventoryTransferCancel(id: {GHOST})": INVENTORY,
    "inventorySet(input: {quantities: []})": INVENTORY,
    "inventoryThresholdsSet(input: {thresholds: []})": INVENTORY,
    f"stockCountStart(count: {{locationId: {GHOST}}})": INVENTORY,
    f"stockCountLinesRecord(id: {GHOST}, lines: [])": INVENTORY,
    f"stockCountComplete(id: {GHOST})": INVENTORY,
    f"stockCountCancel(id: {GHOST})": INVENTORY,
    'locationCreate(location: {name: "Berlin", code: ""})': INVENTORY,
    f'locationUpdate(id: {GHOST}, location: {{name: "Berlin"}})': INVENTORY,
    f"locationActivate(id: {GHOST})": INVENTORY,
    f"locationDeactivate(id: {GHOST})": INVENTORY,
    f"reviewApprove(id: {GHOST})": REVIEWS,
    f"reviewReject(id: {GHOST})": REVIEWS,
    'promotionCreate(promotion: {title: "Sale", kind: PERCENTAGE})': PROMOTIONS,
    f'promotionUpdate(id: {GHOST}, promotion: {{title: "Sale"}})': PROMOTIONS,
    f"promotionDelete(id: {GHOST})": PROMOTIONS,
    f"promotionActivate(id: {GHOST})": PROMOTIONS,
    f"promotionDeactivate(id: {GHOST})": PROMOTIONS,
    f"promotionCodesGenerate(promotionId: {GHOST}, count: 1)": PROMOTIONS,
    f"promotionCodesDisable(promotionId: {GHOST}, codes: [])": PROMOTIONS,
}


def errors(answer):
    """What was refused, once it is sure that nothing happened."""
    assert not Category.objects.exists()
    return [(error["extensions"]["code"], error["message"]) for error in answer["errors"]]


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_turns_away_a_guest(request_graphql, mutation):
    answer = request_graphql(f"mutation {{ {mutation} {{ userErrors {{ code }} }} }}")

    assert errors(answer) == [("UNAUTHENTICATED", "Sign in as a member of staff first.")]


@pytest.mark.parametrize(("mutation", "permission"), MUTATIONS.items())
def test_turns_away_a_customer(request_graphql, alice, mutation, permission):
    answer = request_graphql(f"mutation {{ {mutation} {{ userErrors {{ code }} }} }}", as_=alice)

    assert errors(answer) == [("FORBIDDEN", f"Your role does not include {permission}.")]


@pytest.mark.parametrize(("mutation", "permission"), MUTATIONS.items())
def test_turns_away_staff_of_every_other_role(request_graphql, mutation, permission):
    user = builders.a_customer(is_staff=True)
    user.user_permissions.set(StoredPermission.objects.exclude(codename=permission))

    answer = request_graphql(f"mutation {{ {mutation} {{ userErrors {{ code }} }} }}", as_=User.objects.get(pk=user.pk))

    assert errors(answer) == [("FORBIDDEN", f"Your role does not include {permission}.")]


@pytest.mark.parametrize(("mutation", "permission"), MUTATIONS.items())
def test_lets_staff_in_whose_role_includes_it(execute, mutation, permission):
    user = builders.a_customer(is_staff=True)
    user.user_permissions.set(StoredPermission.objects.filter(codename=permission))

    answer = execute(f"mutation {{ {mutation} {{ userErrors {{ code }} }} }}", as_=User.objects.get(pk=user.pk))

    assert [set(payload) for payload in answer.values()] == [{"userErrors"}]
