"""Everything for sale, department by department, in the order of the shelves."""

from collections.abc import Iterator

from catalog.demo import (
    apparel,
    carrying,
    compose,
    furniture,
    garden,
    hearth,
    kitchen,
    linen,
    living,
    outdoors,
    paper,
    seeds,
    tableware,
    toys,
)

_DEPARTMENTS = (
    kitchen,
    hearth,
    tableware,
    furniture,
    living,
    linen,
    seeds,
    garden,
    outdoors,
    carrying,
    paper,
    apparel,
    toys,
)


def products() -> Iterator[compose.Product]:
    for department in _DEPARTMENTS:
        for family in department.FAMILIES:
            yield from compose.products(family)
