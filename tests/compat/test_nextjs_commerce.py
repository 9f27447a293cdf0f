"""The reads of a storefront of the Next.js Commerce kind: fields, arguments and answers as it relies on them."""

from typing import Any

import pytest

from tests.builders import id_of
from tests.compat.conftest import Ask

IMAGE = "fragment image on Image { url altText width height }"
SEO = "fragment seo on SEO { title description }"
PRODUCT = f"""
fragment product on Product {{
  id handle availableForSale title description descriptionHtml tags updatedAt
  options {{ id name values }}
  priceRange {{ maxVariantPrice {{ ...money }} minVariantPrice {{ ...money }} }}
  variants(first: 250) {{
    edges {{ node {{ id title availableForSale selectedOptions {{ name value }} price {{ ...money }} }} }}
  }}
  featuredImage {{ ...image }}
  images(first: 20) {{ edges {{ node {{ ...image }} }} }}
  seo {{ ...seo }}
}}
fragment money on MoneyV2 {{ amount currencyCode }}
{IMAGE} {SEO}
"""
COLLECTION = f"fragment collection on Collection {{ handle title description seo {{ ...seo }} updatedAt }} {SEO}"


def _money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "USD"}


def test_reads_a_product(ask: Ask, catalog: dict[str, Any]) -> None:
    document = "query getProduct($handle: String!) { product(handle: $handle) { ...product } }" + PRODUCT
    cup = catalog["cup"]
    small, large = cup.variants.order_by("position")
    urls = list(cup.images.order_by("position").values_list("src", flat=True))
    pictures = [{"url": url, "altText": None, "width": None, "height": None} for url in urls]

    found = ask(document, handle="cup")["product"]

    [option_id] = [option.pop("id") for option in found["options"]]
    assert option_id.startswith("gid://shop/ProductOption/")
    assert found == {
        "id": id_of(cup),
        "handle": "cup",
        "availableForSale": True,
        "title": "Cup",
        "description": "Holds tea.",
        "descriptionHtml": "<p>Holds <em>tea</em>.</p>",
        "tags": ["new"],
        "updatedAt": cup.updated_at.isoformat(),
        "options": [{"name": "Size", "values": ["1", "2"]}],
        "priceRange": {"maxVariantPrice": _money("9.50"), "minVariantPrice": _money("8.00")},
        "variants": {
            "edges": [
                {
                    "node": {
                        "id": id_of(variant),
                        "title": size,
                        "availableForSale": True,
                        "selectedOptions": [{"name": "Size", "value": size}],
                        "price": _money(price),
                    }
                }
                for variant, size, price in ((small, "1", "8.00"), (large, "2", "9.50"))
            ]
        },
        "featuredImage": pictures[0],
        "images": {"edges": [{"node": picture} for picture in pictures]},
        "seo": {"title": "The cup", "description": None},
    }
    assert ask(document, handle="nowhere") == {"product": None}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"sortKey": "RELEVANCE", "reverse": False}, ["bowl", "cup", "hat"]),
        ({"sortKey": "BEST_SELLING", "reverse": False}, ["bowl", "cup", "hat"]),
        ({"sortKey": "CREATED_AT", "reverse": True}, ["hat", "bowl", "cup"]),
        ({"sortKey": "PRICE", "reverse": False}, ["cup", "bowl", "hat"]),
        ({"sortKey": "PRICE", "reverse": True}, ["hat", "bowl", "cup"]),
        ({"query": "cu"}, ["cup"]),
        ({"query": "100% (wool) hat's"}, []),
    ],
)
@pytest.mark.usefixtures("catalog")
def test_searches_products(ask: Ask, variables: dict[str, Any], expected: list[str]) -> None:
    document = (
        """query getProducts($sortKey: ProductSortKeys, $reverse: Boolean, $query: String) {
          products(sortKey: $sortKey, reverse: $reverse, query: $query, first: 100) {
            edges { node { ...product } } } }"""
        + PRODUCT
    )

    edges = ask(document, **variables)["products"]["edges"]

    assert [edge["node"]["handle"] for edge in edges] == expected


