"""Refusals: the expected ways a command can end without doing what was asked."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import ClassVar


class Refusal(Exception):
    """Says to the person who asked what is wrong and what is possible; anything else that is raised is a bug.

    `field` is the path of the input to blame, outermost first, in Python names; the edge of the API translates them.
    Where it `is_final`, something happened and stays: under its idempotency key the request is refused so again.
    """

    code: ClassVar[str] = "INVALID"
    is_final: ClassVar[bool] = False

    def __init__(self, message: str, *, field: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(Refusal):
    """What an id or handle names does not exist, or is not for this actor's eyes: the two look the same."""

    code = "NOT_FOUND"

    def __init__(self, noun: str, *, field: tuple[str | int, ...] = ()) -> None:
        super().__init__(f"{noun} not found.", field=field)


class InvalidInput(Refusal):
    """A value has the right type and the wrong meaning; the message says what is allowed."""

    code = "INVALID"


class Refusals(Exception):
    """Several refusals of one command, told together so that a form can show them all."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("; ".join(refusal.message for refusal in refusals))
        self.refusals = refusals


@contextmanager
def blaming(*path: str | int) -> Iterator[None]:
    """Prefix the field of every refusal raised inside: the callee knows the rule, the caller whose input it was."""
    try:
        yield
    except Refusal as refusal:
        refusal.field = (*path, *refusal.field)
        raise
    except Refusals as several:
        for one in several.refusals:
            one.field = (*path, *one.field)
        raise


@contextmanager
def together() -> Iterator[Callable[..., AbstractContextManager[None]]]:
    """Tell at once all that several checks refuse: run each in `with check("title"):`, which also blames the title."""
    refused: list[Refusal] = []

    @contextmanager
    def check(*path: str | int) -> Iterator[None]:
        try:
            with blaming(*path):
                yield
        except Refusal as refusal:
            refused.append(refusal)
        except Refusals as several:
            refused.extend(several.refusals)

    yield check
    if refused:
        raise Refusals(refused)
