"""Invoices and packing slips over HTTP: a signed link leads to a PDF."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from checkout import invoice_pdf, invoices
from checkout.invoices import Expired
from checkout.models import Invoice
from shop import mails
from shop.errors import NotFound


@require_safe
def document(request: HttpRequest, token: str) -> HttpResponse:
    """The PDF a link leads to."""
    try:
        found = invoices.follow(token)
    except NotFound:
        return _plain("There is no such document.", 404)
    except Expired as expired:
        return _plain(str(expired), 410)
    if isinstance(found, Invoice):
        content, name = invoice_pdf.invoice(found.snapshot), found.name
    else:
        content = invoice_pdf.packing_slip(found, settings.SHOP_NAME, mails.imprint)
        name = f"packing-slip-{found.number}"
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, f"{name}.pdf") or "inline"
    return _private(response)


def _plain(said: str, status: int) -> HttpResponse:
    return _private(HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8", status=status))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
