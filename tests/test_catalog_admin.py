"""The catalog in Django's admin: everything can be read, nothing can be changed, and the tree can be dragged."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission as StoredPermission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.staff import Permission
from catalog import price_lists, stock
from catalog.models import (
    AttributeKind,
    BulkJob,
    Category,
    DigitalFile,
    LowStock,
    Menu,
    MenuItem,
    Page,
    Product,
    ScheduledPriceChange,
    SearchSynonym,
    SearchWord,
    StockCount,
    StockLevel,
    StockLocation,
    StockMovement,
    StockTransfer,
    UrlRedirect,
)
from tests import builders

PERMISSIONS = {
    "review": Permission.MANAGE_REVIEWS,
    "lowstock": Permission.MANAGE_INVENTORY,
    "stockcount": Permission.MANAGE_INVENTORY,
    "stocklevel": Permission.MANAGE_INVENTORY,
    "stocklocation": Permission.MANAGE_INVENTORY,
    "stockmovement": Permission.MANAGE_INVENTORY,
    "stocktransfer": Permission.MANAGE_INVENTORY,
    "wishlist": Permission.MANAGE_CUSTOMERS,
    "productalert": Permission.MANAGE_CUSTOMERS,
}
NOUNS = [
    "attribute",
    "product",
    "category",
    "collection",
    "brand",
    "page",
    "menu",
    "urlredirect",
    "searchsynonym",
    "searchword",
    "bulkjob",
    "bundlepart",
    "digitalfile",
    "pricelist",
    "scheduledpricechange",
    *PERMISSIONS,
]


# The rows of these `another` knows how to make.
LISTED = ["product", "category", "collection", "brand", "page", "menu", "urlredirect", "review", "stocklevel"]
LISTED += ["stocklocation", "stockmovement", "stocktransfer", "wishlist", "productalert"]


@pytest.fixture
def staff(client, sam):
    """A browser in which sam is signed in."""
    client.force_login(sam)
    return client


def a_count(product):
    count = StockCount.objects.create(location=stock.default_location())
    count.lines.create(variant=product.variants.all()[0], location=count.location)
    return count


def a_transfer(product):
    transfer = StockTransfer.objects.create(origin=stock.default_location(), destination=builders.a_location())
    transfer.lines.create(variant=product.variants.all()[0], quantity=1)
    return transfer


def a_planned_price(product):
    when = {"at": timezone.now() + timedelta(days=1), "price_list_id": price_lists.base("USD")}
    return ScheduledPriceChange.objects.create(variant=product.variants.latest("pk"), amount=Decimal(3), **when)


@pytest.fixture
def things(db):
    """One of everything, by the name that the admin has for it."""
    product = builders.a_product("Mug", category=builders.a_category("Mugs"), brand="Clay", variants=2, images=1)
    menu = Menu.objects.create(handle="main", title="Main")
    MenuItem.objects.create(menu=menu, title="Mugs", path="/collections/mugs", position=0)
    colour = builders.an_attribute("Colour", AttributeKind.CHOICE, "Red", on=product.category)
    builders.described(product, colour, "red")
    return {
        "attribute": colour,
        "product": product,
        "category": product.category,
        "collection": builders.a_collection("Gifts", products=[product]),
        "brand": product.brand,
        "page": Page.objects.create(handle="about", title="About us"),
        "menu": menu,
        "urlredirect": UrlRedirect.objects.create(path="/old-mug", target="/products/mug"),
        "bulkjob": BulkJob.objects.create(kind="EXPORT", format="CSV"),
        "review": builders.a_review(product),
        "lowstock": LowStock.objects.create(variant=product.variants.all()[0], since=timezone.now()),
        "stockcount": a_count(product),
        "stocklevel": StockLevel.objects.all()[0],
        "stocklocation": StockLocation.objects.all()[0],
        "stocktransfer": a_transfer(product),
        "stockmovement": StockMovement.objects.all()[0],
        "wishlist": builders.a_wishlist(*product.variants.all()),
        "pricelist": builders.a_price_list("Sale"),
        "scheduledpricechange": a_planned_price(product),
        "productalert": builders.an_alert(product.variants.latest("pk")),
        "searchsynonym": SearchSynonym.objects.create(terms=["mug", "cup"]),
        "searchword": SearchWord.objects.create(word="mug", product_count=1),
        "bundlepart": builders.a_bundle((product.variants.all()[0], 1), category=product.category).parts.get(),
        "digitalfile": DigitalFile.objects.create(name="1/score.pdf", file_name="score.pdf", title="Score", size=1),
    }


def url(noun, page=""):
    return f"/admin/catalog/{noun}/{page}"


@pytest.mark.parametrize("noun", NOUNS)
def test_shows_a_list_and_each_thing(staff, things, noun):
    pages = [staff.get(url(noun)), staff.get(url(noun, f"{things[noun].pk}/change/"))]

    assert [page.status_code for page in pages] == [200, 200]
    names = {
        "stocklevel": "SKU-",
        "stockmovement": "SKU-",
        "review": "Ada B.",
        "productalert": "SKU-",
        "bundlepart": "SKU-",
        "urlredirect": "/old-mug",
        "scheduledpricechange": "SKU-",
    }
    name = names.get(noun) or str(things[noun])
    assert all(name in page.content.decode() for page in pages)


@pytest.mark.parametrize("noun", NOUNS)
def test_lets_nobody_add_or_remove(staff, things, noun):
    pages = [staff.get(url(noun, "add/")), staff.post(url(noun, f"{things[noun].pk}/delete/"), {"post": "yes"})]

    assert [page.status_code for page in pages] == [403, 403]
    assert type(things[noun]).objects.filter(pk=things[noun].pk).exists()


def test_lets_nobody_change_a_product(staff, things):
    page = staff.post(url("product", f"{things['product'].pk}/change/"), {"title": "Hacked", "status": "ARCHIVED"})

    things["product"].refresh_from_db()
    assert page.status_code == 403
    assert (things["product"].title, things["product"].status) == ("Mug", "ACTIVE")


def test_lets_nobody_change_the_texts_of_a_category(staff, things):
    staff.post(url("category", f"{things['category'].pk}/change/"), {"title": "Hacked", "is_active": ""})

    mugs = Category.objects.get()
    assert (mugs.title, mugs.is_active, mugs.is_listed) == ("Mugs", True, True)


@pytest.mark.parametrize("noun", NOUNS)
def test_turns_away_staff_whose_role_does_not_include_it(client, things, noun):
    needed = PERMISSIONS.get(noun, Permission.MANAGE_CATALOG)
    user = builders.a_customer(is_staff=True)
    user.user_permissions.set(StoredPermission.objects.exclude(codename=needed))
    client.force_login(user)

    assert client.get(url(noun)).status_code == 403


def test_drags_a_category_with_all_that_follows_from_it(staff, assert_verified):
    hidden = builders.a_category("Hidden", is_active=False)
    mugs, cups = builders.a_category("Mugs"), builders.a_category("Cups")

    below = staff.post(url("category", "move/"), {"node": cups.pk, "target": hidden.pk, "relation": "child"})
    before = staff.post(url("category", "move/"), {"node": mugs.pk, "target": hidden.pk, "relation": "sibling"})

    assert (below.status_code, before.status_code) == (200, 200)
    assert list(Category.objects.order_by("path").values_list("depth", "handle", "is_listed")) == [
        (1, "mugs", True),
        (1, "hidden", False),
        (2, "cups", False),
    ]
    assert_verified()


@pytest.mark.parametrize("target", ["mugs", "cups", "404", "x"])
def test_refuses_to_drag_a_category_below_itself_or_to_nowhere(staff, target):
    mugs = builders.a_category("Mugs")
    cups = builders.a_category("Cups", parent=mugs)
    keys = {"mugs": mugs.pk, "cups": cups.pk}

    answer = staff.post(
        url("category", "move/"), {"node": mugs.pk, "target": keys.get(target, target), "relation": "child"}
    )

    assert answer.status_code == 400
    assert list(Category.objects.values_list("depth", "handle")) == [(1, "mugs"), (2, "cups")]


def test_turns_away_a_drag_by_staff_who_may_not_keep_the_catalog(client, alice):
    mugs, cups = builders.a_category("Mugs"), builders.a_category("Cups")
    alice.is_staff = True
    alice.save()
    client.force_login(alice)

    answer = client.post(url("category", "move/"), {"node": mugs.pk, "target": cups.pk, "relation": "child"})

    assert answer.status_code == 403
    assert set(Category.objects.values_list("depth", flat=True)) == {1}


def test_a_product_costs_the_same_however_many_variants(staff):
    def cost_of(size):
        product = builders.a_product(variants=size, images=size)
        with CaptureQueriesContext(connection) as queries:
            staff.get(url("product", f"{product.pk}/change/"))
        return len(queries)

    cost_of(1)  # from here on Django remembers what it looks up once in a process
    assert cost_of(2) == cost_of(20)


def another(noun):
    """Make one more row of a list, each with relations of its own."""
    match noun:
        case "category":
            builders.a_category(parent=builders.a_category())
        case "page":
            builders.a_page()
        case "urlredirect":
            builders.a_redirect(f"/old-{UrlRedirect.objects.count()}", "/new")
        case "menu":
            builders.a_menu(f"menu-{Menu.objects.count()}", [])
        case "collection":
            builders.a_collection()
        case "stocklocation":
            builders.a_location()
        case "stocktransfer":
            a_transfer(builders.a_product())
        case "review":
            builders.a_review(builders.a_product())
        case "wishlist":
            builders.a_wishlist()
        case "productalert":
            builders.an_alert(builders.a_variant())
        case _:
            builders.stocked(builders.a_variant(brand=f"Brand {Product.objects.count()}"), builders.a_location(), 1)


@pytest.mark.parametrize("noun", LISTED)
def test_a_list_costs_the_same_however_long(staff, noun):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(url(noun)).status_code == 200
        return len(queries)

    another(noun)
    cost()  # from here on Django remembers what it looks up once in a process
    few = cost()
    for _ in range(19):
        another(noun)

    assert cost() == few
