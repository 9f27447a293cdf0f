"""Writing products: what the shop has is read in a few statements, and only what differs is written."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.utils.text import slugify

from catalog import redirects, search, uploads
from catalog.imports import copying, tree, variants
from catalog.imports.records import ImageRecord, ProductRecord
from catalog.imports.work import Line, Outcome, Written
from catalog.models import Brand, Product, ProductImage, ProductOption, ProductStatus
from shop import clock


@dataclass(slots=True)
class Pair:
    """A record and its row, which has no key before it is created."""

    line: Line[ProductRecord]
    row: Product
    is_new: bool
    is_changed: bool = False

    @property
    def record(self) -> ProductRecord:
        return self.line.record


def write(lines: Sequence[Line[ProductRecord]]) -> Written:
    """Create and change products with all that belongs to them. Products new to the shop are published."""
    written = Written()
    rows = {
        row.external_id: row
        for row in Product.objects.select_for_update(no_key=True)
        .filter(external_id__in=[line.record.id for line in lines])
        .order_by("pk")
    }
    known = tree.ids(_category_id(line.record) for line in lines)
    if tree.UNCATEGORIZED.id not in known and any(line.record.category is None for line in lines):
        known |= _make_uncategorized(written)
    handles = _Handles(lines, rows.values())
    shelf = variants.Shelf(lines, rows.values())
    pairs = []
    for line in lines:
        if reason := _category_fault(line.record, known) or handles.fault(line.record) or shelf.fault(line.record):
            written.refuse(line, reason)
            continue
        handles.take(line.record)
        row = rows.get(line.record.id)
        written.name(redirects.PRODUCTS, row.handle if row else "", line.record.handle)
        pairs.append(Pair(line, row or Product(external_id=line.record.id), is_new=row is None))
    _store(pairs, known, shelf, written)
    return written


def _store(pairs: list[Pair], categories: dict[str, int], shelf: variants.Shelf, written: Written) -> None:
    brands = _brands(pair.record.brand for pair in pairs)
    created = [pair for pair in pairs if pair.is_new]
    for pair in pairs:
        pair.is_changed = _fill(pair.row, pair.record, categories, brands)
    _write_rows(pairs)
    images = _write_images(pairs)
    _write_options(pairs, shelf)
    shelf.write(pairs, images, written)
    changed = [pair for pair in pairs if pair.is_changed and not pair.is_new]
    Product.objects.filter(pk__in=[pair.row.pk for pair in changed]).update(updated_at=clock.now())
    touched = [pair.row.pk for pair in (*created, *changed)]
    search.refresh(touched)
    written.products.update(touched)
    for pair in pairs:
        written.outcomes[pair.line.number] = Outcome.UPDATED if pair.is_changed else Outcome.UNCHANGED
    for pair in created:
        written.outcomes[pair.line.number] = Outcome.CREATED


def _category_id(record: ProductRecord) -> str:
    return tree.UNCATEGORIZED.id if record.category is None else record.category


def _category_fault(record: ProductRecord, known: dict[str, int]) -> str | None:
    wanted = _category_id(record)
    if wanted in known:
        return None
    if record.category is None:
        return f'The product has no category, and the slug "{wanted}" of the one it would get is taken.'
    return f'There is no category "{wanted}"; categories come before their products.'


def _make_uncategorized(written: Written) -> dict[str, int]:
    written.taken |= tree.write([Line(0, tree.UNCATEGORIZED)]).taken
    return tree.ids([tree.UNCATEGORIZED.id])


class _Handles:
    """Which product has which handle, while the lines of a batch give up and take handles one after the other."""

    def __init__(self, lines: Sequence[Line[ProductRecord]], rows: Iterable[Product]) -> None:
        wanted = [line.record.handle for line in lines]
        self._owners = dict(Product.objects.filter(handle__in=wanted).values_list("handle", "external_id"))
        self._had = {row.external_id: row.handle for row in rows}

    def fault(self, record: ProductRecord) -> str | None:
        if self._owners.get(record.handle, record.id) == record.id:
            return None
        return f'The slug "{record.handle}" is taken by another product of the shop.'

    def take(self, record: ProductRecord) -> None:
        self._owners.pop(self._had.get(record.id, ""), None)
        self._owners[record.handle] = record.id


def _brands(names: Iterable[str | None]) -> dict[str, int]:
    """The brands by their names in lower case, made where missing; the first spelling of a name stays."""
    wanted = {name.lower(): name for name in reversed([name for name in names if name])}
    known = {name.lower(): pk for pk, name in Brand.objects.values_list("pk", "name")} if wanted else {}
    missing = [name for lowered, name in sorted(wanted.items()) if lowered not in known]
    if not missing:
        return known
    taken = set(Brand.objects.values_list("handle", flat=True))
    brands = []
    for name in missing:
        handle = _free_handle(slugify(name, allow_unicode=True) or "brand", taken)
        taken.add(handle)
        brands.append(Brand(name=name, handle=handle))
    return known | {brand.name.lower(): brand.pk for brand in Brand.objects.bulk_create(brands)}


def _free_handle(wanted: str, taken: set[str]) -> str:
    wanted = wanted[:240]
    return next(
        handle for number in count(1) if (handle := wanted if number == 1 else f"{wanted}-{number}") not in taken
    )


def _fill(row: Product, record: ProductRecord, categories: dict[str, int], brands: dict[str, int]) -> bool:
    """Give the row what the record says; True if that changed it."""
    wanted: dict[str, Any] = {
        "handle": record.handle,
        "title": record.title,
        "description_html": record.description_html,
        "category_id": categories[_category_id(record)],
        "brand_id": brands[record.brand.lower()] if record.brand else None,
    }
    if record.tags is not None:
        wanted["tags"] = list(record.tags)
    if record.product_type is not None:
        wanted["product_type"] = record.product_type
    if record.seo is not None:
        wanted |= {"seo_title": record.seo.title, "seo_description": record.seo.description}
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


_WRITTEN = ["handle", "title", "description_html", "category", "brand", "tags", "product_type"]
_WRITTEN += ["seo_title", "seo_description"]


def _write_rows(pairs: list[Pair]) -> None:
    changed = [pair.row for pair in pairs if pair.is_changed and not pair.is_new]
    if changed:
        # In the order of the lines, so that a handle is given up before another product takes it.
        Product.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_WRITTEN)
    now = clock.now()
    created = [pair.row for pair in pairs if pair.is_new]
    for row in created:
        row.status, row.published_at = ProductStatus.ACTIVE.value, now
    copying.insert(created)


def _write_images(pairs: list[Pair]) -> dict[int, dict[str, int]]:
    """Make the images what the records say, place by place; the keys of each product's images by their address."""
    stored: defaultdict[int, dict[int, ProductImage]] = defaultdict(dict)
    for image in ProductImage.objects.filter(product_id__in=[pair.row.pk for pair in pairs if not pair.is_new]):
        stored[image.product_id][image.position] = image
    keys: dict[int, dict[str, int]] = {}
    added: list[ProductImage] = []
    differing: list[ProductImage] = []
    hidden: list[str] = []
    surplus: list[int] = []
    for pair in pairs:
        if pair.record.images is None:
            continue
        had = stored[pair.row.pk]
        wanted = [_image(pair.row, place, one, had.get(place)) for place, one in enumerate(pair.record.images)]
        fresh = [image for image in wanted if image is not had.get(image.position)]
        gone = [image.pk for place, image in had.items() if place >= len(wanted)]
        pair.is_changed |= bool(fresh or gone)
        added += [image for image in fresh if image.position not in had]
        differing += [image for image in fresh if image.position in had]
        surplus += gone
        hidden += {image.src for image in had.values()} - {image.src for image in wanted}
        stored[pair.row.pk] = {image.position: image for image in wanted}
    ProductImage.objects.filter(pk__in=surplus).delete()
    uploads.forget(hidden)
    copying.insert(added)
    ProductImage.objects.bulk_create(
        differing,
        update_conflicts=True,
        unique_fields=["product", "position"],
        update_fields=["src", "alt", "width", "height"],
    )
    for product_id, images in stored.items():
        keys[product_id] = {images[place].src: images[place].pk for place in sorted(images, reverse=True)}
    return keys


