"""bulkImportCreate: staff send a file, a worker imports it, and the job tells what came of each row."""

import gzip
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.staff import Permission
from catalog import bulk_work
from catalog.models import (
    AttributeKind,
    AttributeValue,
    BulkChunk,
    BulkError,
    BulkJob,
    Category,
    Price,
    Product,
    ProductVariant,
)
from shop import relay
from shop.models import OutboxMessage
from tests import builders
from tests.domain.import_lines import a_category_line, a_product_line, a_variant_line

CREATE = """
mutation ($file: Upload!, $format: BulkFormat!, $dryRun: Boolean, $onError: BulkOnError) {
  bulkImportCreate(file: $file, format: $format, dryRun: $dryRun, onError: $onError) {
    job { id status total processed fileName isDryRun createdBy }
    userErrors { code field message }
  }
}
"""
JOB = """
query ($id: ID!) {
  bulkJob(id: $id) {
    status message total processed created updated unchanged failed errorsOmitted
    errors(first: 50) { totalCount nodes { row field code message } }
  }
}
"""
SHEET = """slug,name,category,sku,price,currency,stock,option1_name,option1_value,description
mug,Mug,cups,M-S,1.00,USD,2,Size,S,"Two
lines"
,,,M-L,2.00,USD,3,,L,
plate,Plate,cups,P,5.00,USD,1,,,
"""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.imports.running.BATCH", 2)


@pytest.fixture
def run(upload, execute, sam):
    """Have a file imported, and get what the job tells in the end."""

    def run(content: bytes, *, drain: bool = True, name: str = "catalog.jsonl", **variables: Any) -> dict[str, Any]:
        file = SimpleUploadedFile(name, content)
        variables = {"format": "JSONL", **variables}
        answer = upload(CREATE, {"variables.file": file}, as_=sam, file=None, **variables)
        payload = answer["data"]["bulkImportCreate"]
        assert payload["userErrors"] == []
        if drain:
            relay.drain()
        found: dict[str, Any] = execute(JOB, as_=sam, id=payload["job"]["id"])["bulkJob"]
        return {**found, "id": payload["job"]["id"]}

    return run


def lines(*records: Any) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in records)


GOOD = lines(a_category_line(), a_product_line("p1"), a_product_line("p2"), a_product_line("p3"))
MIXED = lines(
    a_category_line(),
    a_product_line("p1"),
    b"{",
    a_product_line("p2", categories=["c9"]),
    a_product_line("p3", variants=[a_variant_line(price="cheap")]),
    b"\xff\xfe",
    a_product_line("p1"),
    a_product_line("p4"),
)
FAULTS = [
    (3, [], "BAD_LINE", "This is not JSON: Expecting property name enclosed in double quotes at character 2."),
    (4, ["categories"], "UNKNOWN", 'There is no category "c9"; categories come before their products.'),
    (
        5,
        ["variants", "0", "price"],
        "BAD_LINE",
        '"variants[0].price": A price must be a decimal number such as 19.90.',
    ),
    (6, [], "BAD_LINE", "This is not UTF-8 text: invalid start byte at byte 1."),
    (7, [], "TAKEN", 'The id "p1" is already on line 2.'),
]


def told(job: dict[str, Any]) -> list[tuple[Any, ...]]:
    rows = [(node["row"], node["field"], node["code"], node["message"]) for node in job["errors"]["nodes"]]
    return sorted(rows)


def test_a_file_becomes_a_job(upload, sam):
    file = SimpleUploadedFile("spring.jsonl", GOOD)

    answer = upload(CREATE, {"variables.file": file}, as_=sam, file=None, format="JSONL")

    assert answer["data"]["bulkImportCreate"] == {
        "job": {
            "id": f"gid://shop/BulkJob/{BulkJob.objects.get().pk}",
            "status": "QUEUED",
            "total": None,
            "processed": 0,
            "fileName": "spring.jsonl",
            "isDryRun": False,
            "createdBy": sam.email,
        },
        "userErrors": [],
    }
    assert not Product.objects.exists()


def test_a_worker_imports_it(run, assert_verified):
    job = run(GOOD)

    counts = {name: job[name] for name in ("status", "total", "processed", "created", "failed")}
    assert counts == {"status": "COMPLETED", "total": 4, "processed": 4, "created": 4, "failed": 0}
    assert list(Product.objects.order_by("pk").values_list("handle", flat=True)) == ["p1", "p2", "p3"]
    assert not BulkChunk.objects.exists()
    assert_verified()


