"""The arithmetic of a load test: when a journey is to begin, and what the measured times add up to."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class ClosedLoop:
    """A journey begins as soon as a connection is free, until the time is up."""

    seconds: float

    def take(self, now: float) -> float | None:
        """The moment from which a journey that can begin at `now` is timed; None if none is due."""
        return now if now < self.seconds else None

    def wait(self, now: float) -> float:
        """How long until a journey may be due."""
        return 0.0

    def is_over(self, now: float) -> bool:
        return now >= self.seconds


@dataclass(slots=True)
class OpenLoop:
    """A journey begins at each tick of the clock, as shoppers do who know nothing of each other.

    One that finds no connection free is timed from its tick all the same: a server that stalls is charged for
    everybody who would have come meanwhile.
    """

    rate: float
    seconds: float
    begun: int = 0

    @property
    def count(self) -> int:
        return round(self.rate * self.seconds)

    def take(self, now: float) -> float | None:
        tick = self.begun / self.rate
        if self.begun >= self.count or now < tick:
            return None
        self.begun += 1
        return tick

    def wait(self, now: float) -> float:
        return max(self.begun / self.rate - now, 0.0)

    def is_over(self, now: float) -> bool:
        return self.begun >= self.count


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed; 0 of none."""
    if not values:
        return 0.0
    return sorted(values)[max(math.ceil(len(values) * percent / 100) - 1, 0)]


def ratio(page: Sequence[float], floor: Sequence[float]) -> float:
    """How many times the floor's time a page takes, from journeys per second of rounds measured in turns.

    The median over the rounds: one that was disturbed says nothing.
    """
    return statistics.median(above / below if below else math.inf for below, above in zip(page, floor, strict=True))
