"""Invented catalogs of any size for load tests: the same on every run, spread as real ones are, written by COPY.

Stock is written here without `catalog.stock`, which would lock and compare rows that nobody has seen yet; every level
gets its movement, and `manage.py verify` proves the ledger like any other.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate, product
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.text import slugify

from catalog import categories, facts, price_lists, search, stock
from catalog.imports import copying
from catalog.models import Brand, Category, ListHandle, Product
from catalog.models import ProductStatus as Status
from catalog.models.product import ProductQuerySet
from shop import clock
from shop.errors import Refusal
from shop.money import Money, exponent

PREFIX = "seed-"
PICTURES = 24
_BATCH = 2000
_LEVELS = 6
_ON_SALE = 0.15
_SOLD_OUT = 0.05

_SHELVES = (
    *("Kitchen", "Garden", "Lighting", "Textiles", "Furniture", "Workshop", "Paper", "Travel", "Sports", "Toys"),
    *("Audio", "Bath", "Storage", "Office", "Camping", "Cycling", "Ceramics", "Shoes", "Bags", "Tools"),
)
_QUALITIES = (
    *("Classic", "Compact", "Folding", "Heavy", "Light", "Nordic", "Outdoor", "Plain", "Quiet", "Rustic"),
    *("Slim", "Soft", "Sturdy", "Tall", "Travel", "Urban", "Vintage", "Warm", "Wide", "Woven"),
)
_MATERIALS = (
    *("Ash", "Bamboo", "Brass", "Canvas", "Clay", "Copper", "Cork", "Cotton", "Felt", "Glass"),
    *("Hemp", "Iron", "Leather", "Linen", "Oak", "Paper", "Slate", "Steel", "Wicker", "Wool"),
)
_THINGS = (
    *("Basket", "Bench", "Blanket", "Bottle", "Bowl", "Box", "Brush", "Chair", "Clock", "Coat", "Crate", "Cup"),
    *("Desk", "Frame", "Hook", "Jar", "Kettle", "Knife", "Lamp", "Ladder", "Mat", "Mirror", "Mug", "Pan"),
    *("Pillow", "Pot", "Rack", "Rug", "Shelf", "Stool", "Table", "Tray", "Vase", "Watch", "Wheel", "Whisk"),
)
_TAGS = ("new", "bestseller", "gift", "organic", "handmade", "recycled", "winter", "summer", "limited", "outlet")
_COLOURS = ("Black", "White", "Sand", "Moss", "Rust", "Ocean", "Plum", "Slate")
_SIZES = ("XS", "S", "M", "L", "XL")
_CENTS = (Decimal("0.99"), Decimal("0.95"), Decimal("0.90"), Decimal("0.50"), Decimal("0.00"))


class AlreadySeeded(Refusal):
    """Seeded rows are already there."""

    code = "ALREADY_SEEDED"

    def __init__(self, products: int) -> None:
        super().__init__(f"The shop already has {products} seeded products; --fresh deletes them first.")


class SeedsInUse(Refusal):
    """Something of the merchant's stands in a seeded category."""

    code = "SEEDS_IN_USE"

    def __init__(self) -> None:
        super().__init__("Categories or products of your own stand in seeded categories; move them away first.")


@dataclass(slots=True)
class Size:
    """How much to make; `products` go into `categories`."""

    products: int
    categories: int
    currency: str


