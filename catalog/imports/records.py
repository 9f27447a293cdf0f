"""What a line says, checked as far as the line alone can tell: a record of one of the kinds, or BadLine."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog import category_rules, costs, markup, stock, variants
from catalog.attribute_values import Said
from catalog.imports import attributes, bundles, translations
from catalog.imports.attributes import AttributeRecord
from catalog.imports.bundles import BundleRecord
from catalog.imports.fields import (
    HANDLE_LENGTH,
    ID_LENGTH,
    NAME_LENGTH,
    SRC_LENGTH,
    TEXT_LENGTH,
    BadLine,
    Fields,
    line,
)
from catalog.imports.translations import TranslationRecord
from catalog.models import ProductStatus

OPTION_NAME_LENGTH = 100
TITLE_LENGTH = 500
MOST_PIXELS = 100_000
MOST_VARIANTS = 2048
MOST_QUANTITY = 1_000_000
MOST_IMAGES = 250
MOST_COST = Decimal(10) ** 9
MENU_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Seo:
    """What search engines are told; empty texts let the shop use title and description."""

    title: str
    description: str


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A node of the tree, below the category whose id is `parent`, or at the top."""

    id: str | None
    parent: str | None
    title: str
    handle: str
    description: str
    image: "ImageRecord | None"
    seo: Seo | None
    is_active: bool | None = None
    max_quantity: int | None = None
    """0 where no rule is to hold."""
    tax_class: str | None = None
    """As the shipping class a handle; empty where none is to be named."""
    shipping_class: str | None = None
    attributes: tuple[tuple[str, bool], ...] | None = None
    """Those it gives to its branch, by their handles, each with whether it is required."""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """A picture; what the line gives as an address alone has `alt` None, and whatever the shop knows of it stays."""

    src: str
    alt: str | None = None
    width: int | None = None
    height: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a category or collection that shows it."""
        return {
            "image_src": self.src,
            "image_alt": self.alt or "",
            "image_width": self.width,
            "image_height": self.height,
        }


@dataclass(frozen=True, slots=True)
class PriceRecord:
    """What a variant costs from a quantity on, by the price list `of_list`, or by the base list of the currency."""

    currency: str
    amount: Decimal
    compare_at: Decimal | None
    of_list: str = ""
    min_quantity: int = 1


@dataclass(frozen=True, slots=True)
class VariantRecord:
    """What is bought; a field that the line does not have is None and stays as it is in the shop.

    `stock` is units on hand by the code of the location, "" being the default location; `unit_cost` is what each of
    them cost, if the variant is new to the shop.
    """

    sku: str
    values: tuple[str, ...]
    prices: tuple[PriceRecord, ...]
    stock: tuple[tuple[str, int], ...] | None = None
    weight_grams: int | None = None
    barcode: str | None = None
    requires_shipping: bool | None = None
    image: str | None = None
    attributes: tuple[Said, ...] | None = None
    unit_cost: Decimal | None = None

    @property
    def title(self) -> str:
        return " / ".join(self.values) or "Default Title"


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product with its variants; what is None stays as it is in the shop. `brand` is "" where there is none.

    `category` is the id or the handle of one, its key where that is known, or "" for a product without.
    """

    id: str | None
    title: str
    handle: str
    category: str | int | None
    options: tuple[tuple[str, tuple[str, ...]], ...]
    variants: tuple[VariantRecord, ...] | None
    description_html: str | None = None
    brand: str | None = None
    images: tuple[ImageRecord, ...] | None = None
    tags: tuple[str, ...] | None = None
    product_type: str | None = None
    seo: Seo | None = None
    status: str | None = None
    attributes: tuple[Said, ...] | None = None


@dataclass(frozen=True, slots=True)
class CollectionRecord:
    """A curated list of products, by their ids or handles, in order."""

    id: str | None
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


Options = tuple[tuple[str, tuple[str, ...]], ...]
Record = (
    AttributeRecord
    | CategoryRecord
    | ProductRecord
    | BundleRecord
    | CollectionRecord
    | PageRecord
    | MenuRecord
    | TranslationRecord
)


def record(data: object) -> Record:
    """The record that these fields make. Raises BadLine."""
    fields = Fields(data)
    match fields.line("kind"):
        case "attribute":
            return attributes.read(fields)
        case "category":
            return _category(fields)
        case "product":
            return _product(fields)
        case "bundle":
            return bundles.read(fields)
        case "collection":
            return _collection(fields)
        case "page":
            return PageRecord(
                fields.line("name"), fields.handle("slug"), markup.safe(fields.text("body")), _seo(fields)
            )
        case "menu":
            items = tuple(_link(item, MENU_DEPTH) for item in fields.objects("items"))
            return MenuRecord(fields.line("name"), fields.handle("slug"), items)
        case "translation":
            return translations.read(fields)
        case other:
            raise BadLine(
                f'There is no kind "{other}"; the kinds are attribute, category, product, bundle, collection, page, '
                "menu and translation.",
                "kind",
            )


