"""Downloads over HTTP: a signed link leads to a file, and following it counts."""

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from catalog import digital
from checkout import downloads
from checkout.downloads import Gone
from shop.errors import NotFound
from shop.media import CONTENT_SECURITY_POLICY


@require_safe
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send the file; asked by HEAD, tell only what would be sent, and count nothing."""
    try:
        grant = downloads.follow(token)
        file = grant.file
        if request.method == "HEAD":
            response: HttpResponseBase = HttpResponse(content_type="application/octet-stream")
        else:
            # Opened first: nobody pays with a download for a storage that does not answer.
            content = digital.storage().open(file.name)
            try:
                downloads.count(grant)
            except Gone:
                content.close()
                raise
            response = FileResponse(content, content_type="application/octet-stream")
    except NotFound:
        return _plain("There is no such download.", 404)
    except Gone as gone:
        return _plain(str(gone), 410)
    response["Content-Disposition"] = content_disposition_header(True, file.file_name) or "attachment"
    response["Content-Length"] = str(file.size)
    response["Cache-Control"] = "private, no-store"
    response["Accept-Ranges"] = "none"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def _plain(said: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8", status=status)
    response["Cache-Control"] = "private, no-store"
    return response
