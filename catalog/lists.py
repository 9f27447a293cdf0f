"""Reading the lists that products are found in, as shoppers see them: the tree of categories, and curated collections.

A storefront that knows only collections may read a category as one, with the products of its whole subtree.
"""

from collections.abc import Callable, Sequence
from collections.abc import Collection as Some
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Value

from catalog.browsing import ProductFilter, Shopper
from catalog.models import Category, Collection
from shop import paging
from shop.paging import Order, Page, PageRequest

# A materialized path that no category has and that none is below.
NOWHERE = "~"


class CategoryRow(NamedTuple):
    """A node of the tree."""

    pk: int
    path: str
    depth: int
    handle: str
    title: str
    description: str
    seo_title: str
    seo_description: str
    image_src: str
    image_alt: str
    is_active: bool
    is_listed: bool
    updated_at: datetime


class CollectionRow(NamedTuple):
    """A curated collection; or, where `path` is not empty, a category shown as one. `place` is unique among both."""

    pk: int
    handle: str
    title: str
    description: str
    seo_title: str
    seo_description: str
    image_src: str
    image_alt: str
    updated_at: datetime
    path: str
    sort_key: Any
    place: int

    @property
    def products(self) -> ProductFilter:
        """Which products it shows: a category those of its whole subtree."""
        return ProductFilter(category_path=self.path) if self.path else ProductFilter(collection_id=self.pk)


class CollectionSort(Enum):
    """Orders of a list of collections. Where the key is equal, curated collections stand before categories."""

    ID = "pk"
    TITLE = "title"
    UPDATED_AT = "updated_at"


def category(shopper: Shopper, handle: str) -> CategoryRow | None:
    """The category with this handle, if the shopper may see it."""
    return next(iter(_category_rows(_listed(Category.objects.filter(handle=handle), shopper))), None)


def categories_by_id(shopper: Shopper, ids: Some[int]) -> dict[int, CategoryRow]:
    """The visible ones of these categories."""
    return {row.pk: row for row in _category_rows(_listed(Category.objects.filter(pk__in=ids), shopper))}


def categories(shopper: Shopper, request: PageRequest, *, roots_only: bool) -> Page[CategoryRow]:
    """A page of the tree in tree order: a node before its children, siblings in the merchant's order."""
    chosen = _listed(Category.objects.filter(depth=1) if roots_only else Category.objects.all(), shopper)
    order = Order("TREE", "path", parse=str)
    return paging.page(chosen, order, request, read=_category_rows, key_of=lambda row: (row.path, row.pk))


def children(shopper: Shopper, parents: Some[CategoryRow]) -> dict[str, list[CategoryRow]]:
    """The visible children of each category, by the parent's path."""
    below = Q()
    for parent in parents:
        below |= Q(path__gte=parent.path, path__lt=parent.path + "[", depth=parent.depth + 1)
    found: dict[str, list[CategoryRow]] = {parent.path: [] for parent in parents}
    rows = _category_rows(_listed(Category.objects.filter(below), shopper).order_by("path")) if below else []
    for row in rows:
        found[parent_path(row.path)].append(row)
    return found


def categories_by_path(shopper: Shopper, paths: Some[str]) -> dict[str, CategoryRow]:
    """The visible ones of the categories at these materialized paths."""
    return {row.path: row for row in _category_rows(_listed(Category.objects.filter(path__in=paths), shopper))}


def parent_path(path: str) -> str:
    """The materialized path one level up; empty for a root."""
    return path[: -Category.steplen]


def ancestor_paths(path: str) -> list[str]:
    """The materialized paths above this one, root first."""
    return [path[:end] for end in range(Category.steplen, len(path), Category.steplen)]


def collection(shopper: Shopper, handle: str) -> CollectionRow | None:
    """The collection or category with this handle, if the shopper may see it."""
    return collections_by_handle(shopper, [handle]).get(handle)


def collections_by_handle(shopper: Shopper, handles: Some[str]) -> dict[str, CollectionRow]:
    """The visible ones of the collections with these handles, categories included."""
    rows = _as_curated(_active(Collection.objects.filter(handle__in=handles), shopper)).union(
        _as_category(_listed(Category.objects.filter(handle__in=handles), shopper)), all=True
    )
    return {row.handle: row for row in map(CollectionRow._make, rows)}


