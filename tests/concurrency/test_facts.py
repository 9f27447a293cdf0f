"""Many writers at once: facts, offers and stock stay exact, and nobody waits in a circle."""

import json
import random
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from catalog import facts, imports, stock, variants
from catalog.imports import running
from catalog.models import CategoryFacts, MovementKind, Offer, Price, Product, ProductStatus, ProductVariant
from catalog.models.price import base_of
from tests import builders
from tests.concurrency.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

Change = Callable[[list[int], random.Random], None]

ROUNDS = 15


def in_threads(*works: Callable[[], object]) -> None:
    """Run all at once, each on a connection of its own; the first error of any fails the test."""
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(works))

    def call(work: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            work()
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert errors == []


@transaction.atomic
def reprice(products: list[int], dice: random.Random) -> None:
    product = dice.choice(products)
    Price.objects.filter(variant__product_id=product).update(amount=Decimal(dice.randrange(1, 9999)) / 100)
    facts.refresh([product])


@transaction.atomic
def restock(products: list[int], dice: random.Random) -> None:
    variants = ProductVariant.objects.filter(product_id__in=dice.sample(products, 3)).values_list("pk", flat=True)
    stock.set_on_hand({variant: dice.randrange(2) for variant in variants}, stock.Reason(MovementKind.ADJUSTMENT))


@transaction.atomic
def republish(products: list[int], dice: random.Random) -> None:
    product = dice.choice(products)
    status = dice.choice([ProductStatus.ACTIVE, ProductStatus.ARCHIVED])
    Product.objects.filter(pk=product).update(status=status)
    facts.refresh([product])


def move(categories: list[int]) -> Change:
    @transaction.atomic
    def moved(products: list[int], dice: random.Random) -> None:
        product = dice.choice(products)
        Product.objects.filter(pk=product).update(category_id=dice.choice(categories))
        facts.refresh([product])

    return moved


@transaction.atomic
def several_steps(products: list[int], dice: random.Random) -> None:
    """A command that changes stock, then a price, then stock again."""
    with facts.gathered():
        chosen = sorted(dice.sample(products, 2))
        variants = ProductVariant.objects.filter(product_id__in=chosen).values_list("pk", flat=True)
        stock.set_on_hand({variant: dice.randrange(2) for variant in variants}, stock.Reason(MovementKind.DAMAGE))
        facts.refresh(chosen)


@pytest.mark.parametrize("categories", [1, 4])
def test_many_writers_leave_facts_exact(categories: int, assert_verified: Callable[[], None]) -> None:
    places = [builders.a_category() for _ in range(categories)]
    products = [builders.a_product(category=places[number % categories], variants=2).pk for number in range(12)]
    kinds = [reprice, restock, republish, move([place.pk for place in places]), several_steps, reprice]

    def work(kind: Change, seed: int) -> Callable[[], None]:
        def change() -> None:
            dice = random.Random(seed)  # noqa: S311  (a test that fails must fail again)
            for _ in range(ROUNDS):
                kind(products, dice)

        return change

    in_threads(*(work(kind, seed) for seed, kind in enumerate(kinds)))

    assert_verified()


def released_together(rows: QuerySet[Any], *works: Callable[[], object]) -> None:
    """Run all while somebody holds these rows, and let go once every one of them waits."""
    is_held = threading.Event()

    @transaction.atomic
    def hold_back() -> None:
        assert list(rows.select_for_update())
        is_held.set()
        assert eventually(lambda: waiting() == len(works)), "The writers do not wait for the rows."

    def start(work: Callable[[], object]) -> Callable[[], object]:
        return lambda: is_held.wait(10) and work()

    in_threads(hold_back, *(start(work) for work in works))


def waiting() -> int:
    """How many of the shop's transactions wait for a lock."""
    with connection.cursor() as cursor:
        # Else a transaction would see the same activity for as long as it lasts.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_WAITING)
        [(count,)] = cursor.fetchall()
    return int(count)


def somebody_waits() -> bool:
    return waiting() > 0


_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def priced_at(product: Product, amount: str) -> Callable[[], None]:
    @transaction.atomic
    def change() -> None:
        Price.objects.filter(variant__product=product).update(amount=Decimal(amount))
        facts.refresh([product.pk])

    return change


def test_writers_in_one_category_count_each_other(assert_verified: Callable[[], None]) -> None:
    """The second counts what the first committed, not what it saw before it had to wait."""
    category = builders.a_category()
    first, second = (builders.a_product(category=category, price="10.00") for _ in range(2))

    released_together(
        CategoryFacts.objects.filter(category=category), priced_at(first, "1.00"), priced_at(second, "2.00")
    )

    assert facts.subtrees([category.pk], base_of("USD"), "USD")[category.pk].price_sum == Decimal("3.00")
    assert_verified()


def test_writers_of_one_product_see_each_other(assert_verified: Callable[[], None]) -> None:
    product = builders.a_product(price="10.00", stock_=1)

    @transaction.atomic
    def sell_out() -> None:
        stock.set_on_hand({product.variants.get().pk: 0}, stock.Reason(MovementKind.ADJUSTMENT))

    released_together(Offer.objects.filter(product=product), priced_at(product, "1.00"), sell_out)

    assert product.offers.values_list("price_min", "is_in_stock").get() == (Decimal("1.00"), False)
    assert_verified()


def test_writers_of_different_categories_do_not_wait_for_each_other() -> None:
    first, second = builders.a_product(), builders.a_product()
    has_locked, has_finished = threading.Event(), threading.Event()

    @transaction.atomic
    def slow() -> None:
        Price.objects.filter(variant__product=first).update(amount=Decimal("1.00"))
        facts.refresh([first.pk])
        has_locked.set()
        assert has_finished.wait(10)

    @transaction.atomic
    def quick() -> None:
        assert has_locked.wait(10)
        Price.objects.filter(variant__product=second).update(amount=Decimal("2.00"))
        facts.refresh([second.pk])
        has_finished.set()

    in_threads(slow, quick)

    assert has_finished.is_set()


def a_file(price: str) -> list[str]:
    category = {"kind": "category", "id": "c", "parent": None, "name": "C", "slug": "c"}
    products = [
        {
            "kind": "product",
            "id": f"p{number}",
            "name": f"P{number}",
            "slug": f"p{number}",
            "brand": f"Brand {number % 7}",
            "categories": ["c"],
            "variants": [{"sku": f"S{number}", "price": price, "currency": "USD", "stock": number % 3}],
        }
        for number in range(150)
    ]
    return [json.dumps(line) for line in (category, *products)]


def test_a_new_sku_and_an_order_of_the_last_unit_do_not_wait_in_a_circle(
    monkeypatch: pytest.MonkeyPatch, assert_verified: Callable[[], None]
) -> None:
    mug = builders.a_variant("MUG", stock=1)
    cart = builders.a_ready_cart((mug, 1))
    has_facts = threading.Event()
    buyer: list[threading.Thread] = []
    refresh = facts.refresh

    def slow_refresh(product_ids: Any) -> None:
        refresh(product_ids)
        if threading.current_thread() in buyer:
            has_facts.set()
            time.sleep(0.5)  # the other is given time to lock what it can

    def buy() -> None:
        buyer.append(threading.current_thread())
        builders.completed(cart)

    def rename() -> None:
        assert has_facts.wait(10)
        variants.update(variant_id=mug.pk, variant={"sku": "CUP", "price": Decimal(9)})

    monkeypatch.setattr(facts, "refresh", slow_refresh)

    in_threads(buy, rename)

    mug.refresh_from_db()
    assert mug.sku == "CUP"
    assert_verified()


def test_two_imports_of_the_same_file_make_one_catalog(assert_verified: Callable[[], None]) -> None:
    reports: list[Any] = []

    def load(price: str) -> Callable[[], object]:
        return lambda: imports.run(a_file(price), strict=False, report=lambda *bad: reports.append(bad))

    in_threads(load("5.00"), load("6.00"), load("5.00"))

    assert (Product.objects.count(), reports) == (150, [])
    assert_verified()


def test_strict_imports_in_opposite_order_wait_for_each_other(
    assert_verified: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 10)
    imports.run(a_file("5.00"), strict=True, report=lambda *_: None)

    def load(lines: list[str]) -> Callable[[], object]:
        return lambda: imports.run(lines, strict=True, report=lambda *_: None)

    in_threads(load(a_file("6.00")[1:]), load(a_file("7.00")[:0:-1]))

    assert set(Price.objects.values_list("amount", flat=True)) in ({Decimal("6.00")}, {Decimal("7.00")})
    assert_verified()


def test_an_import_among_shoppers_and_editors_leaves_facts_exact(assert_verified: Callable[[], None]) -> None:
    imports.run(a_file("5.00"), strict=True, report=lambda *_: None)
    products = list(Product.objects.order_by("pk").values_list("pk", flat=True))

    def load() -> None:
        for price in ("6.00", "7.00", "8.00"):
            imports.run(a_file(price), strict=price == "7.00", report=lambda *_: None)

    def edit() -> None:
        dice = random.Random(1)  # noqa: S311
        for _ in range(ROUNDS):
            reprice(products, dice)

    def shop() -> None:
        dice = random.Random(2)  # noqa: S311
        for number in range(ROUNDS):
            buy(products, dice, f"order-{number}")

    in_threads(load, edit, shop)

    assert_verified()


def buy(products: list[int], dice: random.Random, reference: str) -> None:
    """Hold what can be held, and give it back."""
    variants = ProductVariant.objects.filter(product_id__in=dice.sample(products, 5)).values_list("pk", flat=True)
    wanted = [variant for variant, free in stock.free(list(variants)).items() if free]
    try:
        with transaction.atomic():
            stock.hold(dict.fromkeys(wanted, 1), reference=reference, expires_at=None)
    except stock.InsufficientStock:
        return
    with transaction.atomic():
        stock.release(reference)