@transaction.atomic
def seed(size: Size, *, progress: Callable[[int], None] = lambda _count: None) -> None:
    """Make a catalog of this size beside what there is. Raises AlreadySeeded."""
    existing = _seeded().count()
    if existing or Category.objects.filter(external_id__startswith=PREFIX).exists():
        raise AlreadySeeded(existing)
    dice = random.Random(size.products)  # noqa: S311  (the same catalog on every run is the point)
    # With dice of its own: as many categories make the same tree, whatever is sold in it.
    leaves = _plant(size.categories, random.Random(size.categories))  # noqa: S311
    maker = _Maker(dice, size.currency, leaves, _make_brands(size.products, dice))
    for start in range(1, size.products + 1, _BATCH):
        numbers = range(start, min(start + _BATCH, size.products + 1))
        ids = maker.write(numbers)
        search.refresh(ids)
        progress(len(ids))
    facts.refresh(_seeded().values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@transaction.atomic
def clear(*, progress: Callable[[int], None] = lambda _count: None) -> None:
    """Delete every seeded product, category and brand. Raises SeedsInUse."""
    categories.lock_tree()
    _refuse_foreigners()
    own = Category.objects.filter(external_id__startswith=PREFIX)
    pairs = _seeded().exclude(category__in=own).values_list("offers__category_id", "offers__price_list_id").distinct()
    elsewhere = sorted((category, price_list) for category, price_list in pairs if price_list is not None)
    while ids := list(_seeded().order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        Product.objects.filter(pk__in=ids).delete()
        progress(len(ids))
    own.delete()
    Brand.objects.filter(handle__startswith=PREFIX, products=None, rules=None).delete()
    facts.recount(elsewhere)


def draw(directory: Path) -> None:
    """Write the few pictures that seeded products share: a disc on a ground, in as many hues."""
    (directory / "seed").mkdir(parents=True, exist_ok=True)
    for number in range(PICTURES):
        hue = 360 * number // PICTURES
        path = directory / _picture(number)
        path.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800">'
            f'<rect width="800" height="800" fill="hsl({hue} 35% 88%)"/>'
            f'<circle cx="400" cy="400" r="{180 + 20 * (number % 5)}" fill="hsl({hue} 45% 55%)"/></svg>',
            encoding="utf-8",
        )


def _seeded() -> ProductQuerySet:
    return Product.objects.filter(external_id__startswith=PREFIX)


def _refuse_foreigners() -> None:
    for path in Category.objects.filter(external_id__startswith=PREFIX).values_list("path", flat=True).order_by("path"):
        below = Category.objects.filter(path__startswith=path)
        if (
            below.exclude(external_id__startswith=PREFIX).exists()
            or below.filter(external_id=None).exists()
            or Product.objects.filter(category__in=below).exclude(external_id__startswith=PREFIX).exists()
        ):
            raise SeedsInUse


def _picture(number: int) -> str:
    return f"{PREFIX.rstrip('-')}/{number % PICTURES}.svg"


def _plant(count: int, dice: random.Random) -> list[int]:
    """Make a tree of `count` categories on at most six levels; the keys of those that hold products, fullest first."""
    categories.lock_tree()
    roots = max(1, min(12, count // 15))
    parents: list[int | None] = [None] * min(roots, count)
    depths = [1] * len(parents)
    while len(parents) < count:
        # The first few make one branch as deep as a small shop's; the rest hang anywhere there is room.
        place = len(parents)
        room = [number for number in range(place) if depths[number] < _LEVELS]
        above = place - 1 if place < roots + 3 else dice.choice(room)
        parents.append(above)
        depths.append(depths[above] + 1)
    last_root = Category.objects.filter(depth=1).order_by("path").last()
    steps: dict[int | None, int] = {None: Category._str2int(last_root.path) if last_root else 0}
    rows: list[Category] = []
    for number, parent in enumerate(parents):
        steps[parent] = steps.get(parent, 0) + 1
        base = "" if parent is None else rows[parent].path
        title = f"{dice.choice(_QUALITIES)} {dice.choice(_SHELVES)}" if parent is not None else _SHELVES[number]
        rows.append(
            Category(
                external_id=f"{PREFIX}category-{number + 1}",
                handle=f"{PREFIX}{slugify(title)}-{number + 1}",
                title=title,
                description=f"{title}, chosen with care.",
                path=Category._get_path(base, depths[number], steps[parent]),
                depth=depths[number],
                numchild=parents.count(number),
            )
        )
    copying.insert(rows)
    ListHandle.objects.bulk_create([ListHandle(handle=row.handle, category=row) for row in rows])
    holding = [row.pk for row in rows if row.numchild == 0 or dice.random() < 0.1]
    dice.shuffle(holding)
    return holding


def _make_brands(products: int, dice: random.Random) -> list[int]:
    count = max(5, min(400, products // 60))
    names = [f"{first}{second.lower()}" for first, second in product(_MATERIALS, _THINGS)]
    chosen = [f"{name} Works" for name in dice.sample(names, count)]
    kept = dict(Brand.objects.filter(name__in=chosen).values_list("name", "pk"))
    rows = [Brand(name=name, handle=f"{PREFIX}{slugify(name)}") for name in chosen if name not in kept]
    copying.insert(rows)
    return [*kept.values(), *(row.pk for row in rows)]


class _Maker:
    """Throws the dice for products and writes them, a batch at a time."""

    def __init__(self, dice: random.Random, currency: str, shelves: Sequence[int], brands: Sequence[int]) -> None:
        self._dice = dice
        self._currency = currency
        self._price_list = price_lists.base(currency)
        self._shelves = shelves
        # A few shelves hold most of the goods.
        self._fullness = list(accumulate(1 / (rank + 3) ** 0.7 for rank in range(len(shelves))))
        self._brands = brands
        self._place = stock.default_location().pk
        self._now = clock.now()

    def write(self, numbers: Sequence[int]) -> list[int]:
        """Write one product for each number; their keys."""
        with connection.cursor() as cursor:
            ids = copying.keys(cursor, "catalog_product", len(numbers))
            goods = [self._throw(number, pk) for number, pk in zip(numbers, ids, strict=True)]
            variants = [(good, place) for good in goods for place in range(len(good.combinations))]
            keys = copying.keys(cursor, "catalog_productvariant", len(variants))
            made = [(key, good, place) for key, (good, place) in zip(keys, variants, strict=True)]
            levels = [(key, self._place, good.units(place, self._dice), 0, 0) for key, good, place in made]
            for table, columns, rows in (
                ("catalog_product", _PRODUCT, (self._row(good) for good in goods)),
                ("catalog_productimage", _IMAGE, (row for good in goods for row in good.images())),
                ("catalog_productoption", _OPTION, (row for good in goods for row in good.option_rows())),
                (
                    "catalog_productvariant",
                    _VARIANT,
                    ((key, *good.variant(at), self._now, self._now) for key, good, at in made),
                ),
                ("catalog_price", _PRICE, ((key, self._price_list, 1, *good.prices[at]) for key, good, at in made)),
                ("catalog_stocklevel", _LEVEL, levels),
                (
                    "catalog_stockmovement",
                    _MOVEMENT,
                    (
                        (key, self._place, "PURCHASE", units, 0, "seed", "", self._now)
                        for key, _, units, *_ in levels
                        if units
                    ),
                ),
            ):
                copying.copy(cursor, table, columns, rows)
        return ids

    def _throw(self, number: int, pk: int) -> "_Good":
        dice = self._dice
        options = _choose_options(dice)
        combinations = list(product(*options.values()))
        return _Good(
            number=number,
            pk=pk,
            title=f"{dice.choice(_QUALITIES)} {dice.choice(_MATERIALS)} {dice.choice(_THINGS)}",
            options=options,
            combinations=combinations,
            prices=self._price(len(combinations)),
            is_sold_out=dice.random() < _SOLD_OUT,
            pictures=dice.choices((0, 1, 2, 3, 4), (5, 45, 25, 15, 10))[0],
        )

    def _price(self, variants: int) -> list[tuple[Decimal, Decimal | None]]:
        """A price and what it is reduced from, for each variant; larger sizes may cost a little more."""
        dice = self._dice
        units = 10 ** (2 - min(exponent(self._currency), 2))
        first = Decimal(int(dice.lognormvariate(3.4, 0.9)) + 1)
        cents = dice.choice(_CENTS)
        step = first // 20 if dice.random() < 0.3 else Decimal(0)
        reduced = Decimal(dice.randrange(110, 160)) / 100 if dice.random() < _ON_SALE else None
        amounts = [Money.rounded((first + cents + step * place) * units, self._currency) for place in range(variants)]
        return [(one.amount, (one * reduced).amount if reduced else None) for one in amounts]

    def _row(self, good: "_Good") -> tuple[Any, ...]:
        dice = self._dice
        made_at = self._now - timedelta(minutes=dice.randrange(1, 1_000_000))
        kind = good.title.rsplit(" ", 1)[1]
        text = (
            f"<p>{good.title}: made of {good.title.split()[1].lower()}, number {good.number} of the series.</p>"
            f"<p>{dice.choice(_PRAISE)} {dice.choice(_PRAISE)}</p>"
        )
        [category] = dice.choices(self._shelves, cum_weights=self._fullness)
        brand = dice.choice(self._brands) if dice.random() < 0.9 else None
        tags = dice.sample(_TAGS, dice.randrange(4))
        external_id, handle = f"{PREFIX}product-{good.number}", f"{PREFIX}{slugify(good.title)}-{good.number}"
        status = Status.ACTIVE.value if dice.random() < 0.97 else Status.DRAFT.value
        published_at = made_at if status == Status.ACTIVE else None
        texts = (external_id, handle, good.title, text, kind)
        return (good.pk, *texts, category, brand, status, tags, "", "", 0, published_at, made_at, made_at)


@dataclass(slots=True)
class _Good:
    """A product whose dice have fallen."""

    number: int
    pk: int
    title: str
    options: dict[str, tuple[str, ...]]
    combinations: list[tuple[str, ...]]
    prices: list[tuple[Decimal, Decimal | None]]
    is_sold_out: bool
    pictures: int

    def images(self) -> Iterator[tuple[Any, ...]]:
        for place in range(self.pictures):
            yield self.pk, _picture(self.number + place), self.title, 800, 800, place

    def option_rows(self) -> Iterator[tuple[Any, ...]]:
        for place, (name, values) in enumerate(self.options.items()):
            yield self.pk, name, place, list(values)

    def variant(self, place: int) -> tuple[Any, ...]:
        values = list(self.combinations[place])
        sku = f"SEED-{self.number:06}-{place + 1}"
        grams = 250 + 10 * (self.number % 90)
        return self.pk, sku, " / ".join(values) or "Default Title", place, values, "", grams, True

    def units(self, place: int, dice: random.Random) -> int:
        """On hand; one variant in twelve is sold out although others of its product are not."""
        if self.is_sold_out or (place and dice.random() < 0.08):
            return 0
        return dice.randrange(1, 121)


def _choose_options(dice: random.Random) -> dict[str, tuple[str, ...]]:
    """No options for half of the products, else sizes, colours or both: up to fifteen variants."""
    pattern = dice.random()
    if pattern < 0.5:
        return {}
    colours, sizes = tuple(dice.sample(_COLOURS, dice.randrange(1, 4))), _SIZES[: dice.randrange(2, 6)]
    if pattern < 0.7:
        return {"Size": sizes}
    if pattern < 0.85:
        return {"Color": colours}
    return {"Color": colours, "Size": sizes}


_PRAISE = (
    "It keeps its shape and its temper.",
    "Made to be repaired, not replaced.",
    "It gets better with every year in use.",
    "Light enough to carry, heavy enough to stay.",
    "The finish is plain oil, renewed when it asks for it.",
    "Packed without plastic.",
)

_PRODUCT = "id external_id handle title description_html product_type category_id brand_id status tags"
_PRODUCT += " seo_title seo_description sold_count published_at created_at updated_at"
_IMAGE = "product_id src alt width height position"
_OPTION = "product_id name position values"
_VARIANT = "id product_id sku title position option_values barcode weight_grams requires_shipping created_at updated_at"
_PRICE = "variant_id price_list_id min_quantity amount compare_at"
_LEVEL = "variant_id location_id on_hand reserved backorder_limit"
_MOVEMENT = "variant_id location_id kind on_hand_delta reserved_delta reference note created_at"
