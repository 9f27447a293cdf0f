"""What the shop promises of its speed, held against what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shop.benchmark.measuring import MANY, Result

TIMES_OF_FLOOR = {
    "PLP": 2.0,
    "FILTERED": 2.0,
    "SEARCH": 2.0,
    "PDP": 2.0,
    "PDP15": 2.0,
    "NAV": 2.0,
    "NAVFACTS": 2.0,
    "FACTS": 1.5,
    "HISTOGRAM": 1.5,
    "SMALLEST": 2.0,
}
CART_ADD_STATEMENTS = 12
CHECKOUT_STATEMENTS = 40
CHECKOUTS_PER_SECOND = 60
MEGABYTES = 200


@dataclass(frozen=True, slots=True)
class Target:
    """A promise, and whether it was kept."""

    name: str
    limit: float
    measured: float
    is_met: bool


def held_against(results: Mapping[str, Result], memory: Sequence[Mapping[str, float]]) -> list[Target]:
    """Every target that these results can speak of."""
    targets = [
        _at_most(f"{name}: times the floor, by {connections}", limit, times)
        for name, limit in TIMES_OF_FLOOR.items()
        if name in results
        for connections, times in results[name].ratios.items()
    ]
    if cart := results.get("CART"):
        targets.append(_at_most("CART: SQL statements of adding lines", CART_ADD_STATEMENTS, cart.statements[1]))
    if checkout := results.get("CHECKOUT"):
        total = sum(checkout.statements)
        targets.append(_at_most("CHECKOUT: SQL statements of all requests", CHECKOUT_STATEMENTS, total))
        paid, floor = checkout.page[str(MANY)].per_second, checkout.floor[str(MANY)].per_second
        name = f"CHECKOUT: paid orders per second, where its floor reaches {floor:.0f}"
        targets.append(_at_least(name, CHECKOUTS_PER_SECOND, paid))
    largest = max((process["rss"] for process in memory), default=0.0)
    targets.append(_at_most("megabytes of the largest server process", MEGABYTES, largest))
    targets.append(_at_most("errors", 0, sum(result.errors for result in results.values())))
    return targets


def _at_most(name: str, limit: float, measured: float) -> Target:
    return Target(name, limit, measured, measured <= limit)


def _at_least(name: str, limit: float, measured: float) -> Target:
    return Target(name, limit, measured, measured >= limit)