def test_a_second_run_changes_nothing(run):
    run(GOOD)

    job = run(gzip.compress(GOOD), name="catalog.jsonl.gz")

    assert (job["unchanged"], job["created"], job["updated"]) == (4, 0, 0)


def test_progress_is_seen_after_every_batch(run, execute, sam):
    job = run(GOOD, drain=False)
    seen = []
    while relay.relay_once():
        [delivery] = relay.claim_due(1)
        relay.deliver(delivery)
        now = execute(JOB, as_=sam, id=job["id"])["bulkJob"]
        seen.append((now["status"], now["total"], now["processed"]))

    assert seen == [("RUNNING", 4, 0), ("RUNNING", 4, 1), ("RUNNING", 4, 3), ("COMPLETED", 4, 4)]


def test_bad_rows_are_left_out_and_told(run, assert_verified):
    job = run(MIXED)

    assert told(job) == FAULTS
    assert (job["status"], job["created"], job["failed"], job["errorsOmitted"]) == ("COMPLETED", 3, 5, 0)
    assert (job["total"], job["processed"]) == (8, 8)
    assert list(Product.objects.order_by("pk").values_list("handle", flat=True)) == ["p1", "p4"]
    assert_verified()


def test_a_dry_run_tells_what_the_real_run_does_and_writes_nothing(run):
    messages = set(OutboxMessage.objects.exclude(topic=bulk_work.STEP))

    dry = run(MIXED, dryRun=True)

    assert not Product.objects.exists()
    assert set(OutboxMessage.objects.exclude(topic=bulk_work.STEP)) == messages
    real = run(MIXED)
    assert {**dry, "id": None, "errors": told(dry)} == {**real, "id": None, "errors": told(real)}


def test_stop_leaves_the_catalog_as_it_was(run):
    job = run(MIXED, onError="STOP")

    assert not Product.objects.exists()
    assert (job["status"], job["created"], job["failed"]) == ("FAILED", 0, 1)
    assert job["message"] == f"Line 3: {FAULTS[0][3]}"
    assert told(job) == FAULTS[:1]


def test_stop_imports_a_sound_file_whole(run, assert_verified):
    job = run(GOOD, onError="STOP")

    assert (job["status"], job["created"]) == ("COMPLETED", 4)
    assert_verified()


def test_errors_are_kept_up_to_a_number(run, monkeypatch):
    monkeypatch.setattr(bulk_work, "MOST_ERRORS", 3)

    job = run(MIXED)

    assert (job["failed"], job["errors"]["totalCount"], job["errorsOmitted"]) == (5, 3, 2)


def test_a_sheet_has_a_row_for_each_variant(run):
    builders.a_category("Cups")

    job = run(b"\xef\xbb\xbf" + SHEET.replace("\n", "\r\n").encode(), name="x.csv", format="CSV")

    assert (job["status"], job["total"], job["created"], job["errors"]["nodes"]) == ("COMPLETED", 2, 2, [])
    mug = Product.objects.get(handle="mug")
    assert mug.description_html == "<p>Two</p><p>lines</p>"
    assert list(mug.variants.order_by("position").values_list("sku", "option_values")) == [
        ("M-S", ["S"]),
        ("M-L", ["L"]),
    ]


def an_oak_category() -> None:
    """A category that requires a material and may be told a width."""
    home = builders.a_category("C1", handle="c1")
    builders.an_attribute("Material", AttributeKind.CHOICE, "Oak", "Ash", on=home, is_required=True)
    builders.an_attribute("Width", AttributeKind.NUMBER, on=home)


