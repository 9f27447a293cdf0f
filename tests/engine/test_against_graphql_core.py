"""The engine against graphql-core: whatever the operation and however broken the objects, the same answer."""

import asyncio
import os
from random import Random
from typing import Any

import pytest
from graphql import ExecutionResult, execute, execute_sync, parse
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st
from strawberry.utils.str_converters import to_camel_case

from schema.engine import Engine
from schema.engine.for_strawberry import StrawberryAdapter
from tests.engine import synthetic
from tests.engine.answers import assert_same, forgotten_promises, told, told_in_any_order
from tests.engine.operations import Drawn, operations
from tests.engine.synthetic import MISSING, ODD, World

# A heavier run: ENGINE_EXAMPLES=20000.
EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "900"))
SCHEMA = synthetic.schema._schema
ENGINE = Engine(SCHEMA, StrawberryAdapter(synthetic.schema))
PROMISED = {"related", "owner", "boss", "pets", "secret", "greeting", "person", "dog"}
PHASES = set(Phase) - {Phase.explain}  # what it explains is where the seed of an operation was drawn
quickly = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES, max_examples=EXAMPLES)
less = settings(quickly, max_examples=EXAMPLES // 4)
worlds = st.tuples(st.integers(0, 10_000), st.sampled_from((0, 5, 30, 150)))


def by_engine(drawn: Drawn, world: World) -> ExecutionResult:
    return ENGINE.plan(drawn.document, drawn.operation).execute(drawn.variables, world)


def by_core(drawn: Drawn, world: World) -> ExecutionResult:
    assume(drawn.is_valid(SCHEMA))
    return execute_sync(SCHEMA, drawn.document, context_value=world, variable_values=drawn.variables)


def by_core_with_promises(drawn: Drawn, world: World) -> ExecutionResult:
    def later(resolve: Any, source: Any, info: Any, **arguments: Any) -> Any:
        if info.field_name not in PROMISED:
            return resolve(source, info, **arguments)

        async def promise() -> Any:
            await asyncio.sleep(0)
            return resolve(source, info, **arguments)

        return promise()

    async def run() -> ExecutionResult:
        found: Any = execute(SCHEMA, drawn.document, None, world, drawn.variables, middleware=[later])
        return await found if asyncio.iscoroutine(found) else found

    assume(drawn.is_valid(SCHEMA))
    return asyncio.run(run())


ATTRIBUTES = [
    (kind, name)
    for kind in (synthetic.Person, synthetic.Dog)
    for name in kind.attributes(World(1), Random(1), 1)  # noqa: S311
]


def a_world_with(kind: Any, name: str, value: Any) -> World:
    """Number 1 is as usual; of number 2, this attribute has this value or is missing."""
    world = World(1)
    vars(world._of(kind, 2)).pop(name)
    if value is not MISSING:
        setattr(world._of(kind, 2), name, value)
    return world


@pytest.mark.parametrize(("kind", "name"), ATTRIBUTES)
def test_whatever_an_attribute_holds_it_becomes_the_same(kind, name):
    root = {synthetic.Person: "maybePerson", synthetic.Dog: "dog"}[kind]
    below = "{ __typename }" if name in {"friend", "buddy", "buddies", "things", "packs"} else ""
    field = f"{to_camel_case(name)} {below}"
    document: Any = parse(
        f"{{ usual: {root}(number: 1) {{ {field} }} odd: {root}(number: 2) {{ __typename {field} }} }}"
    )
    plan = ENGINE.plan(document, document.definitions[0])

    for odd in (lambda: True, *ODD, lambda: True):
        value = odd()
        found = plan.execute(context=a_world_with(kind, name, value))
        expected = execute_sync(SCHEMA, document, context_value=a_world_with(kind, name, value))

        assert_same(told(found), told(expected))


@quickly
@given(drawn=operations(SCHEMA), world=worlds)
def test_queries_have_the_same_data_and_errors(drawn, world):
    expected = by_core(drawn, World(*world))

    event(f"errors: {min(len(expected.errors or ()), 5)}, data: {len(str(expected.data)) // 500 * 500} characters")
    assert_same(told(by_engine(drawn, World(*world))), told(expected))


@less
@given(drawn=operations(SCHEMA, "mutation"), world=worlds)
def test_mutations_have_the_same_data_and_errors(drawn, world):
    expected = by_core(drawn, World(*world))

    assert_same(told(by_engine(drawn, World(*world))), told(expected))


@less
@given(drawn=operations(SCHEMA), first=worlds, second=worlds)
def test_a_plan_keeps_nothing_of_one_execution_for_the_next(drawn, first, second):
    expected = [by_core(drawn, World(*world)) for world in (first, second, first)]

    plan = ENGINE.plan(drawn.document, drawn.operation)
    found = [plan.execute(drawn.variables, World(*world)) for world in (first, second, first)]

    for ours, theirs in zip(found, expected, strict=True):
        assert_same(told(ours), told(theirs))


def test_promises_only_change_which_error_of_a_place_is_told():
    @less
    @given(drawn=operations(SCHEMA), world=worlds)
    def check(drawn: Drawn, world: tuple[int, int]) -> None:
        expected = by_core_with_promises(drawn, World(*world))

        assert_same(told_in_any_order(by_engine(drawn, World(*world))), told_in_any_order(expected))

    with forgotten_promises():
        check()
