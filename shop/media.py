"""Uploaded files: served so that none of them can act in a visitor's name."""

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

# A drawing (SVG) or page opened by itself could otherwise run a script as if it were the shop's own.
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

# What is kept here is named after its content: the same name will always be the same file.
UPLOADS = "uploads/"
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve one file below MEDIA_ROOT. A proxy may do it in our place, with the same two headers."""
    try:
        response: HttpResponseBase = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except (SuspiciousFileOperation, ValueError, OSError) as error:  # a path that leads out, or is none
        raise Http404(path) from error
    if path.startswith(UPLOADS):
        response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
