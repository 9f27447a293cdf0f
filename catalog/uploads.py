"""Uploaded pictures: kept under names made of their content, for as long as anything shows them.

Pictures are cleaned and their files written before the transaction begins that shows them, for either may take long. A
message committed before that has them removed if nothing shows them in the end, whatever becomes of this process.
Whoever ceases to show one says so with `forget`; the file goes once nothing shows it any more. All hold a lock on the
file's name, so that nobody removes what somebody else is about to show.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from io import BytesIO
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from catalog.models import Category, Collection, ProductImage
from shop import media, outbox, pictures
from shop.errors import Refusal
from shop.outbox import Message
from shop.pictures import NotAPicture, PictureTooLarge

__all__ = ["FileTooLarge", "NotAPicture", "PictureTooLarge", "Upload", "atomic", "forget", "read", "store", "used_in"]

PREFIX = media.UPLOADS
UNUSED = "upload.unused"

# Any number will do, as long as it is not the first of two that something else in the shop locks.
_NAMES_LOCK = 0x91C


class FileTooLarge(Refusal):
    """The file has more bytes than a picture may have."""

    code = "FILE_TOO_LARGE"

    def __init__(self) -> None:
        super().__init__(f"This file is too large; {settings.UPLOAD_MAX_BYTES} bytes are allowed.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that may be stored: its name is told by its content."""

    name: str
    content: bytes
    width: int
    height: int


P = ParamSpec("P")
R = TypeVar("R")

_USERS: list[Callable[[str], QuerySet[Any]]] = []
_written: ContextVar[list[str]] = ContextVar("files written for the command")
_cleaned: ContextVar[dict[int, Upload | Refusal]] = ContextVar("what the files of the command came to", default={})  # noqa: B039


def used_in(model: type[Model], column: str) -> None:
    """Files named in this column stay. It needs an index of the names that begin with `PREFIX`."""
    _USERS.append(lambda name: model._default_manager.filter(**{column: name, f"{column}__startswith": PREFIX}))


used_in(ProductImage, "src")
used_in(Category, "image_src")
used_in(Collection, "image_src")


def atomic(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command in a transaction of its own, like `transaction.atomic(durable=True)`.

    The files among its arguments are made ready before; what was written of them goes as well if it fails.
    """

    @wraps(command)
    def run(*arguments: P.args, **named: P.kwargs) -> R:
        with _forgetting_what_failed(), _ready(_files_in([arguments, named])), transaction.atomic(durable=True):
            return command(*arguments, **named)

    return run


@contextmanager
def _forgetting_what_failed() -> Iterator[None]:
    written: list[str] = []
    token = _written.set(written)
    try:
        yield
    except BaseException:
        if written:
            with transaction.atomic():
                _remove_unused(written)
        raise
    finally:
        _written.reset(token)


@contextmanager
def _ready(files: Iterable["UploadedFile[Any]"]) -> Iterator[None]:
    """Have the pictures in these files cleaned and stored, and nobody remove them meanwhile."""
    cleaned = {id(file): _read(file) for file in files}
    token = _cleaned.set(cleaned)
    sound = {upload.name: upload for upload in cleaned.values() if isinstance(upload, Upload)}
    try:
        # What is refused is not stored. In the transaction of somebody else nothing could be committed before the
        # files: there `store` writes them.
        if not sound or any(isinstance(one, Refusal) for one in cleaned.values()) or connection.in_atomic_block:
            yield
            return
        with _held(sound):
            with transaction.atomic():
                forget(sound)
            for upload in sound.values():
                _write(upload)
            yield
    finally:
        _cleaned.reset(token)


def _files_in(value: Any) -> Iterator["UploadedFile[Any]"]:
    """The files somewhere in what a command is given."""
    if isinstance(value, UploadedFile):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _files_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _files_in(one)


def read(file: "UploadedFile[Any]") -> Upload:
    """What is to be kept of a file: the picture in it. Raises FileTooLarge, NotAPicture, PictureTooLarge."""
    found = _cleaned.get().get(id(file)) or _read(file)
    if isinstance(found, Refusal):
        raise found
    return found


def _read(file: "UploadedFile[Any]") -> Upload | Refusal:
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        return FileTooLarge()
    file.seek(0)
    try:
        picture = pictures.clean(BytesIO(file.read()))
    except (NotAPicture, PictureTooLarge) as refusal:
        return refusal
    digest = hashlib.sha256(picture.content).hexdigest()
    name = f"{PREFIX}{digest[:2]}/{digest[2:42]}.{pictures.ENDINGS[picture.format]}"
    return Upload(name, picture.content, picture.width, picture.height)


def store(uploads: Sequence[Upload]) -> None:
    """Write the files that are not there, as they are where `atomic` made them ready. Call inside it."""
    by_name = {upload.name: upload for upload in uploads}
    _lock(by_name)
    for upload in by_name.values():
        _write(upload)


def _write(upload: Upload) -> None:
    name, content = upload.name, upload.content
    if default_storage.exists(name):
        if default_storage.size(name) == len(content):
            return
        # Half a file, of a process that was killed while it wrote.
        default_storage.delete(name)
    _written.get().append(name)
    kept = default_storage.save(name, ContentFile(content))
    if kept != name:
        raise RuntimeError(f"The storage keeps {name} as {kept}; it must leave names as they are.")


def forget(sources: Iterable[str]) -> None:
    """These are shown in one place less: remove those of them that are uploads and shown nowhere, later."""
    if names := sorted({src for src in sources if src.startswith(PREFIX)}):
        outbox.publish(UNUSED, names=names)


@outbox.handler(UNUSED)
def remove_unused(message: Message) -> None:
    """Remove the files that nothing shows by now."""
    _remove_unused(message.payload["names"])


def _remove_unused(names: Sequence[str]) -> None:
    _lock(names)
    for name in names:
        if not any(users(name).exists() for users in _USERS):
            default_storage.delete(name)


@contextmanager
def _held(names: Iterable[str]) -> Iterator[None]:
    """As `_lock`, for longer than a transaction: until this ends, or the connection."""
    held: list[Any] = [_NAMES_LOCK, sorted(names)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, hashtext(name)) FROM unnest(%s::text[]) AS name", held)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(name)) FROM unnest(%s::text[]) AS name", held)


def _lock(names: Iterable[str]) -> None:
    """Until the transaction ends, nobody else writes or removes these files.

    In order of name, so that no two who want the same files wait for each other.
    """
    if ordered := sorted(names):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashtext(name)) FROM unnest(%s::text[]) AS name",
                [_NAMES_LOCK, ordered],
            )
