"""Batch functions: what follows a relation, found for all parents at once with one query.

Each is `load(context, keys, **arguments)` and answers one value for each key, in order; `edge` makes fields of them.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry
from django.db.models import F
from django.utils.text import Truncator

from accounts import actors, credit_limits
from accounts.addresses import Address
from accounts.models import CreditLimit, User
from accounts.staff import Permission
from catalog import browsing, content, costs, details, facts, lists, markup, stock
from catalog import locations as places
from catalog import transfers as moves
from catalog.browsing import ProductRow
from catalog.content import MenuRow, PageRow, PolicyRow
from catalog.details import ImageRow, OptionRow, VariantRow
from catalog.lists import CategoryRow, CollectionRow
from catalog.models import ProductVariant, StockLevel, StockLocation, StockTransfer, StockTransferLine
from catalog.shopper import Shopper
from checkout import carts, delivery, orders, payments, refunds
from checkout.carts import PricedCart
from checkout.models import CartAddress, Fulfillment, Order, OrderLine, Payment, Refund
from schema.context import Context
from schema.nodes import gid
from schema.pagination import After, Before, First, Last
from shop import languages, paging
from shop.money import Money
from shop.paging import Page, PageRequest

Row = TypeVar("Row")


def shopper(context: Context) -> Shopper:
    """For whom this request reads the catalog."""
    currency, price_list_id = context.prices
    return Shopper(context.actor, currency, price_list_id, languages.foreign(context.language))


def cart_of_customer(context: Context, keys: Sequence[int]) -> list[PricedCart | None]:
    own = context.actor.user_id
    found = carts.active_of(own) if own in keys and own is not None else None
    return [found if key == own else None for key in keys]


def products(context: Context, keys: Sequence[int]) -> list[ProductRow | None]:
    found = browsing.products_by_id(shopper(context), keys)
    return [found.get(key) for key in keys]


def product_of_variant(context: Context, keys: Sequence[int]) -> list[ProductRow | None]:
    found = browsing.products_regardless(shopper(context), keys)
    return [found.get(key) for key in keys]


def visible_variants(context: Context, keys: Sequence[int]) -> list[VariantRow | None]:
    found = details.visible_variants(shopper(context), keys)
    return [found.get(key) for key in keys]


def variants(context: Context, keys: Sequence[int]) -> list[VariantRow | None]:
    found = details.variants_by_id(shopper(context), keys)
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
    found = details.variants(shopper(context), keys)
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
    found = details.images(keys, paging.MAX_PAGE)
    return [paging.slice_of(found[key], request) for key in keys]


def options_of_product(context: Context, keys: Sequence[int]) -> list[list[OptionRow]]:
    found = details.options(keys, languages.foreign(context.language))
    # The dialect knows no product without options: it has one that leaves no choice.
    return [found[key] or [OptionRow(key, 0, f"{key}-default", "Title", ["Default Title"])] for key in keys]


def description_of_product(
    context: Context,
    keys: Sequence[str],
    *,
    truncate_at: Annotated[
        int | None, strawberry.argument(description="Cut it to this many characters, the dots included.")
    ] = None,
) -> list[str]:
    """The plain text of descriptions in HTML: made when it is asked for, because that takes time."""
    texts = [markup.line(key) for key in keys]
    return texts if truncate_at is None else [Truncator(text).chars(max(truncate_at, 0)) for text in texts]


def categories(context: Context, keys: Sequence[int]) -> list[CategoryRow | None]:
    found = lists.categories_by_id(shopper(context), keys)
    return [found.get(key) for key in keys]


def collections(context: Context, keys: Sequence[int]) -> list[CollectionRow | None]:
    found = lists.collections_by_place(shopper(context), keys)
    return [found.get(key) for key in keys]


def parent_of_category(context: Context, keys: Sequence[CategoryRow]) -> list[CategoryRow | None]:
    found = lists.categories_by_path(shopper(context), [lists.parent_path(key.path) for key in keys])
    return [found.get(lists.parent_path(key.path)) for key in keys]


def ancestors_of_category(context: Context, keys: Sequence[CategoryRow]) -> list[list[CategoryRow]]:
    above = {key.path: lists.ancestor_paths(key.path) for key in keys}
    found = lists.categories_by_path(shopper(context), [path for paths in above.values() for path in paths])
    return [[found[path] for path in above[key.path] if path in found] for key in keys]


def children_of_category(context: Context, keys: Sequence[CategoryRow]) -> list[list[CategoryRow]]:
    found = lists.children(shopper(context), keys)
    return [found[key.path] for key in keys]


def facts_of_category(context: Context, keys: Sequence[int]) -> list[facts.Facts]:
    found = facts.subtrees(keys, shopper(context).tariff.price_list_id, context.currency)
    return [found[key] for key in keys]


def histogram_of_category(context: Context, keys: Sequence[facts.Facts]) -> list[facts.Histogram]:
    found = facts.histograms([key.category_id for key in keys], shopper(context).tariff.price_list_id)
    return [facts.Histogram(key, found[key.category_id]) for key in keys]


def options_of_variant(context: Context, keys: Sequence[tuple[int, tuple[str, ...]]]) -> list[list[tuple[str, str]]]:
    """(name, value) of each option, keyed by product and the variant's values: the product has the names."""
    found = details.options({product_id for product_id, _ in keys}, languages.foreign(context.language))
    return [
        [(option.name, value) for option, value in zip(found[product_id], values, strict=False)]
        or [("Title", "Default Title")]
        for product_id, values in keys
    ]


def on_hand_of_variant(context: Context, keys: Sequence[int]) -> list[int]:
    found = stock.on_hand(keys)
    return [found[key] for key in keys]


