"""Marks for words in the sentences of mails, so that HTML and plain text share what is translated."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def bold(words: object) -> SafeString:
    """Set in bold."""
    return format_html("<strong>{}</strong>", words)


@register.filter
def unbroken(words: object) -> SafeString:
    """On one line."""
    return format_html('<span style="white-space: nowrap;">{}</span>', words)