def test_every_bad_value_of_a_product_is_told(run, assert_verified):
    an_oak_category()
    values = {"material": "pine", "width": "wide", "colour": "red"}

    job = run(
        lines(
            a_product_line("p1", attributes=values, variants=[a_variant_line("V", attributes={"width": True})]),
            a_product_line("p2", attributes={"material": "oak", "width": "12.5"}),
        )
    )

    assert told(job) == [
        (
            1,
            ["attributes", "colour"],
            "INVALID",
            "There is no such attribute.",
        ),
        (
            1,
            ["attributes", "material"],
            "INVALID",
            "This is not among the choices; they are: oak, ash.",
        ),
        (1, ["attributes", "width"], "INVALID", 'Width is a number; write it in quotes, such as "12.5".'),
        (
            1,
            ["variants", "0", "attributes", "width"],
            "INVALID",
            'Width is a number; write it in quotes, such as "12.5".',
        ),
    ]
    assert (job["created"], job["failed"]) == (1, 1)
    values_ = AttributeValue.objects.order_by("attribute").values_list("product__handle", "choice__handle", "number")
    assert list(values_) == [("p2", "oak", None), ("p2", None, Decimal("12.5"))]
    assert_verified()


def test_what_is_for_sale_has_what_its_category_requires(run):
    an_oak_category()
    given = {"attributes": {"material": "oak"}}
    two = [a_variant_line("A", options={"Size": "S"}, **given), a_variant_line("B", options={"Size": "L"})]
    run(lines(a_product_line("kept", attributes={"material": "ash"})))
    old = builders.a_product(handle="old", category=Category.objects.get())

    job = run(
        lines(
            a_product_line("new"),
            a_product_line("draft", status="DRAFT"),
            a_product_line("kept", attributes={"material": None}),
            a_product_line("half", variants=two),
            a_product_line("whole", variants=[{**one, **given, "sku": one["sku"] * 2} for one in two]),
            a_product_line("old", id=None, variants=[a_variant_line(old.variants.get().sku)]),
        )
    )

    message = "Its category requires a value of Material; the product, or each variant, needs one."
    assert told(job) == [(number, ["attributes"], "ATTRIBUTES_MISSING", message) for number in (1, 3, 4)]
    assert (job["created"], job["updated"]) == (2, 1)
    assert AttributeValue.objects.filter(product__handle="kept", choice__handle="ash").exists()


def test_faults_of_values_in_a_sheet_name_line_and_column(run):
    an_oak_category()
    sheet = (
        "slug,name,category,sku,price,currency,attribute:material,variant_attribute:width,option1_name,option1_value\n"
        "a,A,c1,A,1.00,USD,oak,12,Size,S\n,,,B,1.00,USD,,x,,L\n"
        "b,B,c1,C,1.00,USD,pine,,,\n"
    )

    job = run(sheet.encode(), format="CSV")

    assert told(job) == [
        (3, ["variant_attribute:width"], "INVALID", 'Width is a number; write it in quotes, such as "12.5".'),
        (4, ["attribute:material"], "INVALID", "This is not among the choices; they are: oak, ash."),
    ]


def test_bundles_translations_and_hidden_categories_come_in(run, settings, assert_verified):
    settings.SHOP_LANGUAGES = ["EN", "FR"]
    job = run(
        lines(
            {"kind": "attribute", "slug": "oak", "name": "Oak", "type": "BOOLEAN"},
            a_category_line(active=False, max_quantity=2, attributes=[{"slug": "oak", "required": True}]),
            a_category_line("c2", parent="c1"),
            a_product_line("p1", categories=["c2"], attributes={"oak": True}),
            a_product_line(
                "set", categories=["c2"], attributes={"oak": False}, variants=[a_variant_line("S", stock=0)]
            ),
            {"kind": "bundle", "sku": "S", "pricing": "SUM", "parts": [{"sku": "SKU-p1", "quantity": 2}]},
            {"kind": "bundle", "sku": "SKU-p1", "parts": [{"sku": "NONE", "quantity": 2}]},
            {"kind": "translation", "locale": "FR", "product": "set", "texts": {"title": "Ensemble", "x": "y"}},
            {"kind": "translation", "locale": "FR", "product": "set", "texts": {"title": "Ensemble"}},
        )
    )

    assert told(job) == [
        (7, ["parts", "0", "sku"], "UNKNOWN", 'There is no variant "NONE" to be a part.'),
        (
            8,
            ["texts", "x"],
            "KEY_UNKNOWN",
            'There is no "x" to translate; there is: title, body_html, product_type, meta_title, meta_description, '
            "handle.",
        ),
        (9, [], "TAKEN", 'The translation "FR set" is already on line 8.'),
    ]
    branch = Category.objects.order_by("path").values_list("handle", "is_listed", "effective_max_quantity")
    assert list(branch) == [("c1", False, 2), ("c2", False, 2)]
    assert str(Price.objects.get(variant__sku="S").amount) == "25.0000"
    assert_verified()


