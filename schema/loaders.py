"""Batch functions: what follows a relation, found for all parents at once with one query.

Each is `load(context, keys, **arguments)` and answers one value for each key, in order; `edge` makes fields of them.
"""

from collections.abc import Sequence

from accounts import actors
from accounts.models import User
from accounts.staff import Permission
from catalog import browsing, facts, stock
from catalog.browsing import CategoryRow, ImageRow, OptionRow, ProductRow, Shopper, VariantRow
from schema.context import Context
from schema.pagination import After, Before, First, Last
from shop import paging
from shop.paging import Page, PageRequest


def shopper(context: Context) -> Shopper:
    """For whom this request reads the catalog."""
    return Shopper(actor=context.actor, currency=context.currency)


def products(context: Context, keys: Sequence[int]) -> list[ProductRow | None]:
    found = browsing.products_by_id(shopper(context), keys)
    return [found.get(key) for key in keys]


def variants(context: Context, keys: Sequence[int]) -> list[VariantRow | None]:
    found = browsing.variants_by_id(context.currency, keys)
    return [found.get(key) for key in keys]


def variants_of_product(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[VariantRow]]:
    request = PageRequest(first, last, after, before)
    found = browsing.variants(context.currency, keys)
    return [paging.slice_of(found[key], request) for key in keys]


def images_of_product(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[ImageRow]]:
    request = PageRequest(first, last, after, before)
    found = browsing.images(keys, paging.MAX_PAGE)
    return [paging.slice_of(found[key], request) for key in keys]


def options_of_product(context: Context, keys: Sequence[int]) -> list[list[OptionRow]]:
    found = browsing.options(keys)
    # The dialect knows no product without options: it has one that leaves no choice.
    return [found[key] or [OptionRow(f"{key}-default", "Title", ["Default Title"])] for key in keys]


def categories(context: Context, keys: Sequence[int]) -> list[CategoryRow | None]:
    found = browsing.categories_by_id(shopper(context), keys)
    return [found.get(key) for key in keys]


def parent_of_category(context: Context, keys: Sequence[CategoryRow]) -> list[CategoryRow | None]:
    found = browsing.categories_by_path(shopper(context), [browsing.parent_path(key.path) for key in keys])
    return [found.get(browsing.parent_path(key.path)) for key in keys]


def ancestors_of_category(context: Context, keys: Sequence[CategoryRow]) -> list[list[CategoryRow]]:
    above = {key.path: browsing.ancestor_paths(key.path) for key in keys}
    found = browsing.categories_by_path(shopper(context), [path for paths in above.values() for path in paths])
    return [[found[path] for path in above[key.path] if path in found] for key in keys]


def children_of_category(context: Context, keys: Sequence[CategoryRow]) -> list[list[CategoryRow]]:
    found = browsing.children(shopper(context), keys)
    return [found[key.path] for key in keys]


def facts_of_category(context: Context, keys: Sequence[int]) -> list[facts.Facts]:
    found = facts.subtrees(keys, context.currency)
    return [found[key] for key in keys]


def histogram_of_category(context: Context, keys: Sequence[facts.Facts]) -> list[list[facts.Bucket]]:
    found = facts.histograms([key.category_id for key in keys], context.currency)
    return [found[key.category_id] for key in keys]


def options_of_variant(context: Context, keys: Sequence[tuple[int, tuple[str, ...]]]) -> list[list[tuple[str, str]]]:
    """(name, value) of each option, keyed by product and the variant's values: the product has the names."""
    found = browsing.options({product_id for product_id, _ in keys})
    return [
        [(option.name, value) for option, value in zip(found[product_id], values, strict=False)]
        or [("Title", "Default Title")]
        for product_id, values in keys
    ]


def on_hand_of_variant(context: Context, keys: Sequence[int]) -> list[int]:
    found = stock.on_hand(keys)
    return [found[key] for key in keys]


def customers(context: Context, keys: Sequence[int | None]) -> list[User | None]:
    visible = User.objects.visible_to(context.actor)
    found = visible.in_bulk([key for key in keys if key is not None])
    return [None if key is None else found.get(key) for key in keys]


def permissions_of_customer(context: Context, keys: Sequence[User]) -> list[list[Permission]]:
    return [sorted(actor.permissions) for actor in actors.of_users(keys)]