def unit_cost_of_variant(context: Context, keys: Sequence[int]) -> list[Money | None]:
    found = costs.of_each(keys)
    return [found.get(key) for key in keys]


def threshold_of_variant(context: Context, keys: Sequence[int]) -> list[int | None]:
    found = dict(ProductVariant.objects.filter(pk__in=keys).values_list("pk", "low_stock_threshold"))
    return [found.get(key) for key in keys]


def levels_of_variant(context: Context, keys: Sequence[int]) -> list[list[StockLevel]]:
    return _grouped(stock.levels(keys), keys, "variant_id")


def outlook_of_variant(context: Context, keys: Sequence[tuple[int, bool]]) -> list[stock.Outlook]:
    """Keyed by the variant and whether it is a bundle, for which alone another statement is needed."""
    found = stock.outlooks([pk for pk, is_bundle in keys if not is_bundle])
    bundles = [pk for pk, is_bundle in keys if is_bundle]
    found |= stock.bundle_outlooks(bundles) if bundles else {}
    return [found[pk] for pk, _ in keys]


def transfers(context: Context, keys: Sequence[int]) -> list[StockTransfer | None]:
    found = moves.visible(context.actor, keys)
    return [found.get(key) for key in keys]


def lines_of_transfer(context: Context, keys: Sequence[int]) -> list[list[StockTransferLine]]:
    return _grouped(StockTransferLine.objects.filter(transfer_id__in=keys).order_by("pk"), keys, "transfer_id")


def locations(context: Context, keys: Sequence[int]) -> list[StockLocation | None]:
    found = places.visible(context.actor, keys)
    return [found.get(key) for key in keys]


def customers(context: Context, keys: Sequence[int | None]) -> list[User | None]:
    visible = User.objects.visible_to(context.actor)
    found = visible.in_bulk([key for key in keys if key is not None])
    return [None if key is None else found.get(key) for key in keys]


def credit_limits_of_customer(context: Context, keys: Sequence[int]) -> list[list[CreditLimit]]:
    found = credit_limits.of_customers(keys)
    return [found[key] for key in keys]


def permissions_of_customer(context: Context, keys: Sequence[User]) -> list[list[Permission]]:
    return [sorted(actor.permissions) for actor in actors.of_users(keys)]


def pages(context: Context, keys: Sequence[int]) -> list[PageRow | None]:
    found = content.pages_by_id(shopper(context), keys)
    return [found.get(key) for key in keys]


def menus(context: Context, keys: Sequence[int]) -> list[MenuRow | None]:
    found = content.menus_by_id(keys, languages.foreign(context.language))
    return [found.get(key) for key in keys]


def policies(context: Context, keys: Sequence[str]) -> list[PolicyRow | None]:
    found = content.policies(shopper(context), keys)
    return [found.get(key) for key in keys]


def targets_of_links(context: Context, keys: Sequence[tuple[str, str]]) -> list[strawberry.ID | None]:
    """The ids of what links lead to, keyed by the noun and the handle in their paths; one query for each noun."""
    found: dict[tuple[str, str], strawberry.ID] = {}
    handles: dict[str, list[str]] = {}
    for noun, handle in keys:
        handles.setdefault(noun, []).append(handle)
    who = shopper(context)
    for handle, product in browsing.products_by_handle(who, handles.get("products", [])).items():
        found["products", handle] = gid("Product", product.pk)
    for handle, collection in lists.collections_by_handle(who, handles.get("collections", [])).items():
        found["collections", handle] = gid("Collection", collection.place)
    for handle, page in content.pages_by_handle(who, handles.get("pages", [])).items():
        found["pages", handle] = gid("Page", page.pk)
    return [found.get(key) for key in keys]


def addresses_of_cart(context: Context, keys: Sequence[int]) -> list[list[CartAddress]]:
    return _grouped(delivery.addresses_of(list(keys)), keys, "cart_id")


def selected_address_of_cart(context: Context, keys: Sequence[int]) -> list[Address | None]:
    given = delivery.addresses_of(list(keys))
    found = {row.cart_id: Address.of_json(row.address) for row in given if row.is_selected}
    return [found.get(key) for key in keys]


def orders_of_customer(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[Order]]:
    found = orders.pages_of_customers(context.actor, keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


def orders_by_key(context: Context, keys: Sequence[UUID]) -> list[Order | None]:
    found = {order.key: order for order in orders.visible_to(context.actor).filter(key__in=keys)}
    return [found.get(key) for key in keys]


def lines_of_order(context: Context, keys: Sequence[int]) -> list[list[OrderLine]]:
    lines = OrderLine.objects.filter(order_id__in=keys).select_related("order").order_by("order_id", "position")
    return _grouped(lines, keys, "order_id")


def payments_of_order(context: Context, keys: Sequence[int]) -> list[list[Payment]]:
    return _grouped(payments.of_orders(list(keys)), keys, "order_id")


def refunds_of_order(context: Context, keys: Sequence[int]) -> list[list[Refund]]:
    rows = refunds.of_orders(list(keys)).annotate(order_id=F("payment__order_id"))
    return _grouped(rows, keys, "order_id")


def fulfillments_of_order(context: Context, keys: Sequence[int]) -> list[list[Fulfillment]]:
    return _grouped(Fulfillment.objects.filter(order_id__in=keys).order_by("pk"), keys, "order_id")


def _grouped(rows: Iterable[Row], keys: Sequence[int], owner: str) -> list[list[Row]]:
    """The rows of each key, in the order they come."""
    found: dict[int, list[Row]] = {key: [] for key in keys}
    for row in rows:
        found[getattr(row, owner)].append(row)
    return [found[key] for key in keys]
