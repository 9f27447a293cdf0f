"""The shop's windows: collections picked by hand or by rule."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from catalog.demo.compose import Product

_GIFT_LIMIT = Decimal(25)
_FEATURED = ("lighthouse-lamp", "reading-armchair", "harvest-round-casserole", "harbor-mug", "surveyor-backpack")
_CAROUSEL = (
    "tidemark-mug",
    "ropewalk-kettle",
    "moorland-cardigan",
    "allotment-can",
    "night-heron-lantern",
    "bertram-bear",
    "ploughed-field-cushion",
    "lifeboat-raincoat",
    "daybook",
    "windowsill-pot",
    "heron-chefs-knife",
    "delivery-van",
)
_SLOW_BREAKFAST = (
    "cone-and-carafe",
    "long-weekend-press",
    "porridge-bowl",
    "toast-plate",
    "burnt-orange-marmalade",
    "heather-honey",
    "brown-hen-teapot",
    "saltmere-breakfast-tea",
    "little-egg-pan",
    "cottage-loaf-tin",
    "harbor-mug",
    "creamer-for-one",
)
_RAINY_AFTERNOON = (
    "lifeboat-raincoat",
    "wellington-boot",
    "saltmere-harbor-puzzle",
    "foxes-and-hens",
    "wet-wool-candle",
    "porch-throw",
    "smoke-signal-tea",
    "rainy-window-earl-gray",
    "bed-socks",
    "building-blocks-forty-pieces",
    "daybook",
)
_FIRST_FLAT = (
    "anvil-skillet",
    "brightwater-saucepan",
    "everyday-board",
    "corner-spoon",
    "millpond-plate",
    "bistro-tumbler",
    "milking-stool",
    "two-board-wall-shelf",
    "percale-pillowcase",
    "bathhouse-towel",
    "plain-glass-cloth",
    "windowsill-basil",
)
_UNDER_CANVAS = (
    "curlew-two-person-tent",
    "goosedown-three-season-bag",
    "oil-storm-lantern",
    "enamel-camp-mug",
    "campfire-enamel-kettle",
    "nesting-billy-cans",
    "shepherds-thermos",
    "pocket-torch",
    "waffle-travel-towel",
    "picnic-blanket-with-straps",
)
_NEW = (
    "orchard-row-mug",
    "block-print-fern-cushion",
    "lighthouse-lamp",
    "bronze-fennel",
    "hills-after-rain-print",
    "harvest-moon-board-game",
    "seabird-floor-puzzle",
    "bubble-glass-vase",
    "herb-scissors",
    "felt-house-boot",
    "moonrise-round-cushion",
    "mushroom-lamp",
    "sea-lavender-bar",
    "pocket-fountain-pen",
    "face-pot",
    "straw-garden-hat",
)


_THEMES = (
    ("New Arrivals", "new-arrivals", "Unpacked this month, with straw still in the corners.", _NEW),
    (
        "The Slow Breakfast",
        "the-slow-breakfast",
        "Eggs, toast, something hot, and nowhere to be until eleven.",
        _SLOW_BREAKFAST,
    ),
    (
        "Rainy Afternoon",
        "rainy-afternoon",
        "Half of it is for going out in, the other half for staying home.",
        _RAINY_AFTERNOON,
    ),
    ("First Flat", "first-flat", "A dozen things to own before you own a sofa.", _FIRST_FLAT),
    (
        "Under Canvas",
        "under-canvas",
        "A dry bed, a hot drink and enough light for a hand of cards.",
        _UNDER_CANVAS,
    ),
)


def collections(products: Sequence[Product]) -> Iterator[dict[str, Any]]:
    """The two the front page shows without naming them, then those picked by rule, then those picked by hand."""
    yield _picked("Featured on the Front Page", "hidden-homepage-featured-items", "Big pictures up front.", _FEATURED)
    yield _picked("Front Page Carousel", "hidden-homepage-carousel", "A slow parade along the counter.", _CAROUSEL)
    records = {product.record["slug"]: product.record for product in products}
    for name, slug, description, picks in (*_by_rule(records), *_THEMES):
        cover = records[picks[0]]["images"][0]
        yield {**_picked(name, slug, description, picks), "image": cover}


def _by_rule(records: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str, Sequence[str]]]:
    staff = [slug for slug, record in records.items() if "staff-pick" in record["tags"]]
    yield "Staff Picks", "staff-picks", "What we take home ourselves, at full price, mostly.", staff
    gifts = [slug for slug, record in records.items() if _is_small_gift(record)]
    yield "Gifts under $25", "gifts-under-25", "Small enough to wrap, good enough to keep.", gifts
    reduced = [slug for slug, record in records.items() if any(one["compare_at_price"] for one in record["variants"])]
    yield "On Sale", "on-sale", "The last of a color, the end of a season, or we ordered too many.", reduced


def _picked(name: str, slug: str, description: str, slugs: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": "collection",
        "id": f"demo-collection-{slug}",
        "name": name,
        "slug": slug,
        "description": f"<p>{description}</p>",
        "products": [f"demo-product-{one}" for one in slugs],
    }


def _is_small_gift(record: dict[str, Any]) -> bool:
    affordable = all(Decimal(one["price"]) < _GIFT_LIMIT for one in record["variants"])
    return affordable and "small-gift" in record["tags"] and any(one["stock"] for one in record["variants"])
