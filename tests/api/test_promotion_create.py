"""Promotions as staff keep them: made, changed, switched, removed, with codes and a report of their uses."""

import re

import pytest

from accounts.staff import Permission
from checkout.models import Promotion, PromotionCode
from schema.nodes import gid
from tests import builders

ERRORS = "userErrors { code field message }"
SHOWN = """
promotion {
  title kind needsCode priority isExclusive currency percentage amount { amount } countries isActive usageLimit
  merchandise { variantIds categoryIds } tiers { from { amount } percentage amount { amount } }
  codes(first: 5) { totalCount nodes { code usageLimit isActive } }
}
"""
CREATE = f"""
mutation ($promotion: PromotionCreateInput!) {{ done: promotionCreate(promotion: $promotion) {{ {SHOWN} {ERRORS} }} }}
"""
UPDATE = f"""
mutation ($id: ID!, $promotion: PromotionUpdateInput!) {{
  done: promotionUpdate(id: $id, promotion: $promotion) {{ {SHOWN} {ERRORS} }}
}}
"""
SWITCH = f"mutation ($id: ID!) {{ done: promotion%s(id: $id) {{ promotion {{ isActive }} {ERRORS} }} }}"
DELETE = f"mutation ($id: ID!) {{ done: promotionDelete(id: $id) {{ deletedPromotionId {ERRORS} }} }}"
GENERATE = f"""
mutation ($id: ID!, $count: Int!, $prefix: String!, $length: Int!) {{
  done: promotionCodesGenerate(promotionId: $id, count: $count, prefix: $prefix, length: $length) {{
    codes promotion {{ codes(first: 1) {{ totalCount nodes {{ usageLimit }} }} }} {ERRORS}
  }}
}}
"""
DISABLE = f"""
mutation ($id: ID!, $codes: [String!]!) {{
  done: promotionCodesDisable(promotionId: $id, codes: $codes) {{ promotion {{ title }} {ERRORS} }}
}}
"""
REPORT = """
query {
  promotions(first: 50) {
    totalCount
    nodes {
      title usedCount discounted { amount currencyCode } gift { sku } codes(first: 2) { nodes { code usedCount } }
      uses(first: 5) { totalCount nodes { orderName isGivenBack amount { amount } code customer { email } } }
    }
  }
}
"""


@pytest.fixture
def clerk(db):
    return builders.a_clerk(Permission.MANAGE_PROMOTIONS)


def test_makes_a_promotion_with_codes(execute, clerk):
    mug = builders.a_variant("MUG")
    tiers = [{"from": "50", "percentage": "10"}, {"from": "20.00", "amount": "3"}]
    wanted = {
        "title": " More ",
        "kind": "TIERED",
        "currency": "USD",
        "tiers": tiers,
        "codes": ["More", "Better"],
        "countries": ["DE", "AT"],
        "merchandise": {"variantIds": [builders.id_of(mug)]},
    }

    payload = execute(CREATE, as_=clerk, promotion=wanted)["done"]

    assert payload["userErrors"] == []
    assert payload["promotion"] == {
        "title": "More",
        "kind": "TIERED",
        "needsCode": True,
        "priority": 100,
        "isExclusive": False,
        "currency": "USD",
        "percentage": None,
        "amount": None,
        "countries": ["AT", "DE"],
        "isActive": True,
        "usageLimit": None,
        "merchandise": {"variantIds": [builders.id_of(mug)], "categoryIds": []},
        "tiers": [
            {"from": {"amount": "20.00"}, "percentage": None, "amount": {"amount": "3.00"}},
            {"from": {"amount": "50.00"}, "percentage": "10", "amount": None},
        ],
        "codes": {
            "totalCount": 2,
            "nodes": [
                {"code": "More", "usageLimit": None, "isActive": True},
                {"code": "Better", "usageLimit": None, "isActive": True},
            ],
        },
    }


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"title": " "}, "INVALID", ["title"]),
        ({"percentage": "0"}, "INVALID", ["percentage"]),
        ({"percentage": "100.001"}, "INVALID", ["percentage"]),
        ({"percentage": None}, "INVALID", ["percentage"]),
        ({"amount": "5", "currency": "USD"}, "INVALID", ["amount"]),
        ({"minSubtotal": "5"}, "INVALID", ["minSubtotal"]),
        ({"minSubtotal": "5.001", "currency": "USD"}, "INVALID", ["minSubtotal"]),
        ({"kind": "FREE_GIFT", "percentage": None}, "INVALID", ["giftVariantId"]),
        ({"giftVariantId": gid("ProductVariant", 404)}, "INVALID", ["giftVariantId"]),
        ({"merchandise": {"productIds": [gid("Product", 404)]}}, "NOT_FOUND", ["merchandise", "productIds", "0"]),
        ({"groupIds": [gid("CustomerGroup", 404)]}, "NOT_FOUND", ["groupIds", "0"]),
        ({"usageLimit": 0}, "INVALID", ["usageLimit"]),
        ({"priority": -1}, "INVALID", ["priority"]),
        ({"codes": ["a b"]}, "INVALID", ["codes", "0"]),
        ({"codes": ["New", "taken"]}, "PROMOTION_CODE_TAKEN", ["codes", "1"]),
        ({"startsAt": "2030-01-02T00:00:00Z", "endsAt": "2030-01-01T00:00:00Z"}, "INVALID", ["endsAt"]),
    ],
)
def test_refuses_what_makes_no_promotion(execute, clerk, fields, code, field):
    builders.a_promotion(percentage="1", codes=["TAKEN"])
    wanted = {"title": "Sale", "kind": "PERCENTAGE", "percentage": "10", **fields}

    payload = execute(CREATE, as_=clerk, promotion=wanted)["done"]

    assert payload["promotion"] is None
    first = payload["userErrors"][0]
    assert (first["code"], first["field"]) == (code, ["promotion", *field])
    assert (Promotion.objects.count(), PromotionCode.objects.count()) == (1, 1)


