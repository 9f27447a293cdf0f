"""shop and localization: who sells here, what it promises, and how it speaks."""

from typing import Any

import pytest
from pytest_django import Settings

from tests import builders
from tests.conftest import Execute

SHOP = """
{
  shop {
    id name description primaryDomain { url host sslEnabled }
    brand { shortDescription logo { image { url } previewImage { url } } }
    paymentSettings { currencyCode countryCode }
    subscriptionPolicy { id handle title }
    privacyPolicy { ...policy } refundPolicy { ...policy } shippingPolicy { ...policy } termsOfService { ...policy }
  }
}
fragment policy on ShopPolicy { id handle title body url }
"""


@pytest.fixture(autouse=True)
def _named(settings: Settings) -> None:
    settings.SHOP_NAME = "Hobbleday"
    settings.SHOP_DESCRIPTION = ""
    settings.STOREFRONT_URL = "https://hobbleday.example"


def test_tells_who_it_is(execute: Execute, settings: Settings) -> None:
    settings.SHOP_DESCRIPTION = "Things that last."

    shop = execute(SHOP)["shop"]

    assert shop == {
        "id": "gid://shop/Shop/1",
        "name": "Hobbleday",
        "description": "Things that last.",
        "primaryDomain": {"url": "https://hobbleday.example", "host": "hobbleday.example", "sslEnabled": True},
        "brand": {"shortDescription": "Things that last.", "logo": None},
        "paymentSettings": {"currencyCode": "USD", "countryCode": "US"},
        "subscriptionPolicy": None,
        "privacyPolicy": None,
        "refundPolicy": None,
        "shippingPolicy": None,
        "termsOfService": None,
    }


def test_finds_its_policies_among_its_pages(execute: Execute, django_assert_num_queries: Any) -> None:
    privacy = builders.a_page("Privacy", body="<p>None of our business.</p>")
    builders.a_page("Shipping", handle="shipping-and-returns")
    builders.a_page("Old terms", handle="terms")
    builders.a_page("Terms", handle="terms-of-service")
    builders.a_page("Refunds", handle="refund-policy", is_published=False)

    with django_assert_num_queries(1):
        shop = execute(SHOP)["shop"]

    assert shop["privacyPolicy"] == {
        "id": f"gid://shop/ShopPolicy/{privacy.pk}",
        "handle": "privacy-policy",
        "title": "Privacy",
        "body": "<p>None of our business.</p>",
        "url": "https://hobbleday.example/policies/privacy-policy",
    }
    assert shop["shippingPolicy"]["handle"] == "shipping-policy"
    assert shop["termsOfService"]["title"] == "Terms"
    assert shop["refundPolicy"] is None


def test_tells_how_it_speaks(execute: Execute) -> None:
    document = """{ localization {
      country { isoCode name currency { isoCode name symbol } } language { isoCode name } } }"""

    assert execute(document)["localization"] == {
        "country": {
            "isoCode": "US",
            "name": "United States",
            "currency": {"isoCode": "USD", "name": "US Dollar", "symbol": "$"},
        },
        "language": {"isoCode": "EN", "name": "English"},
    }
