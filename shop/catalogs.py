"""The catalogs of translated words, `locale/` in each package: collected and compiled without gettext's own tools.

What is translated is found where it is said: `gettext`, `pgettext` or `ngettext` with a text written out, or `_` that
only marks one, in the modules of a package, and `translate` and `blocktranslate` in its templates.
"""

import ast
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

PACKAGES = ("accounts", "catalog", "checkout", "schema", "shop")

# How many of its arguments are texts, and whether the first is a context.
_CALLS = {"gettext": 1, "_": 1, "pgettext": 2, "ngettext": 2}
# Catalogs tell when they were made; it would differ each time.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_SKIPPED = ("migrations", "demo", "benchmark")


class Said(NamedTuple):
    """A text that is said somewhere, with its plural, and what it is about where it is said so."""

    text: str
    plural: str = ""
    context: str = ""


class Files(NamedTuple):
    """A catalog as people edit it, and as programs read it."""

    po: Path
    mo: Path


def of(package: str, language: str) -> Files:
    """Where the words of a package are in a language, spelled as gettext does: `pt_BR`."""
    folder = Path(settings.BASE_DIR, package, "locale", language, "LC_MESSAGES")
    return Files(folder / "django.po", folder / "django.mo")


def languages() -> list[str]:
    """The languages that any package has words in."""
    found = {path.name for package in PACKAGES for path in Path(settings.BASE_DIR, package, "locale").glob("*")}
    return sorted(found)


def read(files: Files, language: str) -> Catalog:
    """What was translated; an empty catalog where there is none."""
    if not files.po.exists():
        return Catalog(locale=language)
    with files.po.open("rb") as source:
        return read_po(source, locale=language)


def updated(package: str, language: str) -> Catalog:
    """What was translated of what is said now; what is said anew has no translation yet."""
    had = read(of(package, language), language)
    made = Catalog(locale=language, fuzzy=False, charset="utf-8")
    for text, plural, context in said(package):
        old = had.get(text, context or None)
        written = old.string if old is not None else ("" if not plural else ("",) * had.num_plurals)
        made.add((text, plural) if plural else text, written, context=context or None)
    return made


def forms(message: Message) -> list[str]:
    """What a text was translated to: one, or one for each plural of the language; empty where it was not."""
    found = message.string or ""
    return [found] if isinstance(found, str) else list(found)


def written(catalog: Catalog) -> bytes:
    """A catalog as it is edited: always the same bytes for the same words."""
    content = BytesIO()
    write_po(content, catalog, width=110, omit_header=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {catalog.locale}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    return f'{head}"Plural-Forms: {catalog.plural_forms}\\n"\n\n'.encode() + content.getvalue()


def compiled(po: bytes, language: str) -> bytes:
    """A catalog as it is read: always the same bytes for the same words."""
    content = BytesIO()
    catalog = read_po(BytesIO(po), locale=language)
    catalog.creation_date = catalog.revision_date = _ANY_DAY
    write_mo(content, catalog)
    return content.getvalue()


def said(package: str) -> list[Said]:
    """What a package says, each text once, in the order of their letters."""
    folder = Path(settings.BASE_DIR, package)
    found: set[Said] = set()
    for module in folder.rglob("*.py"):
        if not set(_SKIPPED) & set(module.relative_to(folder).parts):
            found.update(_in_calls(ast.parse(module.read_text())))
    for template in (*folder.glob("templates/**/*.html"), *folder.glob("templates/**/*.txt")):
        found.update(_in_template(template.read_text()))
    return sorted(found)


def _in_calls(tree: ast.AST) -> Iterator[Said]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
            name = node.func.id
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(texts) == _CALLS[name]:
                yield _of_call(name, texts)


def _of_call(name: str, texts: list[str]) -> Said:
    match name:
        case "pgettext":
            return Said(texts[1], context=texts[0])
        case "ngettext":
            return Said(*texts)
        case _:
            return Said(texts[0])


def _in_template(source: str) -> Iterable[Said]:
    """What Django's own tool makes of a template is calls among signs without meaning: each stands on its own."""
    made = templatize(source)
    for name in ("npgettext", "pgettext", "ngettext", "gettext"):
        start = made.find(f"{name}(")
        while start >= 0:
            if not made[start - 1 : start].isalpha():
                end = start
                while (end := made.find(")", end + 1)) >= 0:
                    try:
                        yield from _in_calls(ast.parse(made[start : end + 1], mode="eval"))
                        break
                    except SyntaxError:
                        continue
            start = made.find(f"{name}(", start + 1)
