"""Reading the lists that products are found in, as shoppers see them: the tree of categories, and curated collections.

A storefront that knows only collections may read a category as one, with the products of its whole subtree.
"""

from collections.abc import Callable, Sequence
from collections.abc import Collection as Some
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from django.db.models import F, FilteredRelation, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Left, Length

from catalog import rules, translated
from catalog.filters import ProductFilter
from catalog.models import Category, Collection, RuleMatch
from catalog.shopper import Shopper
from shop import paging, prepared
from shop.paging import Order, Page, PageRequest, Place

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
    image_width: int | None
    image_height: int | None
    is_active: bool
    is_listed: bool
    max_quantity: int | None
    effective_max_quantity: int | None
    updated_at: datetime

    @property
    def products(self) -> ProductFilter:
        """Which products it shows: those of its whole subtree."""
        return ProductFilter(category_path=self.path)


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
    image_width: int | None
    image_height: int | None
    is_active: bool
    rule_match: str
    updated_at: datetime
    path: str
    sort_key: Any
    place: int

    @property
    def products(self) -> "ProductFilter | RuleBased":
        """Which products it shows: a category those of its whole subtree."""
        if self.rule_match:
            return RuleBased(self.pk, self.rule_match)
        return ProductFilter(category_path=self.path) if self.path else ProductFilter(collection_id=self.pk)


class RuleBased(NamedTuple):
    """The products that the rules of a collection find; `filters` reads the rules."""

    collection_id: int
    match: str


class CollectionSort(Enum):
    """Orders of a list of collections. Where the key is equal, curated collections stand before categories."""

    ID = "pk"
    TITLE = "title"
    UPDATED_AT = "updated_at"


def category(shopper: Shopper, handle: str) -> CategoryRow | None:
    """The category with this handle in the shopper's language, else in the shop's, if the shopper may see it."""
    for key in translated.named(shopper.language, "category", [handle]).values():
        if row := categories_by_id(shopper, [key]).get(key):
            return row
    rows = _categories_by_handle(handle, keeps_catalog=shopper.keeps_catalog)
    return next(iter(_told(shopper, rows)), None)


def categories_by_id(shopper: Shopper, ids: Some[int]) -> dict[int, CategoryRow]:
    """The visible ones of these categories."""
    rows = _categories_by_id(list(ids), keeps_catalog=shopper.keeps_catalog) if ids else []
    return {row.pk: row for row in _told(shopper, rows)}


def categories(shopper: Shopper, request: PageRequest, *, roots_only: bool) -> Page[CategoryRow]:
    """A page of the tree in tree order: a node before its children, siblings in the merchant's order."""
    after, before = paging.places(_TREE, request)
    shape: Any = {"request": request.from_the_end, "roots_only": roots_only, "keeps_catalog": shopper.keeps_catalog}
    rows = _told(shopper, _tree(after, before, **shape))
    count = partial(_count_categories.bound, roots_only=roots_only, keeps_catalog=shopper.keeps_catalog)
    return paging.finish(rows, count, _TREE, request, key_of=lambda row: (row.path, row.pk))


def children(shopper: Shopper, parents: Some[CategoryRow]) -> dict[str, list[CategoryRow]]:
    """The visible children of each category, by the parent's path."""
    found: dict[str, list[CategoryRow]] = {parent.path: [] for parent in parents}
    if found:
        levels = list({parent.depth + 1 for parent in parents})
        rows = _children(list(found), levels, min(found), max(found), keeps_catalog=shopper.keeps_catalog)
        for row in _told(shopper, rows):
            found[parent_path(row.path)].append(row)
    return found


def categories_by_path(shopper: Shopper, paths: Some[str]) -> dict[str, CategoryRow]:
    """The visible ones of the categories at these materialized paths."""
    rows = _categories_by_path(list(paths), keeps_catalog=shopper.keeps_catalog) if paths else []
    return {row.path: row for row in _told(shopper, rows)}


def parent_path(path: str) -> str:
    """The materialized path one level up; empty for a root."""
    return path[: -Category.steplen]


def ancestor_paths(path: str) -> list[str]:
    """The materialized paths above this one, root first."""
    return [path[:end] for end in range(Category.steplen, len(path), Category.steplen)]


def collection(shopper: Shopper, handle: str) -> CollectionRow | None:
    """The collection or category with this handle, if the shopper may see it."""
    return collections_by_handle(shopper, [handle]).get(handle)


def filters(lists: Some[ProductFilter | RuleBased]) -> list[ProductFilter]:
    """Which products each list shows, with the rules of all that have some; one statement if any has."""
    found = rules.of_collections([one.collection_id for one in lists if isinstance(one, RuleBased)])
    return [_ruled(one, found[one.collection_id]) if isinstance(one, RuleBased) else one for one in lists]


