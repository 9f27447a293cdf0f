"""Fixtures every test shares: the cast, and `execute`, which speaks to the shop as a storefront does."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission as StoredPermission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from accounts.staff import Permission
from catalog import tariffs
from checkout import promotion_facts
from tests import builders

Execute = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hash passwords in no time: a real hasher takes a quarter of a second for each of the cast."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_price_lists() -> None:
    """Begin each test knowing of no lists in effect: none of an earlier test, and none to be read meanwhile."""
    tariffs.remember([], seconds=600)


@pytest.fixture(autouse=True)
def no_promotions() -> None:
    """Begin each test knowing of no automatic promotions."""
    promotion_facts.remember([], seconds=600)


@pytest.fixture
def alice(db: None) -> User:
    """A customer, who owns what a test is about."""
    return builders.a_customer("alice@example.com", first_name="Alice", last_name="Owner")


@pytest.fixture
def bob(db: None) -> User:
    """Another customer, who must not see what is alice's."""
    return builders.a_customer("bob@example.com", first_name="Bob", last_name="Other")


@pytest.fixture
def sam(db: None) -> User:
    """A member of staff with every permission."""
    user = builders.a_customer("sam@example.com", first_name="Sam", last_name="Staff", is_staff=True)
    codenames = [permission.value for permission in Permission]
    user.user_permissions.set(StoredPermission.objects.filter(codename__in=codenames))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def request_graphql(client: Client, db: None) -> Execute:
    """Send a document over HTTP and get the whole answer; `as_` signs somebody in."""

    def send(document: str, as_: User | None = None, **variables: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {builders.an_access_token(as_)}"} if as_ else {}
        response = client.post(
            "/graphql/",
            data=json.dumps({"query": document, "variables": variables}),
            content_type="application/json",
            headers=headers,
        )
        answer: dict[str, Any] = response.json()
        return answer

    return send


@pytest.fixture
def execute(request_graphql: Execute) -> Execute:
    """Send a document over HTTP and get its data; a top-level error fails the test."""

    def send(document: str, as_: User | None = None, **variables: Any) -> dict[str, Any]:
        answer = request_graphql(document, as_=as_, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    return send


@pytest.fixture
def media_root(settings: Any, tmp_path: Path) -> Path:
    """An empty folder for uploaded files."""
    settings.MEDIA_ROOT, settings.THUMBNAILS_ROOT = tmp_path / "media", tmp_path / "thumbnails"
    folder: Path = settings.MEDIA_ROOT
    return folder


@pytest.fixture
def private_root(settings: Any, tmp_path: Path) -> Path:
    """An empty folder for files that only the shop may read."""
    hidden = {**settings.STORAGES["private"], "OPTIONS": {"location": str(tmp_path / "private"), "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "private": hidden}
    return tmp_path / "private"


@pytest.fixture
def upload(client: Client, db: None, media_root: Path) -> Execute:
    """Send a document with files, each by the path of its place, and get the whole answer."""

    def send(
        document: str, files: Mapping[str, SimpleUploadedFile], as_: User | None = None, **variables: Any
    ) -> dict[str, Any]:
        headers = {"GraphQL-Preflight": "1"}
        if as_:
            headers["Authorization"] = f"Bearer {builders.an_access_token(as_)}"
        named = {str(number): [path] for number, path in enumerate(files)}
        sent = {str(number): file for number, file in enumerate(files.values())}
        operations = json.dumps({"query": document, "variables": variables})
        response = client.post(
            "/graphql/", {"operations": operations, "map": json.dumps(named), **sent}, headers=headers
        )
        answer: dict[str, Any] = response.json()
        return answer

    return send


@pytest.fixture
def assert_verified() -> Callable[[], None]:
    """What `manage.py verify` proves holds: facts, stock and ledgers are what a recount gives."""

    def verify() -> None:
        call_command("verify", verbosity=0)

    return verify
