"""Which units of which lines of an order are meant, as somebody wrote them down: to be sent, cancelled or sent back."""

from collections.abc import Callable, Mapping, Sequence

from checkout.models import OrderLine
from shop.errors import InvalidInput, Refusal, blaming


def picked(
    kept: Mapping[int, OrderLine],
    lines: Sequence[tuple[int, int]],
    *,
    purpose: str,
    left_of: Callable[[OrderLine], int],
    too_many: Callable[[OrderLine, int], Refusal],
) -> list[tuple[OrderLine, int]]:
    """The lines named by key, with their units, those of a line named twice together; in the order they were named.

    `kept` are the lines of the order, and no more of one than `left_of` it. Raises InvalidInput, and what `too_many`
    makes of a line and what is left of it.
    """
    if not lines:
        raise InvalidInput(f"Name at least one line to {purpose}.", field=("lines",))
    wanted: dict[int, int] = {}
    for number, (line_id, quantity) in enumerate(lines):
        with blaming("lines", number):
            line = kept.get(line_id)
            if line is None:
                raise InvalidInput("This line is not in the order.", field=("order_line_item_id",))
            if quantity < 1:
                raise InvalidInput("The quantity must be 1 or more.", field=("quantity",))
            wanted[line_id] = wanted.get(line_id, 0) + quantity
            if wanted[line_id] > left_of(line):
                raise too_many(line, left_of(line))
    return [(kept[line_id], quantity) for line_id, quantity in wanted.items()]
