"""product(handle): all that a product page shows, and which variant a shopper's choices mean."""

from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from catalog import facts, stock
from catalog.models import MovementKind, Product, ProductOption, ProductVariant
from catalog.stock import Reason
from tests import builders
from tests.conftest import Execute

PRODUCT = """
query ($handle: String, $id: ID) {
  product(handle: $handle, id: $id) {
    id handle title description descriptionHtml vendor productType tags availableForSale
    seo { title description } createdAt updatedAt publishedAt trackingParameters
    priceRange { minVariantPrice { amount currencyCode } maxVariantPrice { amount currencyCode } }
    featuredImage { url altText width height }
    images(first: 20) { edges { node { url } } }
    options { name values optionValues { name swatch { color image { previewImage { url } } } } }
    variants(first: 250) { edges { node {
      id title sku barcode availableForSale quantityAvailable requiresShipping weightGrams unitPrice { amount }
      price { amount currencyCode } compareAtPrice { amount } image { url } selectedOptions { name value }
      product { handle }
    } } }
    category { handle }
  }
}
"""
CHOICES = """
query ($selected: [SelectedOptionInput!], $skip: Boolean, $fold: Boolean) {
  product(handle: "shirt") {
    selectedOrFirstAvailableVariant(
      selectedOptions: $selected, ignoreUnknownOptions: $skip, caseInsensitiveMatch: $fold
    ) { sku }
    adjacentVariants(selectedOptions: $selected, ignoreUnknownOptions: $skip, caseInsensitiveMatch: $fold) { sku }
  }
}
"""


def test_tells_all_that_a_product_page_shows(execute: Execute) -> None:
    product = builders.a_product(
        "Mug",
        category=builders.a_category("Kitchen"),
        price="8.00",
        compare_at="10.00",
        brand="Clay",
        product_type="Cup",
        tags=["new"],
        images=2,
        description_html="<p>For <b>tea</b>, &amp; more.</p><p>Dishwasher safe.</p>",
        seo_title="The mug",
    )
    variant = product.variants.get()

    found = execute(PRODUCT, handle="mug")["product"]

    [first, second] = [image["node"]["url"] for image in found["images"]["edges"]]
    assert found == {
        "id": builders.id_of(product),
        "handle": "mug",
        "title": "Mug",
        "description": "For tea, & more. Dishwasher safe.",
        "descriptionHtml": "<p>For <b>tea</b>, &amp; more.</p><p>Dishwasher safe.</p>",
        "vendor": "Clay",
        "productType": "Cup",
        "tags": ["new"],
        "availableForSale": True,
        "seo": {"title": "The mug", "description": None},
        "createdAt": product.created_at.isoformat(),
        "updatedAt": product.updated_at.isoformat(),
        "publishedAt": product.created_at.isoformat(),
        "trackingParameters": None,
        "priceRange": {
            "minVariantPrice": {"amount": "8.00", "currencyCode": "USD"},
            "maxVariantPrice": {"amount": "8.00", "currencyCode": "USD"},
        },
        "featuredImage": {"url": first, "altText": None, "width": None, "height": None},
        "images": {"edges": [{"node": {"url": first}}, {"node": {"url": second}}]},
        "options": [
            {
                "name": "Title",
                "values": ["Default Title"],
                "optionValues": [{"name": "Default Title", "swatch": None}],
            }
        ],
        "variants": {
            "edges": [
                {
                    "node": {
                        "id": builders.id_of(variant),
                        "title": "Default Title",
                        "sku": variant.sku,
                        "barcode": None,
                        "availableForSale": True,
                        "quantityAvailable": 5,
                        "requiresShipping": True,
                        "weightGrams": 0,
                        "unitPrice": None,
                        "price": {"amount": "8.00", "currencyCode": "USD"},
                        "compareAtPrice": {"amount": "10.00"},
                        "image": None,
                        "selectedOptions": [{"name": "Title", "value": "Default Title"}],
                        "product": {"handle": "mug"},
                    }
                }
            ]
        },
        "category": {"handle": "kitchen"},
    }
    assert execute(PRODUCT, id=found["id"])["product"] == found


