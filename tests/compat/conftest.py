"""A small shop, and a client that speaks as storefronts written for the Shopify Storefront API do (not affiliated)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from graphql import DefinitionNode, OperationType, parse
from pytest_django import Settings

from catalog import facts
from catalog.models import Price
from schema import execution
from tests import builders

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(client: Client, db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Ask:
    """Send a document to the address of an API version with an access token, and get data without errors.

    The engine answers; what reads only is asked of graphql-core as well, which must say the same to the byte.
    """
    settings.DEBUG = False

    def send(document: str, *, version: str = "2023-01", **variables: Any) -> dict[str, Any]:
        def respond() -> Any:
            return client.post(
                f"/api/{version}/graphql.json",
                data=json.dumps({"query": document, **({"variables": variables} if variables else {})}),
                content_type="application/json",
                headers={"X-Shopify-Storefront-Access-Token": "0" * 32},
            )

        response = respond()
        if not any(map(_writes, parse(document).definitions)):
            with monkeypatch.context() as patch:
                patch.setattr(execution, "plan_of", lambda operation: "it is compared")
                assert respond().content == response.content
        answer = response.json()
        assert response.status_code == 200
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    return send


def _writes(definition: DefinitionNode) -> bool:
    return getattr(definition, "operation", None) is OperationType.MUTATION


@pytest.fixture
def catalog(db: None, settings: Settings) -> dict[str, Any]:
    """A cup in two sizes, a sold-out bowl and a hat; a home-page list, menus and pages."""
    settings.SHOP_NAME = "Small Shop"
    settings.SHOP_DESCRIPTION = "Cups and hats."
    settings.STOREFRONT_URL = "https://small.example"
    kitchen = builders.a_category("Kitchen", description="For cooks.")
    cup = builders.a_product(
        "Cup",
        category=kitchen,
        price="8.00",
        variants=2,
        images=2,
        brand="Clay",
        tags=["new"],
        sold_count=5,
        description_html="<p>Holds <em>tea</em>.</p>",
        seo_title="The cup",
    )
    Price.objects.filter(variant__in=cup.variants.filter(title="2")).update(amount="9.50")
    facts.refresh([cup.pk])
    bowl = builders.a_product("Bowl", category=kitchen, price="12.00", stock_=0, images=1, tags=["new"], sold_count=9)
    hat = builders.a_product("Hat", price="30.00", images=1, category=builders.a_category("Clothes"))
    builders.a_collection(
        "Hidden homepage featured items", products=[hat, cup, bowl], handle="hidden-homepage-featured-items"
    )
    builders.a_collection("Winter", products=[hat], description="When it is cold.", seo_description="Warm things")
    builders.a_menu(
        "next-js-frontend-header-menu",
        [("All", "/search", []), ("Kitchen", "/collections/kitchen", [("Cup", "/products/cup", [])])],
    )
    about = builders.a_page("About", body="<p>We sell <b>cups</b>.</p>")
    builders.a_page("Privacy", handle="privacy-policy", body="<p>No cookies.</p>")
    return {"cup": cup, "bowl": bowl, "hat": hat, "about": about, "kitchen": kitchen}
