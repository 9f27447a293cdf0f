"""How a product is told as a line of an export, and what names other things there."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from catalog import costs
from catalog.models import AttributeKind, AttributeValue, Category, Collection, Price, Product, ProductVariant
from shop import money


class Details(NamedTuple):
    """What is read of a piece's products beside their rows: values by product and variant, costs by variant."""

    attributes: dict[tuple[int, int | None], dict[str, Any]]
    costs: dict[int, Decimal]


def details(products: Sequence[Product], *, tells_costs: bool) -> Details:
    """What these products, whose variants and levels were read, are told with."""
    found: dict[tuple[int, int | None], dict[str, Any]] = {}
    values = AttributeValue.objects.filter(product__in=products, applies=True).select_related("attribute", "choice")
    for value in values.order_by("attribute__handle", "choice__position", "pk"):
        attribute, written = value.attribute, _written(value)
        told = found.setdefault((value.product_id, value.variant_id), {})
        if attribute.kind == AttributeKind.MULTI_CHOICE:
            told.setdefault(attribute.handle, []).append(written)
        else:
            told[attribute.handle] = written
    in_stock = [
        variant.pk
        for product in products
        for variant in product.variants.all()
        if any(level.on_hand for level in variant.stock_levels.all())
    ]
    return Details(found, costs.averages(in_stock) if tells_costs else {})


def _written(value: AttributeValue) -> bool | str:
    if value.choice:
        return value.choice.handle
    if value.number is not None:
        return _plain(value.number)
    return value.boolean if value.boolean is not None else str(value.date or value.text)


def _plain(number: Decimal) -> str:
    """A number as few digits write it, and never with an exponent."""
    return f"{number.normalize():f}"


def product(row: Product, default: str, more: Details) -> dict[str, Any]:
    """The line of a product; its stock is a number where it lies at the `default` location alone."""
    options = sorted(row.options.all(), key=lambda option: option.position)
    images = sorted(row.images.all(), key=lambda image: image.position)
    variants = sorted(row.variants.all(), key=lambda variant: (variant.position, variant.pk))
    return {
        "kind": "product",
        **identity(row),
        "name": row.title,
        "description": row.description_html,
        "brand": row.brand.name if row.brand else None,
        "categories": [name(row.category)],
        "status": row.status,
        "product_type": row.product_type,
        "tags": row.tags,
        "seo": seo(row),
        **_attributes_of(more, row.pk, None),
        "options": [{"name": option.name, "values": option.values} for option in options],
        "images": [
            {"path": image.src, "alt": image.alt, "width": image.width, "height": image.height} for image in images
        ],
        "variants": [_variant(variant, [option.name for option in options], default, more) for variant in variants],
    }


def _attributes_of(more: Details, product_id: int, variant_id: int | None) -> dict[str, Any]:
    found = more.attributes.get((product_id, variant_id))
    return {"attributes": found} if found else {}


def _variant(variant: ProductVariant, options: Sequence[str], default: str, more: Details) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "options": dict(zip(options, variant.option_values, strict=True)),
        "prices": [
            _price(price)
            for price in sorted(
                variant.prices.all(),
                key=lambda price: (price.currency, *_of_list(price).values(), price.min_quantity),
            )
        ],
        "stock": _stock(variant, default),
        "weight_grams": variant.weight_grams,
        "barcode": variant.barcode,
        "requires_shipping": variant.requires_shipping,
        "image": variant.image.src if variant.image else None,
        **({"unit_cost": _plain(more.costs[variant.pk])} if variant.pk in more.costs else {}),
        **_attributes_of(more, variant.product_id, variant.pk),
    }


def _price(price: Price) -> dict[str, Any]:
    return {
        "currency": price.currency,
        **_of_list(price),
        **({"min_quantity": price.min_quantity} if price.min_quantity > 1 else {}),
        "amount": _amount(price.currency, price.amount),
        "compare_at": None if price.compare_at is None else _amount(price.currency, price.compare_at),
    }


def _of_list(price: Price) -> dict[str, str]:
    """Which list it is of, where that is not the base of its currency."""
    return {} if price.price_list.is_base else {"list": price.price_list.handle}


def _stock(variant: ProductVariant, default: str) -> int | dict[str, int]:
    """Units on hand at the default location, or at each where there are others."""
    counts = {level.location.code: level.on_hand for level in variant.stock_levels.all()}
    if counts.keys() <= {default}:
        return counts.get(default, 0)
    return dict(sorted(counts.items()))


def picture(row: Category | Collection) -> dict[str, Any] | None:
    """The picture of a category or collection."""
    if not row.image_src:
        return None
    return {"path": row.image_src, "alt": row.image_alt, "width": row.image_width, "height": row.image_height}


def identity(row: Category | Product | Collection) -> dict[str, str]:
    """What the import knows the row by: its id, if it has one, or its slug."""
    return {**({"id": row.external_id} if row.external_id else {}), "slug": row.handle}


def name(row: Category | Product | Collection) -> str:
    """What other lines call it by."""
    return row.external_id or row.handle


def seo(row: Any) -> dict[str, str]:
    """What search engines are told of it."""
    return {"title": row.seo_title, "description": row.seo_description}


def _amount(currency: str, amount: Any) -> str:
    return money.text(amount, currency)
