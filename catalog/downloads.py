"""Files of exports, for whoever holds an address that is signed and has not run out."""

from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from catalog import bulk, bulk_files
from shop.errors import NotFound

_TYPES = {"JSONL": "application/jsonl; charset=utf-8", "CSV": "text/csv; charset=utf-8"}


@require_safe
def export(request: HttpRequest, signature: str) -> HttpResponseBase:
    """Pass on the file of an export, a chunk at a time."""
    try:
        job = bulk.by_signature(signature)
    except NotFound as error:
        raise Http404("This address has run out, or never was one.") from error
    response = StreamingHttpResponse(bulk_files.streamed(job.pk), content_type=_TYPES[job.format])
    response["Content-Disposition"] = f'attachment; filename="catalog-{job.pk}.{job.format.lower()}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