def test_changes_what_is_said_and_leaves_the_rest(execute, clerk):
    promotion = builders.a_promotion(percentage="10", countries=["DE"], usage_limit=3)
    key = builders.id_of(promotion)

    payload = execute(UPDATE, as_=clerk, id=key, promotion={"percentage": "12.5", "usageLimit": None})["done"]

    assert payload["userErrors"] == []
    shown = payload["promotion"]
    assert (float(shown["percentage"]), shown["usageLimit"], shown["countries"]) == (12.5, None, ["DE"])
    assert execute(SWITCH % "Deactivate", as_=clerk, id=key)["done"]["promotion"] == {"isActive": False}
    assert execute(SWITCH % "Activate", as_=clerk, id=key)["done"]["promotion"] == {"isActive": True}
    assert execute(DELETE, as_=clerk, id=key)["done"] == {"deletedPromotionId": key, "userErrors": []}


def test_what_orders_have_used_is_not_removed_nor_limited_below(execute, clerk):
    promotion = builders.a_promotion(percentage="10")
    for _ in range(2):
        builders.an_order((builders.a_variant(), 1))
    key = builders.id_of(promotion)

    limited = execute(UPDATE, as_=clerk, id=key, promotion={"usageLimit": 1})["done"]["userErrors"]
    removed = execute(DELETE, as_=clerk, id=key)["done"]["userErrors"]

    assert [(one["code"], one["field"]) for one in limited] == [("INVALID", ["promotion", "usageLimit"])]
    assert [(one["code"], one["field"]) for one in removed] == [("PROMOTION_IN_USE", ["id"])]


def test_generates_codes_that_are_all_different_and_bring_the_promotion(execute, clerk):
    promotion = builders.a_promotion(percentage="10", needs_code=True)
    arguments = {"id": builders.id_of(promotion), "count": 200, "prefix": "fall-", "length": 8}

    payload = execute(GENERATE, as_=clerk, **arguments)["done"]

    assert payload["userErrors"] == []
    assert payload["promotion"]["codes"] == {"totalCount": 200, "nodes": [{"usageLimit": 1}]}
    assert len(set(payload["codes"])) == 200
    assert all(re.fullmatch("FALL-[A-HJ-NP-Z2-9]{8}", code) for code in payload["codes"])

    disabled = execute(DISABLE, as_=clerk, id=arguments["id"], codes=[payload["codes"][0].lower(), "NOPE"])["done"]
    assert [(one["code"], one["field"]) for one in disabled["userErrors"]] == [("NOT_FOUND", ["codes", "1"])]
    execute(DISABLE, as_=clerk, id=arguments["id"], codes=[payload["codes"][0]])
    assert list(PromotionCode.objects.filter(is_active=False).values_list("code", flat=True)) == [payload["codes"][0]]


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"count": 5001}, "INVALID", "count"),
        ({"length": 7}, "INVALID", "length"),
        ({"prefix": "ä"}, "INVALID", "prefix"),
        ({"id": gid("Promotion", 404)}, "NOT_FOUND", "promotionId"),
    ],
)
def test_refuses_batches_that_could_be_guessed_or_are_too_large(execute, clerk, fields, code, field):
    promotion = builders.a_promotion(percentage="10", needs_code=True)
    arguments = {"id": builders.id_of(promotion), "count": 1, "prefix": "", "length": 8, **fields}

    payload = execute(GENERATE, as_=clerk, **arguments)["done"]

    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [(code, [field])]
    assert not PromotionCode.objects.exists()


def test_a_promotion_that_comes_by_itself_has_no_codes(execute, clerk):
    arguments = {"id": builders.id_of(builders.a_promotion(percentage="1")), "count": 1, "prefix": "", "length": 8}

    payload = execute(GENERATE, as_=clerk, **arguments)["done"]

    assert [one["code"] for one in payload["userErrors"]] == ["PROMOTION_NEEDS_NO_CODE"]


@pytest.mark.parametrize("size", [1, 20])
def test_tells_what_promotions_took_off_in_the_same_queries(execute, sam, alice, size, django_assert_num_queries):
    gift = builders.a_variant("GIFT", price="1.00")
    builders.a_promotion("Gift", "FREE_GIFT", gift_variant_id=gift.pk, usage_limit=1)
    order = builders.an_order((builders.a_variant(), 1), owner=alice)
    for _ in range(size):
        builders.a_promotion("Other", percentage="1", codes=[f"CODE{Promotion.objects.count()}"])

    with django_assert_num_queries(10):
        shown = execute(REPORT, as_=sam)["promotions"]

    assert shown["totalCount"] == size + 1
    assert shown["nodes"][0] == {
        "title": "Gift",
        "usedCount": 1,
        "discounted": [{"amount": "1.00", "currencyCode": "USD"}],
        "gift": {"sku": "GIFT"},
        "codes": {"nodes": []},
        "uses": {
            "totalCount": 1,
            "nodes": [
                {
                    "orderName": order.name,
                    "isGivenBack": False,
                    "amount": {"amount": "1.00"},
                    "code": None,
                    "customer": {"email": "alice@example.com"},
                }
            ],
        },
    }