def test_shows_a_placeholder_where_there_is_no_picture(execute: Execute) -> None:
    builders.a_product("Mug")

    found = execute(PRODUCT, handle="mug")["product"]

    assert found["images"] == {"edges": []}
    assert found["featuredImage"] == {
        "url": f"{settings.SHOP_URL}/static/schema/placeholder.svg",
        "altText": "Mug",
        "width": 1200,
        "height": 1200,
    }


@pytest.mark.parametrize(
    ("length", "text"), [(None, "Tea & cake"), (5, "Tea …"), (0, ""), (-1, ""), (99, "Tea & cake")]
)
def test_cuts_the_description_to_a_length(execute: Execute, length: int | None, text: str) -> None:
    builders.a_product("Mug", description_html="<p>Tea &amp; <i>cake</i></p>")
    document = 'query ($length: Int) { product(handle: "mug") { description(truncateAt: $length) } }'

    assert execute(document, length=length)["product"]["description"] == text


@pytest.mark.parametrize(
    "fields", [{"handle": "nowhere"}, {}, {"id": "gid://shop/Product/9"}, {"id": "gid://shop/Page/1"}, {"id": "?"}]
)
def test_is_null_for_what_is_not_there(execute: Execute, fields: dict[str, str]) -> None:
    assert execute(PRODUCT, **fields)["product"] is None


def test_is_null_for_what_is_not_sold_to_shoppers(execute: Execute, sam: User) -> None:
    builders.a_product("Draft", status="DRAFT")
    builders.a_product("Abroad", currency="EUR")
    builders.a_product("Closed", category=builders.a_category(is_active=False))

    for handle in ("draft", "abroad", "closed"):
        assert execute(PRODUCT, handle=handle)["product"] is None
        assert execute(PRODUCT, handle=handle, as_=sam)["product"]["handle"] == handle


def test_is_found_under_its_old_name(execute: Execute) -> None:
    builders.a_product("Mug")

    assert execute('{ productByHandle(handle: "mug") { title } }') == {"productByHandle": {"title": "Mug"}}


def test_says_status_to_staff_alone(execute: Execute, request_graphql: Execute, sam: User, alice: User) -> None:
    builders.a_product("Mug")
    document = '{ product(handle: "mug") { status variants { nodes { inventoryQuantity } } } }'

    assert execute(document, as_=sam)["product"] == {
        "status": "ACTIVE",
        "variants": {"nodes": [{"inventoryQuantity": 5}]},
    }
    for who, code in ((None, "UNAUTHENTICATED"), (alice, "FORBIDDEN")):
        assert {error["extensions"]["code"] for error in request_graphql(document, as_=who)["errors"]} == {code}


@pytest.fixture
def shirt(db: None) -> Product:
    """Sizes S, M, L in red and blue; M is not made in blue, and S red is sold out."""
    product = builders.a_product("Shirt", price=None)
    product.variants.all().delete()
    ProductOption.objects.create(product=product, name="Size", position=0, values=["S", "M", "L"])
    ProductOption.objects.create(product=product, name="Color", position=1, values=["Red", "Blue"])
    combinations = [("L", "Blue"), ("S", "Red"), ("S", "Blue"), ("M", "Red"), ("L", "Red")]
    for position, (size, color) in enumerate(combinations):
        variant = ProductVariant.objects.create(
            product=product,
            sku=f"{size}-{color}",
            title=f"{size} / {color}",
            position=position,
            option_values=[size, color],
        )
        builders.a_price(variant, "10")
        if variant.sku != "S-Red":
            stock.set_on_hand({variant.pk: 1}, Reason(MovementKind.PURCHASE))
    facts.refresh([product.pk])
    return product