def _image(product: Product, place: int, record: ImageRecord, had: ProductImage | None) -> ProductImage:
    """The image already there if it is the one the record names, else one to write."""
    is_same = had is not None and had.src == record.src
    if (
        had
        and is_same
        and (record.alt is None or (had.alt, had.width, had.height) == (record.alt, record.width, record.height))
    ):
        return had
    return ProductImage(
        product_id=product.pk,
        position=place,
        src=record.src,
        alt=record.alt or "",
        width=record.width,
        height=record.height,
    )


def _write_options(pairs: list[Pair], shelf: variants.Shelf) -> None:
    stored: defaultdict[int, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for product_id, name, values in (
        ProductOption.objects.filter(product_id__in=[pair.row.pk for pair in pairs])
        .order_by("product_id", "position")
        .values_list("product_id", "name", "values")
    ):
        stored[product_id].append((name, tuple(values)))
    differing = []
    for pair in pairs:
        options = shelf.options(pair.record)
        if tuple(stored[pair.row.pk]) != options:
            pair.is_changed = True
            differing.append((pair.row.pk, options))
    ProductOption.objects.filter(product_id__in=[pk for pk, _ in differing]).delete()
    copying.insert(
        [
            ProductOption(product_id=pk, name=name, position=place, values=list(values))
            for pk, options in differing
            for place, (name, values) in enumerate(options)
        ]
    )
