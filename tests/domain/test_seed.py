"""Seeding: a catalog of any size for load tests, and the demo that fills an empty shop."""

from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.postgres.search import SearchQuery
from django.core.management import CommandError, call_command
from django.db.models import Count, Max

from accounts import actors, staff
from accounts.models import User
from catalog import facts, seeding
from catalog.demo.reviews import OPINIONS
from catalog.models import (
    Brand,
    Category,
    CategoryFacts,
    Offer,
    Price,
    Product,
    ProductImage,
    ProductVariant,
    StockLevel,
    StockMovement,
)
from checkout.models import ShippingMethod, ShippingRate, ShippingZone
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def seed(products: int = 300, **options: Any) -> str:
    out = StringIO()
    call_command("seed", products=products, stdout=out, **options)
    return out.getvalue()


def test_makes_as_many_as_it_is_told() -> None:
    said = seed(120, categories=25, currency="JPY")

    assert said == "120 products in 25 categories, priced in JPY.\n"
    assert (Product.objects.count(), Category.objects.count()) == (120, 25)
    assert set(Price.objects.values_list("price_list__currency", flat=True)) == {"JPY"}
    assert all(amount == int(amount) for amount in Price.objects.values_list("amount", flat=True))


@pytest.mark.parametrize(("products", "categories"), [(1, 1), (3, 2), (40, 7), (101, 45)])
def test_every_size_is_consistent(products: int, categories: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "_BATCH", 50)

    seed(products, categories=categories)

    call_command("verify", verbosity=0)

    assert (Product.objects.count(), Category.objects.count()) == (products, categories)
    assert not Product.objects.filter(search=None).exists()


def test_is_spread_as_a_real_catalog_is() -> None:
    seed(1500, categories=60)

    offers = Offer.objects.count()
    sizes = ProductVariant.objects.values("product").annotate(size=Count("pk")).values_list("size", flat=True)
    assert (min(sizes), max(sizes)) == (1, 15)
    assert 0.12 < Offer.objects.filter(is_on_sale=True).count() / offers < 0.18
    assert 0.03 < Offer.objects.filter(is_in_stock=False).count() / offers < 0.07
    assert 4 <= Category.objects.aggregate(depth=Max("depth"))["depth"] <= 6
    cheapest, dearest = Offer.objects.order_by("price_min").first(), Offer.objects.order_by("price_min").last()
    assert cheapest is not None
    assert dearest is not None
    assert dearest.price_min > 40 * cheapest.price_min


def test_is_the_same_on_every_run() -> None:
    def drawn() -> list[Any]:
        rows = Price.objects.order_by("variant__sku").values_list(
            "variant__sku", "variant__title", "variant__product__handle", "variant__product__category__handle", "amount"
        )
        return list(rows)

    seed(200)
    first = drawn()

    seed(200, fresh=True)

    assert drawn() == first


def test_every_level_has_its_movement() -> None:
    seed(50)

    assert StockLevel.objects.count() == ProductVariant.objects.count()
    assert StockMovement.objects.count() == StockLevel.objects.filter(on_hand__gt=0).count()


def test_draws_the_pictures_its_products_show(tmp_path: Path) -> None:
    seed(50)

    sources = set(ProductImage.objects.values_list("src", flat=True))
    assert len(sources) > 10
    assert all((tmp_path / src).read_text().startswith("<svg") for src in sources)


def test_refuses_to_seed_twice() -> None:
    seed(10)

    with pytest.raises(CommandError) as refused:
        seed(20)

    assert str(refused.value) == "The shop already has 10 seeded products; --fresh deletes them first."
    assert Product.objects.count() == 10


def test_fresh_deletes_what_was_seeded_and_nothing_else() -> None:
    mine = builders.a_product("Mine", brand="Mine")
    seed(30)
    moved = Product.objects.filter(external_id="seed-product-1")
    moved.update(category=mine.category)
    facts.refresh(moved.values_list("pk", flat=True))

    seed(10, fresh=True)

    call_command("verify", verbosity=0)
    assert Product.objects.count() == 11
    assert Brand.objects.filter(name="Mine").exists()
    assert CategoryFacts.objects.get(category=mine.category).product_count == 1


