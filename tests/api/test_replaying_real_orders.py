"""A slice of a real year of orders, placed again: every total is what a person would add up, and nothing is lost."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from catalog import imports
from catalog.models import ProductVariant, StockLevel
from checkout.models import Order
from schema.nodes import gid
from shop import relay
from shop.benchmark import replay
from tests import builders
from tests.conftest import Execute

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data"
FILE, PRODUCTS = FOLDER / "orders.jsonl.gz", FOLDER / "orders-products.jsonl.gz"
pytestmark = pytest.mark.skipif(
    not (FILE.exists() and PRODUCTS.exists()), reason="../shared/data/orders.jsonl.gz, real orders, are not here"
)

ORDERS = 25


@pytest.fixture
def wanted() -> list[replay.Wanted]:
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return list(islice(replay.orders(lines), ORDERS))


@pytest.fixture
def products(db: None, wanted: list[replay.Wanted]) -> dict[str, dict[str, Any]]:
    """The variants these orders name, by sku, after their import."""
    skus = {sku for one in wanted for sku in one.units}
    with gzip.open(PRODUCTS, "rt", encoding="utf-8") as lines:
        told = [line for line in lines if json.loads(line)["variants"][0]["sku"] in skus]
    imports.run(told, strict=True, report=lambda *_: None)
    return {variant["sku"]: variant for line in told for variant in json.loads(line)["variants"]}


def test_every_order_adds_up_and_takes_its_units(
    execute: Execute,
    settings: Any,
    wanted: list[replay.Wanted],
    products: dict[str, dict[str, Any]],
    assert_verified: Callable[[], None],
) -> None:
    settings.SHOP_CURRENCY, settings.SHOP_COUNTRY = "GBP", "GB"
    builders.a_shipping_method("Standard", amount="4.95", currency="GBP")
    variants = {sku: gid("ProductVariant", pk) for sku, pk in ProductVariant.objects.values_list("sku", "pk")}

    placed = [
        replay.place(lambda document, variables: execute(document, **variables), one, variants, lambda *_: None)
        for one in wanted
    ]
    relay.drain()

    sums = [
        sum((Decimal(products[sku]["price"]) * units for sku, units in one.units.items()), Decimal(0)) for one in wanted
    ]
    assert [order["subtotalPrice"]["amount"] for order in placed] == [f"{amount:.2f}" for amount in sums]
    assert [order["totalPrice"]["amount"] for order in placed] == [f"{amount + Decimal('4.95'):.2f}" for amount in sums]
    assert {order["financialStatus"] for order in placed} == {"PAID"}
    assert Order.objects.count() == ORDERS
    held = dict(StockLevel.objects.values_list("variant__sku", "reserved"))
    assert held == {sku: sum(one.units.get(sku, 0) for one in wanted) for sku in products}
    assert not relay.troubled().exists()
    assert_verified()
