"""Orders that people once placed, placed again through the public API: the requests of each, and how long they take.

A file of orders has one JSON object a line: `order`, and `lines` with `sku` and `quantity`. What a cart cannot hold is
left out and counted: lines beyond the 250th of an order, and units of a product beyond 10,000.
"""

import http.client
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from threading import Lock, local
from typing import Any, TypeAlias

from shop.benchmark.load import HOST

MAX_LINES = 250
MAX_UNITS = 10_000
LINES_AT_ONCE = 100
ADDRESS = {
    "firstName": "Ada",
    "lastName": "Byron",
    "address1": "12 St James's Square",
    "city": "London",
    "zip": "SW1Y 4JH",
    "countryCode": "GB",
}

# Sends a document with its variables and answers its `data`.
Ask: TypeAlias = Callable[[str, Mapping[str, Any]], dict[str, Any]]

_CREATE = """
mutation ($input: CartInput) {
  cartCreate(input: $input) { cart { id } userErrors { code message } }
}
"""
_ADD = """
mutation ($cart: ID!, $lines: [CartLineInput!]!) {
  cartLinesAdd(cartId: $cart, lines: $lines) { cart { totalQuantity } userErrors { code message } }
}
"""
_ADDRESS = """
mutation ($cart: ID!, $addresses: [CartSelectableAddressInput!]!) {
  cartDeliveryAddressesAdd(cartId: $cart, addresses: $addresses) {
    cart { deliveryGroups(first: 1) { nodes { id deliveryOptions { handle } } } }
    userErrors { code message }
  }
}
"""
_DELIVERY = """
mutation ($cart: ID!, $group: ID!, $option: String!) {
  cartSelectedDeliveryOptionsUpdate(
    cartId: $cart, selectedDeliveryOptions: [{ deliveryGroupId: $group, deliveryOptionHandle: $option }]
  ) { cart { cost { totalAmount { amount } } } userErrors { code message } }
}
"""
_COMPLETE = """
mutation ($cart: ID!, $key: String!) {
  checkoutComplete(cartId: $cart, payment: { gateway: "test" }) @idempotent(key: $key) {
    order { name financialStatus subtotalPrice { amount } totalPrice { amount } }
    userErrors { code message }
  }
}
"""


class Refused(Exception):
    """The shop did not take an order, and said why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order to place: units by sku, in the order in which they were wished for."""

    name: str
    units: Mapping[str, int]
    left_out: int = 0


@dataclass(slots=True)
class Replayed:
    """What came of it: the seconds of each step and of whole orders, and why orders were refused."""

    seconds: float = 0.0
    steps: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    orders: list[float] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return len(self.orders) / self.seconds


def orders(lines: Iterable[str]) -> Iterator[Wanted]:
    """The orders of a file."""
    for line in lines:
        told = json.loads(line)
        units: Counter[str] = Counter()
        for one in told["lines"]:
            units[one["sku"]] += one["quantity"]
        kept = {sku: min(number, MAX_UNITS) for sku, number in islice(units.items(), MAX_LINES)}
        yield Wanted(told["order"], kept, sum(units.values()) - sum(kept.values()))


def place(ask: Ask, wanted: Wanted, variants: Mapping[str, str], took: Callable[[str, float], None]) -> dict[str, Any]:
    """Place one order as a storefront does, and tell how long each step took. Raises Refused."""

    def step(name: str, document: str, **variables: Any) -> dict[str, Any]:
        began = time.perf_counter()
        [payload] = ask(document, variables).values()
        took(name, time.perf_counter() - began)
        if payload["userErrors"]:
            raise Refused(f"{name}: {payload['userErrors'][0]['code']}")
        found: dict[str, Any] = payload
        return found

    identity = {"email": f"order-{wanted.name}@example.com", "countryCode": "GB"}
    cart = step("create", _CREATE, input={"buyerIdentity": identity})["cart"]["id"]
    lines = [{"merchandiseId": variants[sku], "quantity": units} for sku, units in wanted.units.items()]
    for start in range(0, len(lines), LINES_AT_ONCE):
        step("add lines", _ADD, cart=cart, lines=lines[start : start + LINES_AT_ONCE])
    answer = step("address", _ADDRESS, cart=cart, addresses=[{"address": {"deliveryAddress": ADDRESS}}])
    [group] = answer["cart"]["deliveryGroups"]["nodes"]
    step("delivery", _DELIVERY, cart=cart, group=group["id"], option=group["deliveryOptions"][0]["handle"])
    placed: dict[str, Any] = step("complete", _COMPLETE, cart=cart, key=f"replayed-order-{wanted.name}")["order"]
    return placed


def run(port: int, wanted: Sequence[Wanted], variants: Mapping[str, str], threads: int) -> Replayed:
    """Place these orders by so many shoppers at once, one after the other each."""
    found, lock, own = Replayed(), Lock(), local()

    def took(name: str, seconds: float) -> None:
        with lock:
            found.steps[name].append(seconds)

    def shop(one: Wanted) -> None:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        began = time.perf_counter()
        try:
            place(partial(_asked, own.connection), one, variants, took)
        except Refused as refused:
            with lock:
                found.refusals[str(refused)] += 1
            return
        with lock:
            found.orders.append(time.perf_counter() - began)

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(shop, wanted))
    found.seconds = time.perf_counter() - began
    return found


def _asked(connection: http.client.HTTPConnection, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    body = json.dumps({"query": document, "variables": variables})
    connection.request("POST", "/graphql/", body, {"Content-Type": "application/json", "Accept": "application/json"})
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    if "errors" in answer:
        raise Refused(answer["errors"][0]["message"])
    data: dict[str, Any] = answer["data"]
    return data
