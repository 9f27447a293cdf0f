"""Image.url(transform): pictures in the size that is asked for, at addresses that nobody else can make up."""

import os
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from PIL import Image

from catalog.models import ProductImage
from shop import thumbnails
from tests import builders

URLS = """
query ($handle: String!, $transform: ImageTransformInput) {
  product(handle: $handle) { images(first: 10) { nodes { url plain: url sized: url(transform: $transform) } } }
}
"""
BASE = "http://localhost:8000/media/"
NAME = "uploads/ab/photo.jpg"


@pytest.fixture
def show(media_root, db):
    """Give a product a picture kept by the shop, 400 by 200 pixels unless told otherwise."""

    def keep(name=NAME, *, format="JPEG", size=(400, 200), content=None):
        path = media_root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(builders.a_picture(format=format, size=size).read() if content is None else content)
        mug = builders.a_product("Mug")
        ProductImage.objects.create(product=mug, src=name, position=0)
        return mug

    return keep


@pytest.fixture
def url_of(execute):
    def ask(**transform):
        [node] = execute(URLS, handle="mug", transform=transform)["product"]["images"]["nodes"]
        assert node["url"] == node["plain"]
        return node["sized"]

    return ask


@pytest.fixture
def fetch(client):
    """Get the picture at an address, opened."""

    def get(url):
        response = client.get(url.removeprefix("http://localhost:8000"))
        assert response.status_code == 200
        return Image.open(BytesIO(response.content))

    return get


def kept(settings):
    return [path for path in Path(settings.THUMBNAILS_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("transform", "size", "kind"),
    [
        ({"maxWidth": 100}, (100, 50), "JPEG"),
        ({"maxHeight": 100}, (200, 100), "JPEG"),
        ({"maxWidth": 100, "maxHeight": 100}, (100, 50), "JPEG"),
        ({"maxWidth": 100, "maxHeight": 100, "crop": "CENTER"}, (100, 100), "JPEG"),
        ({"maxWidth": 100, "scale": 3}, (300, 150), "JPEG"),
        ({"maxWidth": 5000}, (400, 200), "JPEG"),
        ({"maxWidth": 800, "maxHeight": 800, "crop": "TOP"}, (200, 200), "JPEG"),
        ({"maxWidth": 100, "crop": "LEFT"}, (100, 50), "JPEG"),
        ({"maxWidth": 100, "preferredContentType": "WEBP"}, (100, 50), "WEBP"),
        ({"preferredContentType": "PNG"}, (400, 200), "PNG"),
        ({"maxWidth": 110}, (100, 50), "JPEG"),
        ({"maxWidth": 55, "maxHeight": 110, "crop": "CENTER"}, (50, 100), "JPEG"),
    ],
)
def test_makes_of_a_picture_what_is_asked(show, url_of, fetch, transform, size, kind):
    show()

    picture = fetch(url_of(**transform))

    assert (picture.size, picture.format) == (size, kind)


@pytest.mark.parametrize(("format", "kind"), [("PNG", "PNG"), ("WEBP", "WEBP"), ("GIF", "WEBP"), ("AVIF", "WEBP")])
def test_keeps_the_kind_of_a_picture_if_every_browser_shows_it(show, url_of, fetch, format, kind):
    show(f"uploads/ab/photo.{format.lower()}", format=format)

    assert fetch(url_of(maxWidth=50)).format == kind


@pytest.mark.parametrize(("crop", "expected"), [("LEFT", "red"), ("RIGHT", "blue")])
def test_keeps_the_part_that_is_asked_for(show, url_of, fetch, crop, expected):
    halves = Image.new("RGB", (400, 200), "red")
    halves.paste("blue", (200, 0, 400, 200))
    content = BytesIO()
    halves.save(content, "PNG")
    show("uploads/ab/halves.png", content=content.getvalue())

    picture = fetch(url_of(maxWidth=50, maxHeight=50, crop=crop))

    assert picture.getpixel((25, 25)) == {"red": (255, 0, 0), "blue": (0, 0, 255)}[expected]


def test_puts_white_where_nothing_shows(show, url_of, fetch):
    content = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(content, "PNG")
    show("uploads/ab/clear.png", content=content.getvalue())

    assert fetch(url_of(preferredContentType="JPG")).getpixel((5, 5)) == (255, 255, 255)


def test_is_made_once_and_may_be_cached_for_ever(show, url_of, client, settings, media_root):
    show()
    path = url_of(maxWidth=100).removeprefix("http://localhost:8000")

    first = client.get(path)
    (media_root / NAME).unlink()
    second = client.get(path)

    assert first.content == second.content
    assert first["Cache-Control"] == second["Cache-Control"] == "public, max-age=31536000, immutable"
    assert first["Content-Type"] == "image/jpeg"
    assert first["X-Content-Type-Options"] == "nosniff"
    assert len(kept(settings)) == 1


def test_follows_a_file_that_the_merchant_replaces(show, url_of, fetch, client, media_root):
    show("mug.jpg")
    url = url_of(maxWidth=100)
    assert fetch(url).size == (100, 50)

    (media_root / "mug.jpg").write_bytes(builders.a_picture(size=(300, 300)).read())
    os.utime(media_root / "mug.jpg", (1, 1))

    assert fetch(url).size == (100, 100)
    assert client.get(url.removeprefix("http://localhost:8000"))["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.replace("100x", "2000x"),
        lambda path: path.replace("photo", "other"),
        lambda path: path.replace(".jpg.jpg", ".jpg.png"),
        lambda path: path.replace("/sized/", "/sized/x"),
    ],
)
def test_refuses_an_address_that_somebody_made_up(show, url_of, client, settings, media_root, change):
    show()
    (media_root / "uploads/ab/other.jpg").write_bytes(builders.a_picture().read())
    path = url_of(maxWidth=100).removeprefix("http://localhost:8000")

    assert change(path) != path
    assert client.get(change(path)).status_code == 404
    assert kept(settings) == []


