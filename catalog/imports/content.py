"""Writing collections, pages and menus: few rows, so each is read and written on its own."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model

from catalog import collections, redirects, uploads
from catalog.imports.fields import BadLine, Taken, Unknown
from catalog.imports.records import CollectionRecord, LinkRecord, MenuRecord, PageRecord, Seo
from catalog.imports.work import Line, Outcome, Written
from catalog.models import Collection, CollectionProduct, ListHandle, Menu, MenuItem, Page, Product


def write_collections(lines: Sequence[Line[CollectionRecord]]) -> Written:
    """Create and change collections, known by their external ids, and put their products in order."""
    written = Written()
    for line in lines:
        record = line.record
        known = Collection.objects.filter(handle=record.handle)
        if record.id is not None:
            known = Collection.objects.filter(external_id=record.id)
        # Locked, so that nobody gives it rules while products are put into it.
        row = known.select_for_update(no_key=True).first()
        products = _products(record.products)
        try:
            _check_collection(record, row, products)
        except BadLine as bad:
            written.refuse(line, bad)
            continue
        fields = {"title": record.title, "handle": record.handle, "description": record.description}
        if record.image is not None and (
            row is None or record.image.alt is not None or record.image.src != row.image_src
        ):
            uploads.forget([row.image_src] if row and row.image_src != record.image.src else [])
            fields |= record.image.columns
        is_new = row is None
        row = row or Collection(external_id=record.id)
        written.name(redirects.LISTS, row.handle, record.handle)
        is_changed = _save(row, fields | _seo(record.seo))
        is_changed |= _take_handle(row)
        is_changed |= _place(row, [products[name] for name in record.products], is_saved=is_changed)
        written.outcomes[line.number] = _outcome(is_new, is_changed)
    return written


def write_pages(lines: Sequence[Line[PageRecord]]) -> Written:
    """Create and change pages, known by their handles."""
    written = Written()
    for line in lines:
        record = line.record
        row = Page.objects.filter(handle=record.handle).first()
        fields = {"title": record.title, "body": record.body} | _seo(record.seo)
        is_changed = _save(row or Page(handle=record.handle), fields)
        written.name(redirects.PAGES, row.handle if row else "", record.handle)
        written.outcomes[line.number] = _outcome(row is None, is_changed)
    return written


def write_menus(lines: Sequence[Line[MenuRecord]]) -> Written:
    """Create and change menus, known by their handles; a menu whose links differ gets all of them anew."""
    written = Written()
    for line in lines:
        record = line.record
        found = Menu.objects.filter(handle=record.handle).first()
        menu = found or Menu(handle=record.handle)
        is_changed = _save(menu, {"title": record.title})
        if _links(menu) != record.items:
            is_changed = True
            menu.items.all().delete()
            _add_links(menu, None, record.items)
        written.outcomes[line.number] = _outcome(found is None, is_changed)
    return written


def _products(names: Iterable[str]) -> dict[str, int]:
    """The keys of the products that have these ids, or else these handles."""
    wanted = list(names)
    by_handle = dict(Product.objects.filter(handle__in=wanted).values_list("handle", "pk"))
    by_id = dict(Product.objects.filter(external_id__in=wanted).values_list("external_id", "pk"))
    return by_handle | {name: pk for name, pk in by_id.items() if name is not None}


def _check_collection(record: CollectionRecord, row: Collection | None, products: dict[str, int]) -> None:
    taken = ListHandle.objects.filter(handle=record.handle).first()
    if taken and (row is None or taken.collection_id != row.pk):
        reason = f'The slug "{record.handle}" is taken by another category or collection of the shop.'
        raise Taken(reason, "slug")
    if row and row.rule_match and record.products:
        raise BadLine(
            f'The products of "{record.handle}" are found by its rules; leave out "products", or remove the rules.',
            "products",
        )
    missing = next((name for name in record.products if name not in products), None)
    if missing is not None:
        reason = f'There is no product "{missing}"; products come before the collections that list them.'
        raise Unknown(reason, "products")


def _take_handle(collection: Collection) -> bool:
    if ListHandle.objects.filter(handle=collection.handle, collection=collection).exists():
        return False
    ListHandle.objects.filter(collection=collection).delete()
    ListHandle.objects.create(handle=collection.handle, collection=collection)
    return True


def _place(collection: Collection, products: list[int], *, is_saved: bool) -> bool:
    """Make these the collection's products, in this order; True if they were not."""
    collections.locked(collection.pk)
    places = CollectionProduct.objects.filter(collection=collection).order_by("position", "product_id")
    if list(places.values_list("product_id", flat=True)) == products:
        return False
    places.delete()
    CollectionProduct.objects.bulk_create(
        CollectionProduct(collection=collection, product_id=product_id, position=position)
        for position, product_id in enumerate(products)
    )
    if not is_saved:
        collection.save(update_fields=["updated_at"])
    return True


def _links(menu: Menu) -> tuple[LinkRecord, ...]:
    items = list(menu.items.order_by("position", "pk"))

    def below(parent_id: int | None) -> tuple[LinkRecord, ...]:
        children = [item for item in items if item.parent_id == parent_id]
        return tuple(LinkRecord(child.title, child.path, below(child.pk)) for child in children)

    return below(None)


def _add_links(menu: Menu, parent: MenuItem | None, links: tuple[LinkRecord, ...]) -> None:
    for position, link in enumerate(links):
        item = MenuItem.objects.create(menu=menu, parent=parent, title=link.title, path=link.path, position=position)
        _add_links(menu, item, link.items)


def _seo(seo: Seo | None) -> dict[str, str]:
    return {} if seo is None else {"seo_title": seo.title, "seo_description": seo.description}


def _save(row: Model, fields: dict[str, Any]) -> bool:
    """Give the row these values and save it if that changed it; True if so."""
    is_changed = row._state.adding or any(getattr(row, name) != value for name, value in fields.items())
    if is_changed:
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
    return is_changed


def _outcome(is_new: bool, is_changed: bool) -> Outcome:
    if is_new:
        return Outcome.CREATED
    return Outcome.UPDATED if is_changed else Outcome.UNCHANGED
