"""productBulkUpsert: many products made or changed at once, all of them or none."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.staff import Permission
from catalog.models import (
    AttributeKind,
    AttributeValue,
    BundlePart,
    Price,
    Product,
    ProductVariant,
    StockMovement,
    Translation,
)
from shop.models import OutboxMessage
from tests import builders
from tests.domain.import_lines import hold

UPSERT = """
mutation ($products: [ProductUpsertInput!]!, $dryRun: Boolean, $by: ProductIdentifier) {
  productBulkUpsert(products: $products, dryRun: $dryRun, identifiedBy: $by) {
    results { outcome handle product { title } } created updated unchanged
    userErrors { code field message }
  }
}
"""
NOTHING = {"results": None, "created": 0, "updated": 0, "unchanged": 0}


def a_variant(sku: str, **fields: Any) -> dict[str, Any]:
    return {"sku": sku, "price": "5.00", **fields}


def a_product(handle: str, **fields: Any) -> dict[str, Any]:
    return {"handle": handle, "title": handle.title(), "variants": [a_variant(handle.upper())], **fields}


@pytest.fixture
def upsert(execute, sam):
    def upsert(*products: dict[str, Any], **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = execute(UPSERT, as_=sam, products=list(products), **arguments)["productBulkUpsert"]
        return found

    return upsert


def test_makes_changes_and_leaves_alone(upsert, assert_verified):
    cups = builders.id_of(builders.a_category("Cups"))
    upsert(a_product("mug", categoryId=cups), a_product("bowl", categoryId=cups))

    payload = upsert(
        a_product("mug"),
        a_product("bowl", variants=[a_variant("BOWL", price="6.00", inventoryQuantity=4)]),
        a_product("jug", categoryId=cups, vendor="Clay", status="DRAFT"),
    )

    assert payload == {
        "results": [
            {"outcome": "UNCHANGED", "handle": "mug", "product": {"title": "Mug"}},
            {"outcome": "UPDATED", "handle": "bowl", "product": {"title": "Bowl"}},
            {"outcome": "CREATED", "handle": "jug", "product": {"title": "Jug"}},
        ],
        "created": 1,
        "updated": 1,
        "unchanged": 1,
        "userErrors": [],
    }
    assert Product.objects.get(handle="jug").status == "DRAFT"
    assert str(Price.objects.get(variant__sku="BOWL").amount) == "6.0000"
    assert StockMovement.objects.get(variant__sku="BOWL").on_hand_delta == 4
    assert_verified()


def test_a_dry_run_tells_the_same_and_writes_nothing(upsert):
    cups = builders.id_of(builders.a_category("Cups"))
    products = [a_product("mug", categoryId=cups), a_product("bowl", categoryId=cups)]
    messages = OutboxMessage.objects.count()

    dry = upsert(*products, dryRun=True)

    assert not Product.objects.exists()
    assert OutboxMessage.objects.count() == messages
    assert [result["product"] for result in dry["results"]] == [None, None]
    real = upsert(*products)
    assert (dry["created"], dry["userErrors"]) == (real["created"], real["userErrors"]) == (2, [])


def test_what_is_left_out_stays(upsert):
    mug = builders.a_product("Mug", tags=["old"], brand="Clay", description_html="<p>x</p>", variants=2, stock_=3)

    payload = upsert({"handle": "mug", "tags": ["new"]})

    assert payload["updated"] == 1
    mug.refresh_from_db()
    assert (mug.title, mug.tags, str(mug.brand), mug.description_html) == ("Mug", ["new"], "Clay", "<p>x</p>")
    assert mug.variants.count() == 2


@pytest.mark.parametrize(
    ("by", "named"),
    [("HANDLE", {"handle": "mug"}), ("EXTERNAL_ID", {"externalId": "X1"}), ("SKU", {})],
)
def test_knows_a_product_by_what_was_chosen(upsert, by, named):
    mug = builders.a_variant("M", title="Mug", external_id="X1")

    payload = upsert({"title": "New", "variants": [a_variant("M", price="10.00")], **named}, by=by)

    assert payload["results"] == [{"outcome": "UPDATED", "handle": "mug", "product": {"title": "New"}}]
    assert Product.objects.get().variants.get().pk == mug.pk


def test_one_bad_product_refuses_all_and_every_fault_is_told(upsert, assert_verified):
    cups = builders.id_of(builders.a_category("Cups"))
    builders.a_variant("TAKEN")
    hold_me = builders.a_variant("HELD", title="Held", stock=3)
    hold("HELD", 2)
    before = Product.objects.count()

    payload = upsert(
        a_product("good", categoryId=cups),
        a_product("price", categoryId=cups, variants=[a_variant("P", price="-1")]),
        a_product("place", categoryId="gid://shop/Category/404", title=""),
        a_product("good", categoryId=cups),
    )
    later = upsert(
        a_product("good", categoryId=cups),
        a_product("sku", categoryId=cups, variants=[a_variant("TAKEN")]),
        {"handle": hold_me.product.handle, "variants": [a_variant("HELD", inventoryQuantity=1)]},
    )

    assert payload == NOTHING | {
        "userErrors": [
            {"code": "INVALID", "field": ["products", "1", "variants", "0", "price"], "message": MINUS},
            {"code": "INVALID", "field": ["products", "2", "title"], "message": "This must not be empty."},
            {"code": "INVALID", "field": ["products", "2", "title"], "message": UNTITLED},
            {"code": "NOT_FOUND", "field": ["products", "2", "categoryId"], "message": "Category not found."},
            {"code": "TAKEN", "field": ["products", "3", "handle"], "message": twice("good")},
            {"code": "TAKEN", "field": ["products", "3", "variants", "0", "sku"], "message": twice("GOOD")},
        ]
    }
    assert later == NOTHING | {
        "userErrors": [
            {
                "code": "TAKEN",
                "field": ["products", "1", "variants", "0", "sku"],
                "message": 'The sku "TAKEN" is taken by another product of the shop.',
            },
            {
                "code": "BAD_LINE",
                "field": ["products", "2", "variants", "0", "stock"],
                "message": 'Orders hold 2 of "HELD"; its stock cannot go below that.',
            },
        ]
    }
    assert Product.objects.count() == before
    assert_verified()


MINUS = "A price must be zero or more."
UNTITLED = "A product that is new to the shop needs a title."


def twice(value: str) -> str:
    return f'"{value}" is that of the product at 0 of the list already.'


def test_takes_a_bounded_number(upsert):
    payload = upsert(*({"handle": f"p{number}"} for number in range(251)))

    message = "250 products at the most; these are 251. Import a file instead."
    assert payload["userErrors"] == [{"code": "INVALID", "field": ["products"], "message": message}]


def test_costs_the_same_however_many(execute, sam, django_assert_max_num_queries):
    cups = builders.id_of(builders.a_category("Cups"))
    for products in ([a_product("a", categoryId=cups)], [a_product(f"p{n}", categoryId=cups) for n in range(20)]):
        with django_assert_max_num_queries(75):
            execute(UPSERT, as_=sam, products=products)

    assert ProductVariant.objects.count() == 21


def test_is_for_staff_who_manage_the_catalog(request_graphql, alice):
    clerk = builders.a_clerk(Permission.MANAGE_INVENTORY)

    answers = [request_graphql(UPSERT, as_=who, products=[a_product("mug")]) for who in (alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN", "FORBIDDEN"]
    assert not Product.objects.exists()


def test_all_that_a_product_is_described_by_goes_with_it(upsert, settings, assert_verified):
    settings.SHOP_LANGUAGES = ["EN", "FR"]
    cups = builders.a_category("Cups")
    builders.an_attribute("Material", AttributeKind.CHOICE, "Clay", on=cups, is_required=True)
    builders.an_attribute("Width", AttributeKind.NUMBER, on=cups)
    clay = {"categoryId": builders.id_of(cups), "attributes": [{"handle": "material", "choices": ["clay"]}]}
    bundle = {"pricing": "SUM", "parts": [{"sku": "MUG", "quantity": 2}]}
    products = [
        a_product("box", **clay, translations=[{"locale": "FR", "key": "title", "value": "Boîte"}])
        | {"variants": [a_variant("BOX", bundle=bundle)]},
        a_product("mug", **clay)
        | {
            "variants": [
                a_variant(
                    "MUG", inventoryQuantity=3, unitCost="1.25", attributes=[{"handle": "width", "number": "8.5"}]
                )
            ]
        },
    ]

    first, second = upsert(*products), upsert(*products)

    assert (first["userErrors"], first["created"], second["unchanged"]) == ([], 2, 2)
    assert list(BundlePart.objects.values_list("bundle__sku", "part__sku", "quantity")) == [("BOX", "MUG", 2)]
    assert str(Price.objects.get(variant__sku="BOX").amount) == "10.0000"
    assert StockMovement.objects.get(variant__sku="MUG").average_cost == Decimal("1.25")
    assert Translation.objects.get().texts == {"title": "Boîte"}
    assert AttributeValue.objects.get(variant__sku="MUG").number == Decimal("8.5")
    assert_verified()


def test_bad_values_bundles_and_translations_write_nothing(upsert, settings):
    settings.SHOP_LANGUAGES = ["EN", "FR"]
    cups = builders.a_category("Cups")
    builders.an_attribute("Width", AttributeKind.NUMBER, on=cups)
    place = {"categoryId": builders.id_of(cups)}
    wide = {"attributes": [{"handle": "width", "text": "wide"}]}
    nested = {"variants": [a_variant("BOX", bundle={"parts": [{"sku": "BOX", "quantity": 1}]})]}

    answers = [
        upsert(a_product("mug", **place), a_product("pot", **place, variants=[a_variant("POT", **wide)])),
        upsert(a_product("box", **place) | nested),
        upsert(a_product("mug", **place, translations=[{"locale": "DE", "key": "title", "value": "Becher"}])),
        upsert(a_product("mug", **place, variants=[a_variant("MUG", unitCost="1.255")])),
    ]

    assert [answer["userErrors"] for answer in answers] == [
        [
            {
                "code": "INVALID",
                "field": ["products", "1", "variants", "0", "attributes", "0", "text"],
                "message": "Width is a number; give it as `number`.",
            }
        ],
        [
            {
                "code": "BUNDLE_NESTED",
                "field": ["products", "0", "variants", "0", "bundle", "parts", "0", "sku"],
                "message": "A bundle cannot be a part of itself.",
            }
        ],
        [
            {
                "code": "LANGUAGE_NOT_OFFERED",
                "field": ["products", "0", "translations", "0", "locale"],
                "message": "The shop is not translated into DE; it is into: FR.",
            }
        ],
        [
            {
                "code": "INVALID",
                "field": ["products", "0", "variants", "0", "unitCost"],
                "message": "A price in USD has 2 decimals at the most.",
            }
        ],
    ]
    assert not Product.objects.exists()
    assert not Translation.objects.exists()
