"""What a line says, checked as far as the line alone can tell: a record of one of the kinds, or BadLine."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog import markup, stock
from catalog.imports.fields import ID_LENGTH, NAME_LENGTH, SRC_LENGTH, BadLine, Fields, line

OPTION_NAME_LENGTH = 100
TITLE_LENGTH = 500
MOST_PIXELS = 100_000
MOST_GRAMS = 1_000_000_000
MOST_VARIANTS = 2048
MOST_IMAGES = 250
MENU_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Seo:
    """What search engines are told; empty texts let the shop use title and description."""

    title: str
    description: str


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A node of the tree, below the category whose id is `parent`, or at the top."""

    id: str
    parent: str | None
    title: str
    handle: str
    description: str
    image: "ImageRecord | None"
    seo: Seo | None


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """A picture; what the line gives as an address alone has `alt` None, and whatever the shop knows of it stays."""

    src: str
    alt: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class VariantRecord:
    """What is bought; a field that the line does not have is None and stays as it is in the shop."""

    sku: str
    values: tuple[str, ...]
    currency: str
    price: Decimal
    compare_at: Decimal | None
    stock: int
    weight_grams: int | None
    barcode: str | None
    image: str | None

    @property
    def title(self) -> str:
        return " / ".join(self.values) or "Default Title"


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product with its variants; a field that the line does not have is None and stays as it is in the shop."""

    id: str
    title: str
    handle: str
    description_html: str
    brand: str | None
    category: str | None
    options: tuple[tuple[str, tuple[str, ...]], ...]
    variants: tuple[VariantRecord, ...]
    images: tuple[ImageRecord, ...] | None
    tags: tuple[str, ...] | None
    product_type: str | None
    seo: Seo | None


@dataclass(frozen=True, slots=True)
class CollectionRecord:
    """A curated list of products, by their ids, in order."""

    id: str
    title: str
    handle: str
    description: str
    products: tuple[str, ...]
    image: ImageRecord | None
    seo: Seo | None


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A text of the shop, known by its handle."""

    title: str
    handle: str
    body: str
    seo: Seo | None


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link of a menu, with the links below it."""

    title: str
    path: str
    items: tuple["LinkRecord", ...]


@dataclass(frozen=True, slots=True)
class MenuRecord:
    """A named tree of links, known by its handle."""

    title: str
    handle: str
    items: tuple[LinkRecord, ...]


Record = CategoryRecord | ProductRecord | CollectionRecord | PageRecord | MenuRecord


def parse(text: str) -> Record:
    """The record on this line. Raises BadLine."""
    try:
        data = json.loads(text.rstrip())
    except json.JSONDecodeError as error:
        raise BadLine(f"This is not JSON: {error.msg} at character {error.colno}.") from error
    except (ValueError, RecursionError) as error:
        raise BadLine("This is not JSON that can be read: a number is too long or the nesting too deep.") from error
    fields = Fields(data)
    match fields.line("kind"):
        case "category":
            return _category(fields)
        case "product":
            return _product(fields)
        case "collection":
            return _collection(fields)
        case "page":
            return PageRecord(
                fields.line("name"), fields.handle("slug"), markup.safe(fields.text("body")), _seo(fields)
            )
        case "menu":
            items = tuple(_link(item, MENU_DEPTH) for item in fields.objects("items"))
            return MenuRecord(fields.line("name"), fields.handle("slug"), items)
        case other:
            raise BadLine(f'There is no kind "{other}"; the kinds are category, product, collection, page and menu.')


def _category(fields: Fields) -> CategoryRecord:
    parent = fields.required("parent")
    return CategoryRecord(
        id=fields.line("id", ID_LENGTH),
        parent=None if parent is None else fields.line("parent", ID_LENGTH),
        title=fields.line("name"),
        handle=fields.handle("slug"),
        description=markup.plain(fields.text("description")),
        image=_one_image(fields),
        seo=_seo(fields),
    )


def _collection(fields: Fields) -> CollectionRecord:
    return CollectionRecord(
        id=fields.line("id", ID_LENGTH),
        title=fields.line("name"),
        handle=fields.handle("slug"),
        description=markup.plain(fields.text("description")),
        products=fields.lines("products", ID_LENGTH),
        image=_one_image(fields),
        seo=_seo(fields),
    )


def _product(fields: Fields) -> ProductRecord:
    fields.required("categories")
    images = _images(fields) if "images" in fields else None
    options, variants = _variants(fields, {image.src for image in images or ()})
    return ProductRecord(
        id=fields.line("id", ID_LENGTH),
        title=fields.line("name"),
        handle=fields.handle("slug"),
        description_html=markup.safe(fields.text("description")),
        brand=fields.optional_line("brand"),
        category=next(iter(fields.lines("categories", ID_LENGTH)), None),
        options=options,
        variants=variants,
        images=images,
        tags=fields.lines("tags") if "tags" in fields else None,
        product_type=(fields.optional_line("product_type") or "") if "product_type" in fields else None,
        seo=_seo(fields),
    )


def _variants(
    fields: Fields, images: set[str]
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[VariantRecord, ...]]:
    """The options, with their values as they first come, and the variants, each with a value for every option."""
    chosen = [(variant, _chosen(variant)) for variant in fields.objects("variants")]
    if not chosen:
        raise BadLine('"variants" is missing or empty; a product has at least one.')
    if len(chosen) > MOST_VARIANTS:
        raise BadLine(f'"variants" has {len(chosen)} members; {MOST_VARIANTS} is the most.')
    names = list(chosen[0][1])
    variants: dict[tuple[str, ...], VariantRecord] = {}
    for variant, options in chosen:
        if set(options) != set(names):
            raise BadLine(f'"{variant.name("options")}" must name the options of the first variant.')
        found = _variant(variant, tuple(options[name] for name in names), images)
        if twin := variants.get(found.values):
            raise BadLine(f'Variants "{twin.sku}" and "{found.sku}" have the same options.')
        variants[found.values] = found
    options_in_order = tuple(
        (name, tuple(dict.fromkeys(values[place] for values in variants))) for place, name in enumerate(names)
    )
    return options_in_order, tuple(variants.values())


def _chosen(variant: Fields) -> dict[str, str]:
    path = variant.name("options")
    return {
        line(name, f"{path}: an option's name", OPTION_NAME_LENGTH): line(value, f"{path}.{name}", NAME_LENGTH)
        for name, value in variant.mapping("options").items()
    }


def _variant(fields: Fields, values: tuple[str, ...], images: set[str]) -> VariantRecord:
    currency = fields.currency("currency")
    found = VariantRecord(
        sku=fields.line("sku"),
        values=values,
        currency=currency,
        price=fields.price("price", currency),
        compare_at=fields.optional_price("compare_at_price", currency),
        stock=fields.integer("stock", stock.MAX_ON_HAND),
        weight_grams=fields.optional_integer("weight_grams", MOST_GRAMS),
        barcode=(fields.optional_line("barcode", 50) or "") if "barcode" in fields else None,
        image=(fields.optional_line("image", SRC_LENGTH) or "") if "image" in fields else None,
    )
    if len(found.title) > TITLE_LENGTH:
        raise BadLine(f'"{fields.name("options")}" has values too long to make a title of {TITLE_LENGTH} characters.')
    if found.image and found.image not in images:
        raise BadLine(f'"{fields.name("image")}" is not among the images of the product.')
    return found


def _images(fields: Fields) -> tuple[ImageRecord, ...]:
    found = tuple(_image(item, path) for path, item in fields.items("images"))
    if len(found) > MOST_IMAGES:
        raise BadLine(f'"{fields.name("images")}" has {len(found)} members; {MOST_IMAGES} is the most.')
    return found


def _one_image(fields: Fields) -> ImageRecord | None:
    """None where the line does not speak of an image; null takes the image away."""
    if "image" not in fields:
        return None
    value = fields.required("image")
    return ImageRecord("", "") if value is None else _image(value, "image")


def _image(value: Any, path: str) -> ImageRecord:
    """A picture given by its address, or by an object."""
    if isinstance(value, str):
        return ImageRecord(line(value, path, SRC_LENGTH))
    fields = Fields(value, path)
    return ImageRecord(
        src=fields.line("path", SRC_LENGTH),
        alt=fields.optional_line("alt", TITLE_LENGTH) or "",
        width=fields.optional_integer("width", MOST_PIXELS),
        height=fields.optional_integer("height", MOST_PIXELS),
    )


def _seo(fields: Fields) -> Seo | None:
    if "seo" not in fields or fields.required("seo") is None:
        return None
    seo = Fields(fields.required("seo"), "seo")
    return Seo(title=seo.optional_line("title") or "", description=seo.text("description"))


def _link(fields: Fields, depth: int) -> LinkRecord:
    children = list(fields.objects("items"))
    if children and depth == 1:
        raise BadLine(f'"{fields.name("items")}" is too deep; a menu has {MENU_DEPTH} levels at the most.')
    return LinkRecord(
        title=fields.line("title"),
        path=fields.line("path", SRC_LENGTH),
        items=tuple(_link(child, depth - 1) for child in children),
    )
