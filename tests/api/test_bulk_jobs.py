"""bulkJob, bulkJobs and bulkJobCancel: looking at jobs, and calling them off."""

import pytest

from catalog.models import BulkError, BulkJob, Product
from shop import relay
from tests import builders

CANCEL = """
mutation ($id: ID!) {
  bulkJobCancel(id: $id) { job { status } userErrors { code field message } }
}
"""
JOBS = """
query ($first: Int, $status: BulkJobStatus, $kind: BulkJobKind) {
  bulkJobs(first: $first, status: $status, kind: $kind) {
    totalCount
    nodes { id status file { size } errors(first: 2) { totalCount nodes { row } } }
  }
}
"""


def a_job(**fields: object) -> BulkJob:
    return BulkJob.objects.create(**{"kind": "EXPORT", "format": "JSONL", **fields})


def test_a_cancelled_job_does_nothing(execute, sam):
    builders.a_product()
    execute("mutation { bulkExportCreate(format: JSONL) { job { id } } }", as_=sam)
    job = BulkJob.objects.get()

    payload = execute(CANCEL, as_=sam, id=builders.id_of(job))["bulkJobCancel"]
    relay.drain()

    assert payload == {"job": {"status": "CANCELLED"}, "userErrors": []}
    job.refresh_from_db()
    assert (job.status, job.processed, job.chunks.exists()) == ("CANCELLED", 0, False)


def test_a_job_that_has_ended_is_not_cancelled(execute, sam):
    job = a_job(status="COMPLETED")

    payload = execute(CANCEL, as_=sam, id=builders.id_of(job))["bulkJobCancel"]

    message = "The job is completed and cannot become cancelled."
    assert payload == {
        "job": None,
        "userErrors": [{"code": "BULK_JOB_STATUS_REFUSED", "field": ["id"], "message": message}],
    }


def test_a_job_that_is_not_there(execute, sam):
    payload = execute(CANCEL, as_=sam, id="gid://shop/BulkJob/404")["bulkJobCancel"]

    assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"], "message": "BulkJob not found."}]
    assert execute('{ bulkJob(id: "gid://shop/BulkJob/404") { id } }', as_=sam) == {"bulkJob": None}


def test_jobs_are_listed_newest_first(execute, sam):
    first = a_job(status="COMPLETED")
    second = a_job(kind="IMPORT", failed=3, kept_errors=3)
    BulkError.objects.bulk_create(BulkError(job=second, row=row, code="X", message="x") for row in (4, 5, 6))
    first.chunks.create(start=0, content=b"four")

    assert execute(JOBS, as_=sam)["bulkJobs"] == {
        "totalCount": 2,
        "nodes": [
            {
                "id": builders.id_of(second),
                "status": "QUEUED",
                "file": None,
                "errors": {"totalCount": 3, "nodes": [{"row": 4}, {"row": 5}]},
            },
            {
                "id": builders.id_of(first),
                "status": "COMPLETED",
                "file": {"size": 4},
                "errors": {"totalCount": 0, "nodes": []},
            },
        ],
    }
    assert [node["id"] for node in execute(JOBS, as_=sam, status="QUEUED")["bulkJobs"]["nodes"]] == [
        builders.id_of(second)
    ]
    assert execute(JOBS, as_=sam, kind="EXPORT")["bulkJobs"]["totalCount"] == 1


@pytest.mark.parametrize("size", [1, 20])
def test_costs_the_same_however_many_jobs(execute, sam, django_assert_num_queries, size):
    for _ in range(20):
        a_job(status="COMPLETED").errors.create(row=1, code="X", message="x")

    with django_assert_num_queries(8):
        found = execute(JOBS, as_=sam, first=size)["bulkJobs"]

    assert len(found["nodes"]) == size


def test_jobs_are_for_staff(request_graphql, alice):
    job = a_job()
    queries = [JOBS, f'{{ bulkJob(id: "{builders.id_of(job)}") {{ id }} }}', CANCEL.replace("$id: ID!", "$id: ID = 1")]

    codes = [request_graphql(query, as_=alice)["errors"][0]["extensions"]["code"] for query in queries[:2]]

    assert codes == ["FORBIDDEN", "FORBIDDEN"]
    node = request_graphql(f'{{ node(id: "{builders.id_of(job)}") {{ id }} }}', as_=alice)
    assert node["data"] == {"node": None}
    assert not Product.objects.exists()
