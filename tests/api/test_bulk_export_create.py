"""bulkExportCreate: a worker writes the catalog into a file, and staff fetch it where a signed address says."""

import json
from datetime import timedelta

import pytest

from catalog import bulk, exports
from catalog.imports import Format
from catalog.models import BulkChunk, BulkJob
from shop import clock, relay
from tests import builders
from tests.domain.import_lines import FULL, load

CREATE = """
mutation ($format: BulkFormat!, $filter: BulkExportFilter) {
  bulkExportCreate(format: $format, filter: $filter) { job { id status } userErrors { code field message } }
}
"""
JOB = "query ($id: ID!) { bulkJob(id: $id) { status total processed file { url size expiresAt } } }"


@pytest.fixture
def export(execute, sam):
    def export(**variables):
        payload = execute(CREATE, as_=sam, **variables)["bulkExportCreate"]
        assert payload["userErrors"] == []
        relay.drain()
        return execute(JOB, as_=sam, id=payload["job"]["id"])["bulkJob"]

    return export


def fetch(client, url):
    response = client.get(url.removeprefix("http://localhost:8000"))
    return response, b"".join(response.streaming_content) if response.streaming else b""


@pytest.mark.parametrize(("form", "kind"), [("JSONL", "application/jsonl"), ("CSV", "text/csv")])
def test_the_file_is_the_catalog(export, client, form, kind, monkeypatch):
    load(*FULL)
    builders.a_product("Plate")
    monkeypatch.setattr(exports, "PIECE", 1)

    job = export(format=form)

    response, content = fetch(client, job["file"]["url"])
    assert (job["status"], job["total"]) == ("COMPLETED", job["processed"])
    assert content == b"".join(piece.content for piece in exports.pieces(Format(form), exports.Wanted()))
    assert job["file"]["size"] == len(content)
    assert response["Content-Type"] == f"{kind}; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    name = f"catalog-{BulkJob.objects.get().pk}.{form.lower()}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_filter_narrows_it_to_products(export, client):
    mugs = builders.a_category("Mugs")
    builders.a_product("Mug", category=mugs)
    builders.a_product("Old mug", category=mugs, status="ARCHIVED")
    builders.a_product("Plate")

    job = export(format="JSONL", filter={"categoryId": builders.id_of(mugs), "statuses": ["ACTIVE"]})

    _, content = fetch(client, job["file"]["url"])
    assert [json.loads(line)["slug"] for line in content.splitlines()] == ["mug"]


def test_an_address_runs_out(export, client, monkeypatch):
    builders.a_product()
    url = export(format="JSONL")["file"]["url"]
    later = clock.now() + bulk.LINK_LASTS + timedelta(seconds=2)

    assert fetch(client, url)[0].status_code == 200
    assert fetch(client, url[:-1] + ("a" if url[-1] != "a" else "b"))[0].status_code == 404
    monkeypatch.setattr(clock, "now", lambda: later)
    assert fetch(client, url)[0].status_code == 404


def test_a_file_is_kept_for_a_week(export, execute, sam, monkeypatch):
    builders.a_product()
    export(format="CSV")
    job = BulkJob.objects.get()
    later = clock.now() + bulk.FILES_KEPT + timedelta(seconds=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    bulk.prune()

    assert not BulkChunk.objects.exists()
    assert execute(JOB, as_=sam, id=builders.id_of(job))["bulkJob"]["file"] is None


def test_refuses_a_category_that_is_not_there(execute, sam):
    payload = execute(CREATE, as_=sam, format="CSV", filter={"categoryId": "gid://shop/Category/9"})

    error = {"code": "NOT_FOUND", "field": ["filter", "categoryId"], "message": "Category not found."}
    assert payload["bulkExportCreate"] == {"job": None, "userErrors": [error]}
    assert not BulkJob.objects.exists()


def test_is_for_staff(request_graphql, alice):
    answer = request_graphql(CREATE, as_=alice, format="CSV")

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert not BulkJob.objects.exists()
