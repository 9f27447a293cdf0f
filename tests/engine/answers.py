"""What can be seen of an answer, for two executors to be compared by."""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphql import ExecutionResult


def assert_same(found: Any, expected: Any) -> None:
    """Tell the first difference: a whole diff of long answers takes minutes."""
    if found == expected:
        return
    for one, other in zip(found, expected, strict=True):
        if one != other:
            ours, theirs = str(one), str(other)
            at = next((n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), 0)
            begin = max(at - 200, 0)
            raise AssertionError(f"engine: …{ours[begin : at + 200]}\ngraphql-core: …{theirs[begin : at + 200]}")


def told(result: ExecutionResult) -> Any:
    """All of it, the order of fields and the class of numbers included."""
    errors = [(error.formatted, type(error.original_error).__name__) for error in result.errors or ()]
    return repr(result.data), errors


def told_in_any_order(result: ExecutionResult) -> Any:
    """All of it but which of several errors is told that made one place null.

    Executors that wait for promises meet errors in the order of time: the first in an object hides the later ones, and
    which is the first is chance.
    """
    places = {_null_place(result.data, error.path or []) for error in result.errors or ()}
    return repr(result.data), places


def _null_place(data: Any, path: list[str | int]) -> tuple[str | int, ...]:
    for depth, step in enumerate(path):
        if data is None:
            return tuple(path[:depth])
        data = data[step]
    assert data is None, f"an error is told at {path}, where there is a value"
    return tuple(path)


@contextmanager
def forgotten_promises() -> Iterator[None]:
    """graphql-core never awaits promises that an error made needless; Python need not complain.

    Those in cycles are found at the end alone, for a complaint that falls into a frame without builtins is an error.
    """
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
            gc.collect()
    finally:
        gc.enable()