def _category(fields: Fields) -> CategoryRecord:
    parent = fields.required("parent")
    return CategoryRecord(
        id=fields.optional_line("id", ID_LENGTH),
        parent=None if parent is None else fields.line("parent", HANDLE_LENGTH),
        title=fields.line("name"),
        handle=fields.handle("slug"),
        description=markup.plain(fields.text("description")),
        image=_one_image(fields),
        seo=_seo(fields),
        is_active=fields.truth("active") if "active" in fields else None,
        max_quantity=_max_quantity(fields),
        tax_class=_class(fields, "tax_class"),
        shipping_class=_class(fields, "shipping_class"),
        attributes=_given_attributes(fields) if "attributes" in fields else None,
    )


def _given_attributes(fields: Fields) -> tuple[tuple[str, bool], ...]:
    given = {
        one.handle("slug"): one.truth("required") if "required" in one else False
        for one in fields.objects("attributes")
    }
    return tuple(given.items())


def _class(fields: Fields, name: str) -> str | None:
    return (fields.optional_line(name, HANDLE_LENGTH) or "") if name in fields else None


def _max_quantity(fields: Fields) -> int | None:
    if "max_quantity" not in fields:
        return None
    value = fields.optional_integer("max_quantity", category_rules.MAX_QUANTITY)
    if value == 0:
        raise BadLine('"max_quantity" must be at least 1, or null for no rule.', "max_quantity")
    return value or 0


def _collection(fields: Fields) -> CollectionRecord:
    return CollectionRecord(
        id=fields.optional_line("id", ID_LENGTH),
        title=fields.line("name"),
        handle=fields.handle("slug"),
        description=markup.plain(fields.text("description")),
        products=fields.lines("products", HANDLE_LENGTH),
        image=_one_image(fields),
        seo=_seo(fields),
    )


def _product(fields: Fields) -> ProductRecord:
    fields.required("categories")
    images = _images(fields) if "images" in fields else None
    options, bought = _variants(fields, {image.src for image in images or ()})
    return ProductRecord(
        id=fields.optional_line("id", ID_LENGTH),
        title=fields.line("name"),
        handle=fields.handle("slug"),
        description_html=markup.safe(fields.text("description")),
        brand=fields.optional_line("brand") or "",
        category=next(iter(fields.lines("categories", HANDLE_LENGTH)), ""),
        options=options,
        variants=bought,
        images=images,
        tags=fields.lines("tags") if "tags" in fields else None,
        product_type=(fields.optional_line("product_type") or "") if "product_type" in fields else None,
        seo=_seo(fields),
        status=_status(fields),
        attributes=_attributes(fields),
    )


def _status(fields: Fields) -> str | None:
    value = fields.optional_line("status")
    if value is not None and value not in ProductStatus.values:
        raise BadLine(f'"status" must be {", ".join(ProductStatus.values)}.', "status")
    return value


def _variants(fields: Fields, images: set[str]) -> tuple[Options, tuple[VariantRecord, ...]]:
    """The options, with their values as they first come, and the variants, each with a value for every option."""
    chosen = [(variant, _chosen(variant)) for variant in fields.objects("variants")]
    if not chosen:
        raise BadLine('"variants" is missing or empty; a product has at least one.', "variants")
    if len(chosen) > MOST_VARIANTS:
        raise BadLine(f'"variants" has {len(chosen)} members; {MOST_VARIANTS} is the most.', "variants")
    names = list(chosen[0][1])
    made: dict[tuple[str, ...], VariantRecord] = {}
    for variant, options in chosen:
        if set(options) != set(names):
            raise BadLine(
                f'"{variant.name("options")}" must name the options of the first variant.', variant.name("options")
            )
        found = _variant(variant, tuple(options[name] for name in names), images)
        if twin := made.get(found.values):
            raise BadLine(f'Variants "{twin.sku}" and "{found.sku}" have the same options.', variant.name("options"))
        made[found.values] = found
    options_in_order = tuple(
        (name, tuple(dict.fromkeys(values[place] for values in made))) for place, name in enumerate(names)
    )
    if "options" in fields:
        options_in_order = _in_given_order(fields, options_in_order)
    return options_in_order, tuple(made.values())


