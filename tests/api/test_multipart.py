"""Requests with files: what is read after the multipart specification, and what is refused."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from catalog.models import ProductImage
from tests import builders

CREATE = """
mutation ($id: ID!, $media: [ImageInput!]!) {
  productMediaCreate(productId: $id, media: $media) { media { image { altText } } userErrors { code field message } }
}
"""
ONE = {"query": "query ($text: String) { __typename }", "variables": {"text": None}}
PREFLIGHT = {"GraphQL-Preflight": "1"}


@pytest.fixture
def staff(sam: User) -> dict[str, str]:
    """Headers that say that a member of staff asks."""
    return {"Authorization": f"Bearer {builders.an_access_token(sam)}"}


def post(client: Client, parts: dict[str, Any], headers: dict[str, str]) -> Any:
    return client.post("/graphql/", parts, headers=headers)


def a_file(content: bytes = b"x") -> SimpleUploadedFile:
    return SimpleUploadedFile("a.txt", content)


@pytest.mark.parametrize("header", ["GraphQL-Preflight", "Apollo-Require-Preflight", "X-Requested-With"])
def test_reads_a_request_in_parts(client: Client, staff: dict[str, str], header: str) -> None:
    response = post(
        client, {"operations": json.dumps({"query": "{ __typename }"}), "map": "{}"}, {header: "1", **staff}
    )

    assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})


def test_refuses_what_a_form_of_another_site_could_send(client: Client, staff: dict[str, str]) -> None:
    response = post(client, {"operations": json.dumps({"query": "{ __typename }"}), "map": "{}"}, staff)

    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "message": "Send a header such as `GraphQL-Preflight: 1` with files: no form of another site can.",
            "extensions": {"code": "BAD_REQUEST"},
        }
    ]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"map": "{}"}, "`operations` is missing: it comes before the files, as JSON."),
        ({"operations": json.dumps(ONE)}, "`map` is missing: it comes before the files, as JSON."),
        (
            {"operations": "[]", "map": "{}"},
            "`operations` must be one request; batches (a list of requests) are not supported.",
        ),
        ({"operations": "7", "map": "{}"}, "`operations` must be a JSON object."),
        (
            {"operations": json.dumps(ONE), "map": "[]"},
            "`map` must be a JSON object: the paths of each file's places by the file's name.",
        ),
        (
            {"operations": json.dumps(ONE), "map": '{"0": "variables.text"}', "0": a_file()},
            "`map.0` must be a list of paths such as `variables.file`.",
        ),
        (
            {"operations": json.dumps(ONE), "map": '{"0": ["query"]}', "0": a_file()},
            "`map.0` must be a list of paths such as `variables.file`.",
        ),
        (
            {"operations": json.dumps(ONE), "map": '{"0": ["variables.text"]}'},
            "`map` names the file `0`, which is not sent.",
        ),
        (
            {"operations": json.dumps(ONE), "map": '{"0": ["variables.text.7"]}', "0": a_file()},
            "`variables.text.7` in `map` leads to no null in `operations`.",
        ),
        (
            {"operations": json.dumps(ONE), "map": '{"0": ["variables.other"]}', "0": a_file()},
            "`variables.other` in `map` leads to no null in `operations`.",
        ),
        (
            {"operations": json.dumps(ONE), "map": '{"0": ["variables.text", "variables.text"]}', "0": a_file()},
            "`variables.text` in `map` leads to no null in `operations`.",
        ),
        ({"operations": json.dumps(ONE), "map": "{}", "0": a_file()}, "The file `0` has no place in `map`."),
    ],
)
def test_refuses_parts_that_do_not_fit_together(
    client: Client, staff: dict[str, str], parts: dict[str, Any], message: str
) -> None:
    response = post(client, parts, {**PREFLIGHT, **staff})

    assert (response.status_code, response.json()["errors"]) == (
        400,
        [{"message": message, "extensions": {"code": "BAD_REQUEST"}}],
    )


def test_refuses_parts_that_are_none(client: Client, staff: dict[str, str]) -> None:
    headers = {**PREFLIGHT, **staff}
    response = client.post("/graphql/", b"nonsense", content_type="multipart/form-data", headers=headers)

    assert response.status_code == 400
    assert response.json()["errors"][0]["message"].startswith("The body is no multipart/form-data that can be read: ")


def test_refuses_more_files_than_are_allowed(client: Client, staff: dict[str, str], settings: Settings) -> None:
    settings.UPLOAD_MAX_FILES = settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    files = {str(number): a_file() for number in range(3)}

    response = post(client, {"operations": json.dumps(ONE), "map": "{}", **files}, {**PREFLIGHT, **staff})

    assert (response.status_code, response.json()["errors"][0]["message"]) == (413, "Send 2 files at the most.")


def test_refuses_a_body_that_no_allowed_files_could_fill(
    client: Client, staff: dict[str, str], settings: Settings
) -> None:
    settings.UPLOAD_MAX_FILES, settings.UPLOAD_MAX_BYTES, settings.GRAPHQL_MAX_BODY_BYTES = 1, 10, 1000

    parts = {"operations": json.dumps(ONE), "map": "{}", "0": a_file(b"x" * 1000)}
    response = post(client, parts, {**PREFLIGHT, **staff})

    assert (response.status_code, response.json()["errors"][0]) == (
        413,
        {"message": "The body is too large; 1010 bytes are allowed.", "extensions": {"code": "BODY_TOO_LARGE"}},
    )


def unread(client: Client, headers: dict[str, str]) -> Any:
    """The answer to a body that would be refused for another reason if any of it were read."""
    headers = {**PREFLIGHT, **headers}
    return client.post("/graphql/", b"nonsense", content_type="multipart/form-data", headers=headers)


def test_refuses_files_of_a_guest_before_they_are_read(client: Client) -> None:
    response = unread(client, {})

    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json() == {
        "errors": [
            {
                "message": "Sign in as a member of staff first: only they send files.",
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ]
    }


def test_refuses_files_with_a_token_that_does_not_hold_before_they_are_read(client: Client) -> None:
    response = unread(client, {"Authorization": "Bearer nonsense"})

    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


def test_refuses_files_of_a_customer_before_they_are_read(client: Client, db: None) -> None:
    token = builders.an_access_token(builders.a_customer("ann@example.com"))

    response = unread(client, {"Authorization": f"Bearer {token}"})

    assert response.status_code == 403
    assert response.json() == {
        "errors": [
            {
                "message": "Only members of staff send files; send this as application/json.",
                "extensions": {"code": "FORBIDDEN"},
            }
        ]
    }


def test_a_text_is_no_file(request_graphql, sam) -> None:
    mug = builders.a_product("Mug")

    answer = request_graphql(CREATE, as_=sam, id=builders.id_of(mug), media=[{"file": "mug.jpg"}])

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert "A file is sent in a request of multipart/form-data" in answer["errors"][0]["message"]
    assert "data" not in answer
    assert not ProductImage.objects.exists()


def test_a_file_goes_to_every_place_it_is_given(client: Client, media_root, staff: dict[str, str]) -> None:
    mug = builders.a_product("Mug")
    variables = {"id": builders.id_of(mug), "media": [{"file": None, "alt": "one"}, {"file": None, "alt": "two"}]}
    parts = {
        "operations": json.dumps({"query": CREATE, "variables": variables}),
        "map": '{"photo": ["variables.media.0.file", "variables.media.1.file"]}',
        "photo": builders.a_picture(),
    }

    response = post(client, parts, {**PREFLIGHT, **staff})

    assert response.json()["data"]["productMediaCreate"] == {
        "media": [{"image": {"altText": "one"}}, {"image": {"altText": "two"}}],
        "userErrors": [],
    }
    assert len(set(ProductImage.objects.values_list("src", flat=True))) == 1
    assert len([path for path in media_root.rglob("*") if path.is_file()]) == 1
