"""Writing products: what the shop has is read in a few statements, and only what differs is written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any

from django.db.models import Q
from django.utils.text import slugify

from catalog import categories, redirects, search, uploads
from catalog.imports import copying, tree, variants
from catalog.imports.described import Descriptions
from catalog.imports.fields import BadLine, Taken, Unknown
from catalog.imports.records import ImageRecord, ProductRecord
from catalog.imports.work import Line, Outcome, Written
from catalog.models import Brand, Product, ProductImage, ProductOption, ProductStatus, ProductVariant
from shop import clock
from shop.errors import Refusal, Refusals


class Match(StrEnum):
    """What tells which product of the shop a record speaks of; RECORD is its id, or its handle where it has none."""

    RECORD = "RECORD"
    HANDLE = "HANDLE"
    EXTERNAL_ID = "EXTERNAL_ID"
    SKU = "SKU"


@dataclass(slots=True)
class Pair:
    """A record and its row, which has no key before it is created; `owner` tells it from others before and after."""

    line: Line[ProductRecord]
    row: Product
    owner: int
    is_new: bool
    is_changed: bool = False

    @property
    def record(self) -> ProductRecord:
        return self.line.record


def write(lines: Sequence[Line[ProductRecord]], match: Match = Match.RECORD) -> Written:
    """Create and change products with all that belongs to them. Those new to the shop are published, if nothing else
    is said.
    """
    written = Written()
    # Before any row is locked. Who is to make a category needs the tree alone: two who hold it would wait in a circle.
    lock = categories.lock_tree if any(line.record.category == "" for line in lines) else categories.hold_tree
    lock()
    rows = _rows(lines, match, written)
    lines = [line for line in lines if line.number not in written.reasons]
    known = tree.ids(str(line.record.category or tree.UNCATEGORIZED.handle) for line in lines)
    if tree.UNCATEGORIZED.handle not in known and any(line.record.category == "" for line in lines):
        known |= _make_uncategorized(written)
    owners = {line.number: rows[line.number].pk if line.number in rows else -line.number for line in lines}
    handles_ = _Handles(lines, rows, owners)
    shelf = variants.Shelf(lines, owners)
    placed = {line.number: _placed(line.record, rows.get(line.number), known) for line in lines}
    descriptions = Descriptions(lines, owners, {number: key for number, key in placed.items() if key is not None})
    pairs = []
    for line in lines:
        row, owner = rows.get(line.number), owners[line.number]
        try:
            _ensure_placed(line.record, row, known)
            handles_.take(line.record, owner)
            shelf.check(line.record, owner)
            descriptions.check(line, row, owner)
        except (Refusal, Refusals) as refusal:
            handles_.give_back(line.record, owner)
            written.refuse(line, refusal)
            continue
        written.name(redirects.PRODUCTS, row.handle if row else "", line.record.handle)
        pairs.append(Pair(line, row or Product(external_id=line.record.id), owner, is_new=row is None))
    _store(pairs, known, shelf, descriptions, written)
    return written


def _rows(lines: Sequence[Line[ProductRecord]], match: Match, written: Written) -> dict[int, Product]:
    """The rows that the lines speak of, locked; a line that speaks of several, or of another's, is refused."""
    ids = [line.record.id for line in lines if line.record.id is not None]
    skus: dict[str, int] = {}
    if match == Match.SKU:
        wanted = [variant.sku for line in lines for variant in line.record.variants or ()]
        skus = dict(ProductVariant.objects.filter(sku__in=wanted).values_list("sku", "product_id"))
    named = Q(external_id__in=ids) | Q(handle__in=[line.record.handle for line in lines]) | Q(pk__in=skus.values())
    stored = {row.pk: row for row in Product.objects.select_for_update(no_key=True).filter(named).order_by("pk")}
    by_id = {row.external_id: row for row in stored.values()}
    by_handle = {row.handle: row for row in stored.values()}
    found: dict[int, Product] = {}
    spoken_of: dict[int, int] = {}
    for line in lines:
        record = line.record
        if match == Match.SKU:
            owners = {skus[variant.sku] for variant in record.variants or () if variant.sku in skus}
            if len(owners) > 1:
                written.refuse(line, BadLine("Its skus belong to several products of the shop.", "variants"))
            row = stored[owners.pop()] if len(owners) == 1 else None
        elif match == Match.HANDLE or (match == Match.RECORD and record.id is None):
            row = by_handle.get(record.handle)
        else:
            row = by_id.get(record.id) if record.id is not None else None
        if row is None:
            continue
        if row.pk in spoken_of:
            message = f'The product "{row.handle}" is already spoken of in row {spoken_of[row.pk]}.'
            written.refuse(line, BadLine(message))
            continue
        spoken_of[row.pk] = line.number
        found[line.number] = row
    return found