def test_recommends_products(ask: Ask, catalog: dict[str, Any]) -> None:
    document = (
        """query getProductRecommendations($productId: ID!) {
          productRecommendations(productId: $productId) { ...product } }"""
        + PRODUCT
    )

    found = ask(document, productId=id_of(catalog["cup"]))["productRecommendations"]

    assert [product["handle"] for product in found] == ["bowl"]
    assert ask(document, productId="gid://shopify/Product/0") == {"productRecommendations": []}


@pytest.mark.usefixtures("catalog")
def test_reads_collections(ask: Ask) -> None:
    one = "query getCollection($handle: String!) { collection(handle: $handle) { ...collection } }" + COLLECTION
    all_ = (
        "query getCollections { collections(first: 100, sortKey: TITLE) { edges { node { ...collection } } } }"
        + COLLECTION
    )

    winter = ask(one, handle="winter")["collection"]
    edges = ask(all_)["collections"]["edges"]

    assert {**winter, "updatedAt": ""} == {
        "handle": "winter",
        "title": "Winter",
        "description": "When it is cold.",
        "seo": {"title": None, "description": "Warm things"},
        "updatedAt": "",
    }
    assert ask(one, handle="kitchen")["collection"]["description"] == "For cooks."
    assert [edge["node"]["title"] for edge in edges] == [
        "Clothes",
        "Hidden homepage featured items",
        "Kitchen",
        "Winter",
    ]
    assert edges[-1]["node"] == winter


@pytest.mark.parametrize(
    ("handle", "variables", "expected"),
    [
        ("hidden-homepage-featured-items", {}, ["hat", "cup", "bowl"]),
        ("kitchen", {"sortKey": "CREATED", "reverse": True}, ["bowl", "cup"]),
        ("kitchen", {"sortKey": "PRICE", "reverse": False}, ["cup", "bowl"]),
        ("kitchen", {"sortKey": "RELEVANCE", "reverse": False}, ["bowl", "cup"]),
    ],
)
@pytest.mark.usefixtures("catalog")
def test_reads_the_products_of_a_collection(
    ask: Ask, handle: str, variables: dict[str, Any], expected: list[str]
) -> None:
    document = (
        """query getCollectionProducts($handle: String!, $sortKey: ProductCollectionSortKeys, $reverse: Boolean) {
          collection(handle: $handle) {
            products(sortKey: $sortKey, reverse: $reverse, first: 100) { edges { node { ...product } } } } }"""
        + PRODUCT
    )

    edges = ask(document, handle=handle, **variables)["collection"]["products"]["edges"]

    assert [edge["node"]["handle"] for edge in edges] == expected
    assert ask(document, handle="hidden-homepage-carousel") == {"collection": None}


@pytest.mark.usefixtures("catalog")
def test_reads_a_menu(ask: Ask) -> None:
    document = "query getMenu($handle: String!) { menu(handle: $handle) { items { title url } } }"

    assert ask(document, handle="next-js-frontend-header-menu")["menu"] == {
        "items": [
            {"title": "All", "url": "https://small.example/search"},
            {"title": "Kitchen", "url": "https://small.example/collections/kitchen"},
        ]
    }
    assert ask(document, handle="next-js-frontend-footer-menu") == {"menu": None}


def test_reads_pages(ask: Ask, catalog: dict[str, Any]) -> None:
    fragment = (
        """fragment page on Page { ... on Page { id title handle body bodySummary
        seo { ...seo } createdAt updatedAt } }"""
        + SEO
    )
    one = "query getPage($handle: String!) { pageByHandle(handle: $handle) { ...page } }" + fragment
    all_ = "query getPages { pages(first: 100) { edges { node { ...page } } } }" + fragment

    about = ask(one, handle="about")["pageByHandle"]
    edges = ask(all_)["pages"]["edges"]

    assert about == {
        "id": id_of(catalog["about"]),
        "title": "About",
        "handle": "about",
        "body": "<p>We sell <b>cups</b>.</p>",
        "bodySummary": "We sell cups.",
        "seo": {"title": None, "description": None},
        "createdAt": catalog["about"].created_at.isoformat(),
        "updatedAt": catalog["about"].updated_at.isoformat(),
    }
    assert [edge["node"]["handle"] for edge in edges] == ["about", "privacy-policy"]
    assert edges[0]["node"] == about
