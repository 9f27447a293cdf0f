"""Choices of options: what a variant stands for, what a shopper selects, and the batch functions that compare them."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import strawberry

from catalog import choices, details
from catalog.choices import Choices
from catalog.details import VariantRow
from schema import loaders
from schema.context import Context


@strawberry.type(description="One choice a variant stands for, such as Size: M.")
class SelectedOption:
    name: str = strawberry.field(description="The option's name.")
    value: str = strawberry.field(description="The value chosen.")

    @classmethod
    def of(cls, row: tuple[str, str]) -> "SelectedOption":
        return cls(name=row[0], value=row[1])


@strawberry.input(description="One choice of a shopper, such as Size: M.")
class SelectedOptionInput:
    name: str = strawberry.field(description="The option's name.")
    value: str = strawberry.field(description="The value chosen.")


Selected: TypeAlias = Annotated[
    list[SelectedOptionInput] | None, strawberry.argument(description="What the shopper chose.")
]
SkipsUnknown: TypeAlias = Annotated[
    bool | None, strawberry.argument(description="Pass over choices of options that the product does not have.")
]
IgnoresCase: TypeAlias = Annotated[
    bool | None, strawberry.argument(description="Compare names and values without regard to capital letters.")
]


def selected_variant_of_product(
    context: Context,
    keys: Sequence[int],
    *,
    selected_options: Selected = None,
    ignore_unknown_options: SkipsUnknown = True,
    case_insensitive_match: IgnoresCase = False,
) -> list[VariantRow | None]:
    selection, rules = _selection(selected_options, ignore_unknown_options, case_insensitive_match)
    return [choices.selected_or_first(one, selection, **rules) for one in _choices(context, keys)]


def adjacent_variants_of_product(
    context: Context,
    keys: Sequence[int],
    *,
    selected_options: Selected = None,
    ignore_unknown_options: SkipsUnknown = True,
    case_insensitive_match: IgnoresCase = False,
) -> list[list[VariantRow]]:
    selection, rules = _selection(selected_options, ignore_unknown_options, case_insensitive_match)
    return [choices.adjacent(one, selection, **rules) for one in _choices(context, keys)]


def existing_choices_of_product(context: Context, keys: Sequence[int]) -> list[str]:
    return [choices.encoded(one) for one in _choices(context, keys)]


def available_choices_of_product(context: Context, keys: Sequence[int]) -> list[str]:
    return [choices.encoded(one, lambda variant: variant.is_for_sale) for one in _choices(context, keys)]


def first_variant_of_value(context: Context, keys: Sequence[tuple[int, int, str]]) -> list[VariantRow | None]:
    """Keyed by product, the place of the option in it, and the value."""
    products = list(dict.fromkeys(product_id for product_id, _, _ in keys))
    found = dict(zip(products, _choices(context, products), strict=True))
    return [choices.first_with(found[product_id], place, value) for product_id, place, value in keys]


def _choices(context: Context, product_ids: Sequence[int]) -> list[Choices]:
    options, variants = (
        loaders.options_of_product(context, product_ids),
        details.variants(loaders.shopper(context), product_ids),
    )
    return [Choices(one, variants[product_id]) for product_id, one in zip(product_ids, options, strict=True)]


def _selection(
    selected: Sequence[SelectedOptionInput] | None, skips_unknown: bool | None, ignores_case: bool | None
) -> tuple[list[tuple[str, str]], dict[str, bool]]:
    rules = {"skips_unknown": skips_unknown is not False, "ignores_case": bool(ignores_case)}
    return [(one.name, one.value) for one in selected or []], rules
