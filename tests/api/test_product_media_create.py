"""productMediaCreate: pictures by their content, kept without what they betray; a refusal leaves nothing behind."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.staff import Permission
from catalog import media
from catalog.models import Product, ProductImage
from tests import builders

CREATE = """
mutation ($id: ID!, $media: [ImageInput!]!) {
  productMediaCreate(productId: $id, media: $media) {
    product { images(first: 10) { nodes { url altText } } }
    media { image { id url altText width height } }
    userErrors { code field message }
  }
}
"""
NO_PICTURE = "This is no picture that can be read. Send a JPEG, PNG, WebP, GIF or AVIF."


@pytest.fixture
def mug(db):
    return builders.a_product("Mug")


@pytest.fixture
def create(upload, sam, mug):
    """Send files, one for each picture, and get the payload."""

    def send(*files, alts=(), id=None):
        given = [{"file": None, "alt": alt} for alt in alts or [None] * len(files)]
        places = {f"variables.media.{place}.file": file for place, file in enumerate(files)}
        answer = upload(CREATE, places, as_=sam, id=id or builders.id_of(mug), media=given)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["productMediaCreate"]

    return send


@pytest.fixture
def files_in(media_root):
    """The files that are kept."""
    return lambda: sorted(path for path in media_root.rglob("*") if path.is_file())


def refused(code, field, message):
    return {"product": None, "media": [], "userErrors": [{"code": code, "field": field, "message": message}]}


def kept():
    """The picture that is kept, opened."""
    return Image.open(default_storage.open(ProductImage.objects.get().src))


def a_huge_png():
    """A file of a few bytes that claims to be a picture of 30,000 by 30,000 pixels."""
    chunks = b"\x89PNG\r\n\x1a\n"
    for kind, content in [(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)), (b"IDAT", b"x" * 100)]:
        chunks += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return chunks


def test_adds_files_behind_the_pictures_there_are(upload, create, mug, files_in, client):
    ProductImage.objects.create(product=mug, src="https://img.example/mug.jpg", position=0)

    payload = create(builders.a_picture(color="red"), builders.a_picture(color="blue"), alts=["Red", "Blue"])

    assert payload["userErrors"] == []
    assert [one["image"]["altText"] for one in payload["media"]] == ["Red", "Blue"]
    assert {(one["image"]["width"], one["image"]["height"]) for one in payload["media"]} == {(40, 30)}
    assert [node["altText"] for node in payload["product"]["images"]["nodes"]] == [None, "Red", "Blue"]
    assert list(mug.images.order_by("position").values_list("position", flat=True)) == [0, 1, 2]
    assert len(files_in()) == 2
    url = payload["media"][0]["image"]["url"]
    assert url.startswith("http://localhost:8000/media/uploads/")
    response = client.get(url.removeprefix("http://localhost:8000"))
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_tells_a_picture_by_its_content_and_not_by_its_name(create, client, format):
    payload = create(builders.a_picture("invoice.pdf.exe", format=format))

    ending = {"JPEG": ".jpg"}.get(format, f".{format.lower()}")
    assert payload["userErrors"] == []
    url = payload["media"][0]["image"]["url"]
    assert url.endswith(ending)
    assert client.get(url.removeprefix("http://localhost:8000"))["Content-Type"] == f"image/{format.lower()}"
    assert kept().format == format


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"MZ\x90\x00 a program", id="a program"),
        pytest.param(b"%PDF-1.7", id="a document"),
        pytest.param(b"<html><script>alert(1)</script></html>", id="a page"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', id="a drawing"),
        pytest.param(builders.a_picture().read()[:300], id="half a picture"),
        pytest.param(builders.a_picture(format="PNG").read()[:60], id="half a PNG"),
        pytest.param(builders.a_picture(format="BMP").read(), id="a picture that browsers do not show"),
        pytest.param(b"GIF89a" + b"\xff" * 40, id="the beginning of a GIF"),
    ],
)
def test_refuses_what_is_no_picture(create, files_in, content):
    payload = create(builders.a_picture(), SimpleUploadedFile("photo.jpg", content, content_type="image/jpeg"))

    assert payload == refused("NOT_A_PICTURE", ["media", "1", "file"], NO_PICTURE)
    assert not ProductImage.objects.exists()
    assert files_in() == []


def test_refuses_a_picture_that_would_fill_the_memory(create, files_in):
    payload = create(SimpleUploadedFile("photo.png", a_huge_png()))

    [error] = payload["userErrors"]
    assert (error["code"], error["field"]) == ("PICTURE_TOO_LARGE", ["media", "0", "file"])
    assert error["message"].endswith("25 million are allowed.")
    assert files_in() == []


def test_says_how_many_pixels_a_picture_has_too_many(create):
    payload = create(builders.a_picture(size=(5001, 5001), quality=1))

    assert payload == refused(
        "PICTURE_TOO_LARGE",
        ["media", "0", "file"],
        "This picture has 5001 by 5001 pixels; 25 million are allowed.",
    )


def test_refuses_a_file_that_is_too_large_and_says_which(create, files_in, settings):
    settings.UPLOAD_MAX_BYTES = 5_000

    payload = create(builders.a_picture(), SimpleUploadedFile("large.jpg", b"x" * 9_000))

    assert payload == refused(
        "FILE_TOO_LARGE", ["media", "1", "file"], "This file is too large; 5000 bytes are allowed."
    )
    assert files_in() == []


def test_turns_a_picture_upright_and_forgets_where_it_was_taken(create):
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[1] = "N"

    payload = create(builders.a_picture(size=(40, 30), exif=exif.tobytes(), comment=b"Secret words"))

    picture = kept()
    assert (payload["media"][0]["image"]["width"], payload["media"][0]["image"]["height"]) == (30, 40)
    assert picture.size == (30, 40)
    assert dict(picture.getexif()) == {}
    with default_storage.open(ProductImage.objects.get().src) as file:
        assert b"Secret" not in file.read()


@pytest.mark.parametrize("format", ["PNG", "WEBP", "AVIF"])
def test_forgets_where_other_pictures_were_taken(create, format):
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"

    create(builders.a_picture(format=format, exif=exif.tobytes()))

    with default_storage.open(ProductImage.objects.get().src) as file:
        assert b"Secret" not in file.read()


def test_drops_what_hides_behind_a_picture(create):
    create(SimpleUploadedFile("photo.jpg", builders.a_picture().read() + b"<?php steal(); ?>"))

    with default_storage.open(ProductImage.objects.get().src) as file:
        assert b"php" not in file.read()


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_keeps_a_moving_picture_moving(create, format):
    content = BytesIO()
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "green", "blue")]
    frames[0].save(content, format, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)

    create(SimpleUploadedFile("film", content.getvalue()))

    picture = kept()
    assert (picture.n_frames, picture.size, picture.info["loop"]) == (3, (20, 10), 0)


@pytest.mark.parametrize("missing", [1_000, 5_000])
def test_refuses_a_film_that_breaks_off(create, files_in, missing):
    content = BytesIO()
    frames = [Image.effect_noise((40, 40), 50 + number) for number in range(4)]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])

    payload = create(SimpleUploadedFile("film.gif", content.getvalue()[:-missing]))

    assert payload == refused("NOT_A_PICTURE", ["media", "0", "file"], NO_PICTURE)
    assert files_in() == []


def test_refuses_a_film_of_too_many_frames(create, monkeypatch):
    monkeypatch.setattr("shop.pictures.MAX_FRAMES", 2)
    content = BytesIO()
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "green", "blue")]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])

    payload = create(SimpleUploadedFile("film.gif", content.getvalue()))

    assert payload == refused(
        "PICTURE_TOO_LARGE",
        ["media", "0", "file"],
        "This moving picture has 3 frames; 2 are allowed, and 25 million pixels in all of them.",
    )


def test_adds_a_picture_that_is_elsewhere(execute, sam, mug):
    given = [{"src": "https://img.example/mug.jpg", "alt": "A mug"}]

    payload = execute(CREATE, as_=sam, id=builders.id_of(mug), media=given)["productMediaCreate"]

    assert payload["userErrors"] == []
    assert payload["media"][0]["image"]["url"] == "https://img.example/mug.jpg"


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({}, ["media", "0"], "Send a picture's file, or say where it is: one of the two."),
        ({"src": None}, ["media", "0"], "Send a picture's file, or say where it is: one of the two."),
        (
            {"src": "ftp://img.example/mug.jpg"},
            ["media", "0", "src"],
            "A picture is at an address that begins with https:// or http://, or at a path below the media directory "
            "such as products/mug.jpg.",
        ),
        (
            {"src": "https://img.example/mug.jpg", "alt": "x" * 501},
            ["media", "0", "alt"],
            "At most 500 characters are allowed; these are 501.",
        ),
    ],
)
def test_refuses_what_says_too_little_or_too_much(execute, sam, mug, given, field, message):
    payload = execute(CREATE, as_=sam, id=builders.id_of(mug), media=[given])["productMediaCreate"]

    assert payload == refused("INVALID", field, message)
    assert not ProductImage.objects.exists()


def test_refuses_a_file_and_an_address_at_once(upload, sam, mug, files_in):
    given = [{"file": None, "src": "https://img.example/mug.jpg"}]
    files = {"variables.media.0.file": builders.a_picture()}

    answer = upload(CREATE, files, as_=sam, id=builders.id_of(mug), media=given)

    assert answer["data"]["productMediaCreate"] == refused(
        "INVALID", ["media", "0"], "Send a picture's file, or say where it is: one of the two."
    )
    assert files_in() == []


def test_refuses_more_pictures_than_a_product_may_have_and_keeps_no_file(create, mug, files_in, monkeypatch):
    monkeypatch.setattr(media, "MAX_IMAGES", 2)
    ProductImage.objects.create(product=mug, src="https://img.example/mug.jpg", position=0)

    payload = create(builders.a_picture(color="red"), builders.a_picture(color="blue"))

    assert payload == refused("INVALID", ["media"], "A product has 2 pictures at the most; it has 1.")
    assert mug.images.count() == 1
    assert files_in() == []


def test_keeps_a_file_that_somebody_else_shows_when_it_fails(create, mug, files_in, monkeypatch):
    create(builders.a_picture(color="red"))
    monkeypatch.setattr(media, "MAX_IMAGES", 1)

    payload = create(builders.a_picture(color="red"))

    assert payload["userErrors"][0]["field"] == ["media"]
    assert len(files_in()) == 1


@pytest.mark.parametrize("id", ["gid://shop/Product/0", "gid://shop/Category/1", "nonsense"])
def test_refuses_an_unknown_product_and_keeps_no_file(create, files_in, id):
    payload = create(builders.a_picture(), id=id)

    assert payload == refused("NOT_FOUND", ["productId"], "Product not found.")
    assert files_in() == []


def test_is_for_staff_who_keep_the_catalog(upload, mug, alice, files_in):
    files = {"variables.media.0.file": builders.a_picture()}
    given = {"id": builders.id_of(mug), "media": [{"file": None}]}
    clerk = builders.a_clerk(Permission.MANAGE_ORDERS)

    answers = [upload(CREATE, files, as_=somebody, **given) for somebody in (None, alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "FORBIDDEN",
    ]
    assert not ProductImage.objects.exists()
    assert files_in() == []


def test_marks_the_product_as_changed(create, mug):
    create(builders.a_picture())

    assert Product.objects.get(pk=mug.pk).updated_at > mug.updated_at


def test_costs_the_same_however_many_files(create):
    def cost_of(count):
        files = [builders.a_picture(color=f"#{count:02x}{place:02x}00") for place in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert create(*files)["userErrors"] == []
        return len(queries)

    assert cost_of(1) == cost_of(20)