def _ruled(based: RuleBased, found: list[rules.RuleRow]) -> ProductFilter:
    if not found:
        # They were taken away since the collection was read: now it shows what is put into it by hand.
        return ProductFilter(collection_id=based.collection_id)
    return ProductFilter(rules=tuple([row.rule for row in found]), any_rule=based.match == RuleMatch.ANY)


def collections_by_handle(shopper: Shopper, handles: Some[str]) -> dict[str, CollectionRow]:
    """The visible ones of the collections with these handles, categories included.

    What has such a handle in the shopper's language goes before what has it in the shop's.
    """
    named = translated.named(shopper.language, "collection", handles)
    for handle, key in translated.named(shopper.language, "category", handles).items():
        named[handle] = key + _CATEGORIES_FROM
    known = collections_by_place(shopper, named.values())
    found = {handle: known[place] for handle, place in named.items() if place in known}
    others = [handle for handle in handles if handle not in found]
    rows = _collections_by_handle(others, keeps_catalog=shopper.keeps_catalog) if others else []
    written = [CollectionRow._make(row).handle for row in rows]
    return found | dict(zip(written, _told_collections(shopper, rows), strict=True))


def collections_titled(shopper: Shopper, words: Some[str], limit: int) -> list[CollectionRow]:
    """The first collections by title, categories included, in whose titles every word begins some word."""
    titled = Q()
    for word in words:
        titled &= Q(called__istartswith=word) | Q(called__icontains=f" {word}")
    found = [_called(model._default_manager.all(), shopper.language).filter(titled) for model in (Collection, Category)]
    curated = _active(found[0], keeps_catalog=shopper.keeps_catalog)
    categories = _listed(found[1], keeps_catalog=shopper.keeps_catalog)
    merged = _as_curated(curated, "title").union(_as_category(categories, "title"), all=True)
    return _told_collections(shopper, list(merged.order_by("sort_key", "place")[:limit]))


def _called(rows: Any, language: str) -> Any:
    """With what each is `called` in this language."""
    if not language:
        return rows.alias(called=F("title"))
    told = FilteredRelation("translations", condition=Q(translations__language=language))
    title = Coalesce(KeyTextTransform("title", "told__texts"), "title", output_field=TextField())
    return rows.alias(told=told).alias(called=title)


# Ids of categories count on from here where they stand among collections, so that the two kinds have one unique key.
_CATEGORIES_FROM = 10**15


def category_at(place: int) -> int | None:
    """The key of the category that has this place among collections; None where a curated one has it."""
    return place - _CATEGORIES_FROM if place >= _CATEGORIES_FROM else None


def collections_by_place(shopper: Shopper, places: Some[int]) -> dict[int, CollectionRow]:
    """The visible ones of the collections with these places, categories included."""
    categories = [place - _CATEGORIES_FROM for place in places if place >= _CATEGORIES_FROM]
    rows = _collections_by_id(list(places), categories, keeps_catalog=shopper.keeps_catalog) if places else []
    return {row.place: row for row in _told_collections(shopper, rows)}


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
    curated = paging.places(order, request)
    categories = paging.places(order, request, ids_from=_CATEGORIES_FROM)
    shape: Any = {"order": order, "request": request.from_the_end, "keeps_catalog": shopper.keeps_catalog}
    rows = _told_collections(shopper, _collections(curated, categories, **shape))
    return paging.finish(rows, None, order, request, _key_of(order))


def _told(shopper: Shopper, rows: Sequence[prepared.Row]) -> list[CategoryRow]:
    return translated.rows(shopper.language, "category", list(map(CategoryRow._make, rows)))


def _told_collections(shopper: Shopper, rows: Sequence[prepared.Row]) -> list[CollectionRow]:
    found = list(map(CollectionRow._make, rows))
    if not shopper.language:
        return found
    owners = ["category" if row.path else "collection" for row in found]
    ids: dict[str, list[int]] = {"category": [], "collection": []}
    for owner, row in zip(owners, found, strict=True):
        ids[owner].append(row.pk)
    told = translated.of_several(shopper.language, ids)
    return [
        translated.said(row, owner, told[owner, row.pk]) if (owner, row.pk) in told else row
        for owner, row in zip(owners, found, strict=True)
    ]


def _key_of(order: Order) -> Callable[[CollectionRow], tuple[Any, ...]]:
    if order.key == "pk":
        return lambda row: (row.place,)
    return lambda row: (row.sort_key, row.place)


# Ties are impossible: a path is unique.
_TREE = Order("TREE", "path", parse=str)