def _store(
    pairs: list[Pair], known: dict[str, int], shelf: variants.Shelf, descriptions: Descriptions, written: Written
) -> None:
    brands = _brands(pair.record.brand for pair in pairs)
    created = [pair for pair in pairs if pair.is_new]
    for pair in pairs:
        pair.is_changed = _fill(pair.row, pair.record, known, brands)
    _write_rows(pairs)
    images = _write_images(pairs)
    _write_options(pairs, shelf)
    shelf.write(pairs, images, written)
    descriptions.write(pairs)
    changed = [pair for pair in pairs if pair.is_changed and not pair.is_new]
    Product.objects.filter(pk__in=[pair.row.pk for pair in changed]).update(updated_at=clock.now())
    touched = [pair.row.pk for pair in (*created, *changed)]
    search.refresh(touched)
    written.products.update(touched)
    written.keys |= {pair.line.number: pair.row.pk for pair in pairs}
    for pair in pairs:
        written.outcomes[pair.line.number] = Outcome.UPDATED if pair.is_changed else Outcome.UNCHANGED
    for pair in created:
        written.outcomes[pair.line.number] = Outcome.CREATED


def _category(record: ProductRecord, known: dict[str, int]) -> int | None:
    """The key of the category the record wants, or None where it says nothing or there is none such."""
    if record.category is None or isinstance(record.category, int):
        return record.category
    return known.get(record.category or tree.UNCATEGORIZED.handle)


def _placed(record: ProductRecord, row: Product | None, known: dict[str, int]) -> int | None:
    """The key of the category where the product is to stand, if there is one."""
    found = _category(record, known)
    return row.category_id if found is None and row else found


def _ensure_placed(record: ProductRecord, row: Product | None, known: dict[str, int]) -> None:
    """Refuse a record whose category is not there, or that is new and lacks what every product has."""
    if record.category is None:
        if row is None:
            raise BadLine("A product that is new to the shop needs a category.", "category")
    elif _category(record, known) is None:
        if record.category == "":
            taken = tree.UNCATEGORIZED.handle
            raise BadLine(f'The product has no category, and the slug "{taken}" of the one it would get is taken.')
        reason = f'There is no category "{record.category}"; categories come before their products.'
        raise Unknown(reason, "category")
    if row is None and record.variants is None:
        raise BadLine("A product that is new to the shop needs variants.", "variants")


def _make_uncategorized(written: Written) -> dict[str, int]:
    written.taken |= tree.write([Line(0, tree.UNCATEGORIZED)]).taken
    return tree.ids([tree.UNCATEGORIZED.handle])


class _Handles:
    """Which product has which handle, while the lines of a batch give up and take handles one after the other."""

    def __init__(
        self, lines: Sequence[Line[ProductRecord]], rows: Mapping[int, Product], owners: Mapping[int, int]
    ) -> None:
        wanted = [line.record.handle for line in lines]
        self._owners = dict(Product.objects.filter(handle__in=wanted).values_list("handle", "pk"))
        self._had = {owners[number]: row.handle for number, row in rows.items()}

    def take(self, record: ProductRecord, owner: int) -> None:
        """Raises BadLine for a handle that another has."""
        if self._owners.get(record.handle, owner) != owner:
            raise Taken(f'The slug "{record.handle}" is taken by another product of the shop.', "handle")
        self._owners.pop(self._had.get(owner, ""), None)
        self._owners[record.handle] = owner

    def give_back(self, record: ProductRecord, owner: int) -> None:
        """A record that took a handle is refused after all."""
        if self._owners.get(record.handle) == owner:
            del self._owners[record.handle]
            if owner in self._had:
                self._owners[self._had[owner]] = owner


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


def _fill(row: Product, record: ProductRecord, known: dict[str, int], brands: dict[str, int]) -> bool:
    """Give the row what the record says; True if that changed it."""
    wanted: dict[str, Any] = {"handle": record.handle, "title": record.title}
    if record.id is not None:
        wanted["external_id"] = record.id
    if record.description_html is not None:
        wanted["description_html"] = record.description_html
    if record.category is not None:
        wanted["category_id"] = _category(record, known)
    if record.brand is not None:
        wanted["brand_id"] = brands[record.brand.lower()] if record.brand else None
    if record.tags is not None:
        wanted["tags"] = list(record.tags)
    if record.product_type is not None:
        wanted["product_type"] = record.product_type
    if record.seo is not None:
        wanted |= {"seo_title": record.seo.title, "seo_description": record.seo.description}
    if record.status is not None:
        wanted["status"] = record.status
    changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if row.status == ProductStatus.ACTIVE and "status" in changed:
        row.published_at = row.published_at or clock.now()
    return bool(changed)


_WRITTEN = ["external_id", "handle", "title", "description_html", "category", "brand", "tags", "product_type"]
_WRITTEN += ["seo_title", "seo_description", "status", "published_at"]


def _write_rows(pairs: list[Pair]) -> None:
    changed = [pair.row for pair in pairs if pair.is_changed and not pair.is_new]
    if changed:
        # In the order of the lines, so that a handle is given up before another product takes it.
        Product.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_WRITTEN)
    now = clock.now()
    created = [pair for pair in pairs if pair.is_new]
    for pair in created:
        pair.row.status = pair.record.status or ProductStatus.ACTIVE.value
        pair.row.published_at = now if pair.row.status == ProductStatus.ACTIVE else None
    copying.insert([pair.row for pair in created])


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
        if pair.record.variants is None:
            continue
        options = shelf.options(pair.record, pair.owner)
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
