"""Section 6 of the GraphQL specification (October 2021), rule by rule, over a schema that no Strawberry built."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLNamedType, GraphQLObjectType, build_schema, parse

from schema.engine import Attribute, Batch, Call, Engine, Unsupported

SCHEMA = build_schema("""
    directive @loudly on FIELD
    enum Size { SMALL LARGE }
    interface Named { name: String! }
    type Mug implements Named {
      name: String! size: Size volume: Int weight: Float maker: Maker strictMaker: Maker! lids: [Mug!]
    }
    type Maker implements Named { name: String! city: String mugs(first: Int! = 2, size: Size): [Mug] }
    union Found = Mug | Maker
    input Wish { size: Size = LARGE count: Int! }
    type Query {
        mug: Mug
        sureMug: Mug!
        mugs: [Mug]
        sureMugs: [Mug!]
        grid: [[Int!]]
        named: Named
        found: [Found]
        told(text: String = "none", wish: Wish, sure: Int! = 1): String
        fail: String
    }
    type Mutation { bump(by: Int! = 1): Counter sureBump(by: Int!): Counter! }
    type Subscription { ticks: Int }
    type Counter { count: Int later: Int name: String! }
""")


class Adapter:
    """Objects with attributes named as the fields, and what a test says of other fields."""

    def __init__(self, **resolutions: Any) -> None:
        self.resolutions = {tuple(name.split("_", 1)): found for name, found in resolutions.items()}

    def resolution(self, parent_type: GraphQLObjectType, name: str, field: object) -> Any:
        found = self.resolutions.get((parent_type.name, name), Attribute(name))
        if isinstance(found, str):
            raise Unsupported(found)
        return found

    def ignores(self, directive: str) -> bool:
        return False

    def classes(self, graphql_type: GraphQLNamedType) -> Mapping[type, GraphQLObjectType]:
        return {}


def plan(document: str, **resolutions: Any) -> Any:
    parsed = parse(document)
    return Engine(SCHEMA, Adapter(**resolutions)).plan(parsed, parsed.definitions[0])  # type: ignore[arg-type]


def run(
    document: str, root: Any = None, variables: Mapping[str, Any] | None = None, **resolutions: Any
) -> ExecutionResult:
    result: ExecutionResult = plan(document, **resolutions).execute(variables, root_value=root)
    return result


def a_mug(name: Any = "Blue", **fields: Any) -> Any:
    defaults = {"size": "SMALL", "volume": 300, "weight": 0.3, "maker": None, "strictMaker": None, "lids": None}
    return SimpleNamespace(**{**defaults, "name": name, **fields}, _SimpleNamespace__typename="Mug")


def a_maker(name: str = "Ada", **fields: Any) -> Any:
    return SimpleNamespace(name=name, city="Ulm", **fields, _SimpleNamespace__typename="Maker")


def a_shop(**fields: Any) -> Any:
    return SimpleNamespace(**fields)


def told(result: ExecutionResult) -> list[tuple[str, Any]]:
    return [(error.message, error.path) for error in result.errors or ()]


def echo(parent: Any, info: Any, **arguments: Any) -> str:
    return str(arguments)


def refuse(parent: Any, info: Any, **arguments: Any) -> None:
    raise ValueError(f"refused at {info.path.as_list()}")


# 6.1 Executing requests


def test_6_1_2_a_variable_takes_its_default_where_none_is_given():
    result = run('query ($text: String = "default") { told(text: $text) }', Query_told=Call(echo))

    assert result.data == {"told": "{'text': 'default', 'sure': 1}"}


def test_6_1_2_a_variable_that_does_not_fit_stops_everything():
    result = run("query ($wish: Wish) { told(wish: $wish) }", variables={"wish": {"count": "x"}}, Query_told=Call(echo))

    assert result.data is None
    assert [error.path for error in result.errors or ()] == [None]
    assert "got invalid value 'x' at 'wish.count'" in told(result)[0][0]


def test_6_1_2_a_missing_variable_of_a_non_null_type_stops_everything():
    result = run("query ($sure: Int!) { told(sure: $sure) }", Query_told=Call(echo))

    assert result.data is None
    assert told(result) == [("Variable '$sure' of required type 'Int!' was not provided.", None)]


# 6.2 Executing operations


def test_6_2_1_a_query_starts_at_the_root_value():
    assert run("{ mug { name } }", a_shop(mug=a_mug("Red"))).data == {"mug": {"name": "Red"}}


@pytest.fixture
def counter() -> Any:
    """A counter whose `bump` tells when it happens, and whose `later` tells when it is read."""
    happened: list[str] = []

    def bump(parent: Any, info: Any, by: int) -> Any:
        if by < 0:
            raise ValueError("never down")
        happened.append(f"bump {by}")
        return SimpleNamespace(count=len(happened), key=by, name="x" if by < 9 else None)

    def load(context: Any, keys: list[int]) -> list[int]:
        happened.append(f"read {keys}")
        return keys

    resolutions = {
        "Mutation_bump": Call(bump),
        "Mutation_sureBump": Call(bump),
        "Counter_later": Batch(load, key=lambda counter: counter.key),
    }
    return SimpleNamespace(happened=happened, resolutions=resolutions)


def test_6_2_2_each_mutation_is_complete_before_the_next_begins(counter):
    result = run("mutation { a: bump(by: 1) { later count } b: bump(by: 2) { later } }", **counter.resolutions)

    assert counter.happened == ["bump 1", "read [1]", "bump 2", "read [2]"]
    assert result.data == {"a": {"later": 1, "count": 1}, "b": {"later": 2}}


def test_6_2_2_a_later_mutation_reads_again_what_an_earlier_one_has_read(counter):
    run("mutation { a: bump { later } b: bump { later } }", **counter.resolutions)

    assert counter.happened == ["bump 1", "read [1]", "bump 1", "read [1]"]


def test_6_2_2_a_mutation_that_fails_does_not_stop_the_next(counter):
    result = run("mutation { a: bump(by: -1) { count } b: bump { count } }", **counter.resolutions)

    assert result.data == {"a": None, "b": {"count": 1}}
    assert told(result) == [("never down", ["a"])]


def test_6_2_2_after_a_failed_mutation_that_may_not_be_null_nothing_happens(counter):
    result = run(
        "mutation { a: bump { count } b: sureBump(by: -1) { count } c: bump { count } }", **counter.resolutions
    )

    assert counter.happened == ["bump 1"]
    assert result.data is None
    assert told(result) == [("never down", ["b"])]


def test_6_2_2_errors_of_mutations_before_the_one_that_ends_it_are_told(counter):
    result = run("mutation { a: bump(by: 9) { name } b: sureBump(by: 9) { name } }", **counter.resolutions)

    assert result.data is None
    message = "Cannot return null for non-nullable field Counter.name."
    assert told(result) == [(message, ["a", "name"]), (message, ["b", "name"])]


def test_6_2_3_a_subscription_is_not_supported():
    with pytest.raises(Unsupported, match="it is a subscription"):
        plan("subscription { ticks }")


# 6.3 Executing selection sets


def test_6_3_fields_stand_in_the_order_of_the_document_however_they_are_resolved():
    document = """{ fail ...Later mug { volume name ... on Mug { size } __typename } told }
        fragment Later on Query { mugs { __typename } mug { size } grid }"""
    shop = a_shop(mug=a_mug(), mugs=[], grid=None, fail="no")

    result = run(document, shop, Query_told=Call(echo))

    assert list(result.data or ()) == ["fail", "mugs", "mug", "grid", "told"]
    assert list((result.data or {})["mug"]) == ["size", "volume", "name", "__typename"]


@pytest.mark.parametrize(
    ("directives", "is_there"),
    [
        ("@skip(if: true)", False),
        ("@skip(if: false)", True),
        ("@include(if: false)", False),
        ("@include(if: true) @skip(if: true)", False),
        ("@include(if: $yes) @skip(if: $no)", True),
        ("@include(if: $no)", False),
    ],
)
@pytest.mark.parametrize("selection", ["mug {} {{ name }}", "... on Query {} {{ mug {{ name }} }}", "...F {}"])
def test_6_3_2_conditions_decide_what_is_collected(directives, is_there, selection):
    declared = "($yes: Boolean!, $no: Boolean = false)" if "$" in directives else ""
    used = "told @include(if: $yes) @skip(if: $no)" if declared else "told"
    fragment = "fragment F on Query { mug { name } }" if "...F" in selection else ""

    result = run(
        f"query Q{declared} {{ {selection.format(directives)} {used} }} {fragment}",
        a_shop(mug=a_mug()),
        {"yes": True},
        Query_told=Call(echo),
    )

    assert ("mug" in (result.data or {})) is is_there


def test_6_3_2_one_plan_follows_its_variables_from_request_to_request():
    made = plan("query ($wanted: Boolean!) { mug { name size @include(if: $wanted) } }")

    found = [made.execute({"wanted": wanted}, root_value=a_shop(mug=a_mug())).data for wanted in (True, False, True)]

    assert found == [{"mug": {"name": "Blue", "size": "SMALL"}}, {"mug": {"name": "Blue"}}, found[0]]


def test_6_3_2_a_condition_that_is_null_fails_the_object_it_is_in():
    result = run(
        "query ($wanted: Boolean = true) { mug { name @skip(if: $wanted) } }", a_shop(mug=a_mug()), {"wanted": None}
    )

    assert result.data == {"mug": None}
    assert told(result) == [("Argument 'if' of non-null type 'Boolean!' must not be null.", ["mug"])]


def test_6_3_2_a_condition_that_is_null_at_the_root_leaves_no_data():
    result = run("query ($wanted: Boolean = true) { mug @skip(if: $wanted) { name } }", a_shop(), {"wanted": None})

    assert result.data is None
    assert told(result) == [("Argument 'if' of non-null type 'Boolean!' must not be null.", None)]


def test_6_3_2_fragments_apply_by_type():
    document = "{ named { ... on Mug { size } ... on Maker { city } ... on Named { name } ... { __typename } } }"

    assert run(document, a_shop(named=a_maker())).data == {
        "named": {"city": "Ulm", "name": "Ada", "__typename": "Maker"}
    }


# 6.4 Executing fields


def test_6_4_1_arguments_come_from_literals_variables_and_defaults():
    document = """query ($text: String, $size: Size, $absent: String) {
        a: told(text: $text, wish: {size: $size, count: 1}) b: told(text: $absent, wish: {count: 2}, sure: 3)
        c: told(text: null)
    }"""

    result = run(document, None, {"text": "hi", "size": "SMALL"}, Query_told=Call(echo))

    assert result.data == {
        "a": "{'text': 'hi', 'wish': {'size': 'SMALL', 'count': 1}, 'sure': 1}",
        "b": "{'text': 'none', 'wish': {'size': 'LARGE', 'count': 2}, 'sure': 3}",
        "c": "{'text': None, 'sure': 1}",
    }


def test_6_4_1_null_for_an_argument_that_may_not_be_null_fails_the_field():
    result = run("query ($sure: Int = 1) { told(sure: $sure) }", None, {"sure": None}, Query_told=Call(echo))

    assert result.data == {"told": None}
    assert told(result) == [("Argument 'sure' of non-null type 'Int!' must not be null.", ["told"])]


def test_6_4_2_a_batch_is_called_once_for_all_parents_and_each_key_once():
    calls = []

    def load(context: Any, keys: list[str]) -> list[Any]:
        calls.append(keys)
        return [a_maker(key) for key in keys]

    mugs = [a_mug(maker=key) for key in ("Bo", "Ada", None, "Bo")]

    result = run("{ mugs { maker { name } } }", a_shop(mugs=mugs), Mug_maker=Batch(load, key=lambda mug: mug.maker))

    assert calls == [["Bo", "Ada"]]
    assert result.data == {"mugs": [{"maker": name and {"name": name}} for name in ("Bo", "Ada", None, "Bo")]}


def test_6_4_2_equal_arguments_share_a_call_and_other_arguments_have_their_own():
    calls = []

    def load(context: Any, keys: list[str], *, first: int, size: str | None = None) -> list[Any]:
        calls.append((keys, first, size))
        return [[a_mug(f"{key} {number}") for number in range(first)] for key in keys]

    document = """query ($two: Int!) { named { ... on Maker {
        a: mugs { name } b: mugs(first: $two) { name } c: mugs(first: 2, size: SMALL) { name } } } }"""

    result = run(document, a_shop(named=a_maker()), {"two": 2}, Maker_mugs=Batch(load, key=lambda maker: maker.name))

    assert calls == [(["Ada"], 2, None), (["Ada"], 2, "SMALL")]
    assert [len(found) for found in (result.data or {})["named"].values()] == [2, 2, 2]


def test_6_4_2_fields_that_share_a_call_are_each_keyed_by_their_own():
    calls = []

    def load(context: Any, keys: list[str]) -> list[Any]:
        calls.append(keys)
        return [a_maker(key) for key in keys]

    result = run(
        "{ mug { maker { name } strictMaker { name } } }",
        a_shop(mug=a_mug("Bo", size="Ada")),
        Mug_maker=Batch(load, key=lambda mug: mug.name),
        Mug_strictMaker=Batch(load, key=lambda mug: mug.size),
    )

    assert calls == [["Bo", "Ada"]]
    assert result.data == {"mug": {"maker": {"name": "Bo"}, "strictMaker": {"name": "Ada"}}}


def test_6_4_2_fields_that_share_a_call_each_make_their_own_of_its_rows():
    calls = []

    def load(context: Any, keys: list[str]) -> list[str]:
        calls.append(keys)
        return keys

    result = run(
        "{ mugs { maker { name } strictMaker { name } } }",
        a_shop(mugs=[a_mug("Bo"), a_mug("Ada"), a_mug("Bo")]),
        Mug_maker=Batch(load, key=lambda mug: mug.name, convert=a_maker),
        Mug_strictMaker=Batch(load, key=lambda mug: mug.name, convert=lambda row: a_maker(row.upper())),
    )

    assert calls == [["Bo", "Ada"]]
    assert result.data == {
        "mugs": [{"maker": {"name": name}, "strictMaker": {"name": name.upper()}} for name in ("Bo", "Ada", "Bo")]
    }


def test_6_4_2_a_batch_that_raises_fails_each_field_at_its_path():
    def load(context: Any, keys: list[str]) -> list[Any]:
        raise ValueError("no makers today")

    mugs = [a_mug(), a_mug()]

    result = run("{ mugs { maker { name } } }", a_shop(mugs=mugs), Mug_maker=Batch(load, key=lambda mug: mug.name))

    assert result.data == {"mugs": [{"maker": None}, {"maker": None}]}
    assert told(result) == [("no makers today", ["mugs", 0, "maker"]), ("no makers today", ["mugs", 1, "maker"])]


def test_6_4_2_an_exception_among_a_batch_fails_its_key_alone():
    def load(context: Any, keys: list[str]) -> list[Any]:
        return [ValueError("no Bo") if key == "Bo" else a_maker(key) for key in keys]

    mugs = [a_mug("Bo"), a_mug("Ada")]

    result = run("{ mugs { maker { name } } }", a_shop(mugs=mugs), Mug_maker=Batch(load, key=lambda mug: mug.name))

    assert result.data == {"mugs": [{"maker": None}, {"maker": {"name": "Ada"}}]}
    assert told(result) == [("no Bo", ["mugs", 0, "maker"])]


def test_6_4_2_a_batch_with_the_wrong_number_of_values_fails():
    def load(context: Any, keys: list[str]) -> list[Any]:
        return []

    result = run("{ mug { maker { name } } }", a_shop(mug=a_mug()), Mug_maker=Batch(load, key=lambda mug: mug.name))

    assert told(result) == [("load gave 0 values for 1 keys.", ["mug", "maker"])]


def test_6_4_2_a_call_knows_where_it_is():
    shop = a_shop(mugs=[None, a_mug(lids=[a_mug(), a_mug()])])

    result = run("{ mugs { l: lids { volume } } }", shop, Mug_volume=Call(refuse))

    assert [message for message, _ in told(result)] == [
        "refused at ['mugs', 1, 'l', 0, 'volume']",
        "refused at ['mugs', 1, 'l', 1, 'volume']",
    ]


def test_6_4_3_values_are_coerced_to_their_type():
    mug = a_mug(7, volume="300", size="LARGE")

    assert run("{ mug { name volume size } }", a_shop(mug=mug)).data == {
        "mug": {"name": "7", "volume": 300, "size": "LARGE"}
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("volume", 2**31, "Int cannot represent non 32-bit signed integer value: 2147483648"),
        ("volume", -(2**31) - 1, "Int cannot represent non 32-bit signed integer value: -2147483649"),
        ("volume", "much", "Int cannot represent non-integer value: 'much'"),
        ("weight", float("nan"), "Float cannot represent non numeric value: nan"),
        ("weight", float("-inf"), "Float cannot represent non numeric value: -inf"),
        ("size", "HUGE", "Enum 'Size' cannot represent value: 'HUGE'"),
        ("lids", 5, "Expected Iterable, but did not find one for field 'Mug.lids'."),
        ("volume", ValueError("it leaks"), "it leaks"),
    ],
)
def test_6_4_3_a_value_that_cannot_be_coerced_fails_its_field_alone(field, value, message):
    below = "{ name }" if field == "lids" else ""

    result = run(f"{{ mug {{ name {field}{below} }} }}", a_shop(mug=a_mug(**{field: value})))

    assert result.data == {"mug": {"name": "Blue", field: None}}
    assert told(result) == [(message, ["mug", field])]


@pytest.mark.parametrize("values", [[[1, 2], [], None], ((3,), [4, 5]), []])
def test_6_4_3_lists_of_lists_are_completed_item_by_item(values):
    assert run("{ grid }", a_shop(grid=values)).data == {
        "grid": [item if item is None else list(item) for item in values]
    }


def test_6_4_3_any_iterable_is_a_list_but_a_text_or_a_map():
    assert run("{ grid }", a_shop(grid=(numbers for numbers in ({1}, range(2))))).data == {"grid": [[1], [0, 1]]}
    assert run("{ grid }", a_shop(grid="no")).data == {"grid": None}


def test_6_4_3_each_object_of_a_union_is_completed_by_its_own_type():
    document = "{ found { __typename ... on Mug { size } ... on Maker { name } ... on Named { n: name } } }"

    result = run(document, a_shop(found=[a_mug(), None, a_maker(), a_mug("Red")]))

    assert (result.data or {})["found"] == [
        {"__typename": "Mug", "size": "SMALL", "n": "Blue"},
        None,
        {"__typename": "Maker", "name": "Ada", "n": "Ada"},
        {"__typename": "Mug", "size": "SMALL", "n": "Red"},
    ]


@pytest.mark.parametrize(
    ("typename", "message"),
    [
        ("Counter", "Runtime Object type 'Counter' is not a possible type for 'Named'."),
        ("Nobody", "Abstract type 'Named' was resolved to a type 'Nobody' that does not exist inside the schema."),
        (None, "Abstract type 'Named' must resolve to an Object type at runtime for field 'Query.named'."),
    ],
)
def test_6_4_3_an_object_of_no_possible_type_fails(typename, message):
    stranger = SimpleNamespace(name="x", _SimpleNamespace__typename=typename)

    result = run("{ named { name } }", a_shop(named=stranger))

    assert result.data == {"named": None}
    assert told(result)[0][0].startswith(message)


def test_6_4_3_selections_of_a_field_asked_for_twice_are_merged():
    document = (
        "{ mug { maker { name } } ...F mug { maker { name city } } } fragment F on Query { mug { maker { city } } }"
    )

    assert run(document, a_shop(mug=a_mug(maker=a_maker()))).data == {"mug": {"maker": {"name": "Ada", "city": "Ulm"}}}


def test_6_4_4_null_where_it_may_not_be_makes_the_parent_null():
    result = run("{ mug { name } }", a_shop(mug=a_mug(None)))

    assert result.data == {"mug": None}
    assert told(result) == [("Cannot return null for non-nullable field Mug.name.", ["mug", "name"])]


def test_6_4_4_null_goes_up_to_the_first_place_that_may_be_null():
    shop = a_shop(mugs=[a_mug(lids=[a_mug(strictMaker=a_maker(None))]), a_mug("Red", lids=[])])  # type: ignore[arg-type]

    result = run("{ mugs { name lids { strictMaker { name } } } }", shop)

    assert result.data == {"mugs": [{"name": "Blue", "lids": None}, {"name": "Red", "lids": []}]}
    assert told(result) == [
        ("Cannot return null for non-nullable field Maker.name.", ["mugs", 0, "lids", 0, "strictMaker", "name"])
    ]


def test_6_4_4_a_null_item_of_a_list_that_may_have_none_makes_the_list_null():
    result = run("{ sureMugs { name } mugs { name } }", a_shop(sureMugs=[a_mug(), None], mugs=[a_mug(None), a_mug()]))

    assert result.data == {"sureMugs": None, "mugs": [None, {"name": "Blue"}]}
    assert [path for _, path in told(result)] == [["sureMugs", 1], ["mugs", 0, "name"]]


def test_6_4_4_if_everything_up_to_the_root_may_not_be_null_there_is_no_data():
    result = run("{ mug { size } sureMug { name } }", a_shop(mug=a_mug(), sureMug=a_mug(None)))

    assert result.data is None
    assert [path for _, path in told(result)] == [["sureMug", "name"]]


def test_6_4_4_only_one_error_is_told_of_an_object_that_is_null():
    result = run("{ mug { strictMaker { name } name volume } }", a_shop(mug=a_mug(None, volume="much")))

    assert [path for _, path in told(result)] == [["mug", "strictMaker"]]


# What the engine leaves to graphql-core


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{ __schema { types { name } } }", "it asks for __schema"),
        ('{ mug { name } __type(name: "Mug") { name } }', "it asks for __type"),
        ("{ mug { name @loudly } }", "it uses the directive @loudly"),
        ("{ named { ... on Maker { mugs { volume } } } }", "Mug.volume: it is for tests"),
        ("{ ...F } fragment F on Query { mugs { lids { volume } } }", "Mug.volume: it is for tests"),
    ],
)
def test_what_is_not_supported_is_told_before_anything_is_executed(document, reason):
    with pytest.raises(Unsupported, match=f"^{reason}$"):
        plan(document, Mug_volume="it is for tests")
