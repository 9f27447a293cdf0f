"""productCreate: a product with all that belongs to it, or a list of what is wrong with it and nothing at all."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand, Price, Product, ProductVariant, StockMovement
from tests import builders

CREATE = """
mutation ($product: ProductCreateInput!) {
  productCreate(product: $product) {
    product {
      title handle descriptionHtml vendor productType tags status availableForSale
      seo { title description }
      category { handle }
      options { name values }
      images { nodes { url altText width height } }
      priceRange { minVariantPrice { amount currencyCode } maxVariantPrice { amount } }
      variants {
        nodes {
          title sku barcode weightGrams requiresShipping inventoryQuantity
          price { amount } compareAtPrice { amount } selectedOptions { name value }
        }
      }
    }
    userErrors { code field message }
  }
}
"""
FACTS = '{ category(handle: "mugs") { facts { productCount inStockCount onSaleCount priceMax { amount } } } }'


@pytest.fixture
def mugs(db):
    return builders.a_category("Mugs")


@pytest.fixture
def create(execute, sam, mugs):
    """Make a plain mug in `mugs`, but for what a test says otherwise."""

    def send(**fields):
        product = {
            "title": "Mug",
            "categoryId": builders.id_of(mugs),
            "variants": [{"sku": "MUG", "price": "8.00"}],
            **fields,
        }
        return execute(CREATE, as_=sam, product=product)["productCreate"]

    return send


def errors(payload):
    """What was refused, once it is sure that nothing was made."""
    assert payload["product"] is None
    assert not Product.objects.exists()
    assert not ProductVariant.objects.exists()
    assert not Brand.objects.exists()
    return [(error["code"], error["field"], error["message"]) for error in payload["userErrors"]]


def sized(size, **fields):
    return {
        "sku": f"MUG-{size}",
        "price": "8.00",
        "optionValues": [{"name": "Size", "value": size}],
        **fields,
    }


def test_makes_a_product_with_all_that_is_said_of_it(create, sam, execute, assert_verified):
    payload = create(
        title="Mug \N{HOT BEVERAGE}",
        descriptionHtml='<p onclick="steal()">Holds <b>tea</b>.</p><script>steal()</script>',
        vendor="Clay & Co",
        productType="Mug",
        tags=["new", "clay", "new"],
        seo={"title": "The mug"},
        status="ACTIVE",
        options=[{"name": "Size", "values": ["S", "L"]}, {"name": "Glaze", "values": ["Blue"]}],
        images=[{"src": "https://img.example/mug.svg", "alt": "A mug", "width": 800, "height": 600}, {"src": "b.jpg"}],
        variants=[
            {
                "sku": "MUG-S",
                "price": "8.5",
                "compareAtPrice": "10",
                "barcode": "4006381333931",
                "weightGrams": 300,
                "inventoryQuantity": 7,
                "optionValues": [{"name": "Glaze", "value": "Blue"}, {"name": "Size", "value": "S"}],
            },
            {
                "sku": "MUG-L",
                "price": "12.00",
                "requiresShipping": False,
                "optionValues": [{"name": "Size", "value": "L"}, {"name": "Glaze", "value": "Blue"}],
            },
        ],
    )

    assert payload == {
        "product": {
            "title": "Mug \N{HOT BEVERAGE}",
            "handle": "mug",
            "descriptionHtml": "<p>Holds <b>tea</b>.</p>",
            "vendor": "Clay & Co",
            "productType": "Mug",
            "tags": ["new", "clay"],
            "status": "ACTIVE",
            "availableForSale": True,
            "seo": {"title": "The mug", "description": None},
            "category": {"handle": "mugs"},
            "options": [{"name": "Size", "values": ["S", "L"]}, {"name": "Glaze", "values": ["Blue"]}],
            "images": {
                "nodes": [
                    {"url": "https://img.example/mug.svg", "altText": "A mug", "width": 800, "height": 600},
                    {"url": "http://localhost:8000/media/b.jpg", "altText": None, "width": None, "height": None},
                ]
            },
            "priceRange": {
                "minVariantPrice": {"amount": "8.50", "currencyCode": "USD"},
                "maxVariantPrice": {"amount": "12.00"},
            },
            "variants": {
                "nodes": [
                    {
                        "title": "S / Blue",
                        "sku": "MUG-S",
                        "barcode": "4006381333931",
                        "weightGrams": 300,
                        "requiresShipping": True,
                        "inventoryQuantity": 7,
                        "price": {"amount": "8.50"},
                        "compareAtPrice": {"amount": "10.00"},
                        "selectedOptions": [{"name": "Size", "value": "S"}, {"name": "Glaze", "value": "Blue"}],
                    },
                    {
                        "title": "L / Blue",
                        "sku": "MUG-L",
                        "barcode": None,
                        "weightGrams": 0,
                        "requiresShipping": False,
                        "inventoryQuantity": 0,
                        "price": {"amount": "12.00"},
                        "compareAtPrice": None,
                        "selectedOptions": [{"name": "Size", "value": "L"}, {"name": "Glaze", "value": "Blue"}],
                    },
                ]
            },
        },
        "userErrors": [],
    }
    assert execute(FACTS) == {
        "category": {"facts": {"productCount": 1, "inStockCount": 1, "onSaleCount": 1, "priceMax": {"amount": "8.50"}}}
    }
    assert list(StockMovement.objects.values_list("kind", "on_hand_delta", "note", "actor")) == [
        ("PURCHASE", 7, "Opening stock", sam.pk)
    ]
    assert_verified()


def test_makes_a_draft_that_staff_see_and_shoppers_do_not(create, execute, assert_verified):
    payload = create(variants=[{"sku": "MUG", "price": "8.00", "inventoryQuantity": 3}])

    assert payload["userErrors"] == []
    assert payload["product"]["status"] == "DRAFT"
    assert payload["product"]["options"] == [{"name": "Title", "values": ["Default Title"]}]
    assert payload["product"]["variants"]["nodes"][0]["title"] == "Default Title"
    assert execute('{ product(handle: "mug") { title } }') == {"product": None}
    assert execute(FACTS)["category"]["facts"]["productCount"] == 0
    assert_verified()


def test_can_be_found_by_its_words_once_it_is_for_sale(create, execute):
    create(title="Café mug", vendor="Clay", status="ACTIVE")

    assert execute('{ products(query: "cafe clay mug") { nodes { handle } } }') == {
        "products": {"nodes": [{"handle": "café-mug"}]}
    }


def test_makes_a_handle_of_its_own_and_a_brand_only_once(create):
    create(vendor="Clay")

    payload = create(vendor="CLAY", variants=[{"sku": "MUG-2", "price": "8.00"}])

    assert payload["product"]["handle"] == "mug-2"
    assert payload["product"]["vendor"] == "Clay"
    assert Brand.objects.count() == 1


@pytest.mark.parametrize(("currency", "price"), [("JPY", "800"), ("KWD", "2.125"), ("EUR", "0")])
def test_takes_prices_exactly_as_the_currency_has_them(create, currency, price, assert_verified):
    payload = create(variants=[{"sku": "MUG", "price": price, "currency": currency}])

    assert payload["userErrors"] == []
    assert [variant["sku"] for variant in payload["product"]["variants"]["nodes"]] == ["MUG"]
    assert Price.objects.get().amount == Decimal(price)
    assert Price.objects.get().currency == currency
    assert_verified()


@pytest.mark.parametrize(
    ("variant", "field", "message"),
    [
        ({"price": "-1"}, "price", "A price must be zero or more."),
        ({"price": "NaN"}, "price", "A price must be zero or more."),
        ({"price": "1e400000"}, "price", "A price may be 999999999999 at the most."),
        ({"price": "8.005"}, "price", "A price in USD has 2 decimals at the most."),
        ({"price": "8.50", "currency": "JPY"}, "price", "A price in JPY has 0 decimals at the most."),
        ({"compareAtPrice": "-0.01"}, "compareAtPrice", "A price must be zero or more."),
        ({"sku": " "}, "sku", "This must not be empty."),
        ({"sku": "MUG\u0000"}, "sku", "The character U+0000 is not allowed."),
        ({"sku": "x" * 256}, "sku", "At most 255 characters are allowed; these are 256."),
        ({"barcode": "1" * 51}, "barcode", "At most 50 characters are allowed; these are 51."),
        ({"weightGrams": -1}, "weightGrams", "A weight is from 0 to 1000000000 grams."),
        ({"inventoryQuantity": -1}, "inventoryQuantity", "Stock must be from 0 to 1000000000."),
    ],
)
def test_refuses_a_variant_that_cannot_be(create, variant, field, message):
    payload = create(vendor="Clay", variants=[{"sku": "MUG", "price": "8.00", **variant}])

    assert errors(payload) == [("INVALID", ["product", "variants", "0", field], message)]


@pytest.mark.parametrize(
    ("options", "variants", "field", "message"),
    [
        ([], [], ["variants"], "A product has 1 to 250 variants."),
        (
            [],
            [{"sku": "A", "price": "1"}, {"sku": "B", "price": "1"}],
            ["variants"],
            "A product without options has exactly one variant; name the options they differ in.",
        ),
        ([], [sized("S")], ["variants", "0", "optionValues", "0", "name"], "The product has no such option."),
        (
            [{"name": "Size", "values": ["S"]}],
            [{"sku": "A", "price": "1"}],
            ["variants", "0", "optionValues"],
            "Every option needs a value; there is none of Size.",
        ),
        (
            [{"name": "Size", "values": ["S"]}],
            [sized("S"), sized("XL")],
            ["variants", "1", "optionValues", "0", "value"],
            "This is not among the values of the option Size.",
        ),
        (
            [{"name": "Size", "values": ["S"]}],
            [sized("S"), sized("S", sku="B")],
            ["variants", "1", "optionValues"],
            "Another variant has the same options.",
        ),
        (
            [{"name": "Size", "values": ["S", "XL"]}],
            [sized("S")],
            ["options", "0", "values", "1"],
            'No variant has the value "XL".',
        ),
        (
            [{"name": "Size", "values": ["S"]}, {"name": "SIZE", "values": ["S"]}],
            [sized("S")],
            ["options", "1", "name"],
            'Another option is called "SIZE" too; capitals make no difference.',
        ),
        (
            [{"name": "Size", "values": ["S", "s"]}],
            [sized("S")],
            ["options", "0", "values", "1"],
            'Another value is called "s" too; capitals make no difference.',
        ),
        (
            [{"name": "Size", "values": []}],
            [sized("S")],
            ["options", "0", "values"],
            "An option has 1 to 250 values.",
        ),
        (
            [{"name": name, "values": ["S"]} for name in "ABCD"],
            [sized("S")],
            ["options"],
            "A product has 3 options at the most.",
        ),
    ],
)
def test_refuses_options_that_do_not_add_up(create, options, variants, field, message):
    payload = create(options=options, variants=variants)

    assert errors(payload) == [("INVALID", ["product", *field], message)]


def test_refuses_a_sku_that_is_taken_by_another_product_or_twice_in_the_list(create):
    taken = builders.a_variant("MUG-L")
    options = [{"name": "Size", "values": ["S", "M", "L"]}]

    twice = create(options=options, variants=[sized("S"), sized("M"), sized("L", sku="MUG-S")])
    elsewhere = create(options=options, variants=[sized("S"), sized("M"), sized("L")])

    assert [error["field"] for error in twice["userErrors"]] == [["product", "variants", "2", "sku"]]
    assert elsewhere == {
        "product": None,
        "userErrors": [
            {
                "code": "SKU_TAKEN",
                "field": ["product", "variants", "2", "sku"],
                "message": 'The sku "MUG-L" is taken; choose another.',
            }
        ],
    }
    assert list(ProductVariant.objects.all()) == [taken]


def test_refuses_a_handle_that_another_product_has(create):
    builders.a_product("Mug")

    payload = create(handle="mug")

    assert payload == {
        "product": None,
        "userErrors": [
            {
                "code": "HANDLE_TAKEN",
                "field": ["product", "handle"],
                "message": 'The handle "mug" is taken; choose another.',
            }
        ],
    }
    assert Product.objects.count() == 1


@pytest.mark.parametrize("category", ["gid://shop/Category/404", "gid://shop/Product/1", "mugs"])
def test_refuses_a_category_that_is_not_there(create, category):
    payload = create(categoryId=category)

    assert errors(payload) == [("NOT_FOUND", ["product", "categoryId"], "Category not found.")]


def test_tells_all_that_is_wrong_at_once(create):
    payload = create(
        title="",
        handle="No Handle",
        descriptionHtml="bad\u0000",
        vendor="two\nlines",
        productType="x" * 256,
        tags=["good", ""],
        seo={"description": "\u0001"},
        images=[{"src": "../etc/passwd", "width": 0}],
        variants=[{"sku": "", "price": "-1"}],
    )

    assert [(code, field) for code, field, _ in errors(payload)] == [
        ("INVALID", ["product", "title"]),
        ("INVALID", ["product", "handle"]),
        ("INVALID", ["product", "descriptionHtml"]),
        ("INVALID", ["product", "vendor"]),
        ("INVALID", ["product", "productType"]),
        ("INVALID", ["product", "tags", "1"]),
        ("INVALID", ["product", "seo", "description"]),
        ("INVALID", ["product", "variants", "0", "sku"]),
        ("INVALID", ["product", "variants", "0", "price"]),
        ("INVALID", ["product", "images", "0", "src"]),
        ("INVALID", ["product", "images", "0", "width"]),
    ]


def test_costs_the_same_however_many_variants(create):
    def cost_of(size):
        sizes = [f"{size}-{number}" for number in range(size)]
        with CaptureQueriesContext(connection) as queries:
            payload = create(
                title=f"Mug {size}",
                status="ACTIVE",
                options=[{"name": "Size", "values": sizes}],
                variants=[sized(one, inventoryQuantity=1) for one in sizes],
            )
        assert len(payload["product"]["variants"]["nodes"]) == size
        return len(queries)

    create()
    assert cost_of(1) == cost_of(20)
