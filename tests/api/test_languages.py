"""`@inContext(language)`: everything shows what it is called in that language, and else in the shop's own."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from catalog.models import AttributeKind, MenuItem
from tests import builders
from tests.conftest import Execute

FRENCH = "query @inContext(language: FR)"


@pytest.fixture(autouse=True)
def _speaks(settings: Settings) -> None:
    settings.SHOP_LANGUAGES = ["EN", "FR", "DE"]


@pytest.fixture
def shop(db: None) -> dict[str, Any]:
    """A small shop, half of it in French."""
    home = builders.a_category("Home", description="All of it")
    kitchen = builders.a_category("Kitchen", parent=home)
    mug = builders.a_product("Mug", category=kitchen, description_html="<p>To drink.</p>", tags=["new"])
    bowl = builders.a_product("Bowl", category=kitchen)
    gifts = builders.a_collection("Gifts", products=[mug, bowl], description="To give")
    page = builders.a_page("Care", body="<p>Wash.</p>", seo_title="Wash well")
    builders.a_translation(home, title="Maison")
    builders.a_translation(kitchen, title="Cuisine", handle="cuisine")
    builders.a_translation(mug, title="Tasse", body_html="<p>À boire.</p>", meta_title="Tasses", handle="tasse")
    builders.a_translation(gifts, title="Cadeaux", body_html="À offrir", handle="cadeaux")
    builders.a_translation(page, title="Soins", body_html="<p>Laver.</p>", handle="soins")
    builders.a_translation(mug, "DE", title="Becher")
    return {"home": home, "kitchen": kitchen, "mug": mug, "bowl": bowl, "gifts": gifts, "page": page}


def test_falls_back_text_by_text(execute: Execute, shop: dict[str, Any]) -> None:
    document = """%s { products(first: 9, sortKey: TITLE) { nodes {
      title handle descriptionHtml description seo { title } category { title ancestors { title } } } } }"""

    french = execute(document % FRENCH)["products"]["nodes"]
    german = execute(document % "query @inContext(language: DE)")["products"]["nodes"]

    place = {"title": "Cuisine", "ancestors": [{"title": "Maison"}]}
    nothing = {"descriptionHtml": "", "description": "", "seo": {"title": None}}
    assert french == [
        {"title": "Bowl", "handle": "bowl", **nothing, "category": place},
        {
            "title": "Tasse",
            "handle": "tasse",
            "descriptionHtml": "<p>À boire.</p>",
            "description": "À boire.",
            "seo": {"title": "Tasses"},
            "category": place,
        },
    ]
    assert [(node["title"], node["handle"]) for node in german] == [("Bowl", "bowl"), ("Becher", "mug")]
    assert german[1]["category"] == {"title": "Kitchen", "ancestors": [{"title": "Home"}]}
    assert execute(document % "query @inContext(language: ES)") == execute(document % "query")


def test_finds_by_the_handle_of_the_language_and_then_of_the_shop(execute: Execute, shop: dict[str, Any]) -> None:
    document = """%s { product(handle: "%s") { handle } category(handle: "%s") { handle }
      collection(handle: "%s") { handle descriptionHtml } list: collection(handle: "%s") { handle title }
      page(handle: "%s") { handle title seo { title } } }"""

    by_french = execute(document % (FRENCH, "tasse", "cuisine", "cadeaux", "cuisine", "soins"))
    by_own = execute(document % (FRENCH, "mug", "kitchen", "gifts", "kitchen", "care"))
    in_english = execute(document % ("query", "tasse", "cuisine", "cadeaux", "cuisine", "soins"))

    assert by_french == {
        "product": {"handle": "tasse"},
        "category": {"handle": "cuisine"},
        "collection": {"handle": "cadeaux", "descriptionHtml": "<p>À offrir</p>"},
        "list": {"handle": "cuisine", "title": "Cuisine"},
        "page": {"handle": "soins", "title": "Soins", "seo": {"title": "Wash well"}},
    }
    assert by_own == by_french
    assert set(in_english.values()) == {None}


def test_shows_no_draft_under_its_translated_handle(execute: Execute, shop: dict[str, Any]) -> None:
    draft = builders.a_product("Secret", status="DRAFT")
    builders.a_translation(draft, handle="cachette")

    assert execute(FRENCH + ' { product(handle: "cachette") { title } }') == {"product": None}


def test_lists_categories_and_collections(execute: Execute, shop: dict[str, Any]) -> None:
    found = execute(
        FRENCH
        + """ { collections(first: 9) { nodes { title handle } } categories(first: 9) { nodes {
          title children { title parent { title } products(first: 1) { totalCount } } } }
          home: category(handle: "home") { description } }"""
    )

    assert found["collections"]["nodes"] == [
        {"title": "Cadeaux", "handle": "cadeaux"},
        {"title": "Maison", "handle": "home"},
        {"title": "Cuisine", "handle": "cuisine"},
    ]
    assert found["categories"]["nodes"] == [
        {
            "title": "Maison",
            "children": [{"title": "Cuisine", "parent": {"title": "Maison"}, "products": {"totalCount": 2}}],
        }
    ]
    assert found["home"] == {"description": "All of it"}


def test_names_the_links_of_menus(execute: Execute, shop: dict[str, Any], settings: Settings) -> None:
    settings.STOREFRONT_URL = "https://shop.example"
    menu = builders.a_menu("main", [("Mugs", "/products/mug", [])])
    link = menu.items.get()
    builders.a_translation(link, title="Tasses")
    MenuItem.objects.create(menu=menu, category=shop["home"], levels=1, position=1)
    document = '%s { menu(handle: "main") { items { title url resourceId items { title url } } } }'

    items = execute(document % FRENCH)["menu"]["items"]

    home = builders.id_of(shop["home"]).replace("Category", "Collection")
    assert items[0] == {
        "title": "Tasses",
        "url": "https://shop.example/products/mug",
        "resourceId": builders.id_of(shop["mug"]),
        "items": [],
    }
    assert (items[1]["title"], items[1]["url"]) == ("Maison", "https://shop.example/collections/home")
    assert items[1]["items"] == [{"title": "Cuisine", "url": "https://shop.example/collections/cuisine"}]
    assert items[1]["resourceId"].startswith(home.rpartition("/")[0])


def test_keeps_what_links_are_called_when_a_menu_is_written_anew(execute: Execute, sam: User) -> None:
    menu = builders.a_menu("main", [("Mugs", "/products/mug", []), ("Away", "/away", [])])
    for link, title in zip(menu.items.order_by("position"), ("Tasses", "Ailleurs"), strict=True):
        builders.a_translation(link, title=title)
    document = """mutation ($id: ID!) @inContext(language: FR) { menuUpdate(id: $id, menu: { items: [
      { title: "New", path: "/new", items: [{ title: "Mugs", path: "/products/mug" }] }, { title: "Away", path: "/far" }
    ] }) { menu { items { title items { title } } } } }"""

    changed = execute(document, as_=sam, id=builders.id_of(menu))["menuUpdate"]["menu"]

    assert changed["items"] == [
        {"title": "New", "items": [{"title": "Tasses"}]},
        {"title": "Away", "items": []},
    ]


def test_speaks_in_search_recommendations_policies_and_the_sitemap(execute: Execute, shop: dict[str, Any]) -> None:
    privacy = builders.a_page("Privacy", handle="privacy-policy")
    builders.a_translation(privacy, title="Confidentialité", handle="confidentialite")
    bowl = builders.id_of(shop["bowl"])

    found = execute(
        FRENCH
        + f""" {{ search(query: "tasses", first: 5) {{ nodes {{ ... on Product {{ title }} }} }}
          predictiveSearch(query: "cadeau") {{ collections {{ title }} }}
          productRecommendations(productId: "{bowl}") {{ title }}
          shop {{ privacyPolicy {{ title }} }}
          products: sitemap(type: PRODUCT) {{ resources(page: 1) {{ items {{ handle }} }} }}
          lists: sitemap(type: COLLECTION) {{ resources(page: 1) {{ items {{ handle }} }} }} }}"""
    )

    assert found == {
        "search": {"nodes": [{"title": "Tasse"}]},
        "predictiveSearch": {"collections": [{"title": "Cadeaux"}]},
        "productRecommendations": [{"title": "Tasse"}],
        "shop": {"privacyPolicy": {"title": "Confidentialité"}},
        "products": {"resources": {"items": [{"handle": "tasse"}, {"handle": "bowl"}]}},
        "lists": {"resources": {"items": [{"handle": "cadeaux"}, {"handle": "home"}, {"handle": "cuisine"}]}},
    }


def test_shows_a_cart_and_keeps_an_order_in_the_language_it_was_bought_in(execute: Execute, alice: User) -> None:
    shirt = builders.a_product("Shirt", variants=2)
    builders.a_translation(shirt, title="Chemise")
    builders.a_translation(shirt.options.get(), name="Taille", **{"value.1": "Petit"})
    cart = builders.a_ready_cart((shirt.variants.earliest("position"), 1), owner=alice)
    lines = "lines(first: 5) { nodes { merchandise { ... on ProductVariant { title product { title } } } } }"

    shown = execute(f'{FRENCH} {{ cart(id: "gid://shop/Cart/{cart.secret}") {{ {lines} }} }}')["cart"]
    order = execute(
        """mutation ($cart: ID!) @inContext(language: FR) {
          checkoutComplete(cartId: $cart, payment: {gateway: "test", token: "success"}) {
            order { language lineItems(first: 5) { nodes { title variantTitle } } } userErrors { message } } }""",
        cart=f"gid://shop/Cart/{cart.secret}",
    )["checkoutComplete"]

    assert shown["lines"]["nodes"] == [{"merchandise": {"title": "Petit", "product": {"title": "Chemise"}}}]
    assert order == {
        "order": {"language": "FR", "lineItems": {"nodes": [{"title": "Chemise", "variantTitle": "Petit"}]}},
        "userErrors": [],
    }


def test_tells_which_languages_there_are(execute: Execute) -> None:
    document = "%s { localization { language { isoCode } availableLanguages { isoCode name endonymName } } }"

    assert execute(document % FRENCH)["localization"] == {
        "language": {"isoCode": "FR"},
        "availableLanguages": [
            {"isoCode": "EN", "name": "English", "endonymName": "English"},
            {"isoCode": "FR", "name": "French", "endonymName": "français"},
            {"isoCode": "DE", "name": "German", "endonymName": "Deutsch"},
        ],
    }
    assert execute(document % "query @inContext(language: ES)")["localization"]["language"] == {"isoCode": "EN"}


@pytest.mark.parametrize("size", [1, 20])
def test_costs_one_statement_for_each_kind_in_another_language_and_none_in_its_own(
    execute: Execute, django_assert_num_queries: Any, size: int
) -> None:
    root = builders.a_category("Root")
    for number in range(size):
        product = builders.a_product(f"Product {number}", category=root, variants=2)
        builders.a_translation(product, title=f"Produit {number}")
        builders.a_translation(product.options.get(), name="Taille")
    builders.a_translation(root, title="Racine")
    document = """%s { products(first: 50) { nodes { title category { title }
      variants(first: 2) { nodes { title selectedOptions { name } } } } } }"""

    with django_assert_num_queries(4):
        own = execute(document % "query")["products"]["nodes"]
    with django_assert_num_queries(8):
        french = execute(document % FRENCH)["products"]["nodes"]

    assert {node["title"] for node in own} == {f"Product {number}" for number in range(size)}
    assert {node["title"] for node in french} == {f"Produit {number}" for number in range(size)}


def test_names_attributes_and_their_choices(execute: Execute, shop: dict[str, Any]) -> None:
    material = builders.an_attribute("Material", AttributeKind.CHOICE, "Clay", "Oak", on=shop["home"])
    builders.described(shop["mug"], material, "clay")
    builders.described(shop["bowl"], material, "oak")
    builders.a_translation(material, name="Matière", **{"choice.clay": "Argile"})
    document = """%s { products(first: 9, sortKey: TITLE) {
      nodes { attributes { definition { name choices { label } } value choices { label } } }
      } attribute(handle: "material") { name } }"""

    french, own = execute(document % FRENCH), execute(document % "query")

    labels = [{"label": "Argile"}, {"label": "Oak"}]
    definition = {"name": "Matière", "choices": labels}
    assert [node["attributes"] for node in french["products"]["nodes"]] == [
        [{"definition": definition, "value": "Oak", "choices": [{"label": "Oak"}]}],
        [{"definition": definition, "value": "Argile", "choices": [{"label": "Argile"}]}],
    ]
    assert french["attribute"] == {"name": "Matière"}
    assert "Argile" not in str(own)
    with CaptureQueriesContext(connection) as in_own:
        execute(document % "query")
    with CaptureQueriesContext(connection) as in_french:
        execute(document % FRENCH)
    told = [one for one in in_own.captured_queries if "catalog_translation" in one["sql"]]
    assert (told, len(in_french) > len(in_own)) == ([], True)
