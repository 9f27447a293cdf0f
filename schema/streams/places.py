"""Places for those who stay: so many in this process, and so many for each network address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


class NoPlace(Exception):
    """All places are taken; the message tells how many there are."""


class Places:
    """Belongs to one event loop, so it needs no lock."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._taken: Counter[str] = Counter()
        self.total = 0

    @contextmanager
    def one(self, address: str) -> Iterator[None]:
        """A place for the block. Raises NoPlace."""
        if self._taken[address] >= settings.STREAM_MAX_PER_ADDRESS:
            raise NoPlace(f"{settings.STREAM_MAX_PER_ADDRESS} {self._noun} from one network address are allowed.")
        if self.total >= settings.STREAM_MAX_SUBSCRIPTIONS:
            raise NoPlace("There are too many subscribers at the moment; try again later.")
        self._taken[address] += 1
        self.total += 1
        try:
            yield
        finally:
            self.total -= 1
            self._taken[address] -= 1
            if not self._taken[address]:
                del self._taken[address]
