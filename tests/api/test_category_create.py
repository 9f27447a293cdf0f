"""categoryCreate: staff make categories; what is wrong is told field by field, and then nothing is made."""

import pytest

from catalog.models import Category, ListHandle
from tests import builders

CREATE = """
mutation ($category: CategoryCreateInput!) {
  categoryCreate(category: $category) {
    category {
      title handle description level isActive seo { title description } image { url altText }
      parent { handle } ancestors { handle } facts { productCount }
    }
    userErrors { code field message }
  }
}
"""


def test_makes_a_root_with_all_that_is_said_of_it(execute, sam):
    category = {
        "title": "Tea & Coffee ☕",
        "description": "Cups,\nand what goes in.",
        "seo": {"title": "Hot drinks", "description": "All about them"},
        "image": {"src": "https://img.example/tea.svg", "alt": "A cup"},
    }

    payload = execute(CREATE, as_=sam, category=category)["categoryCreate"]

    assert payload == {
        "category": {
            "title": "Tea & Coffee ☕",
            "handle": "tea-coffee",
            "description": "Cups,\nand what goes in.",
            "level": 1,
            "isActive": True,
            "seo": {"title": "Hot drinks", "description": "All about them"},
            "image": {"url": "https://img.example/tea.svg", "altText": "A cup"},
            "parent": None,
            "ancestors": [],
            "facts": {"productCount": 0},
        },
        "userErrors": [],
    }
    assert ListHandle.objects.filter(handle="tea-coffee", category__handle="tea-coffee").exists()


def test_hangs_it_last_below_its_parent(execute, sam):
    home = builders.a_category("Home")
    builders.a_category("Kitchen", parent=home)

    payload = execute(CREATE, as_=sam, category={"title": "Garden", "parentId": builders.id_of(home)})["categoryCreate"]

    assert payload["userErrors"] == []
    assert payload["category"]["parent"] == {"handle": "home"}
    assert payload["category"]["level"] == 2
    assert list(Category.objects.values_list("handle", "numchild")) == [("home", 2), ("kitchen", 0), ("garden", 0)]


def test_is_hidden_from_shoppers_below_an_inactive_parent_but_shown_to_staff(execute, sam):
    hidden = builders.a_category("Hidden", is_active=False)
    below = {"title": "Below", "parentId": builders.id_of(hidden)}

    payload = execute(CREATE, as_=sam, category=below)["categoryCreate"]

    assert payload["category"]["isActive"] is True
    assert payload["category"]["ancestors"] == [{"handle": "hidden"}]
    assert not Category.objects.get(handle="below").is_listed
    assert execute('{ category(handle: "below") { title } }') == {"category": None}


@pytest.mark.parametrize(
    ("title", "handle"),
    [("Mugs", "mugs-2"), ("MUGS!", "mugs-2"), ("🎉", "category"), ("Чашки", "чашки"), ("A" * 255, "a" * 240)],
)
def test_makes_a_handle_of_its_own_from_the_title(execute, sam, title, handle):
    builders.a_collection("Mugs")

    payload = execute(CREATE, as_=sam, category={"title": title})["categoryCreate"]

    assert payload["userErrors"] == []
    assert (payload["category"]["title"], payload["category"]["handle"]) == (title, handle)


@pytest.mark.parametrize("make", [builders.a_category, builders.a_collection])
def test_refuses_a_handle_that_a_category_or_collection_has(execute, sam, make):
    make("Mugs")

    payload = execute(CREATE, as_=sam, category={"title": "Cups", "handle": "mugs"})["categoryCreate"]

    assert payload == {
        "category": None,
        "userErrors": [
            {
                "code": "HANDLE_TAKEN",
                "field": ["category", "handle"],
                "message": 'The handle "mugs" is taken; choose another.',
            }
        ],
    }
    assert not Category.objects.filter(title="Cups").exists()


def test_tells_all_that_is_wrong_at_once(execute, sam):
    category = {
        "title": " \t ",
        "handle": "Not A Handle",
        "description": "x" * 50_001,
        "seo": {"title": "Bell\u0007"},
        "image": {"src": "javascript:alert(1)"},
    }

    payload = execute(CREATE, as_=sam, category=category)["categoryCreate"]

    assert payload["category"] is None
    assert payload["userErrors"] == [
        {"code": "INVALID", "field": ["category", "title"], "message": "This must not be empty."},
        {
            "code": "INVALID",
            "field": ["category", "handle"],
            "message": "A handle is made of lower-case letters and digits, with single hyphens or underscores between "
            'them, such as "wool-socks".',
        },
        {
            "code": "INVALID",
            "field": ["category", "description"],
            "message": "At most 50000 characters are allowed; these are 50001.",
        },
        {
            "code": "INVALID",
            "field": ["category", "seo", "title"],
            "message": "The character U+0007 is not allowed.",
        },
        {
            "code": "INVALID",
            "field": ["category", "image", "src"],
            "message": "A picture is at an address that begins with https:// or http://, or at a path below the media "
            "directory such as products/mug.jpg.",
        },
    ]
    assert not Category.objects.exists()


@pytest.mark.parametrize(
    "title", ["👩‍🚀 & 🧑🏽‍🍳", "\U0001fae9", "حقائب", "包 袋", "A\u0301"]
)  # the second is of Unicode 16
def test_takes_a_title_of_any_script_and_emoji(execute, sam, title):
    payload = execute(CREATE, as_=sam, category={"title": title})["categoryCreate"]

    assert payload["userErrors"] == []
    assert payload["category"]["title"] == title


@pytest.mark.parametrize("title", ["", "\u200b \u2060", "Nul\u0000", "x" * 256, "x" * 100_000, "two\nlines"])
def test_refuses_a_title_that_is_no_line_of_text(execute, sam, title):
    payload = execute(CREATE, as_=sam, category={"title": title})["categoryCreate"]

    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID", ["category", "title"])]
    assert not Category.objects.exists()


@pytest.mark.parametrize(
    "parent", ["gid://shop/Category/404", "gid://shop/Product/1", "gid://shop/Category/9" + "9" * 30, "nonsense", ""]
)
def test_refuses_a_parent_that_is_not_there(execute, sam, parent):
    payload = execute(CREATE, as_=sam, category={"title": "Orphan", "parentId": parent})["categoryCreate"]

    assert payload == {
        "category": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["category", "parentId"], "message": "Category not found."}],
    }
    assert not Category.objects.exists()


def test_refuses_to_grow_deeper_than_the_tree_may_be(execute, sam):
    parent = None
    for _ in range(63):
        parent = builders.a_category(parent=parent)

    deepest = {"title": "Too deep", "parentId": builders.id_of(parent)}
    payload = execute(CREATE, as_=sam, category=deepest)["categoryCreate"]

    assert payload == {
        "category": None,
        "userErrors": [
            {
                "code": "CATEGORY_TOO_DEEP",
                "field": ["category", "parentId"],
                "message": "The tree may have 63 levels at the most; choose a parent higher up.",
            }
        ],
    }
    assert Category.objects.count() == 63


def test_shows_each_of_two_changes_in_one_request_as_it_left_the_category(execute, sam):
    document = """mutation ($id: ID!) {
      first: categoryUpdate(id: $id, category: {title: "One"}) { category { title } }
      second: categoryUpdate(id: $id, category: {title: "Two"}) { category { title } }
    }"""

    answer = execute(document, as_=sam, id=builders.id_of(builders.a_category()))

    assert answer == {"first": {"category": {"title": "One"}}, "second": {"category": {"title": "Two"}}}