@pytest.mark.usefixtures("shirt")
@pytest.mark.parametrize(
    ("selected", "rules", "sku", "adjacent"),
    [
        (None, {}, "L-Blue", ["S-Blue", "L-Red"]),
        ([], {}, "L-Blue", ["S-Blue", "L-Red"]),
        ([("Size", "M"), ("Color", "Red")], {}, "M-Red", ["S-Red", "L-Red"]),
        ([("Color", "Red"), ("Size", "S")], {}, "S-Red", ["S-Blue", "M-Red", "L-Red"]),
        ([("Size", "M"), ("Color", "Blue")], {}, "L-Blue", ["L-Blue", "S-Blue", "M-Red"]),
        ([("Size", "S")], {}, "S-Blue", ["L-Blue", "S-Red"]),
        ([("Material", "Wool"), ("Color", "Red"), ("Size", "L")], {}, "L-Red", ["L-Blue", "S-Red", "M-Red"]),
        ([("Material", "Wool"), ("Color", "Red"), ("Size", "L")], {"skip": False}, "L-Blue", ["S-Blue", "L-Red"]),
        ([("size", "l"), ("COLOR", "red")], {}, "L-Blue", ["S-Blue", "L-Red"]),
        ([("size", "l"), ("COLOR", "red")], {"fold": True}, "L-Red", ["L-Blue", "S-Red", "M-Red"]),
        ([("Size", "XXL"), ("Color", "Red")], {}, "L-Blue", ["S-Red", "M-Red", "L-Red"]),
    ],
)
def test_understands_what_a_shopper_chose(
    execute: Execute, selected: list[tuple[str, str]] | None, rules: dict[str, bool], sku: str, adjacent: list[str]
) -> None:
    choice = None if selected is None else [{"name": name, "value": value} for name, value in selected]

    found = execute(CHOICES, selected=choice, **rules)["product"]

    assert found["selectedOrFirstAvailableVariant"] == {"sku": sku}
    assert [variant["sku"] for variant in found["adjacentVariants"]] == adjacent


@pytest.mark.usefixtures("shirt")
def test_tells_which_combinations_exist_and_can_be_bought(execute: Execute) -> None:
    document = """{ product(handle: "shirt") { encodedVariantExistence encodedVariantAvailability
      options { name optionValues { name firstSelectableVariant { sku } } } } }"""

    found = execute(document)["product"]

    assert found["encodedVariantExistence"] == "v1_0:0 1,1:0,2:0 1,"
    assert found["encodedVariantAvailability"] == "v1_0:1,1:0,2:0 1,"
    first = {
        value["name"]: value["firstSelectableVariant"]["sku"]
        for option in found["options"]
        for value in option["optionValues"]
    }
    assert first == {"S": "S-Red", "M": "M-Red", "L": "L-Red", "Red": "S-Red", "Blue": "S-Blue"}


def test_encodes_one_option_and_none(execute: Execute) -> None:
    builders.a_product("Mug")
    builders.a_product("Sock", variants=3)
    builders.a_product("Gone", stock_=0)
    document = """query ($handle: String!) { product(handle: $handle) {
      encodedVariantExistence encodedVariantAvailability
      selectedOrFirstAvailableVariant { title } adjacentVariants { title } } }"""

    def shown(handle: str) -> tuple[Any, ...]:
        product = execute(document, handle=handle)["product"]
        return (
            product["encodedVariantExistence"],
            product["encodedVariantAvailability"],
            product["selectedOrFirstAvailableVariant"]["title"],
            [variant["title"] for variant in product["adjacentVariants"]],
        )

    assert shown("mug") == ("v1_0", "v1_0", "Default Title", [])
    assert shown("sock") == ("v1_0 1 2", "v1_0 1 2", "1", ["2", "3"])
    assert shown("gone") == ("v1_0", "v1_", "Default Title", [])


def test_encodes_three_options(execute: Execute) -> None:
    product = builders.a_product("Lamp", price=None)
    product.variants.all().delete()
    for position, name in enumerate(("A", "B", "C")):
        ProductOption.objects.create(product=product, name=name, position=position, values=["x", "y"])
    for position, values in enumerate((["x", "x", "x"], ["x", "x", "y"], ["x", "y", "y"], ["y", "x", "x"])):
        variant = ProductVariant.objects.create(
            product=product, sku="".join(values), title=" / ".join(values), position=position, option_values=values
        )
        builders.a_price(variant, "10")
    facts.refresh([product.pk])

    found = execute('{ product(handle: "lamp") { encodedVariantExistence } }')["product"]

    assert found == {"encodedVariantExistence": "v1_0:0:0 1,1:1,,1:0:0,,"}
