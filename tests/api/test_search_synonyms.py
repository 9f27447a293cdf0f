"""searchSynonyms, searchSynonymCreate, searchSynonymUpdate and searchSynonymDelete: what staff say means the same."""

from typing import Any

import pytest

from accounts.models import User
from accounts.staff import Permission
from catalog import synonyms
from catalog.models import SearchEdition, SearchSynonym
from tests import builders
from tests.conftest import Execute

LIST = """
query ($after: String) { searchSynonyms(first: 1, after: $after) { nodes { terms targets } pageInfo { endCursor } } }
"""
ANSWER = "{ searchSynonym { id terms targets } userErrors { code field message } }"
CREATE = f"mutation ($synonym: SearchSynonymInput!) {{ searchSynonymCreate(synonym: $synonym) {ANSWER} }}"
UPDATE = (
    f"mutation ($id: ID!, $synonym: SearchSynonymInput!) {{ searchSynonymUpdate(id: $id, synonym: $synonym) {ANSWER} }}"
)
DELETE = """
mutation ($id: ID!) { searchSynonymDelete(id: $id) { deletedSearchSynonymId userErrors { code field message } } }
"""
FIND = "query ($query: String!) { products(query: $query) { nodes { title } } }"


@pytest.fixture
def clerk(db: None) -> User:
    return builders.a_clerk(Permission.MANAGE_CATALOG)


def made(execute: Execute, clerk: User, **synonym: Any) -> Any:
    payload = execute(CREATE, as_=clerk, synonym=synonym)["searchSynonymCreate"]
    assert payload["userErrors"] == []
    return payload["searchSynonym"]


def titles(execute: Execute, query: str) -> list[str]:
    return [node["title"] for node in execute(FIND, query=query)["products"]["nodes"]]


def test_a_group_is_made_changed_and_removed(execute: Execute, clerk: User) -> None:
    builders.a_product("Television")
    group = made(execute, clerk, terms=["TV", "Télévision"])
    assert group == {"id": group["id"], "terms": ["tv", "television"], "targets": []}
    assert titles(execute, "tv") == ["Television"]

    changed = execute(UPDATE, as_=clerk, id=group["id"], synonym={"terms": ["telly"], "targets": ["television"]})
    assert changed["searchSynonymUpdate"] == {
        "searchSynonym": {"id": group["id"], "terms": ["telly"], "targets": ["television"]},
        "userErrors": [],
    }
    assert (titles(execute, "tv"), titles(execute, "telly")) == ([], ["Television"])

    gone = execute(DELETE, as_=clerk, id=group["id"])["searchSynonymDelete"]
    assert gone == {"deletedSearchSynonymId": group["id"], "userErrors": []}
    assert titles(execute, "telly") == []
    assert not SearchSynonym.objects.exists()


def test_what_is_left_out_of_a_change_stays(execute: Execute, clerk: User) -> None:
    group = made(execute, clerk, terms=["chandelier"], targets=["lamp"])

    changed = execute(UPDATE, as_=clerk, id=group["id"], synonym={"targets": ["lamp", "floor lamp"]})

    assert changed["searchSynonymUpdate"]["searchSynonym"] == {
        "id": group["id"],
        "terms": ["chandelier"],
        "targets": ["lamp", "floor lamp"],
    }


def test_groups_are_listed_in_the_order_they_were_made(execute: Execute, clerk: User) -> None:
    made(execute, clerk, terms=["sofa", "couch"])
    made(execute, clerk, terms=["cup", "mug"])

    first = execute(LIST, as_=clerk)["searchSynonyms"]
    second = execute(LIST, as_=clerk, after=first["pageInfo"]["endCursor"])["searchSynonyms"]

    assert first["nodes"] + second["nodes"] == [
        {"terms": ["sofa", "couch"], "targets": []},
        {"terms": ["cup", "mug"], "targets": []},
    ]


@pytest.mark.parametrize(
    ("synonym", "field", "message"),
    [
        ({}, ["synonym", "terms"], "Give two terms that mean the same, or one and what it finds too."),
        (
            {"terms": ["a", "A"]},
            ["synonym", "terms"],
            "Give two terms that mean the same, or one and what it finds too.",
        ),
        ({"terms": ["a", "b"], "targets": ["b"]}, ["synonym", "targets"], "A term finds itself; name others."),
        ({"terms": ["a", "&"]}, ["synonym", "terms", "1"], "A term is one to 3 words of letters and digits."),
        ({"terms": ["a", "b c d e"]}, ["synonym", "terms", "1"], "A term is one to 3 words of letters and digits."),
        ({"terms": ["a", " "]}, ["synonym", "terms", "1"], "This must not be empty."),
        (
            {"terms": ["a", "b\n"], "targets": ["x\0y"]},
            ["synonym", "targets", "0"],
            "The character U+0000 is not allowed.",
        ),
        ({"terms": ["x"] * 21}, ["synonym", "terms"], "Give at most 20 terms; these are 21."),
        ({"terms": ["a", "b" * 101]}, ["synonym", "terms", "1"], "At most 100 characters are allowed; these are 101."),
    ],
)
def test_refuses_what_is_no_group(
    execute: Execute, clerk: User, synonym: dict[str, Any], field: list[str], message: str
) -> None:
    payload = execute(CREATE, as_=clerk, synonym=synonym)["searchSynonymCreate"]

    error = {"code": "INVALID", "field": field, "message": message}
    assert payload == {"searchSynonym": None, "userErrors": [error]}
    assert not SearchSynonym.objects.exists()
    assert not SearchEdition.objects.exists()


def test_there_is_an_end_to_groups(execute: Execute, clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synonyms, "MAX_SYNONYMS", 1)
    made(execute, clerk, terms=["a", "b"])

    payload = execute(CREATE, as_=clerk, synonym={"terms": ["c", "d"]})["searchSynonymCreate"]

    assert [error["code"] for error in payload["userErrors"]] == ["TOO_MANY_SYNONYMS"]
    assert SearchSynonym.objects.count() == 1


def test_an_unknown_group_is_not_found(execute: Execute, clerk: User) -> None:
    for id in ("gid://shop/SearchSynonym/1", "nonsense"):
        changed = execute(UPDATE, as_=clerk, id=id, synonym={"terms": ["a", "b"]})["searchSynonymUpdate"]
        gone = execute(DELETE, as_=clerk, id=id)["searchSynonymDelete"]
        for payload in (changed, gone):
            assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("NOT_FOUND", ["id"])]


def test_only_staff_who_keep_the_catalog_may(request_graphql: Execute, alice: User) -> None:
    other = builders.a_clerk(Permission.MANAGE_ORDERS)
    for actor in (None, alice, other):
        for document, variables in (
            (LIST, {}),
            (CREATE, {"synonym": {"terms": ["a", "b"]}}),
            (UPDATE, {"id": "x", "synonym": {}}),
            (DELETE, {"id": "x"}),
        ):
            [error] = request_graphql(document, as_=actor, **variables)["errors"]
            assert error["extensions"]["code"] in {"UNAUTHENTICATED", "FORBIDDEN"}
    assert not SearchSynonym.objects.exists()


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many(execute: Execute, clerk: User, size: int, django_assert_num_queries: Any) -> None:
    SearchSynonym.objects.bulk_create(SearchSynonym(terms=[f"a{n}", f"b{n}"]) for n in range(size))

    with django_assert_num_queries(3):
        assert len(execute(LIST.replace("first: 1", "first: 50"), as_=clerk)["searchSynonyms"]["nodes"]) == size
