"""Mails of one look: each is a pair of templates, HTML and its twin in plain text, in the frame of `shop/mail/base`."""

import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.translation import gettext

# Seconds a mail server may stay silent, where EMAIL_URL does not say.
PATIENCE = 30
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def send(
    template: str,
    context: Mapping[str, Any],
    *,
    subject: str,
    to: Sequence[str],
    name: str,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[tuple[str, bytes, str]] = (),
) -> None:
    """Send `template`.html with `template`.txt beside it; attachments are (file name, content, media type).

    It is written in the language that is spoken: call it inside `speech.speaking`.

    `name` says which mail this is. The same mail sent twice has the same Message-ID, by which mail programs may tell
    that it is one.
    """
    text, html = rendered(template, context)
    mail = EmailMultiAlternatives(
        subject=" ".join(f"{settings.SHOP_NAME}: {subject}".split()),
        body=text,
        to=list(to),
        headers={
            "Message-ID": f"<{name}@{_sender_domain()}>",
            "Auto-Submitted": "auto-generated",
            **(headers or {}),
        },
        connection=get_connection(timeout=settings.EMAIL_TIMEOUT or PATIENCE),
    )
    mail.attach_alternative(html, "text/html")
    for attachment in attachments:
        mail.attach(*attachment)
    mail.send()


def rendered(template: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """A mail as plain text and as HTML."""
    known = {"shop_name": settings.SHOP_NAME, "storefront_url": settings.STOREFRONT_URL, "imprint": imprint()}
    text = render_to_string(f"{template}.txt", known | dict(context))
    html = render_to_string(f"{template}.html", known | dict(context))
    return _EMPTY_LINES.sub("\n\n", text).strip() + "\n", html


def imprint() -> list[str]:
    """Who the merchant is: what the law of many countries wants at the end of a business letter."""
    tax_id = [gettext("Tax ID: %(number)s") % {"number": settings.MERCHANT_TAX_ID}] if settings.MERCHANT_TAX_ID else []
    contact = [settings.MERCHANT_EMAIL] if settings.MERCHANT_EMAIL else []
    return [settings.MERCHANT_NAME, *settings.MERCHANT_ADDRESS, *contact, *tax_id, *settings.MERCHANT_IMPRINT]


def _sender_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
