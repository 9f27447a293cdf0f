"""Run several commands at once and tell what was refused; anything but a refusal fails the test."""

from collections.abc import Callable

from shop.errors import Refusal, Refusals
from tests.concurrency.test_facts import in_threads


def refused_at_once(*works: Callable[[], object]) -> list[Refusal]:
    """The refusals of commands that all began at the same moment."""
    refused: list[Refusal] = []

    def telling(work: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except Refusal as refusal:
                refused.append(refusal)
            except Refusals as several:
                refused.extend(several.refusals)

        return run

    in_threads(*map(telling, works))
    return refused
