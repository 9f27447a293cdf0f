"""Uploaded files: served so that none of them can act in a visitor's name."""

import mimetypes

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

# A drawing (SVG) or page opened by itself could otherwise run a script as if it were the shop's own.
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

# What is kept here is named after its content: the same name will always be the same file.
UPLOADS = "uploads/"
FOR_EVER = "public, max-age=31536000, immutable"

_beside = FileSystemStorage()

# Python 3.11 knows neither.
mimetypes.add_type("image/webp", ".webp")
mimetypes.add_type("image/avif", ".avif")


def storage_of(path: str) -> Storage:
    """Where the file at a path below the media directory is: uploads may be in a bucket, all else is on the disk."""
    return default_storage if path.startswith(UPLOADS) else _beside


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve one file below MEDIA_ROOT, or an upload. A proxy may do it in our place, with the same two headers."""
    try:
        if settings.S3_BUCKET and path.startswith(UPLOADS):
            response: HttpResponseBase = FileResponse(default_storage.open(path))
        else:
            response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except (SuspiciousOperation, ValueError, OSError) as error:  # a path that leads out, or is none
        raise Http404(path) from error
    if path.startswith(UPLOADS):
        response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
