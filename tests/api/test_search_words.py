"""What words find: inflections, typos, synonyms, and most of the words where nothing has them all."""

import random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from catalog import search, vocabulary
from catalog.models import Product, SearchWord
from catalog.vocabulary import Vocabulary
from tests import builders
from tests.conftest import Execute

SEARCH = """
query ($query: String!, $first: Int, $after: String, $filters: [ProductFilter!]) {
  search(query: $query, first: $first, after: $after, productFilters: $filters) {
    totalCount isRelaxed didYouMean { query isApplied }
    nodes { ... on Product { title } ... on Page { title } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PRODUCTS = """
query ($query: String!) {
  products(query: $query, sortKey: RELEVANCE) {
    totalCount isRelaxed didYouMean { query isApplied } nodes { title }
  }
}
"""
SUGGEST = """
query ($query: String!, $limit: Int, $types: [PredictiveSearchType!]) {
  predictiveSearch(query: $query, limit: $limit, types: $types) {
    products { title } queries { text styledText }
  }
}
"""
CREATE = """
mutation ($synonym: SearchSynonymInput!) {
  searchSynonymCreate(synonym: $synonym) { searchSynonym { id } userErrors { code field message } }
}
"""


@pytest.fixture
def lamps(db: None) -> None:
    builders.a_product("Floor Lamp", brand="Lumen", description_html="<p>Stands beside an armchair.</p>")
    builders.a_product("Desk Lamp", tags=["office"])
    builders.a_product("Armchair", description_html="<p>For long evenings.</p>")
    builders.a_product("Hidden Zeppelin", status="DRAFT")
    vocabulary.count()


def found(execute: Execute, query: str, **variables: Any) -> Any:
    """Titles, the correction, and whether these have only most of the words; as both queries tell it."""
    results = execute(SEARCH, query=query, **variables)["search"]
    titles = [node["title"] for node in results["nodes"]]
    if not variables:
        assert execute(PRODUCTS, query=query)["products"] == {
            "nodes": [{"title": title} for title in titles],
            **{name: results[name] for name in ("totalCount", "isRelaxed", "didYouMean")},
        }
    correction = results["didYouMean"]
    assert correction is None or correction["isApplied"]
    return titles, correction and correction["query"], results["isRelaxed"]


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize(
    ("query", "titles", "corrected"),
    [
        ("lamps", ["Desk Lamp", "Floor Lamp"], None),
        ("LÀMPS", ["Desk Lamp", "Floor Lamp"], None),
        ("standing lamp", ["Floor Lamp"], None),
        ("evening", ["Armchair"], None),
        ("the lamp for a desk", ["Desk Lamp"], None),
        ("lapm", ["Desk Lamp", "Floor Lamp"], "lamp"),
        ("Flor lamps!", ["Floor Lamp"], "floor lamps!"),
        ("armchiar", ["Armchair", "Floor Lamp"], "armchair"),
        ("armcahri", ["Armchair", "Floor Lamp"], "armchair"),
        ("lam", ["Desk Lamp", "Floor Lamp"], None),
        ("lum", ["Floor Lamp"], None),
        # Too short, or no word: nothing can tell what was meant.
        ("lxm", [], None),
        ("lamp5", [], None),
        ("SKU-99999999", [], None),
        # What shoppers do not see is not suggested.
        ("zepelin", [], None),
    ],
)
def test_finds_what_was_meant(execute: Execute, query: str, titles: list[str], corrected: str | None) -> None:
    found_titles, found_correction, is_relaxed = found(execute, query)

    assert (sorted(found_titles), found_correction, is_relaxed) == (sorted(titles), corrected, False)


@pytest.mark.usefixtures("lamps")
def test_shows_what_has_most_of_the_words_rather_than_nothing(execute: Execute) -> None:
    assert found(execute, "floor lamp mahogany") == (["Floor Lamp"], None, True)
    assert found(execute, "flor lamp mahogany") == (["Floor Lamp"], "floor lamp mahogany", True)
    assert found(execute, "lamp mahogany walnut") == ([], None, False)
    assert found(execute, "floor mahogany -lamp") == ([], None, False)
    assert found(execute, "desk lmap -office") == (["Floor Lamp"], "desk lamp -office", True)
    # What has another number is not what was meant.
    assert found(execute, "lamp 12345") == ([], None, False)


@pytest.mark.usefixtures("lamps")
def test_pages_through_what_was_meant(execute: Execute) -> None:
    first = execute(SEARCH, query="lapm", first=1)["search"]
    second = execute(SEARCH, query="lapm", first=1, after=first["pageInfo"]["endCursor"])["search"]
    end = execute(SEARCH, query="lapm", first=1, after=second["pageInfo"]["endCursor"])["search"]

    assert [first["totalCount"], first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]] == [
        2,
        True,
        False,
    ]
    assert {first["nodes"][0]["title"], second["nodes"][0]["title"]} == {"Desk Lamp", "Floor Lamp"}
    assert (end["nodes"], end["totalCount"], end["didYouMean"]["query"]) == ([], 2, "lamp")


@pytest.mark.usefixtures("lamps")
def test_corrects_nothing_because_of_a_condition(execute: Execute) -> None:
    assert found(execute, "lamp", filters=[{"price": {"min": "500"}}]) == ([], None, False)
    assert found(execute, "lapm", filters=[{"productVendor": "Lumen"}]) == (["Floor Lamp"], "lamp", False)


@pytest.mark.usefixtures("lamps")
def test_a_new_word_is_found_at_once_and_suggested_when_it_was_counted(execute: Execute) -> None:
    builders.a_product("Lamb")

    assert found(execute, "lamb") == (["Lamb"], None, False)
    assert found(execute, "labm") == ([], None, False)
    vocabulary.count()
    assert found(execute, "labm") == (["Lamb"], "lamb", False)


def test_a_title_comes_before_a_tag_and_that_before_a_description(execute: Execute) -> None:
    builders.a_product("Throw", description_html="<p>Wool.</p>")
    builders.a_product("Blanket", tags=["wool"])
    builders.a_product("Scarf", brand="Wool")
    builders.a_product("Wool")

    assert found(execute, "wool")[0] == ["Wool", "Scarf", "Blanket", "Throw"]


def test_knows_the_inflections_of_the_language_of_the_shop(execute: Execute, settings: Any) -> None:
    settings.SHOP_LANGUAGES = ["DE", "EN"]
    builders.a_product("Haus")

    assert found(execute, "Häusern")[0] == ["Haus"]
    settings.SHOP_LANGUAGES = ["JA"]
    call_command("index_search", verbosity=0)
    assert found(execute, "Häusern")[0] == []
    assert found(execute, "hau")[0] == ["Haus"]


def test_every_language_has_its_stems_in_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(cfgname::text) FROM pg_ts_config")
        [(there,)] = cursor.fetchall()

    assert set(search.CONFIGURATIONS.values()) <= set(there)


def test_synonyms_find_each_other(execute: Execute, sam: User) -> None:
    for title in ("Couch", "Sofa bed", "Futon", "Bed"):
        builders.a_product(title)
    vocabulary.count()
    assert found(execute, "sofa")[0] == ["Sofa bed"]

    for synonym in (
        {"terms": ["Sofa", "couch", "settée"]},
        {"terms": ["sofa bed", "futon"]},
        {"terms": ["furniture"], "targets": ["couch", "bed"]},
    ):
        made = execute(CREATE, as_=sam, synonym=synonym)["searchSynonymCreate"]
        assert made["userErrors"] == []

    assert {query: sorted(found(execute, query)[0]) for query in ("sofa", "settee", "SOFA BED", "futons", "bed")} == {
        "sofa": ["Couch", "Sofa bed"],
        "settee": ["Couch", "Sofa bed"],
        "SOFA BED": ["Futon", "Sofa bed"],
        "futons": ["Futon"],
        "bed": ["Bed", "Sofa bed"],
    }
    assert sorted(found(execute, "furniture")[0]) == ["Bed", "Couch", "Sofa bed"]
    assert found(execute, "furniture -sofa")[0] in (["Bed", "Couch"], ["Couch", "Bed"])


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("la", [("lamp", "<mark>la</mark><span>mp</span>")]),
        ("floor LA", [("floor lamp", "<mark>floor la</mark><span>mp</span>")]),
        ("flor lam", [("floor lamp", "<mark>flo</mark><span>or lamp</span>")]),
        ("lmap", [("lamp", "<mark>l</mark><span>amp</span>")]),
        ("zep", []),
        ("a", [("armchair", "<mark>a</mark><span>rmchair</span>")]),
        ("<b>", [("beside", "<mark>b</mark><span>eside</span>")]),
        ("", []),
    ],
)
def test_suggests_what_to_search_for(execute: Execute, query: str, queries: list[tuple[str, str]]) -> None:
    said = execute(SUGGEST, query=query, types=["QUERY"], limit=1)["predictiveSearch"]

    assert said == {"products": [], "queries": [{"text": text, "styledText": styled} for text, styled in queries]}


@pytest.mark.usefixtures("lamps")
def test_suggests_products_for_what_was_meant(execute: Execute) -> None:
    said = execute(SUGGEST, query="armchiar", types=["PRODUCT"], limit=1)["predictiveSearch"]

    assert said == {"products": [{"title": "Armchair"}], "queries": []}


@pytest.mark.parametrize(
    "query",
    [
        "🪑",
        "lamp 🪑",
        "\x00\x01",
        "lamp\x00",
        "\u202e\u200b",
        "'=lamp",
        "=lamp",
        "lamp:*",
        "!!",
        "<->",
        "\\",
        "ß" * 50,
        "a b " * 500,
    ],
)
@pytest.mark.usefixtures("lamps")
def test_takes_anything(execute: Execute, query: str) -> None:
    assert execute(SEARCH, query=query)["search"]["totalCount"] in (0, 1, 2)
    assert execute(SUGGEST, query=query)["predictiveSearch"]["products"] is not None


def test_takes_a_text_of_ten_megabytes(db: None) -> None:
    for text in ("x" * 10_000_000, "lamp " * 2_000_000, '"' * 10_000_000, "-" * 10_000_000):
        assert len(search.read(text).parts) <= search.WORDS_IN_QUERY


@pytest.mark.usefixtures("lamps")
def test_a_near_miss_costs_two_statements_more(execute: Execute, django_assert_num_queries: Any) -> None:
    builders.a_page("Evenings on the floor")
    counted = SEARCH.replace("totalCount", "totalCount productFilters { values { count } }")
    execute(counted, query="lamp")

    for query, statements in (("lamp", 4), ("lapm", 5), ("lumen evenings", 6)):
        with django_assert_num_queries(statements):
            assert execute(counted, query=query)["search"]["productFilters"]


def test_the_words_are_counted_as_they_change(db: None) -> None:
    product = builders.a_product("Lamp lamp", tags=["lamp5"])
    builders.a_product("Lamps of oak")
    vocabulary.count()
    before = dict(SearchWord.objects.values_list("word", "product_count"))

    Product.objects.filter(pk=product.pk).update(status="ARCHIVED")
    vocabulary.count()

    rest = {"oak": 1, "=oak": 1}
    assert before == {"lamp": 1, "lamps": 1, "=lamp": 2, "sku": 2, "=sku": 2, **rest}
    counted = dict(SearchWord.objects.values_list("word", "product_count"))
    assert counted == {"lamps": 1, "=lamp": 1, "sku": 1, "=sku": 1, **rest}


def test_corrects_among_fifty_thousand_words() -> None:
    dice = random.Random(1)  # noqa: S311  (the same words on every run)
    words = {"".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(4, 12))) for _ in range(50_000)}
    known = Vocabulary(dict.fromkeys(words, 1) | {"umbrella": 5, "kitchen": 3})

    assert [known.nearest(word) for word in ("umbrela", "umbrlela", "ubmrlela", "kicthen", "kitchem")] == [
        *("umbrella", "umbrella", "umbrella", "kitchen", "kitchen")
    ]
    assert [known.nearest(word) for word in ("abc", "kitchen1", "x" * 60)] == [None, None, None]
