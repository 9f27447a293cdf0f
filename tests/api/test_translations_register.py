"""translationsRegister and translationsRemove: what staff tell in other languages, and what is refused."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.staff import Permission
from catalog.models import Translation
from tests import builders
from tests.conftest import Execute

REGISTER = """
mutation ($id: ID!, $translations: [TranslationInput!]!) {
  translationsRegister(resourceId: $id, translations: $translations) {
    translations { locale key value outdated } userErrors { code field message } } }
"""
REMOVE = """
mutation ($id: ID!, $keys: [String!]!, $locales: [LanguageCode!]!) {
  translationsRemove(resourceId: $id, translationKeys: $keys, locales: $locales) {
    translations { locale key value } userErrors { code field message } } }
"""
READ = """
query ($id: ID!, $outdated: Boolean) {
  translatableResource(resourceId: $id) {
    resourceId translatableContent { key value locale digest }
    translations(outdated: $outdated) { locale key value outdated } } }
"""


@pytest.fixture(autouse=True)
def _speaks(settings: Settings) -> None:
    settings.SHOP_LANGUAGES = ["EN", "FR", "DE"]


def french(key: str, value: str, **more: Any) -> dict[str, Any]:
    return {"locale": "FR", "key": key, "value": value, **more}


def test_tells_a_product_in_another_language(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug", description_html="<p>To drink.</p>")

    wanted = [french("title", " Tasse "), french("body_html", "À boire<script>"), french("handle", "tasse")]
    payload = execute(REGISTER, as_=sam, id=builders.id_of(mug), translations=wanted)["translationsRegister"]

    assert payload == {
        "translations": [
            {"locale": "FR", "key": "title", "value": "Tasse", "outdated": False},
            {"locale": "FR", "key": "body_html", "value": "À boire", "outdated": False},
            {"locale": "FR", "key": "handle", "value": "tasse", "outdated": False},
        ],
        "userErrors": [],
    }
    query = 'query @inContext(language: FR) { product(handle: "tasse") { title handle descriptionHtml productType } }'
    assert execute(query)["product"] == {
        "title": "Tasse",
        "handle": "tasse",
        "descriptionHtml": "À boire",
        "productType": "",
    }
    assert execute('{ product(handle: "tasse") { title } mug: product(handle: "mug") { title } }') == {
        "product": None,
        "mug": {"title": "Mug"},
    }


def test_tells_what_is_outdated(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug")
    execute(REGISTER, as_=sam, id=builders.id_of(mug), translations=[french("title", "Tasse"), french("handle", "x")])
    mug.title = "Large mug"
    mug.save()

    found = execute(READ, as_=sam, id=builders.id_of(mug), outdated=True)["translatableResource"]

    assert found["translations"] == [{"locale": "FR", "key": "title", "value": "Tasse", "outdated": True}]
    assert [(one["key"], one["value"], one["locale"]) for one in found["translatableContent"]] == [
        ("title", "Large mug", "EN"),
        ("body_html", "", "EN"),
        ("product_type", "", "EN"),
        ("meta_title", "", "EN"),
        ("meta_description", "", "EN"),
        ("handle", "mug", "EN"),
    ]
    execute(REGISTER, as_=sam, id=builders.id_of(mug), translations=[french("title", "Grande tasse")])
    found = execute(READ, as_=sam, id=builders.id_of(mug), outdated=True)["translatableResource"]
    assert found["translations"] == []


def test_refuses_words_that_were_translated_from_others(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug")
    content = execute(READ, as_=sam, id=builders.id_of(mug))["translatableResource"]["translatableContent"]
    digest = content[0]["digest"]
    wanted = [french("title", "Tasse", translatableContentDigest=digest)]
    mug.title = "Bowl"
    mug.save()

    payload = execute(REGISTER, as_=sam, id=builders.id_of(mug), translations=wanted)["translationsRegister"]

    assert payload == {
        "translations": None,
        "userErrors": [
            {
                "code": "SOURCE_CHANGED",
                "field": ["translations", "0", "translatableContentDigest"],
                "message": "The words have changed since; read them again and translate what they say now.",
            }
        ],
    }
    mug.title = "Mug"
    mug.save()
    assert execute(REGISTER, as_=sam, id=builders.id_of(mug), translations=wanted)["translationsRegister"][
        "translations"
    ] == [{"locale": "FR", "key": "title", "value": "Tasse", "outdated": False}]


def test_refuses_together_what_cannot_be_told(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug")
    wanted = [
        {"locale": "ES", "key": "title", "value": "Taza"},
        {"locale": "EN", "key": "title", "value": "Mug"},
        french("colour", "bleu"),
        french("title", "  "),
        french("meta_title", "x" * 256),
        french("product_type", "a\nb"),
        french("handle", "Une tasse"),
    ]

    payload = execute(REGISTER, as_=sam, id=builders.id_of(mug), translations=wanted)["translationsRegister"]

    assert payload["translations"] is None
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("LANGUAGE_NOT_OFFERED", ["translations", "0", "locale"]),
        ("LANGUAGE_NOT_OFFERED", ["translations", "1", "locale"]),
        ("KEY_UNKNOWN", ["translations", "2", "key"]),
        ("INVALID", ["translations", "3", "value"]),
        ("INVALID", ["translations", "4", "value"]),
        ("INVALID", ["translations", "5", "value"]),
        ("INVALID", ["translations", "6", "value"]),
    ]
    assert payload["userErrors"][0]["message"] == "The shop is not translated into ES; it is into: FR, DE."
    assert not Translation.objects.exists()


@pytest.mark.parametrize("taken", ["translated", "own", "list"])
def test_refuses_a_handle_that_another_has(execute: Execute, sam: User, taken: str) -> None:
    if taken == "list":
        thing: Any = builders.a_category("Kitchen")
        builders.a_collection("Cuisine")
    else:
        thing = builders.a_product("Mug")
        other = builders.a_product("Bowl" if taken == "translated" else "Cuisine")
        if taken == "translated":
            execute(REGISTER, as_=sam, id=builders.id_of(other), translations=[french("handle", "cuisine")])
    before = Translation.objects.count()

    payload = execute(REGISTER, as_=sam, id=builders.id_of(thing), translations=[french("handle", "cuisine")])

    assert payload["translationsRegister"] == {
        "translations": None,
        "userErrors": [
            {
                "code": "HANDLE_TAKEN",
                "field": ["translations", "0", "value"],
                "message": 'The handle "cuisine" is taken; choose another.',
            }
        ],
    }
    assert Translation.objects.count() == before


def test_may_have_one_handle_in_two_languages_and_its_own(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug")
    wanted = [french("handle", "mug"), {"locale": "DE", "key": "handle", "value": "mug"}]

    payload = execute(REGISTER, as_=sam, id=builders.id_of(mug), translations=wanted)["translationsRegister"]

    assert payload["userErrors"] == []


def test_leaves_no_handle_to_others_that_a_translation_has(execute: Execute, sam: User) -> None:
    mug, page = builders.a_product("Mug"), builders.a_page("Care")
    kitchen = builders.a_category("Kitchen")
    for thing, handle in ((mug, "tasse"), (page, "soins"), (kitchen, "cuisine")):
        execute(REGISTER, as_=sam, id=builders.id_of(thing), translations=[french("handle", handle)])
    bowl, other, collection = builders.a_product("Bowl"), builders.a_page("Other"), builders.a_collection("Gifts")

    product = execute(
        'mutation ($id: ID!) { productUpdate(id: $id, product: {handle: "tasse"}) { userErrors { code field } } }',
        as_=sam,
        id=builders.id_of(bowl),
    )["productUpdate"]
    changed = execute(
        'mutation ($id: ID!) { pageUpdate(id: $id, page: {handle: "soins"}) { userErrors { code field } } }',
        as_=sam,
        id=builders.id_of(other),
    )["pageUpdate"]
    listed = execute(
        """mutation ($id: ID!) { collectionUpdate(id: $id, collection: {handle: "cuisine"}) {
             userErrors { code field } }
           pageCreate(page: {title: "Soins"}) { page { handle } } }""",
        as_=sam,
        id=builders.id_of(collection),
    )

    assert product["userErrors"] == [{"code": "HANDLE_TAKEN", "field": ["product", "handle"]}]
    assert changed["userErrors"] == [{"code": "HANDLE_TAKEN", "field": ["page", "handle"]}]
    assert listed["collectionUpdate"]["userErrors"] == [{"code": "HANDLE_TAKEN", "field": ["collection", "handle"]}]
    assert listed["pageCreate"]["page"]["handle"] == "soins-2"


def test_names_options_and_their_values_so_that_they_can_be_told_apart(execute: Execute, sam: User) -> None:
    shirt = builders.a_product("Shirt", variants=2)
    option = shirt.options.get()
    option_id = f"gid://shop/ProductOption/{option.pk}"

    same = [french("value.1", "Petit"), french("value.2", "Petit")]
    refused = execute(REGISTER, as_=sam, id=option_id, translations=same)["translationsRegister"]
    wanted = [french("name", "Taille"), french("value.1", "Petit"), french("value.2", "Grand")]
    payload = execute(REGISTER, as_=sam, id=option_id, translations=wanted)["translationsRegister"]

    assert refused["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["translations", "1", "value"],
            "message": "Another value of the option is called so; a shopper could not choose.",
        }
    ]
    assert payload["userErrors"] == []
    product = execute(
        """query @inContext(language: FR) { product(handle: "shirt") {
             options { name optionValues { name firstSelectableVariant { title } } }
             variants { nodes { title selectedOptions { name value } } }
             selectedOrFirstAvailableVariant(selectedOptions: [{name: "Taille", value: "Grand"}]) { title } } }"""
    )["product"]
    assert product == {
        "options": [
            {
                "name": "Taille",
                "optionValues": [
                    {"name": "Petit", "firstSelectableVariant": {"title": "Petit"}},
                    {"name": "Grand", "firstSelectableVariant": {"title": "Grand"}},
                ],
            }
        ],
        "variants": {
            "nodes": [
                {"title": "Petit", "selectedOptions": [{"name": "Taille", "value": "Petit"}]},
                {"title": "Grand", "selectedOptions": [{"name": "Taille", "value": "Grand"}]},
            ]
        },
        "selectedOrFirstAvailableVariant": {"title": "Grand"},
    }


def test_removes_these_texts_in_these_languages_alone(execute: Execute, sam: User) -> None:
    mug = builders.a_product("Mug")
    german = [{**french(key, value), "locale": "DE"} for key, value in (("title", "Tasse"), ("handle", "tasse"))]
    wanted = [french("title", "Tasse"), french("handle", "tasse"), *german]
    execute(REGISTER, as_=sam, id=builders.id_of(mug), translations=wanted)

    unknown = execute(REMOVE, as_=sam, id=builders.id_of(mug), keys=["name"], locales=["FR"])["translationsRemove"]
    payload = execute(REMOVE, as_=sam, id=builders.id_of(mug), keys=["title"], locales=["FR"])["translationsRemove"]

    assert [(error["code"], error["field"]) for error in unknown["userErrors"]] == [
        ("KEY_UNKNOWN", ["translationKeys", "0"])
    ]
    assert payload == {"translations": [{"locale": "FR", "key": "title", "value": "Tasse"}], "userErrors": []}
    found = execute(READ, as_=sam, id=builders.id_of(mug))["translatableResource"]["translations"]
    assert [(one["locale"], one["key"]) for one in found] == [("DE", "title"), ("DE", "handle"), ("FR", "handle")]
    execute(REMOVE, as_=sam, id=builders.id_of(mug), keys=["title", "handle"], locales=["FR", "DE"])
    assert not Translation.objects.exists()


def test_lists_what_can_be_translated_at_the_same_cost(
    execute: Execute, sam: User, django_assert_num_queries: Any
) -> None:
    document = """query ($kind: TranslatableResourceType!) { translatableResources(resourceType: $kind, first: 50) {
      nodes { resourceId translatableContent { key value } translations(locale: FR) { key value } } } }"""
    for number in range(20):
        mug = builders.a_product(f"Mug {number}", variants=2)
        option = f"gid://shop/ProductOption/{mug.options.get().pk}"
        execute(REGISTER, as_=sam, id=option, translations=[french("name", f"Taille {number}")])

    with django_assert_num_queries(6):
        nodes = execute(document, as_=sam, kind="PRODUCT_OPTION")["translatableResources"]["nodes"]

    assert len(nodes) == 20
    assert nodes[0]["translatableContent"] == [
        {"key": "name", "value": "Size"},
        {"key": "value.1", "value": "1"},
        {"key": "value.2", "value": "2"},
    ]
    assert [node["translations"][0]["value"] for node in nodes] == [f"Taille {number}" for number in range(20)]


@pytest.mark.parametrize("id", ["nothing", "gid://shop/Product/1", "gid://shop/Order/1", "gid://shop/MenuItem/1-2"])
def test_knows_only_what_is_there(execute: Execute, sam: User, id: str) -> None:
    payload = execute(REGISTER, as_=sam, id=id, translations=[french("title", "x")])["translationsRegister"]

    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("NOT_FOUND", ["resourceId"])]
    assert execute(READ, as_=sam, id=id) == {"translatableResource": None}


def test_is_for_staff_who_keep_the_catalog(request_graphql: Execute, alice: User) -> None:
    mug = builders.a_product("Mug")
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    for who in (alice, clerk):
        answer = request_graphql(REGISTER, as_=who, id=builders.id_of(mug), translations=[french("title", "x")])
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert not Translation.objects.exists()