def test_an_address_whose_picture_is_gone_leads_nowhere(show, url_of, client, media_root):
    show()
    path = url_of(maxWidth=100).removeprefix("http://localhost:8000")
    (media_root / NAME).unlink()

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("src", ["drawn/mug.svg", "https://img.example/mug.jpg", "report.pdf"])
def test_drawings_and_pictures_kept_elsewhere_stay_as_they_are(url_of, db, src):
    ProductImage.objects.create(product=builders.a_product("Mug"), src=src, position=0)

    assert url_of(maxWidth=100, preferredContentType="WEBP") == (src if "://" in src else f"{BASE}{src}")


def test_asking_for_nothing_gives_the_picture_as_it_is(show, url_of, execute):
    show()

    assert url_of() == f"{BASE}{NAME}"
    assert url_of(preferredContentType="JPG") == f"{BASE}{NAME}"
    [node] = execute(URLS, handle="mug", transform=None)["product"]["images"]["nodes"]
    assert node["sized"] == f"{BASE}{NAME}"


def test_a_file_of_the_merchants_that_is_no_picture_is_shown_as_it_is(show, url_of, client):
    show("mug.jpg", content=b"nonsense")

    response = client.get(url_of(maxWidth=100).removeprefix("http://localhost:8000"))

    assert (response.status_code, response["Location"]) == (302, "/media/mug.jpg")


@pytest.mark.parametrize(
    ("transform", "field", "message"),
    [
        ({"maxWidth": 0}, ["transform", "maxWidth"], "A side measures from 1 to 5760 pixels."),
        ({"maxHeight": 5761}, ["transform", "maxHeight"], "A side measures from 1 to 5760 pixels."),
        ({"scale": 4}, ["transform", "scale"], "The scale is from 1 to 3."),
    ],
)
def test_refuses_sizes_beyond_measure(show, request_graphql, transform, field, message):
    show()

    [error] = request_graphql(URLS, handle="mug", transform=transform)["errors"]

    assert (error["message"], error["extensions"]) == (message, {"code": "INVALID", "field": field})


def test_makes_room_by_what_was_asked_for_least_recently(show, url_of, fetch, settings, monkeypatch):
    monkeypatch.setattr(thumbnails, "SHARDS", 1)
    show()
    urls = [url_of(maxWidth=width) for width in (100, 200, 300)]
    for age, url in enumerate(urls):
        before = set(kept(settings))
        fetch(url)
        [path] = set(kept(settings)) - before
        os.utime(path, (1000 + age, 1000 + age))
    fetch(urls[0])
    settings.THUMBNAILS_MAX_BYTES = sum(path.stat().st_size for path in kept(settings))
    had = {path.name: path.stat().st_mtime for path in kept(settings)}

    fetch(url_of(maxWidth=10))

    gone = had.keys() - {path.name for path in kept(settings)}
    assert [had[name] for name in gone] == [1001]
    assert sum(path.stat().st_size for path in kept(settings)) <= settings.THUMBNAILS_MAX_BYTES


def test_does_not_keep_a_picture_that_has_more_than_its_share(show, url_of, fetch, settings, monkeypatch):
    monkeypatch.setattr(thumbnails, "SHARDS", 1)
    show()
    fetch(url_of(maxWidth=10))
    before = kept(settings)
    settings.THUMBNAILS_MAX_BYTES = before[0].stat().st_size

    assert fetch(url_of(maxWidth=400)).size == (400, 200)

    assert len(before) == 1
    assert kept(settings) == before


def test_leaves_what_another_process_is_writing(show, url_of, fetch, settings, monkeypatch):
    monkeypatch.setattr(thumbnails, "SHARDS", 1)
    show()
    fetch(url_of(maxWidth=100))
    [first] = kept(settings)
    writing, left = first.with_name(".writing"), first.with_name(".left")
    writing.write_bytes(b"x")
    left.write_bytes(b"x")
    os.utime(left, (1000, 1000))
    settings.THUMBNAILS_MAX_BYTES = first.stat().st_size

    fetch(url_of(maxWidth=50))

    assert writing.exists()
    assert not left.exists()
    assert not first.exists()


def test_shows_a_picture_that_cannot_be_kept(show, url_of, fetch, settings, tmp_path):
    show()
    settings.THUMBNAILS_ROOT = tmp_path / "a file"
    settings.THUMBNAILS_ROOT.write_bytes(b"")

    assert fetch(url_of(maxWidth=100)).size == (100, 50)


def test_asks_to_come_again_while_others_are_rendered(show, url_of, fetch, client, settings, monkeypatch):
    monkeypatch.setattr(thumbnails, "PATIENCE", 0.01)
    monkeypatch.setattr(thumbnails, "_rendering", BoundedSemaphore(1))
    show()
    url = url_of(maxWidth=100)

    with thumbnails._rendering:
        busy = client.get(url.removeprefix("http://localhost:8000"))

    assert (busy.status_code, busy["Retry-After"], busy["Cache-Control"]) == (503, "1", "no-store")
    assert kept(settings) == []
    assert fetch(url).size == (100, 50)
