"""The catalog reads of a storefront of the Hydrogen kind: pages both ways, option buttons, policies, the context."""

from typing import Any

import pytest

from tests.builders import id_of
from tests.compat.conftest import Ask

VARIABLES = "$country: CountryCode, $language: LanguageCode"
CONTEXT = "@inContext(country: $country, language: $language)"
VERSION = "2026-04"


@pytest.mark.usefixtures("catalog")
def test_reads_the_header(ask: Ask) -> None:
    document = f"""
      query Header({VARIABLES}, $menu: String!) {CONTEXT} {{
        shop {{ id name description primaryDomain {{ url }} brand {{ logo {{ image {{ url }} }} }} }}
        menu(handle: $menu) {{ id items {{ ...parent items {{ ...child }} }} }}
      }}
      fragment item on MenuItem {{ id resourceId tags title type url }}
      fragment child on MenuItem {{ ...item }}
      fragment parent on MenuItem {{ ...item }}
    """

    found = ask(document, version=VERSION, menu="next-js-frontend-header-menu", country="US", language="EN")

    assert found["shop"] == {
        "id": "gid://shop/Shop/1",
        "name": "Small Shop",
        "description": "Cups and hats.",
        "primaryDomain": {"url": "https://small.example"},
        "brand": {"logo": None},
    }
    assert [(item["title"], item["type"], len(item["items"])) for item in found["menu"]["items"]] == [
        ("All", "SEARCH", 0),
        ("Kitchen", "COLLECTION", 1),
    ]


def test_reads_a_product_page(ask: Ask, catalog: dict[str, Any]) -> None:
    document = f"""
      query Product({VARIABLES}, $handle: String!, $selected: [SelectedOptionInput!]!) {CONTEXT} {{
        product(handle: $handle) {{
          id title vendor handle description descriptionHtml publishedAt trackingParameters
          encodedVariantExistence encodedVariantAvailability seo {{ title description }}
          options {{ name optionValues {{
            name firstSelectableVariant {{ ...variant }} swatch {{ color image {{ previewImage {{ url }} }} }}
          }} }}
          selectedOrFirstAvailableVariant(
            selectedOptions: $selected, ignoreUnknownOptions: true, caseInsensitiveMatch: true
          ) {{ ...variant }}
          adjacentVariants(selectedOptions: $selected) {{ ...variant }}
        }}
      }}
      fragment variant on ProductVariant {{
        id sku title availableForSale price {{ amount currencyCode }} compareAtPrice {{ amount currencyCode }}
        unitPrice {{ amount }} image {{ __typename id url altText width height }} product {{ title handle }}
        selectedOptions {{ name value }} requiresShipping
      }}
    """
    small, large = catalog["cup"].variants.order_by("position")

    product = ask(document, version=VERSION, handle="cup", selected=[{"name": "size", "value": "2"}])["product"]

    assert product["selectedOrFirstAvailableVariant"]["id"] == id_of(large)
    assert product["selectedOrFirstAvailableVariant"]["price"] == {"amount": "9.50", "currencyCode": "USD"}
    assert product["encodedVariantExistence"] == product["encodedVariantAvailability"] == "v1_0 1"
    assert product["vendor"] == "Clay"
    [option] = product["options"]
    assert [value["firstSelectableVariant"]["id"] for value in option["optionValues"]] == [id_of(small), id_of(large)]


@pytest.mark.parametrize("root", ["collection", "products"])
@pytest.mark.usefixtures("catalog")
def test_pages_forward_and_back(ask: Ask, root: str) -> None:
    page = """(first: $first, last: $last, before: $before, after: $after) {
      nodes { handle } pageInfo { hasPreviousPage hasNextPage endCursor startCursor } }"""
    inner = f"products{page}"
    field = inner if root == "products" else f'collection(handle: "hidden-homepage-featured-items") {{ {inner} }}'
    document = f"""query List({VARIABLES}, $first: Int, $last: Int, $before: String, $after: String) {CONTEXT} {{
      {field} }}"""
    expected = ["cup", "bowl", "hat"] if root == "products" else ["hat", "cup", "bowl"]

    def shown(**variables: Any) -> tuple[list[str], dict[str, Any]]:
        variables = dict.fromkeys(("first", "last", "before", "after")) | variables
        data = ask(document, version=VERSION, **variables)
        found = data["products"] if root == "products" else data["collection"]["products"]
        return [node["handle"] for node in found["nodes"]], found["pageInfo"]

    handles, info = shown(first=2)
    assert handles == expected[:2]
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (False, True)
    handles, info = shown(first=2, after=info["endCursor"])
    assert handles == expected[2:]
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (True, False)
    handles, info = shown(last=2, before=info["startCursor"])
    assert handles == expected[:2]
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (False, True)


@pytest.mark.usefixtures("catalog")
def test_features_the_collection_changed_last(ask: Ask) -> None:
    document = f"""query FeaturedCollection({VARIABLES}) {CONTEXT} {{
      collections(first: 1, sortKey: UPDATED_AT, reverse: true) {{
        nodes {{ id title handle image {{ id url altText width height }} trackingParameters }} }} }}"""

    [collection] = ask(document, version=VERSION)["collections"]["nodes"]

    assert collection["handle"] == "winter"


@pytest.mark.usefixtures("catalog")
def test_reads_policies_and_the_context(ask: Ask) -> None:
    document = f"""query Policy({VARIABLES}, $privacy: Boolean!, $refund: Boolean!) {CONTEXT} {{
      shop {{
        privacyPolicy @include(if: $privacy) {{ id title handle body url }}
        refundPolicy @include(if: $refund) {{ id title }}
        subscriptionPolicy {{ id title handle }}
      }}
      localization {{ country {{ currency {{ isoCode }} }} language {{ isoCode }} }}
    }}"""

    found = ask(document, version=VERSION, privacy=True, refund=False, country="US", language="EN")

    assert found["shop"]["privacyPolicy"]["handle"] == "privacy-policy"
    assert found["shop"]["privacyPolicy"]["url"] == "https://small.example/policies/privacy-policy"
    assert "refundPolicy" not in found["shop"]
    assert found["shop"]["subscriptionPolicy"] is None
    assert found["localization"] == {"country": {"currency": {"isoCode": "USD"}}, "language": {"isoCode": "EN"}}
