"""Whatever is sent to a mutation of staff: it is taken, or the one who sent it is told where it is wrong, and why.

The mutations and the places in them come from the schema, so that a new one is covered by itself.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import transaction

from catalog.models import Menu, Page
from schema import limits
from tests import builders
from tests.api import inputs
from tests.api.inputs import Place, Samples
from tests.properties.world import state

Complain = Callable[..., str]

# A control character, one that no database stores, and one that turns round whatever is written behind it.
FORBIDDEN = {"bell\x07": "U+0007", "nul\x00": "U+0000", "turned \u202e": "U+202E"}
UNUSUAL = ["Café 👩🏽‍🚒 שלום", "a" * 60_000, "   "]
IDS = ["gid://shop/Nothing/1", "gid://shop/Product/99999999999999999999", "nul\x00"]
# What a client is told that asks for more, or for something else, than any request may.
OF_CLIENTS = {"BAD_USER_INPUT", "BAD_REQUEST", "INPUT_TOO_LARGE", "QUERY_TOO_COMPLEX", "QUERY_TOO_DEEP"}
MUTATIONS = inputs.staff_mutations()


@pytest.fixture
def samples(db: None, settings: Any) -> Samples:
    settings.PAYMENT_GATEWAYS = ["test"]
    return Samples()


@pytest.fixture
def send(client, sam, samples):
    """Send a mutation with a value at one place; what is taken is undone, what is refused may have changed nothing."""
    headers = {"HTTP_AUTHORIZATION": f"Bearer {builders.an_access_token(sam)}"}
    stood = state()

    def ask(name: str, place: Place = (), value: Any = None) -> dict[str, Any]:
        arguments = samples.arguments(name, MUTATIONS[name], place, value)
        body = {"query": inputs.document(name, arguments), "variables": arguments}
        before = transaction.savepoint()
        answer: dict[str, Any] = client.post("/graphql/", json.dumps(body), "application/json", **headers).json()
        if "errors" not in answer and not answer["data"][name]["userErrors"]:
            transaction.savepoint_rollback(before)
        return answer

    yield ask
    assert state() == stood


@pytest.fixture
def unprepared(send) -> set[str]:
    """The mutations that refuse even what is sent with nothing bad in it, so that no more can be asked of them."""
    answers = {name: send(name) for name in MUTATIONS}
    return {name for name, answer in answers.items() if "errors" in answer or answer["data"][name]["userErrors"]}


@pytest.fixture
def complaints(send, unprepared) -> Complain:
    """What is wrong with how values are refused, at every place where one of this kind may stand."""

    def find(scalar: str, values: Iterable[Any], says: str = "", required: bool = False) -> str:
        found = []
        for name, field in MUTATIONS.items():
            for place in inputs.places(field.args, scalar=scalar):
                for value in values:
                    answer = send(name, place, value)
                    if name in unprepared:
                        wrong = problem(answer, name, (), required=False)
                    else:
                        wrong = problem(answer, name, place, required=required, says=says)
                    if wrong:
                        found.append(f"{name} with {str(value)[:40]!a} at {place}: {wrong}")
        return "\n".join(found)

    return find


def problem(answer: dict[str, Any], name: str, place: Place, *, required: bool, says: str = "") -> str:
    """What is wrong with an answer, empty if nothing is: taken though it is `required` to be refused, or told badly."""
    if "errors" in answer:
        codes = {error.get("extensions", {}).get("code") for error in answer["errors"]}
        return "" if codes <= OF_CLIENTS else str(answer["errors"])
    refused = answer["data"][name]["userErrors"]
    if not refused:
        return "was taken" if required else ""
    *above, last = [str(step) for step in place] or [""]
    # What is taken by itself may still lead to a refusal of something else: an option's name, of variants without it.
    whole = [] if required else above[:1]
    blamed = [error for error in refused if _is_near(error["field"] or [], whole or above, last)]
    return "" if any(says in error["message"] for error in blamed) else str(refused)


def _is_near(field: list[str], above: list[str], last: str) -> bool:
    """Whether a refusal blames a value, what it is a part of, or what stands beside it."""
    return field == [*above, last] or field[: len(above)] == above or (bool(field) and above[: len(field)] == field)


def test_knows_what_to_send_to_most_mutations(unprepared):
    assert len(MUTATIONS.keys() - unprepared) >= 35, unprepared


def test_refuses_characters_that_no_text_may_have(complaints):
    assert complaints("String", FORBIDDEN, required=True) == ""


def test_takes_or_explains_unusual_texts(complaints):
    assert complaints("String", UNUSUAL) == ""


def test_names_the_id_that_leads_to_nothing(complaints):
    assert complaints("ID", IDS, required=True, says="not found") == ""


def test_refuses_prices_that_are_none(complaints):
    prices = ["-1", "0.0000001", "1e15", "NaN", "Infinity"]

    assert complaints("Decimal", prices, required=True) == ""


def test_takes_or_explains_numbers_of_any_size(complaints):
    assert complaints("Int", [-1, 2**31 - 1, 2**31]) == ""


def test_refuses_a_text_that_is_longer_than_any_may_be(request_graphql, sam):
    create = "mutation ($title: String!) { pageCreate(page: {title: $title}) { page { id } userErrors { code } } }"

    codes = [
        request_graphql(create, as_=sam, title="a" * size)["errors"][0]["extensions"]["code"]
        for size in (limits.MAX_STRING + 1, 10_000_000)
    ]

    assert codes == ["INPUT_TOO_LARGE", "BODY_TOO_LARGE"]
    assert not Page.objects.exists()


def test_refuses_half_of_a_character(client, sam):
    """It cannot be stored, nor sent as UTF-8, but JSON has a way to write it."""
    create = "mutation ($page: PageCreateInput!) { pageCreate(page: $page) { page { id } } }"
    body = json.dumps({"query": create, "variables": {"page": {"title": "HALF"}}}).replace("HALF", r"\ud83e")

    answer = client.post(
        "/graphql/", body, "application/json", HTTP_AUTHORIZATION=f"Bearer {builders.an_access_token(sam)}"
    )

    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert not Page.objects.exists()


def test_refuses_inputs_that_are_nested_without_end(request_graphql, sam):
    item: dict[str, Any] = {"title": "Mugs", "path": "/mugs"}
    for _ in range(100):
        item = {"title": "Mugs", "path": "/mugs", "items": [item]}
    create = """
    mutation ($items: [MenuItemInput!]) {
      menuCreate(menu: {title: "Main", items: $items}) { userErrors { code field message } }
    }
    """

    [error] = request_graphql(create, as_=sam, items=[item])["errors"]

    assert error == {"message": "Variable values are nested too deeply.", "extensions": {"code": "BAD_USER_INPUT"}}
    assert not Menu.objects.exists()
