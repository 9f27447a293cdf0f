"""How much faster than graphql-core the engine is on a page of a shop: `python -m schema.engine.benchmark`.

24 products with variants, images and category, 842 fields in all, from objects in memory: no I/O, so execution alone is
measured. Both execute the same parsed document of the same schema, and give the same answer.
"""

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum
from time import perf_counter
from typing import Any

import graphql
import strawberry
from strawberry.types import Info

from schema.engine import Engine
from schema.engine.for_strawberry import StrawberryAdapter

PAGE = """
{
  products {
    nodes {
      id handle title vendor availableForSale
      category { id handle title }
      images { nodes { url altText width height } }
      variants { nodes { id title sku price { amount currencyCode } availableForSale } }
    }
  }
}
"""


class CurrencyCode(Enum):
    EUR = "EUR"
    USD = "USD"


@strawberry.type
class Money:
    amount: Decimal
    currency_code: CurrencyCode


@strawberry.type
class Image:
    url: str
    alt_text: str | None
    width: int
    height: int


@strawberry.type
class Category:
    id: strawberry.ID
    handle: str
    title: str


@strawberry.type
class Variant:
    id: strawberry.ID
    title: str
    sku: str | None
    price: Money
    available_for_sale: bool


@strawberry.type
class Images:
    nodes: list[Image]


@strawberry.type
class Variants:
    nodes: list[Variant]


def edge(name: str) -> Any:
    """A batch for the engine; for graphql-core, at its best, a look-up without a promise."""

    def load(shelf: dict[int, dict[str, Any]], keys: Sequence[int]) -> list[Any]:
        return [shelf[key][name] for key in keys]

    def resolve(root: Any, info: Info) -> Any:
        return info.context[root.key][name]

    resolve.edge = (load, "key")  # type: ignore[attr-defined]
    return strawberry.field(resolver=resolve)


@strawberry.type
class Product:
    id: strawberry.ID
    handle: str
    title: str
    vendor: str | None
    available_for_sale: bool
    category: Category = edge("category")
    images: Images = edge("images")
    variants: Variants = edge("variants")
    key: strawberry.Private[int]


@strawberry.type
class Products:
    nodes: list[Product]


@strawberry.type
class Query:
    @strawberry.field
    def products(self, info: Info) -> Products:
        return Products(nodes=[found["product"] for found in info.context.values()])


def stocked_shelf(products: int = 24) -> dict[int, dict[str, Any]]:
    """What the database would have found, by the product's key."""
    return {
        key: {
            "product": Product(
                id=strawberry.ID(f"gid://shop/Product/{key}"),
                handle=f"product-{key}",
                title=f"Product {key}",
                vendor="A maker",
                available_for_sale=key % 5 != 0,
                key=key,
            ),
            "category": Category(id=strawberry.ID("gid://shop/Category/1"), handle="mugs", title="Mugs"),
            "images": Images(nodes=[_image(key, n) for n in range(2)]),
            "variants": Variants(nodes=[_variant(key, n) for n in range(2)]),
        }
        for key in range(products)
    }


def _image(key: int, number: int) -> Image:
    return Image(url=f"/media/{key}-{number}.jpg", alt_text="From the side", width=800, height=600)


def _variant(key: int, number: int) -> Variant:
    return Variant(
        id=strawberry.ID(f"gid://shop/ProductVariant/{key}{number}"),
        title=f"Size {number}",
        sku=f"SKU-{key}-{number}",
        price=Money(amount=Decimal("19.90"), currency_code=CurrencyCode.EUR),
        available_for_sale=True,
    )


def main() -> None:
    schema = strawberry.Schema(query=Query)
    document = graphql.parse(PAGE)
    [operation] = document.definitions
    plan = Engine(schema._schema, StrawberryAdapter(schema)).plan(document, operation)  # type: ignore[arg-type]
    shelf = stocked_shelf()

    def by_core() -> Any:
        return graphql.execute_sync(schema._schema, document, context_value=shelf).data

    def by_engine() -> Any:
        return plan.execute(context=shelf).data

    answer = by_engine()
    if answer != by_core():
        raise SystemExit("The two executors differ.")
    core, engine = _seconds(by_core, 100), _seconds(by_engine, 2_000)
    sys.stdout.write(
        f"{_fields(answer)} fields: graphql-core {core * 1e3:.2f} ms, engine {engine * 1e3:.3f} ms, "
        f"{core / engine:.0f} times faster\n"
    )


def _seconds(execute: Callable[[], Any], times: int) -> float:
    """The quickest of several executions: what the others took more, something else on the machine took."""
    taken = []
    for _ in range(times):
        begun = perf_counter()
        execute()
        taken.append(perf_counter() - begun)
    return min(taken)


def _fields(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_fields, value))
    return sum(1 + _fields(below) for below in value.values()) if isinstance(value, dict) else 0


if __name__ == "__main__":
    main()