def collections_titled(shopper: Shopper, words: Some[str], limit: int) -> list[CollectionRow]:
    """The first collections by title, categories included, in whose titles every word begins some word."""
    titled = Q()
    for word in words:
        titled &= Q(title__istartswith=word) | Q(title__icontains=f" {word}")
    merged = _as_curated(_active(Collection.objects.filter(titled), shopper), "title").union(
        _as_category(_listed(Category.objects.filter(titled), shopper), "title"), all=True
    )
    return [CollectionRow._make(row) for row in merged.order_by("sort_key", "place")[:limit]]


# Ids of categories count on from here where they stand among collections, so that the two kinds have one unique key.
_CATEGORIES_FROM = 10**15


def collections_by_place(shopper: Shopper, places: Some[int]) -> dict[int, CollectionRow]:
    """The visible ones of the collections with these places, categories included."""
    categories = [place - _CATEGORIES_FROM for place in places if place >= _CATEGORIES_FROM]
    rows = _as_curated(_active(Collection.objects.filter(pk__in=places), shopper)).union(
        _as_category(_listed(Category.objects.filter(pk__in=categories), shopper)), all=True
    )
    return {row.place: row for row in map(CollectionRow._make, rows)}


_PARSE: dict[CollectionSort, Callable[[Any], Any]] = {
    CollectionSort.ID: int,
    CollectionSort.TITLE: str,
    CollectionSort.UPDATED_AT: datetime.fromisoformat,
}


def collections(
    shopper: Shopper, request: PageRequest, sort: CollectionSort = CollectionSort.ID, *, reverse: bool = False
) -> Page[CollectionRow]:
    """A page of curated collections and categories in one list, in one statement. Raises InvalidPage.

    Each kind is read in order from its own index, no further than the page may need; the database merges the two.
    """
    order = Order(f"{sort.name} {reverse:d}", sort.value, reverse, _PARSE[sort])
    curated = paging.window(_active(Collection.objects.all(), shopper), order, request)
    categories = paging.window(_listed(Category.objects.all(), shopper), order, request, ids_from=_CATEGORIES_FROM)
    merged = _as_curated(curated, sort.value).union(_as_category(categories, sort.value), all=True)
    ways = [way.replace("pk", "place").replace(sort.value, "sort_key") for way in order.columns_from(request)]
    rows = [CollectionRow(*row) for row in merged.order_by(*ways)[: request.size + 1]]
    return paging.finish(rows, None, order, request, _key_of(order))


def _key_of(order: Order) -> Callable[[CollectionRow], tuple[Any, ...]]:
    if order.key == "pk":
        return lambda row: (row.place,)
    return lambda row: (row.sort_key, row.place)


def _active(chosen: QuerySet[Collection], shopper: Shopper) -> QuerySet[Collection]:
    return chosen if shopper.keeps_catalog else chosen.filter(is_active=True)


def _listed(chosen: QuerySet[Category], shopper: Shopper) -> QuerySet[Category]:
    return chosen if shopper.keeps_catalog else chosen.filter(is_listed=True)


def _category_rows(chosen: QuerySet[Category]) -> Sequence[CategoryRow]:
    return [CategoryRow(*row) for row in chosen.values_list(*CategoryRow._fields)]


def _as_curated(chosen: QuerySet[Collection], sort_key: str = "pk") -> QuerySet[Any, Any]:
    """The columns of a CollectionRow for curated collections."""
    marked = chosen.annotate(path=Value(""), sort_key=F(sort_key), place=F("pk"))
    return marked.values_list(*CollectionRow._fields)


def _as_category(chosen: QuerySet[Category], sort_key: str = "pk") -> QuerySet[Any, Any]:
    """The columns of a CollectionRow for categories."""
    marked: QuerySet[Any, Any] = chosen.annotate(sort_key=F(sort_key), place=F("pk") + Value(_CATEGORIES_FROM))
    return marked.values_list(*CollectionRow._fields)