@pytest.mark.parametrize("what", ["product", "category"])
def test_fresh_refuses_where_something_of_the_merchants_stands_in_a_seeded_category(what: str) -> None:
    seed(10)
    root = Category.objects.filter(depth=1).order_by("path")[0]
    if what == "product":
        builders.a_product(category=root)
    else:
        builders.a_category(parent=root)

    with pytest.raises(CommandError) as refused:
        seed(10, fresh=True)

    assert str(refused.value) == "Categories or products of your own stand in seeded categories; move them away first."
    assert Product.objects.filter(external_id__startswith="seed-").count() == 10


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"currency": "XXL"}, "XXL is not a currency."),
        ({"products": 0}, "There must be one product and one category at least."),
        ({"categories": 0}, "There must be one product and one category at least."),
    ],
)
def test_refuses_sizes_that_make_no_sense(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        seed(**{"products": 1} | options)

    assert str(refused.value) == sentence


def seed_demo(**options: Any) -> list[str]:
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.fixture
def _debug(settings: Any) -> None:
    settings.DEBUG = True


@pytest.mark.usefixtures("_debug")
def test_fills_an_empty_shop(tmp_path: Path) -> None:
    said = seed_demo()

    call_command("verify", verbosity=0)
    assert Product.objects.filter(search=SearchQuery("mug", config="simple")).exists()
    assert all((tmp_path / src).is_file() for src in ProductImage.objects.values_list("src", flat=True))
    assert f"product: {Product.objects.count()} created" in said
    assert f"reviews: {len(OPINIONS)} created" in said
    assert 'Everybody has the password "demo-password-1":' in said
    assert "  owner@example.com (Owner)" in said


@pytest.mark.usefixtures("_debug")
def test_a_second_demo_changes_nothing() -> None:
    alice = builders.a_customer("alice@example.com")
    zone = ShippingZone.objects.create(title="Nearby")
    bicycle = ShippingMethod.objects.create(handle="standard", title="By bicycle", zone=zone)
    ShippingRate.objects.create(method=bicycle, currency="USD", amount=Decimal(1))
    seed_demo()
    before = list(Product.objects.order_by("pk").values_list("pk", "updated_at"))

    said = seed_demo()

    assert [line for line in said if "created" in line] == [
        "shipping methods: 0 created",
        "staff roles: 0 created",
        "reviews: 0 created",
        "logins: 0 created",
    ]
    assert list(Product.objects.order_by("pk").values_list("pk", "updated_at")) == before
    assert ShippingRate.objects.values_list("method__title", "amount").get(method=bicycle) == ("By bicycle", Decimal(1))
    alice.refresh_from_db()
    assert alice.check_password(builders.PASSWORD)


def test_demo_speaks_the_currency_of_the_shop(settings: Any) -> None:
    settings.SHOP_CURRENCY = "JPY"

    seed_demo()

    assert set(Price.objects.values_list("price_list__currency", flat=True)) == {"JPY"}
    assert list(
        ShippingRate.objects.order_by("method__position").values_list(
            "method__handle", "method__title", "currency", "amount", "free_from"
        )
    ) == [
        ("standard", "Standard", "JPY", Decimal(490), Decimal(5000)),
        ("express", "Express", "JPY", Decimal(1290), None),
        ("international", "International", "JPY", Decimal(1990), None),
    ]


@pytest.mark.usefixtures("_debug")
def test_demo_people_may_do_what_their_roles_allow() -> None:
    seed_demo()

    held = {user.email: actors.of_user(user).permissions for user in User.objects.all()}
    assert held == {
        "owner@example.com": frozenset(staff.Permission),
        "merchandiser@example.com": staff.ROLES["Merchandiser"],
        "fulfilment@example.com": staff.ROLES["Fulfilment"],
        "alice@example.com": frozenset(),
        "bob@example.com": frozenset(),
    }
    assert all(user.check_password("demo-password-1") for user in User.objects.all())


def test_demo_outside_debug_has_roles_and_no_logins(settings: Any) -> None:
    settings.DEBUG = False

    said = seed_demo(verbosity=0)

    assert said == []
    assert not User.objects.exists()
    assert {
        group.name: {permission.codename for permission in group.permissions.all()} for group in Group.objects.all()
    } == {name: {str(permission) for permission in permissions} for name, permissions in staff.ROLES.items()}