def _in_given_order(fields: Fields, used: Options) -> Options:
    """The options with their values in the order that the product gives. Raises BadLine where they are others."""
    given = tuple((one.line("name", OPTION_NAME_LENGTH), one.lines("values")) for one in fields.objects("options"))
    if [(name, sorted(values)) for name, values in given] != [(name, sorted(values)) for name, values in used]:
        raise BadLine('"options" must be those of the variants, each with the values that they have.', "options")
    return given


def _chosen(variant: Fields) -> dict[str, str]:
    path = variant.name("options")
    return {
        line(name, f"{path}: an option's name", OPTION_NAME_LENGTH): line(value, f"{path}.{name}", NAME_LENGTH)
        for name, value in variant.mapping("options").items()
    }


def _variant(fields: Fields, values: tuple[str, ...], images: set[str]) -> VariantRecord:
    found = VariantRecord(
        sku=fields.line("sku"),
        values=values,
        prices=_prices(fields),
        stock=_stock(fields),
        weight_grams=fields.optional_integer("weight_grams", variants.MAX_GRAMS),
        barcode=(fields.optional_line("barcode", variants.MAX_BARCODE) or "") if "barcode" in fields else None,
        requires_shipping=fields.truth("requires_shipping") if "requires_shipping" in fields else None,
        image=(fields.optional_line("image", SRC_LENGTH) or "") if "image" in fields else None,
        attributes=_attributes(fields),
        unit_cost=fields.optional_decimal("unit_cost", costs.PRECISION, MOST_COST),
    )
    if len(found.title) > TITLE_LENGTH:
        place = fields.name("options")
        raise BadLine(f'"{place}" has values too long to make a title of {TITLE_LENGTH} characters.', place)
    if found.image and found.image not in images:
        place = fields.name("image")
        raise BadLine(f'"{place}" is not among the images of the product.', place)
    return found


def _attributes(fields: Fields) -> tuple[Said, ...] | None:
    """Values by the handles of attributes; what they may be is known by the attribute alone."""
    if "attributes" not in fields:
        return None
    found: list[Said] = []
    for handle, written in fields.mapping("attributes").items():
        name = f"{fields.name('attributes')}.{handle}"
        if written is not None and not isinstance(written, bool | str | list):
            raise BadLine(f'"{name}" must be text, true, false, a list or null.', name)
        if isinstance(written, str):
            written = line(written, name, TEXT_LENGTH) if written else None
        elif isinstance(written, list):
            written = [line(one, f"{name}[{place}]", HANDLE_LENGTH) for place, one in enumerate(written)]
        found.append({"handle": handle, "written": written})
    return tuple(found)


def _prices(fields: Fields) -> tuple[PriceRecord, ...]:
    """One price, given by three fields; or several, in other currencies, by other lists, from other quantities on."""
    if "prices" not in fields:
        currency = fields.currency("currency")
        compare_at = fields.optional_price("compare_at_price", currency)
        return (PriceRecord(currency, fields.price("price", currency), compare_at),)
    found: dict[tuple[str, str, int], PriceRecord] = {}
    for price in fields.objects("prices"):
        currency = price.currency("currency")
        of_list = price.optional_line("list") or ""
        least = price.optional_integer("min_quantity", MOST_QUANTITY)
        if (of_list, currency, least or 1) in found:
            place = price.name("currency")
            raise BadLine(f'"{place}": there is such a price in {currency} already.', place)
        compare_at = price.optional_price("compare_at", currency)
        made = PriceRecord(currency, price.price("amount", currency), compare_at, of_list, least or 1)
        found[of_list, currency, made.min_quantity] = made
    return tuple(found.values())


def _stock(fields: Fields) -> tuple[tuple[str, int], ...] | None:
    """A count at the default location, or counts by the codes of locations; None where the line has none."""
    if "stock" not in fields:
        return None
    if not isinstance(fields.required("stock"), dict):
        return (("", fields.integer("stock", stock.MAX_ON_HAND)),)
    counts = Fields(fields.required("stock"), fields.name("stock"))
    return tuple((code, counts.integer(code, stock.MAX_ON_HAND)) for code in fields.mapping("stock"))


def _images(fields: Fields) -> tuple[ImageRecord, ...]:
    found = tuple(_image(item, path) for path, item in fields.items("images"))
    if len(found) > MOST_IMAGES:
        raise BadLine(f'"{fields.name("images")}" has {len(found)} members; {MOST_IMAGES} is the most.', "images")
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
        raise BadLine(
            f'"{fields.name("items")}" is too deep; a menu has {MENU_DEPTH} levels at the most.', fields.name("items")
        )
    return LinkRecord(
        title=fields.line("title"),
        path=fields.line("path", SRC_LENGTH),
        items=tuple(_link(child, depth - 1) for child in children),
    )
