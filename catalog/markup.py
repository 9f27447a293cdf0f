"""Descriptions as safe HTML: simple markup is cleaned, plain text gets paragraphs and lists."""

import html
import re
from collections.abc import Iterator

import nh3

_ALLOWED = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code"),
    *("a", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "span", "div", "img"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_MARKUP = re.compile(rf"</?(?:h1|{'|'.join(sorted(_ALLOWED))}|script|style)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLOCK_END = re.compile(r"</(?:p|li|h[1-6]|div|tr|dt|dd|blockquote)>|<br\s*/?>", re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:p|li|ul|ol|h[1-6]|div|tr|td|th|dt|dd|dl|pre|table|blockquote)(?:\s[^<>]*)?>|<[bh]r\b[^<>]*>", re.IGNORECASE
)
_BULLET = re.compile(r"\s*[•*-]\s+")


def safe(text: str) -> str:
    """`text` as HTML that can be shown as it is. Whatever could run a script is gone."""
    return nh3.clean(text, tags=_ALLOWED) if _MARKUP.search(text) else "".join(_blocks(text))


def plain(text: str) -> str:
    """`text` without markup, for what is shown as plain text."""
    if not _MARKUP.search(text):
        return text
    lines = html.unescape(nh3.clean(_BLOCK_END.sub("\n", text), tags=set())).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def line(text: str) -> str:
    """HTML without markup and on one line, for summaries and lists."""
    return " ".join(html.unescape(nh3.clean(_BLOCK.sub(" ", text), tags=set())).split())


def _blocks(text: str) -> Iterator[str]:
    """A paragraph for each line, and one list for the lines with bullets that follow each other."""
    points: list[str] = []
    for line in text.splitlines():
        words = html.escape(line.strip(), quote=False)
        if not words:
            continue
        if bullet := _BULLET.match(line):
            points.append(html.escape(line[bullet.end() :].strip(), quote=False))
            continue
        yield from _list(points)
        points.clear()
        yield f"<p>{words}</p>"
    yield from _list(points)


def _list(points: list[str]) -> Iterator[str]:
    if points:
        yield f"<ul>{''.join(f'<li>{point}</li>' for point in points)}</ul>"
