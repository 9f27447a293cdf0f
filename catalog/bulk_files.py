"""Files of bulk jobs: stored in the database in chunks, read from any place, never whole in memory."""

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Length

from catalog.models import BulkChunk
from catalog.uploads import FileTooLarge
from shop.errors import InvalidInput, Refusal

CHUNK = 262_144
# How many times as large as an upload may be what is packed in it.
_MOST_PACKED = 20


class UnpackedTooLarge(Refusal):
    """What is packed in the file is larger than a file may be."""

    code = "FILE_TOO_LARGE"

    def __init__(self) -> None:
        most = settings.UPLOAD_MAX_BYTES * _MOST_PACKED
        super().__init__(f"What this file unpacks to is too large; {most} bytes are allowed.")


def store(job_id: int, file: "UploadedFile[Any]") -> None:
    """Keep the file, unpacked where it is gzip. Raises FileTooLarge, UnpackedTooLarge, InvalidInput."""
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise FileTooLarge
    start = 0
    for content in _unpacked(file):
        BulkChunk.objects.create(job_id=job_id, start=start, content=content)
        start += len(content)
        if start > settings.UPLOAD_MAX_BYTES * _MOST_PACKED:
            raise UnpackedTooLarge
    if not start:
        raise InvalidInput("The file is empty.")


def opened(job_id: int) -> BinaryIO:
    """The job's file, to be read from any place."""
    return cast(BinaryIO, io.BufferedReader(_Chunks(job_id), CHUNK))


def streamed(job_id: int) -> Iterator[bytes]:
    """The job's file, a chunk at a time."""
    start = -1
    while chunk := _chunks(job_id).filter(start__gt=start).order_by("start").first():
        start = chunk.start
        yield bytes(chunk.content)


def sizes(job_ids: list[int]) -> dict[int, int]:
    """The bytes of each job's file."""
    chunks = BulkChunk.objects.filter(job_id__in=job_ids).values_list("job_id")
    return dict(chunks.annotate(size=Max(F("start") + Length("content"))))


def forget(job_id: int) -> None:
    """The job's file is needed no more."""
    _chunks(job_id).delete()


def _chunks(job_id: int) -> QuerySet[BulkChunk]:
    return BulkChunk.objects.filter(job_id=job_id)


def _unpacked(file: "UploadedFile[Any]") -> Iterator[bytes]:
    file.seek(0)
    is_packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    try:
        source: Any = gzip.GzipFile(fileobj=file) if is_packed else file
        while content := source.read(CHUNK):
            yield content
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InvalidInput("This file begins as gzip does, and is none that can be read to its end.") from error


class _Chunks(io.RawIOBase):
    """The bytes of a job's chunks, one after the other; of them one is in memory."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._position = 0
        self._start, self._content = 0, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("Only from the beginning.")
        self._position = offset
        return offset

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        if not self._start <= self._position < self._start + len(self._content):
            found = _chunks(self._job_id).filter(start__lte=self._position).order_by("-start").first()
            self._start, self._content = (found.start, bytes(found.content)) if found else (0, b"")
        offset = self._position - self._start
        content = self._content[offset : offset + len(buffer)]
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)
