"""Search in the language of the context: by what is translated, and where that is nothing by the shop's own words."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from catalog import products, search, vocabulary
from catalog.models import Product, SearchDocument, SearchWord
from tests import builders
from tests.conftest import Execute

SEARCH = """
query ($query: String!, $language: LanguageCode, $filters: [ProductFilter!]) @inContext(language: $language) {
  search(query: $query, productFilters: $filters) {
    totalCount isRelaxed didYouMean { query } nodes { ... on Product { title } ... on Page { title handle } }
    productFilters { id values { count } }
  }
}
"""
PRODUCTS = """
query ($query: String!, $language: LanguageCode) @inContext(language: $language) {
  products(query: $query, sortKey: RELEVANCE, first: 9) { totalCount nodes { title } }
}
"""
SUGGEST = """
query ($query: String!, $language: LanguageCode) @inContext(language: $language) {
  predictiveSearch(query: $query, limitScope: EACH) {
    products { title } collections { title } pages { title handle } queries { text }
  }
}
"""
REGISTER = """
mutation ($id: ID!, $texts: [TranslationInput!]!) {
  translationsRegister(resourceId: $id, translations: $texts) { userErrors { code } }
}
"""
REMOVE = """
mutation ($id: ID!, $keys: [String!]!) {
  translationsRemove(resourceId: $id, translationKeys: $keys, locales: [FR]) { userErrors { code } }
}
"""
SYNONYM = """
mutation ($synonym: SearchSynonymInput!) {
  searchSynonymCreate(synonym: $synonym) { searchSynonym { language terms } userErrors { code field message } }
}
"""


@pytest.fixture(autouse=True)
def _speaks(settings: Settings) -> None:
    settings.SHOP_LANGUAGES = ["EN", "FR", "DE"]


@pytest.fixture
def shelf(db: None) -> dict[str, Product]:
    """Products in French, but for one; the vocabulary is counted."""
    made = {
        "mug": builders.a_product("Mug", product_type="Cup", tags=["travel"], description_html="<p>For tea.</p>"),
        "horse": builders.a_product("Rocking Horse", brand="Chevalier"),
        "lamp": builders.a_product("Lamp"),
    }
    builders.a_translation(made["mug"], title="Tasse", body_html="<p>Pour les chevaux et le th&eacute;.</p>")
    builders.a_translation(made["horse"], title="Cheval à bascule", product_type="Jouets")
    vocabulary.count()
    return made


def found(execute: Execute, query: str, language: str = "FR") -> list[str]:
    """Titles; both queries agree on them."""
    titles = [node["title"] for node in execute(SEARCH, query=query, language=language)["search"]["nodes"]]
    listed = execute(PRODUCTS, query=query, language=language)["products"]
    assert titles == [node["title"] for node in listed["nodes"]]
    assert listed["totalCount"] == len(titles)
    return titles


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("tasse", ["Tasse"]),
        ("tasses", ["Tasse"]),
        ("chevaux", ["Cheval à bascule", "Tasse"]),  # by its stem; a title comes before a description
        ("cheva", ["Cheval à bascule", "Tasse"]),
        ("thé", ["Tasse"]),
        ("jouet", ["Cheval à bascule"]),
        ("travels", ["Tasse"]),  # a tag is not translated, and found by its stem in English
        ("cups", ["Tasse"]),  # nor is its type
        ("le thé", ["Tasse"]),
        ("lamps", ["Lamp"]),  # not translated at all
        ("chevaux -tasse", ["Cheval à bascule"]),
        ("mug", ["Tasse"]),  # nothing is called so in French, but its sku
    ],
)
def test_finds_by_the_words_of_the_language(
    execute: Execute, shelf: dict[str, Product], query: str, titles: list[str]
) -> None:
    shelf["mug"].variants.update(sku="MUG-1")
    search.refresh([shelf["mug"].pk])

    assert found(execute, query) == titles


def test_in_the_language_of_the_shop_nothing_else_is_found_than_before(
    execute: Execute, shelf: dict[str, Product]
) -> None:
    assert found(execute, "mugs", "EN") == ["Mug"]
    assert found(execute, "tasse", "EN") == []
    assert found(execute, "horses", "DE") == ["Rocking Horse"]
    assert found(execute, "tasse", "DE") == []


def test_counts_what_it_finds(execute: Execute, shelf: dict[str, Product]) -> None:
    told = execute(SEARCH, query="chevaux", language="FR")["search"]

    assert told["totalCount"] == 2
    [available] = [one for one in told["productFilters"] if one["id"] == "filter.v.availability"]
    assert available["values"] == [{"count": 2}, {"count": 0}]
    one = execute(SEARCH, query="chevaux", language="FR", filters=[{"productVendor": "Chevalier"}])["search"]
    assert [node["title"] for node in one["nodes"]] == ["Cheval à bascule"]


def test_corrects_and_suggests_among_the_words_of_the_language(execute: Execute, shelf: dict[str, Product]) -> None:
    def meant(query: str, language: str) -> Any:
        results = execute(SEARCH, query=query, language=language)["search"]
        return [node["title"] for node in results["nodes"]], results["didYouMean"] and results["didYouMean"]["query"]

    assert meant("basculle", "FR") == (["Cheval à bascule"], "bascule")
    assert meant("basculle", "EN") == ([], None)
    assert meant("rockin", "FR") == ([], None)
    assert meant("lampp", "FR") == (["Lamp"], "lamp")
    assert meant("rockng", "DE") == (["Rocking Horse"], "rocking")
    assert [one["text"] for one in execute(SUGGEST, query="bas", language="FR")["predictiveSearch"]["queries"]] == [
        "bascule"
    ]
    assert execute(SEARCH, query="cheval violet", language="FR")["search"]["isRelaxed"]


def test_counts_words_of_a_language_only_while_something_is_translated(shelf: dict[str, Product]) -> None:
    assert set(SearchWord.objects.values_list("language", flat=True)) == {"", "FR"}

    SearchDocument.objects.all().delete()
    vocabulary.count()

    assert set(SearchWord.objects.values_list("language", flat=True)) == {""}


def test_suggests_lists_and_pages_by_what_they_are_called(execute: Execute, db: None) -> None:
    builders.a_translation(builders.a_category("Gift Shop"), title="Idées de cadeaux")
    builders.a_translation(builders.a_collection("Gifts"), title="Cadeaux")
    builders.a_collection("Cadeaux anglais")
    builders.a_translation(builders.a_page("Terms"), title="Conditions", body_html="<p>Laver</p>", handle="cgv")

    suggested = execute(SUGGEST, query="cadeau", language="FR")["predictiveSearch"]

    assert {one["title"] for one in suggested["collections"]} == {"Idées de cadeaux", "Cadeaux", "Cadeaux anglais"}
    assert execute(SUGGEST, query="gift", language="FR")["predictiveSearch"]["collections"] == []
    assert execute(SUGGEST, query="laver", language="FR")["predictiveSearch"]["pages"] == [
        {"title": "Conditions", "handle": "cgv"}
    ]
    assert execute(SEARCH, query="laver", language="FR")["search"]["nodes"] == [
        {"title": "Conditions", "handle": "cgv"}
    ]
    assert execute(SEARCH, query="laver", language="EN")["search"]["nodes"] == []


def test_follows_a_translation_at_once(execute: Execute, sam: User) -> None:
    product = builders.a_product("Mug")
    id_ = builders.id_of(product)
    texts = [
        {"locale": "FR", "key": "title", "value": "Gobelet"},
        {"locale": "FR", "key": "handle", "value": "gobelet"},
    ]

    assert not execute(REGISTER, id=id_, texts=texts, as_=sam)["translationsRegister"]["userErrors"]
    assert found(execute, "gobelets") == ["Gobelet"]

    products.update(product_id=product.pk, product={"description_html": "<p>Enamelled.</p>"})
    assert found(execute, "enamel") == ["Gobelet"]

    assert not execute(REMOVE, id=id_, keys=["title"], as_=sam)["translationsRemove"]["userErrors"]
    assert found(execute, "gobelet") == []
    assert found(execute, "mugs") == ["Mug"]
    assert not SearchDocument.objects.exists()


def test_synonyms_hold_in_their_language(execute: Execute, shelf: dict[str, Product], sam: User) -> None:
    def make(**synonym: Any) -> Any:
        return execute(SYNONYM, synonym=synonym, as_=sam)["searchSynonymCreate"]

    assert make(terms=["poney", "cheval"], language="FR")["searchSynonym"] == {
        "language": "FR",
        "terms": ["poney", "cheval"],
    }
    assert make(terms=["poney", "lamp"])["searchSynonym"]["language"] is None
    assert make(terms=["a", "b"], language="IT") == {
        "searchSynonym": None,
        "userErrors": [
            {
                "code": "INVALID",
                "field": ["synonym", "language"],
                "message": "The shop does not answer in IT, but in EN, FR, DE.",
            }
        ],
    }

    assert sorted(found(execute, "poney")) == ["Cheval à bascule", "Lamp", "Tasse"]
    assert found(execute, "poney", "EN") == ["Lamp"]


def test_a_new_language_is_found_by_once_all_is_indexed(
    execute: Execute, shelf: dict[str, Product], settings: Settings
) -> None:
    builders.a_translation(shelf["lamp"], "IT", title="Lampada")
    settings.SHOP_LANGUAGES = ["EN", "IT"]

    call_command("index_search", verbosity=0)

    assert found(execute, "lampade", "IT") == ["Lampada"]


def test_a_shop_of_one_language_writes_nothing_more(db: None, settings: Settings) -> None:
    product = builders.a_product("Mug")
    counts = []
    for spoken in (["EN"], ["EN", "FR"]):
        settings.SHOP_LANGUAGES = spoken
        with CaptureQueriesContext(connection) as made:
            search.refresh([product.pk])
        counts.append(len(made))

    assert counts == [3, 5]


@pytest.mark.parametrize(("language", "more"), [("EN", 0), ("FR", 1)])
def test_costs_one_statement_more_in_another_language(
    execute: Execute, shelf: dict[str, Product], language: str, more: int, django_assert_num_queries: Any
) -> None:
    document = 'query @inContext(language: %s) { search(query: "%s") { nodes { ... on Product { title } } } }'
    word = {"EN": "lamp", "FR": "chevaux"}[language]
    execute(document % (language, word))

    with django_assert_num_queries(2 + more):
        execute(document % (language, word))