def test_a_sheet_may_have_semicolons_or_tabs(run):
    builders.a_category("Cups")

    job = run(b"slug;name;category;sku;price;currency;stock\na;A;cups;A;1.00;usd;1\n", format="CSV")

    assert (job["status"], job["created"], job["errors"]["nodes"]) == ("COMPLETED", 1, [])


def test_faults_of_a_sheet_name_line_and_column(run):
    builders.a_category("Cups")
    sheet = SHEET.replace("M-L,2.00", "M-L,much").replace("plate,Plate,cups", "plate,Plate,pots")

    job = run(sheet.encode(), format="CSV")

    assert told(job) == [
        (4, ["price"], "BAD_LINE", '"variants[1].price": A price must be a decimal number such as 19.90.'),
        (5, ["category"], "UNKNOWN", 'There is no category "pots"; categories come before their products.'),
    ]


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        (b"slug,name\n", "CSV", "The first line names the columns, and these are missing: category, sku."),
        (
            b"slug,name,category,sku,colour\n",
            "CSV",
            'There is no column "colour"; docs/import.md names those there are.',
        ),
        (b"slug,name,category,sku,SKU\n", "CSV", 'The column "sku" is there twice.'),
        (
            b"slug,name,category,sku\nm,\xe9,c,s\n",
            "CSV",
            "Line 2 is not UTF-8 text: invalid continuation byte at byte 3.",
        ),
        (b'slug,name,category,sku\nm,"M,c,s\n', "CSV", "Line 2 is not CSV: unexpected end of data."),
    ],
)
def test_a_file_that_cannot_be_read_fails(run, content, form, message):
    job = run(content, format=form)

    assert (job["status"], job["message"]) == ("FAILED", message)
    assert told(job) == [(None, [], "INVALID", message)]


def test_a_huge_line_is_a_bad_row(run, monkeypatch):
    monkeypatch.setattr("catalog.imports.reading.MAX_LINE", 1000)

    job = run(lines(a_category_line(), a_category_line("c2", description="x" * 10_000), a_category_line("c3")))

    assert (job["created"], job["failed"]) == (2, 1)
    [fault] = job["errors"]["nodes"]
    assert (fault["row"], fault["message"].endswith("1000 are the most.")) == (2, True)


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", "INVALID", "The file is empty."),
        (b"x" * 101, "FILE_TOO_LARGE", "This file is too large; 100 bytes are allowed."),
        (
            gzip.compress(b"x" * 2001, mtime=0),
            "FILE_TOO_LARGE",
            "What this file unpacks to is too large; 2000 bytes are allowed.",
        ),
        (
            gzip.compress(b"{}", mtime=0)[:-4],
            "INVALID",
            "This file begins as gzip does, and is none that can be read to its end.",
        ),
    ],
)
def test_refuses_a_file_that_is_none(upload, sam, settings, content, code, message):
    settings.UPLOAD_MAX_BYTES = 100
    file = SimpleUploadedFile("x.jsonl", content)

    answer = upload(CREATE, {"variables.file": file}, as_=sam, file=None, format="JSONL")

    assert answer["data"]["bulkImportCreate"] == {
        "job": None,
        "userErrors": [{"code": code, "field": ["file"], "message": message}],
    }
    assert not BulkJob.objects.exists()


def test_is_for_staff_who_manage_the_catalog(upload, alice):
    clerk = builders.a_clerk(Permission.MANAGE_INVENTORY)
    file = SimpleUploadedFile("x.jsonl", GOOD)

    answers = [upload(CREATE, {"variables.file": file}, as_=who, file=None, format="JSONL") for who in (alice, clerk)]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN", "FORBIDDEN"]
    assert not BulkJob.objects.exists()


def test_a_delivery_that_comes_twice_imports_once(run, execute, sam):
    job = run(GOOD)
    before = ProductVariant.objects.count()

    for message in OutboxMessage.objects.filter(topic=bulk_work.STEP):
        bulk_work.step(message)  # type: ignore[arg-type]

    again = execute(JOB, as_=sam, id=job["id"])["bulkJob"]
    assert {**again, "id": job["id"]} == job
    assert ProductVariant.objects.count() == before
    assert not BulkError.objects.exists()