@prepared.statement
def _categories_by_handle(handle: str, *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = _listed(Category.objects.filter(handle=handle), keeps_catalog=keeps_catalog)
    return chosen.values_list(*CategoryRow._fields)


@prepared.statement
def _categories_by_id(ids: list[int], *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = _listed(Category.objects.filter(pk__any=ids), keeps_catalog=keeps_catalog)
    return chosen.values_list(*CategoryRow._fields)


@prepared.statement
def _categories_by_path(paths: list[str], *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    chosen = _listed(Category.objects.filter(path__any=paths), keeps_catalog=keeps_catalog)
    return chosen.values_list(*CategoryRow._fields)


@prepared.statement
def _children(
    parents: list[str], levels: list[int], first: str, last: str, *, keeps_catalog: bool
) -> QuerySet[Any, Any]:
    """What stands directly below these paths; on which `levels`, and between which paths, only tells where to look."""
    below = Category.objects.filter(depth__any=levels, path__gte=first, path__lt=last + "[")
    chosen = below.annotate(parent=Left("path", Length("path") - Category.steplen)).filter(parent__among=parents)
    return _listed(chosen, keeps_catalog=keeps_catalog).order_by("path").values_list(*CategoryRow._fields)


@prepared.statement
def _tree(
    after: Place | None, before: Place | None, *, request: PageRequest, roots_only: bool, keeps_catalog: bool
) -> QuerySet[Any, Any]:
    chosen = _all_categories(roots_only=roots_only, keeps_catalog=keeps_catalog)
    return paging.cut(chosen, _TREE, request, after, before).values_list(*CategoryRow._fields)


@prepared.statement
def _count_categories(number: int, *, roots_only: bool, keeps_catalog: bool) -> QuerySet[Any, Any]:
    return paging.numbered(_all_categories(roots_only=roots_only, keeps_catalog=keeps_catalog), number)


def _all_categories(*, roots_only: bool, keeps_catalog: bool) -> QuerySet[Category]:
    chosen = Category.objects.filter(depth=1) if roots_only else Category.objects.all()
    return _listed(chosen, keeps_catalog=keeps_catalog)


@prepared.statement
def _collections_by_handle(handles: list[str], *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    curated = _active(Collection.objects.filter(handle__any=handles), keeps_catalog=keeps_catalog)
    categories = _listed(Category.objects.filter(handle__any=handles), keeps_catalog=keeps_catalog)
    return _as_curated(curated).union(_as_category(categories), all=True)


@prepared.statement
def _collections_by_id(ids: list[int], category_ids: list[int], *, keeps_catalog: bool) -> QuerySet[Any, Any]:
    curated = _active(Collection.objects.filter(pk__any=ids), keeps_catalog=keeps_catalog)
    categories = _listed(Category.objects.filter(pk__any=category_ids), keeps_catalog=keeps_catalog)
    return _as_curated(curated).union(_as_category(categories), all=True)


@prepared.statement
def _collections(
    curated_between: tuple[Place | None, Place | None],
    categories_between: tuple[Place | None, Place | None],
    *,
    order: Order,
    request: PageRequest,
    keeps_catalog: bool,
) -> QuerySet[Any, Any]:
    curated = _active(Collection.objects.all(), keeps_catalog=keeps_catalog)
    categories = _listed(Category.objects.all(), keeps_catalog=keeps_catalog)
    merged = _as_curated(paging.cut(curated, order, request, *curated_between), order.key).union(
        _as_category(paging.cut(categories, order, request, *categories_between), order.key), all=True
    )
    ways = [way.replace("pk", "place").replace(order.key, "sort_key") for way in order.columns_from(request)]
    return merged.order_by(*ways)[: request.size + 1]


def _active(chosen: QuerySet[Collection], *, keeps_catalog: bool) -> QuerySet[Collection]:
    return chosen if keeps_catalog else chosen.filter(is_active=True)


def _listed(chosen: QuerySet[Category], *, keeps_catalog: bool) -> QuerySet[Category]:
    return chosen if keeps_catalog else chosen.filter(is_listed=True)


def _as_curated(chosen: QuerySet[Collection], sort_key: str = "pk") -> QuerySet[Any, Any]:
    """The columns of a CollectionRow for curated collections."""
    marked = chosen.annotate(path=Value(""), sort_key=F(sort_key), place=F("pk"))
    return marked.values_list(*CollectionRow._fields)


def _as_category(chosen: QuerySet[Category], sort_key: str = "pk") -> QuerySet[Any, Any]:
    """The columns of a CollectionRow for categories."""
    place = F("pk") + Value(_CATEGORIES_FROM)
    marked: QuerySet[Any, Any] = chosen.annotate(rule_match=Value(""), sort_key=F(sort_key), place=place)
    return marked.values_list(*CollectionRow._fields)
