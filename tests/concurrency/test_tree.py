"""Many writers in one tree: it stays sound, what is derived stays true, and nobody meets more than a refusal."""

import random
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest

from accounts.actors import SYSTEM
from catalog import categories, products
from catalog.models import Category, Product
from shop.errors import NotFound, Refusal, Refusals
from tests import builders
from tests.concurrency.refusals import refused_at_once
from tests.concurrency.test_facts import in_threads

pytestmark = pytest.mark.django_db(transaction=True)

Work = Callable[[random.Random], None]
ROUNDS = 12


def any_category(dice: random.Random) -> int:
    keys: list[int] = list(Category.objects.values_list("pk", flat=True))
    return dice.choice(keys)


def create(dice: random.Random) -> None:
    parent = dice.choice([None, any_category(dice)])
    categories.create(category={"title": f"Category {dice.randrange(5)}", "parent_id": parent})


def move(dice: random.Random) -> None:
    parent = dice.choice([None, any_category(dice), any_category(dice)])
    categories.move(category_id=any_category(dice), parent_id=parent)


def reorder(dice: random.Random) -> None:
    before = Category.objects.get(pk=any_category(dice))
    parent = Category.objects.filter(path=before.path[: -Category.steplen]).first()
    categories.move(category_id=any_category(dice), parent_id=parent and parent.pk, before_id=before.pk)


def switch(dice: random.Random) -> None:
    categories.update(
        category_id=any_category(dice),
        category={"is_active": dice.random() < 0.6, "max_quantity": dice.choice([None, 1, 2])},
    )


def delete(dice: random.Random) -> None:
    categories.delete(category_id=any_category(dice))


def sell(dice: random.Random) -> None:
    sku = str(dice.randrange(10**9))
    products.create(
        actor=SYSTEM,
        product={
            "title": "Mug",
            "category_id": any_category(dice),
            "status": "ACTIVE",
            "variants": [{"sku": sku, "price": Decimal(dice.randrange(1, 99)), "inventory_quantity": 1}],
        },
    )


def carry(dice: random.Random) -> None:
    product = dice.choice(list(Product.objects.values_list("pk", flat=True)))
    products.update(product_id=product, product={"category_id": any_category(dice)})


def unless_refused(work: Work, seed: int, rounds: int) -> Callable[[], None]:
    """Do the work again and again: refusals are answers, anything else fails the test."""

    def again() -> None:
        dice = random.Random(seed)  # noqa: S311  (a test that fails must fail again)
        for _ in range(rounds):
            with suppress(Refusal, Refusals):
                work(dice)

    return again


def test_eight_writers_leave_a_sound_tree(assert_verified: Callable[[], None]) -> None:
    top = builders.a_category("Top")
    for _ in range(6):
        builders.a_product(category=builders.a_category(parent=top))
    works: list[Work] = [create, create, move, reorder, switch, delete, sell, carry]

    in_threads(*(unless_refused(work, seed, ROUNDS) for seed, work in enumerate(works)))

    assert Category.objects.find_problems() == ([], [], [], [], [])
    assert Category.objects.count() > 7
    assert_verified()


def test_a_category_and_its_first_product_meet_in_one_order_or_the_other(assert_verified: Callable[[], None]) -> None:
    for number in range(12):
        place = builders.a_category().pk
        works = [placing_a_product(place), removing(place)]

        [refusal] = refused_at_once(*works[:: (-1) ** number])

        is_there = Category.objects.filter(pk=place).exists()
        assert Product.objects.filter(category_id=place).exists() == is_there
        assert type(refusal) is (categories.NotEmpty if is_there else NotFound)
    assert_verified()


def placing_a_product(place: int) -> Callable[[], object]:
    return lambda: products.create(
        actor=SYSTEM,
        product={
            "title": "Mug",
            "category_id": place,
            "variants": [{"sku": f"MUG-{place}", "price": Decimal(8)}],
        },
    )


def removing(place: int) -> Callable[[], None]:
    return lambda: categories.delete(category_id=place)


def test_siblings_made_at_once_all_have_handles_of_their_own(assert_verified: Callable[[], None]) -> None:
    top = builders.a_category("Top")

    refused = refused_at_once(*[lambda: categories.create(category={"title": "Mugs", "parent_id": top.pk})] * 8)

    assert refused == []
    handles = set(Category.objects.filter(depth=2).values_list("handle", flat=True))
    assert handles == {"mugs", *(f"mugs-{number}" for number in range(2, 9))}
    assert Category.objects.find_problems() == ([], [], [], [], [])
    assert_verified()
