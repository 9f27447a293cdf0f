"""Which variant a shopper's choice of options means, and which choices a product leaves open."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from catalog.details import OptionRow, VariantRow

# A choice is one value for each option, as the places of the values in their options.
Choice = tuple[int, ...]
# What a shopper selected: names of options, each with a value.
Selection = Sequence[tuple[str, str]]


class Choices(NamedTuple):
    """The options of a product and its variants, both in the merchant's order."""

    options: Sequence[OptionRow]
    variants: Sequence[VariantRow]


def selected_or_first(
    choices: Choices, selection: Selection, *, skips_unknown: bool = True, ignores_case: bool = False
) -> VariantRow | None:
    """The variant selected, for sale if several fit; else the first for sale; else the first. None without variants."""
    wanted = _wanted(choices, selection, skips_unknown=skips_unknown, ignores_case=ignores_case)
    fitting = [] if wanted is None else [variant for variant in choices.variants if _fits(choices, variant, wanted)]
    for candidates in (fitting, choices.variants):
        if candidates:
            return next((variant for variant in candidates if variant.is_for_sale), candidates[0])
    return None


def adjacent(
    choices: Choices, selection: Selection, *, skips_unknown: bool = True, ignores_case: bool = False
) -> list[VariantRow]:
    """The variants that differ in exactly one option from what is selected, or from the variant shown without it."""
    wanted = _wanted(choices, selection, skips_unknown=skips_unknown, ignores_case=ignores_case)
    if wanted is None or len(wanted) < len(choices.options):
        shown = selected_or_first(choices, selection, skips_unknown=skips_unknown, ignores_case=ignores_case)
        if shown is None:
            return []
        wanted = dict(enumerate(_values(choices, shown)))
    return [
        variant
        for variant in choices.variants
        if sum(value != wanted.get(place) for place, value in enumerate(_values(choices, variant))) == 1
    ]


def first_with(choices: Choices, place: int, value: str) -> VariantRow | None:
    """The variant with this value of the option at `place` and the earliest values of the other options."""
    having = [variant for variant in choices.variants if _values(choices, variant)[place] == value]
    return min(having, key=lambda variant: _choice(choices, variant), default=None)


def encoded(choices: Choices, shows: Callable[[VariantRow], bool] = lambda variant: True) -> str:
    """The choices that `shows` lets pass, as storefronts read them: `v1_` and a trie of places of option values.

    A colon leads to the next option, a space to the next value of the same, a comma back to the option before:
    `v1_0:0 1,1:1,` is the first value with both values of the second option, and the second value with the last.
    """
    return "v1_" + _trie(sorted(_choice(choices, variant) for variant in choices.variants if shows(variant)))


def _trie(choices: Iterable[Choice]) -> str:
    below: dict[int, list[Choice]] = {}
    for first, *rest in choices:
        below.setdefault(first, []).append(tuple(rest))
    if all(not any(rests) for rests in below.values()):
        return " ".join(str(first) for first in below)
    return "".join(f"{first}:{_trie(rests)}," for first, rests in below.items())


def _wanted(
    choices: Choices, selection: Selection, *, skips_unknown: bool, ignores_case: bool
) -> dict[int, str] | None:
    """The selected value for each option's place; None where nothing known is selected, or something unknown counts."""
    places = {_folded(option.name, ignores_case): place for place, option in enumerate(choices.options)}
    wanted = {}
    for name, value in selection:
        place = places.get(_folded(name, ignores_case))
        if place is not None:
            wanted[place] = _spelled(choices.options[place].values, value) if ignores_case else value
        elif not skips_unknown:
            return None
    return wanted or None


def _fits(choices: Choices, variant: VariantRow, wanted: dict[int, str]) -> bool:
    values = _values(choices, variant)
    return all(values[place] == value for place, value in wanted.items())


def _spelled(values: Iterable[str], value: str) -> str:
    """The value as the merchant spells it."""
    return next((known for known in values if known.casefold() == value.casefold()), value)


def _folded(text: str, ignores_case: bool) -> str:
    return text.casefold() if ignores_case else text


def _values(choices: Choices, variant: VariantRow) -> list[str]:
    """The variant's value of each option; one without values of its own stands for the first of each."""
    return [*variant.option_values, *(option.values[0] for option in choices.options[len(variant.option_values) :])]


def _choice(choices: Choices, variant: VariantRow) -> Choice:
    """The places of the variant's values; a value that its option does not list comes after all that are."""
    return tuple(
        option.values.index(value) if value in option.values else len(option.values)
        for option, value in zip(choices.options, _values(choices, variant), strict=False)
    )
