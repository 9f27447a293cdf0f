"""categoryMove: a branch goes below another parent or to another place; facts go with it, exact, without a recount."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category
from tests import builders

MOVE = """
mutation ($id: ID!, $parentId: ID, $beforeId: ID) {
  categoryMove(id: $id, parentId: $parentId, beforeId: $beforeId) {
    category { handle level parent { handle } ancestors { handle } }
    userErrors { code field message }
  }
}
"""
FACTS = """
query ($handle: String!) {
  category(handle: $handle) { facts { productCount priceMin { amount } priceMax { amount } priceMedian { amount } } }
}
"""


@pytest.fixture
def home(db):
    return builders.a_category("Home")


@pytest.fixture
def garden(db):
    return builders.a_category("Garden")


def refused(code, field, message):
    return {"category": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def tree():
    """Every category as (depth, handle), in tree order."""
    return list(Category.objects.order_by("path").values_list("depth", "handle"))


def test_takes_the_branch_and_its_facts_below_another_parent(execute, sam, home, garden, assert_verified):
    pots = builders.a_category("Pots", parent=home)
    clay = builders.a_category("Clay", parent=pots)
    builders.a_product(category=clay, price="8.00")
    builders.a_product(category=pots, price="12.00")
    builders.a_product(category=garden, price="40.00")

    payload = execute(MOVE, as_=sam, id=builders.id_of(pots), parentId=builders.id_of(garden))["categoryMove"]

    assert payload == {
        "category": {
            "handle": "pots",
            "level": 2,
            "parent": {"handle": "garden"},
            "ancestors": [{"handle": "garden"}],
        },
        "userErrors": [],
    }
    assert tree() == [(1, "home"), (1, "garden"), (2, "pots"), (3, "clay")]
    assert execute(FACTS, handle="home") == {
        "category": {"facts": {"productCount": 0, "priceMin": None, "priceMax": None, "priceMedian": None}}
    }
    facts = execute(FACTS, handle="garden")["category"]["facts"]
    assert (facts["productCount"], facts["priceMin"], facts["priceMax"]) == (
        3,
        {"amount": "8.00"},
        {"amount": "40.00"},
    )
    assert_verified()


def test_makes_a_root_of_a_child(execute, sam, home, garden):
    pots = builders.a_category("Pots", parent=home)

    payload = execute(MOVE, as_=sam, id=builders.id_of(pots), parentId=None)["categoryMove"]

    assert payload["category"] == {"handle": "pots", "level": 1, "parent": None, "ancestors": []}
    assert tree() == [(1, "home"), (1, "garden"), (1, "pots")]


def test_makes_a_root_of_nothing_by_mistake(execute, sam, home):
    pots = builders.a_category("Pots", parent=home)
    document = MOVE.replace(", parentId: $parentId", "").replace(", $parentId: ID", "")

    payload = execute(document, as_=sam, id=builders.id_of(pots))["categoryMove"]

    assert payload == refused("INVALID", ["parentId"], "Say below which category it is to stand; null makes it a root.")
    assert tree() == [(1, "home"), (2, "pots")]


def test_puts_it_before_a_sibling_or_last(execute, sam, home):
    a, b, c = (builders.a_category(title, parent=home) for title in "ABC")

    execute(MOVE, as_=sam, id=builders.id_of(c), parentId=builders.id_of(home), beforeId=builders.id_of(a))
    before_first = tree()
    execute(MOVE, as_=sam, id=builders.id_of(a), parentId=builders.id_of(home))

    assert before_first == [(1, "home"), (2, "c"), (2, "a"), (2, "b")]
    assert tree() == [(1, "home"), (2, "c"), (2, "b"), (2, "a")]
    assert b.pk in Category.objects.values_list("pk", flat=True)


def test_stays_where_it_already_is(execute, sam, home, garden):
    payload = execute(MOVE, as_=sam, id=builders.id_of(garden), parentId=None)["categoryMove"]

    assert payload["userErrors"] == []
    assert tree() == [(1, "home"), (1, "garden")]


def test_is_hidden_where_its_new_parent_is_and_shown_where_it_is_not(execute, sam, home, assert_verified):
    hidden = builders.a_category("Hidden", is_active=False)
    pots = builders.a_category("Pots", parent=home)
    builders.a_product(category=builders.a_category("Clay", parent=pots))

    execute(MOVE, as_=sam, id=builders.id_of(pots), parentId=builders.id_of(hidden))
    gone = execute(FACTS, handle="clay")
    execute(MOVE, as_=sam, id=builders.id_of(pots), parentId=None)

    assert gone == {"category": None}
    assert execute(FACTS, handle="clay")["category"]["facts"]["productCount"] == 1
    assert_verified()


def test_refuses_to_go_below_itself(execute, sam, home):
    pots = builders.a_category("Pots", parent=home)
    clay = builders.a_category("Clay", parent=pots)
    message = "A category cannot be moved below itself; choose a parent outside its branch."

    below = execute(MOVE, as_=sam, id=builders.id_of(pots), parentId=builders.id_of(clay))["categoryMove"]
    itself = execute(MOVE, as_=sam, id=builders.id_of(pots), parentId=builders.id_of(pots))["categoryMove"]

    assert below == itself == refused("CATEGORY_MOVED_UNDER_ITSELF", ["parentId"], message)
    assert tree() == [(1, "home"), (2, "pots"), (3, "clay")]


def test_refuses_to_grow_deeper_than_the_tree_may_be(execute, sam):
    deepest = None
    for _ in range(62):
        deepest = builders.a_category(parent=deepest)
    top = builders.a_category("Top")
    builders.a_category("Below", parent=top)

    payload = execute(MOVE, as_=sam, id=builders.id_of(top), parentId=builders.id_of(deepest))["categoryMove"]

    message = "The tree may have 63 levels at the most; choose a parent higher up."
    assert payload == refused("CATEGORY_TOO_DEEP", ["parentId"], message)
    assert Category.objects.get(handle="top").depth == 1


@pytest.mark.parametrize("child_of_home", [True, False])
def test_refuses_to_stand_before_what_has_another_parent(execute, sam, home, garden, child_of_home):
    pots = builders.a_category("Pots", parent=home)
    before = garden if child_of_home else pots
    parent = builders.id_of(home) if child_of_home else None

    payload = execute(MOVE, as_=sam, id=builders.id_of(pots), parentId=parent, beforeId=builders.id_of(before))

    message = "It can only stand before another category with the same parent."
    assert payload["categoryMove"] == refused("INVALID", ["beforeId"], message)
    assert tree() == [(1, "home"), (2, "pots"), (1, "garden")]


@pytest.mark.parametrize("argument", ["id", "parentId", "beforeId"])
@pytest.mark.parametrize("id_", ["gid://shop/Category/404", "home"])
def test_refuses_what_is_not_there(execute, sam, home, garden, argument, id_):
    ids = {"id": builders.id_of(garden), "parentId": builders.id_of(home), argument: id_}

    payload = execute(MOVE, as_=sam, **ids)["categoryMove"]

    assert payload == refused("NOT_FOUND", [argument], "Category not found.")
    assert tree() == [(1, "home"), (1, "garden")]


def test_costs_the_same_however_large_the_branch(execute, sam, home, garden):
    def cost_of(size):
        branch = builders.a_category(parent=home)
        for _ in range(size):
            builders.a_product(category=builders.a_category(parent=branch))
        with CaptureQueriesContext(connection) as queries:
            execute(MOVE, as_=sam, id=builders.id_of(branch), parentId=builders.id_of(garden))
        return len(queries)

    execute(MOVE, as_=sam, id=builders.id_of(builders.a_category()), parentId=builders.id_of(garden))
    assert cost_of(1) == cost_of(20)
    assert Category.objects.filter(path__startswith=garden.path).count() == 1 + 1 + 2 + 21
