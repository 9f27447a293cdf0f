"""The engine on the schema of the shop: the same answers as graphql-core's from the same rows, and no more queries."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import graphql
import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql import ExecutionResult, parse
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts import actors
from accounts.actors import GUEST, Actor
from catalog import tariffs
from catalog.models import AttributeKind
from schema import edges, graphiql, retries
from schema.context import Context
from schema.engine import Attribute, Batch, Call, Engine
from schema.engine.for_strawberry import StrawberryAdapter
from schema.root import schema
from tests import builders
from tests.engine.answers import assert_same, forgotten_promises, told, told_in_any_order
from tests.engine.operations import Drawn, operations
from tests.engine.test_against_graphql_core import EXAMPLES, quickly

SCHEMA = schema._schema
IGNORED = frozenset({retries.NAME})
ENGINE = Engine(SCHEMA, StrawberryAdapter(schema, convert_to=edges.converter, ignored_directives=IGNORED))
often = hypothesis_settings(quickly, max_examples=EXAMPLES * 4 // 5)
FILTERS = [
    '[{productVendor: "Anvil"}, {available: true}]',
    '[{price: {min: "9.00", max: "20.00"}}, {tag: "oak"}]',
    '[{attribute: {handle: "colour", values: ["blue"]}}]',
    '[{attribute: {handle: "weight", min: "100"}}]',
    '[{productVendor: "Nobody"}]',
]
EXAMPLE_DOCUMENTS = {path.stem: path.read_text() for path in sorted(graphiql.EXAMPLES.glob("*.graphql"))}
EXAMPLE_QUERIES = [stem for stem, text in EXAMPLE_DOCUMENTS.items() if re.search(r"^query", text, re.MULTILINE)]


def by_engine(drawn: Drawn, context: Context) -> ExecutionResult:
    return ENGINE.plan(drawn.document, drawn.operation).execute(drawn.variables, context)


@async_to_sync
async def by_core(drawn: Drawn, context: Context) -> ExecutionResult:
    found: Any = graphql.execute(SCHEMA, drawn.document, context_value=context, variable_values=drawn.variables)
    return found if isinstance(found, ExecutionResult) else await found


def asked_by(actor: Actor, language: str = "EN") -> Context:
    return Context(shop_currency="USD", country="US", signed_in=actor, language=language)


@pytest.fixture
def people(alice, sam) -> list[Actor]:
    return [GUEST, *actors.of_users([alice, sam])]


@pytest.fixture
def literals(people, alice) -> dict[str, list[str]]:
    """A small catalog, and what its things are called, by the arguments that want to know."""
    home = builders.a_category("Home")
    kitchen = builders.a_category("Kitchen", parent=home)
    mug = builders.a_product(
        "Mug", category=kitchen, brand="Anvil", variants=3, images=2, compare_at="12.00", tags=["oak"]
    )
    bowl = builders.a_product("Bowl", category=kitchen, price="25.00", images=1)
    lamp = builders.a_product("Lamp", category=home, price=None)
    colour = builders.an_attribute("Colour", AttributeKind.CHOICE, "Red", "Blue", on=kitchen)
    weight = builders.an_attribute("Weight", AttributeKind.NUMBER, on=home, unit="g")
    builders.described(mug, colour, "red")
    builders.described(bowl, colour, "red", "blue")
    builders.described(mug.variants.latest("position"), weight, "250.5")
    builders.a_price_list("Club", prices={mug.variants.latest("position"): "7.50"})
    gifts = builders.a_collection("Gifts", products=[mug, bowl])
    page = builders.a_page("About")
    builders.a_menu(
        "main-menu", [("Kitchen", "/collections/kitchen", [("Mug", "/products/mug", [])]), ("Away", "x", [])]
    )
    for thing in (kitchen, mug, gifts, page):
        builders.a_translation(thing, title=f"{thing.title} en français", handle=f"{thing.handle}-fr")
    builders.a_translation(mug.options.get(), name="Taille", **{"value.1": "Un"})
    variant = mug.variants.earliest("position")
    cart = builders.a_ready_cart((variant, 2), owner=alice)
    order = builders.an_order((variant, 1), owner=alice)
    things = [home, kitchen, mug, lamp, gifts, page, variant, cart, order]
    ids = [json.dumps(builders.id_of(thing)) for thing in things] + ['"nothing"']
    nothing = ["null"] * 9
    return {
        "id": ids,
        "cartId": ids,
        "ids": [f"[{', '.join(ids)}]"],
        "handle": [
            '"mug"',
            '"bowl"',
            '"kitchen"',
            '"home"',
            '"gifts"',
            '"about"',
            '"main-menu"',
            '"mug-fr"',
            '"nothing"',
        ],
        "query": ['"mug"', '"oak"', '""'],
        "first": ["3", "2", "20", "20", "0", "-1"],
        "limit": ["5"],
        **{name: [*nothing, '"x"'] for name in ("after", "before")},
        "last": nothing,
        **{name: ["null", "null", *FILTERS, f"[{{category: {ids[1]}}}]"] for name in ("filters", "productFilters")},
    }


def values_of(literals: dict[str, list[str]]) -> dict[str, list[str]]:
    """These literals for every argument of their name."""
    return {
        f"{parent.name}.{name}.{argument}": literals[argument]
        for parent in SCHEMA.type_map.values()
        if isinstance(parent, graphql.GraphQLObjectType | graphql.GraphQLInterfaceType)
        for name, field in parent.fields.items()
        for argument in field.args
        if argument in literals
    }


def test_queries_have_the_same_data_and_errors(literals, people, settings):
    settings.SHOP_LANGUAGES = ["EN", "FR"]
    languages = st.sampled_from(["EN", "EN", "FR"])

    @often
    @given(drawn=operations(SCHEMA, values=values_of(literals), max_depth=6), who=st.integers(0, 2), language=languages)
    def check(drawn: Drawn, who: int, language: str) -> None:
        assume(drawn.is_valid(SCHEMA))

        expected = by_core(drawn, asked_by(people[who], language))

        assert_same(told_in_any_order(by_engine(drawn, asked_by(people[who], language))), told_in_any_order(expected))

    with forgotten_promises():
        check()


@pytest.fixture
def spoilt(monkeypatch) -> Iterator[Callable[[int], Callable[[Any], Callable[[Any], Any]]]]:
    """`edges.converter`, but of 100 rows so many become nothing, an error, an empty list or of another type.

    Which rows is told by what they hold: every executor finds the same wrong.
    """
    sound_converter = edges.converter

    def spoil(share: int) -> Callable[[Any], Callable[[Any], Any]]:
        @cache
        def convert_to(graphql_type: Any) -> Callable[[Any], Any]:
            sound = sound_converter(graphql_type)

            def convert(row: Any) -> Any:
                chance = crc32(repr((str(graphql_type), getattr(row, "rows", row))).encode())
                if chance % 100 >= share:
                    return sound(row)
                return (None, ValueError("spoilt"), [], 7, "text", object)[chance // 100 % 6]

            return convert

        monkeypatch.setattr(edges, "converter", convert_to)
        return convert_to

    sound_converter.cache_clear()
    yield spoil
    # What it kept meanwhile goes on with spoilt items.
    sound_converter.cache_clear()


@pytest.mark.parametrize("share", [3, 25])
def test_queries_fail_the_same_where_rows_are_not_what_they_should_be(share, literals, people, spoilt):
    convert_to = spoilt(share)
    engine = Engine(SCHEMA, StrawberryAdapter(schema, convert_to=convert_to))

    @often
    @given(drawn=operations(SCHEMA, values=values_of(literals), max_depth=6), who=st.integers(0, 2))
    def check(drawn: Drawn, who: int) -> None:
        assume(drawn.is_valid(SCHEMA))

        expected = by_core(drawn, asked_by(people[who]))
        found = engine.plan(drawn.document, drawn.operation).execute(drawn.variables, asked_by(people[who]))

        assert_same(told_in_any_order(found), told_in_any_order(expected))

    with forgotten_promises():
        check()


@pytest.mark.parametrize("stem", EXAMPLE_QUERIES)
def test_example_queries_have_the_same_answer_from_no_more_statements(stem, literals, people):
    variables = Path(graphiql.EXAMPLES, f"{stem}.variables.json")
    drawn = Drawn(EXAMPLE_DOCUMENTS[stem], json.loads(variables.read_text()) if variables.exists() else {})
    drawn.variables.update({"handle": {"04-product": "mug", "20-in-french": "mug"}.get(stem, "kitchen")})

    with CaptureQueriesContext(
        connection,
    ) as by_core_queries:
        expected = by_core(drawn, asked_by(people[1]))
    with CaptureQueriesContext(connection) as by_engine_queries:
        found = by_engine(drawn, asked_by(people[1]))

    assert_same(told(found), told(expected))
    assert len(by_engine_queries) <= len(by_core_queries)


FACETS = "{ id label type presentation range { min max } values { id label count input } }"
DESCRIBED = "{ value definition { handle name } choices { handle } number }"


@pytest.mark.parametrize("filters", ["[]", *FILTERS])
def test_lists_with_filters_have_the_same_answer_from_no_more_statements(filters, literals, people):
    document = f"""{{
        category(handle: "home") {{
            products(first: 2, filters: {filters}) {{
                totalCount
                filters {FACETS}
                nodes {{ title priceRange {{ minVariantPrice {{ amount }} }} attributes {DESCRIBED} }}
            }}
            children {{ products(first: 1, filters: {filters}) {{ filters {FACETS} }} }}
        }}
        search(query: "mug", first: 2, productFilters: {filters}) {{ totalCount productFilters {FACETS} }}
        priceLists(first: 5) {{ nodes {{ handle isCurrent prices(first: 5) {{ nodes {{ price {{ amount }} }} }} }} }}
    }}"""
    drawn = Drawn(document, {})
    # Read once in a while, and so perhaps by one of the two alone.
    tariffs.remember(tariffs.in_effect(), seconds=600)

    with CaptureQueriesContext(connection) as by_core_queries:
        expected = by_core(drawn, asked_by(people[2]))
    with CaptureQueriesContext(connection) as by_engine_queries:
        found = by_engine(drawn, asked_by(people[2]))

    assert graphql.validate(SCHEMA, drawn.document) == []
    assert expected.errors is None
    assert_same(told(found), told(expected))
    assert len(by_engine_queries) <= len(by_core_queries)


@pytest.mark.parametrize("stem", [stem for stem, text in EXAMPLE_DOCUMENTS.items() if "\nsubscription " not in text])
def test_the_engine_supports_every_example_that_is_no_subscription(stem):
    document = parse(EXAMPLE_DOCUMENTS[stem])

    [operation] = document.definitions

    assert ENGINE.plan(document, operation).operation is operation  # type: ignore[arg-type]


def test_the_engine_supports_every_field_of_the_schema():
    types = [found for found in SCHEMA.type_map.values() if isinstance(found, graphql.GraphQLObjectType)]

    resolutions = [
        ENGINE.adapter.resolution(parent, name, field)
        for parent in types
        if not parent.name.startswith("__")
        for name, field in parent.fields.items()
    ]

    assert {type(resolution) for resolution in resolutions} == {Attribute, Batch, Call}


def test_a_mutation_changes_what_it_says_and_reads_it_back(literals, people):
    document = """mutation {
        a: cartCreate(input: {note: "one"}) {
            cart { note totalQuantity lines(first: 2) { nodes { id } } } userErrors { code }
        }
        b: cartLinesAdd(cartId: "nothing", lines: []) { cart { id } userErrors { code field } }
    }"""
    drawn = Drawn(document, {})

    found = by_engine(drawn, asked_by(GUEST))

    assert_same(told(found), told(by_core(drawn, asked_by(GUEST))))
    assert (found.data or {})["a"] == {
        "cart": {"note": "one", "totalQuantity": 0, "lines": {"nodes": []}},
        "userErrors": [],
    }
