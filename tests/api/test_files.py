"""What is served beside GraphQL: the way to the playground, stylesheets, and uploaded files that cannot act."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    """The folder of uploaded files, beside one that is none of a visitor's business."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    folder: Path = settings.MEDIA_ROOT
    return folder


def test_the_root_leads_to_the_playground(client: Client) -> None:
    response = client.get("/")

    assert (response.status_code, response["Location"]) == (302, "/graphql/")


def test_an_uploaded_drawing_cannot_run_a_script(client: Client, media: Path) -> None:
    (media / "logo.svg").write_bytes(DRAWING)

    response = client.get("/media/logo.svg")

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == DRAWING  # type: ignore[attr-defined]
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.usefixtures("media")
@pytest.mark.parametrize(
    "path", ["missing.png", "", "../secret.txt", "%2e%2e/secret.txt", "/etc/passwd", "%00", "x" * 300]
)
def test_serves_nothing_but_uploaded_files(client: Client, path: str) -> None:
    assert client.get(f"/media/{path}").status_code == 404


def test_uploaded_files_cannot_be_written_here(client: Client, media: Path) -> None:
    (media / "logo.svg").write_bytes(DRAWING)

    assert client.post("/media/logo.svg", b"", content_type="image/svg+xml").status_code == 405


@pytest.mark.parametrize("is_debug", [True, False])
def test_serves_stylesheets_that_nobody_collected(client: Client, settings: Settings, is_debug: bool) -> None:
    settings.DEBUG = is_debug
    settings.STATIC_ROOT = settings.MEDIA_ROOT / "missing"
    settings.WHITENOISE_USE_FINDERS = True

    response = client.get("/static/admin/css/base.css")

    assert (response.status_code, response["Content-Type"]) == (200, 'text/css; charset="utf-8"')
