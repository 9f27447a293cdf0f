"""Uploads in a bucket: kept, served, made smaller and removed, through a double of S3 on this machine."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from pytest_django import Settings

from catalog import product_media
from catalog.models import Product, ProductImage
from shop import relay, startup
from tests import builders

QUERY = """
query ($handle: String!) {
  product(handle: $handle) { featuredImage { url small: url(transform: { maxWidth: 20 }) } }
}
"""


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as a storage needs: objects that are put, read, told of and deleted."""

    objects: dict[str, tuple[bytes, dict[str, str]]] = {}

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        kept = {name: self.headers[name] for name in ("Content-Type", "Cache-Control")}
        self.objects[self.path] = (content, kept)
        self._answer(200)

    def do_HEAD(self) -> None:
        self._answer_object(with_content=False)

    def do_GET(self) -> None:
        self._answer_object(with_content=True)

    def do_DELETE(self) -> None:
        self.objects.pop(self.path, None)
        self._answer(204)

    def log_message(self, format: str, *arguments: Any) -> None:
        """The tests' output is not for this."""

    def _answer_object(self, *, with_content: bool) -> None:
        if self.path not in self.objects:
            self._answer(404)
            return
        content, kept = self.objects[self.path]
        self._answer(200, content if with_content else b"", {**kept, "Content-Length": str(len(content))})

    def _answer(self, status: int, content: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": "0", "ETag": '"x"', **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def bucket(settings: Settings, media_root: Any, tmp_path: Path) -> Iterator[dict[str, tuple[bytes, dict[str, str]]]]:
    """The objects in the bucket that uploads go to."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Bucket.objects.clear()
    settings.S3_BUCKET = "shop"
    settings.STORAGES = startup.storages(
        private=tmp_path,
        bucket="shop",
        endpoint=f"http://127.0.0.1:{server.server_port}",
        region="eu-central-1",
        access_key="key",
        secret_key="secret",
    )
    yield Bucket.objects
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def mug(db: None) -> Product:
    return builders.a_product("Mug")


def show(product: Product) -> ProductImage:
    """Give the product a picture as a file."""
    [image] = product_media.create(product_id=product.pk, pictures=[{"file": builders.a_picture()}])
    return image


def test_keeps_an_upload_in_the_bucket_and_nothing_on_the_disk(bucket, mug, media_root):
    image = show(mug)

    [(path, (content, kept))] = bucket.items()
    assert path == f"/shop/{image.src}"
    assert Image.open(BytesIO(content)).size == (40, 30)
    assert kept == {"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=31536000, immutable"}
    assert not media_root.exists()


def test_passes_uploads_on_where_the_bucket_is_private(bucket, mug, execute, client: Client):
    image = show(mug)

    shown = execute(QUERY, handle="mug")["product"]["featuredImage"]

    assert shown["url"] == f"http://localhost:8000/media/{image.src}"
    whole = client.get(f"/media/{image.src}")
    assert (whole.status_code, whole["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(whole.streaming_content) == bucket[f"/shop/{image.src}"][0]  # type: ignore[attr-defined]
    assert whole["X-Content-Type-Options"] == "nosniff"
    small = client.get(shown["small"].removeprefix("http://localhost:8000"))
    assert Image.open(BytesIO(small.content)).size == (16, 12)


def test_leads_to_the_public_address_of_the_bucket(bucket, mug, execute, settings: Settings, client: Client):
    settings.S3_PUBLIC_URL = "https://cdn.example"
    image = show(mug)

    shown = execute(QUERY, handle="mug")["product"]["featuredImage"]

    assert shown["url"] == f"https://cdn.example/{image.src}"
    assert shown["small"].startswith("http://localhost:8000/media/sized/")
    assert client.get(shown["small"].removeprefix("http://localhost:8000")).status_code == 200


@pytest.mark.parametrize("path", ["uploads/ab/missing.jpg", "uploads/../secret.txt", "uploads/"])
@pytest.mark.usefixtures("bucket")
def test_what_is_not_in_the_bucket_is_not_found(client: Client, path: str):
    assert client.get(f"/media/{path}").status_code == 404


def test_removes_from_the_bucket_what_nothing_shows(bucket, mug):
    image = show(mug)

    product_media.delete(product_id=mug.pk, image_ids=[image.pk])
    relay.drain()

    assert bucket == {}


def test_writes_the_same_picture_once(bucket, mug):
    show(mug)
    show(builders.a_product("Cup"))

    assert len(bucket) == 1


@pytest.mark.usefixtures("bucket")
def test_pictures_beside_uploads_stay_on_the_disk(client: Client, media_root):
    media_root.mkdir()
    (media_root / "mug.svg").write_text("<svg/>")

    assert client.get("/media/mug.svg").status_code == 200
