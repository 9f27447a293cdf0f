"""productDownloadCreate and its kin: files that buyers get, kept where nobody but the shop reads them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.staff import Permission
from catalog.models import DigitalFile
from tests import builders

CREATE = """
mutation ($id: ID!, $file: Upload!, $download: ProductDownloadInput) {
  productDownloadCreate(variantId: $id, file: $file, download: $download) {
    productDownload { title fileName sizeBytes downloadLimit validDays }
    userErrors { code field message }
  }
}
"""
UPDATE = """
mutation ($id: ID!, $download: ProductDownloadInput!) {
  productDownloadUpdate(id: $id, download: $download) {
    productDownload { title downloadLimit validDays }
    userErrors { code field message }
  }
}
"""
DELETE = """
mutation ($id: ID!) {
  productDownloadDelete(id: $id) { deletedProductDownloadId userErrors { code field message } }
}
"""
SHOWN = """
{ products(first: 50) { nodes { variants(first: 1) { nodes { requiresShipping downloads { title sizeBytes } } } } } }
"""

pytestmark = pytest.mark.usefixtures("private_root")


@pytest.fixture
def score(db):
    return builders.a_variant("SCORE", stock=9)


@pytest.fixture
def create(upload, sam, score):
    def send(content=b"notes", name="score.pdf", as_=sam, **download):
        file = SimpleUploadedFile(name, content)
        return upload(
            CREATE, {"variables.file": file}, as_=as_, id=builders.id_of(score), file=None, download=download or None
        )

    return send


def test_keeps_a_file_apart_from_what_the_public_reads(create, execute, score, private_root, media_root):
    payload = create(title="The score", downloadLimit=3, validDays=30)["data"]["productDownloadCreate"]

    assert payload == {
        "productDownload": {
            "title": "The score",
            "fileName": "score.pdf",
            "sizeBytes": 5.0,
            "downloadLimit": 3,
            "validDays": 30,
        },
        "userErrors": [],
    }
    [kept] = [path for path in private_root.rglob("*") if path.is_file()]
    assert kept.read_bytes() == b"notes"
    assert not media_root.exists()
    [shown] = execute(SHOWN)["products"]["nodes"]
    assert shown["variants"]["nodes"] == [
        {"requiresShipping": False, "downloads": [{"title": "The score", "sizeBytes": 5.0}]}
    ]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("a;b<c>.pdf", "a_b_c_.pdf"),
        ("ключ.zip", "ключ.zip"),
        (f"{'a' * 250}.zip", f"{'a' * 180}.zip"),
    ],
)
def test_a_name_leads_nowhere(create, sent, kept):
    file_name = create(name=sent)["data"]["productDownloadCreate"]["productDownload"]["fileName"]

    assert file_name == kept


def test_refuses_what_is_too_large_or_empty_or_impossible(create, settings, private_root):
    settings.UPLOAD_MAX_BYTES = 10

    answers = [create(b"x" * 11), create(b""), create(downloadLimit=0, validDays=-1)]

    errors = [answer["data"]["productDownloadCreate"]["userErrors"] for answer in answers]
    assert [[(error["code"], error["field"], error["message"]) for error in some] for some in errors] == [
        [("FILE_TOO_LARGE", ["file"], "This file is too large; 10 bytes are allowed.")],
        [("INVALID", ["file"], "This file is empty.")],
        [
            ("INVALID", ["download", "downloadLimit"], "Say a number from 1 to 1000000, or null for no limit."),
            ("INVALID", ["download", "validDays"], "Say a number from 1 to 36500, or null for no limit."),
        ],
    ]
    assert not DigitalFile.objects.exists()
    assert not private_root.exists()


def test_what_is_said_of_a_file_can_change(execute, sam, score):
    file = builders.a_digital_file(score, title="Draft", download_limit=1)

    payload = execute(UPDATE, as_=sam, id=builders.id_of(file), download={"title": None, "downloadLimit": 7})

    assert payload["productDownloadUpdate"] == {
        "productDownload": {"title": "score.pdf", "downloadLimit": 7, "validDays": None},
        "userErrors": [],
    }


def test_a_deleted_file_is_sold_no_more_and_stays_for_who_bought_it(execute, sam, score):
    file = builders.a_digital_file(score)

    first, second = (execute(DELETE, as_=sam, id=builders.id_of(file))["productDownloadDelete"] for _ in range(2))

    assert first == {"deletedProductDownloadId": builders.id_of(file), "userErrors": []}
    assert [error["code"] for error in second["userErrors"]] == ["NOT_FOUND"]
    [shown] = execute(SHOWN)["products"]["nodes"]
    assert shown["variants"]["nodes"][0]["downloads"] == []
    assert DigitalFile.objects.get().variant is None


def test_needs_the_permission_to_manage_the_catalog(create, alice):
    answers = [create(as_=who) for who in (None, alice, builders.a_clerk(Permission.MANAGE_ORDERS))]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN"]
    assert not DigitalFile.objects.exists()


@pytest.mark.parametrize("size", [1, 20])
def test_reading_files_costs_the_same_however_many(execute, size, django_assert_num_queries):
    for _ in range(size):
        builders.a_digital_file(builders.a_variant())

    with django_assert_num_queries(3):
        found = execute(SHOWN)["products"]["nodes"]

    assert len(found) == size
