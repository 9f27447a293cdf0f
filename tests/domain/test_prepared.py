"""Prepared reads: the rows of the queryset, whatever the values, and a plain refusal where that cannot be promised."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product as combined
from json import JSONDecoder
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, JSONField, Q, QuerySet, Value
from django.db.models.functions import Cast, JSONObject
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.actors import GUEST, SYSTEM
from catalog import browsing, details, finding, lists, recommendations, search, stock
from catalog.browsing import ProductSort
from catalog.filters import ProductFilter, Rule
from catalog.finding import Wanted
from catalog.lists import CollectionRow, CollectionSort
from catalog.models import Brand, Category, PriceList, Product, ProductVariant, StockLevel
from catalog.models.price import Tariff, base_of
from catalog.shopper import Shopper
from checkout import carts, delivery, payments, shipping
from checkout.models import Cart, CartAddress, Payment
from shop import paging, prepared
from shop.paging import InvalidPage, PageRequest
from shop.prepared import CannotPrepare
from tests import builders

SHOPPER, KEEPER = Shopper(GUEST, "USD"), Shopper(SYSTEM, "USD")
USD, EUR = Tariff(base_of("USD")), Tariff(base_of("EUR"))
AS_GUEST_AND_STAFF = [{"keeps_catalog": False}, {"keeps_catalog": True}]
FILTERS: list[dict[str, Any]] = [
    {},
    {"category_path": True},
    {"collection_id": True},
    {"available": True},
    {"on_sale": False},
    {"price_min": Decimal(6)},
    {"price_max": Decimal("20.00")},
    {"price_min": Decimal(6), "price_max": Decimal(20)},
    {"brands": ("Clay",)},
    {"brands": ("Clay", "Iron"), "product_types": ("Mug", "Pot"), "tags": ("new", "sale")},
    {"rules": (Rule(tag="new"), Rule(on_sale=False))},
    {
        "rules": (
            Rule(price_list_id=EUR.price_list_id, price_min=Decimal(6)),
            Rule(published_since=datetime(2025, 1, 1, tzinfo=UTC)),
        )
    },
    {
        "rules": (Rule(tag="sale"), Rule(price_list_id=USD.price_list_id, price_max=Decimal(6)), Rule(brand_id=1)),
        "any_rule": True,
    },
    {"asked": search.read("mug")},
    {"within": True},
    {"rating_min": Decimal(4), "hides_sold_out": True},
]


@pytest.fixture
def shelf(db) -> dict[str, object]:
    """Products of every kind: priced in two currencies or none, sold out, drafts, in branches shown and hidden."""
    root = builders.a_category("Root")
    child, hidden = builders.a_category("Child", parent=root), builders.a_category("Off", parent=root, is_active=False)
    made = [
        builders.a_product("Blue Mug", category=root, brand="Clay", tags=["new"], product_type="Mug", images=2),
        builders.a_product("Red Mug", category=child, price="5.00", compare_at="9.00", brand="Iron", variants=3),
        builders.a_product("Big Pot", category=child, price="30.00", tags=["sale"], product_type="Pot", stock_=0),
        builders.a_product("Far Mug", category=child, currency="EUR"),
        builders.a_product("Odd Mug", category=child, price=None),
        builders.a_product("New Mug", category=root, status="DRAFT", images=1),
        builders.a_product("Lost Mug", category=hidden),
    ]
    Product.objects.filter(pk=made[1].pk).update(sold_count=7, published_at=datetime(2026, 1, 1, tzinfo=UTC))
    builders.a_price_list("Sale", prices={made[0].variants.get(): "2.00"}, starts_at=datetime(2099, 1, 1, tzinfo=UTC))
    chosen = builders.a_collection("Chosen", products=made[::-1])
    return {"products": made, "root": root, "child": child, "hidden": hidden, "chosen": chosen}


def all_filters(shelf) -> list[ProductFilter]:
    known = {
        "category_path": shelf["root"].path,
        "within": (shelf["child"].path, shelf["hidden"].path),
        "collection_id": shelf["chosen"].pk,
    }
    return [ProductFilter(**{name: known.get(name, value) for name, value in one.items()}) for one in FILTERS]


def sale() -> Tariff:
    return Tariff(PriceList.objects.get(title="Sale").pk, has_base=True)


def assert_as_plain(statement, *values, **shape):
    """The rows, and the types in them, that the queryset has with the same values."""
    rows = statement(*values, **shape)
    assert list(map(repr, rows)) == list(map(repr, statement.queryset(*values, **shape)))
    return rows


@pytest.mark.parametrize("sort", [sort for sort in ProductSort if sort is not ProductSort.RELEVANCE])
def test_pages_in_every_order_are_those_of_the_queryset(shelf, sort):
    wanted = ProductFilter(collection_id=shelf["chosen"].pk)
    for reverse, request, is_alone in (
        (False, PageRequest(first=2), True),
        (True, PageRequest(first=2), False),
        (False, PageRequest(last=2), False),
    ):
        order = browsing._order(sort, reverse=reverse)
        shape = {"keeps_catalog": False, "order": order, "request": request, "is_alone": is_alone}
        rows = assert_as_plain(browsing._page, 3, USD, wanted, None, None, **shape)
        first, *_, last = [((row[2],) if order.key == "pk" else (row[2], row[3])) for row in rows]
        for after, before in ((first, None), (None, last), (first, last)):
            assert_as_plain(browsing._page, 3, USD, wanted, after, before, **shape)


@pytest.mark.parametrize("shape", AS_GUEST_AND_STAFF)
def test_pages_of_what_meets_conditions_are_those_of_the_queryset(shelf, shape):
    order = browsing._order(ProductSort.PRICE, reverse=False)
    for tariff, wanted in combined([USD, sale()], all_filters(shelf)):
        if not wanted.asked:
            all_ways = {**shape, "order": order, "request": PageRequest(), "is_alone": True}
            assert_as_plain(browsing._page, 3, tariff, wanted, None, None, **all_ways)


@pytest.mark.parametrize("shape", AS_GUEST_AND_STAFF)
def test_other_reads_are_those_of_the_queryset(shelf, shape):
    ids = [one.pk for one in shelf["products"]]
    variants = list(ProductVariant.objects.values_list("pk", flat=True))
    paths, first = list(Category.objects.values_list("path", flat=True)), PageRequest(first=2)

    shown = assert_as_plain(browsing._products_by_id, ids, USD.price_list_id, **shape)
    assert len(shown) == (7 if shape["keeps_catalog"] else 3)
    assert_as_plain(browsing._product_by_handle, "blue-mug", USD.price_list_id, **shape)
    assert_as_plain(browsing._products_by_handle, ["blue-mug", "red-mug", "none"], EUR.price_list_id, **shape)
    assert_as_plain(browsing._products_regardless, ids, base_of("JPY"))
    assert_as_plain(details._variants, ids, USD, **shape)
    assert_as_plain(details._variants, ids, sale(), **shape)
    assert_as_plain(details._breaks, variants, sale())
    assert_as_plain(details._variants_by_id, variants, EUR)
    assert_as_plain(details._visible_variants, variants, USD, **shape)
    assert_as_plain(details._images, ids, 1)
    assert_as_plain(details._options, ids)
    assert_as_plain(recommendations._origin, ids[0], **shape)
    for near in ((paths[0], None, None), (None, Brand.objects.earliest("pk").pk, None), (None, None, ["new", "sale"])):
        assert_as_plain(recommendations._near, 1, USD.price_list_id, ids[1], near, limit=3, **shape)
    assert_as_plain(lists._categories_by_handle, "child", **shape)
    assert_as_plain(lists._categories_by_id, [shelf["hidden"].pk, shelf["child"].pk], **shape)
    assert_as_plain(lists._categories_by_path, paths, **shape)
    assert_as_plain(lists._children, paths, [1, 2, 3], min(paths), max(paths), **shape)
    assert_as_plain(lists._collections_by_handle, ["chosen", "root", "off"], **shape)
    assert_as_plain(lists._collections_by_id, [shelf["chosen"].pk], [shelf["root"].pk], **shape)
    for roots_only in (True, False):
        assert_as_plain(lists._tree, None, (paths[-1], 1), request=first, roots_only=roots_only, **shape)


def assert_as_plain_instances(statement, *values, **shape):
    """The instances, and those that came along with them, that the queryset has with the same values."""

    def told(instance):
        state = {**instance.__dict__, "_state": (instance._state.adding, instance._state.db)}
        related = {name: told(one) for name, one in instance._state.fields_cache.items()}
        return type(instance), repr(sorted(state.items())), related

    instances = statement(*values, **shape)
    assert list(map(told, instances)) == list(map(told, statement.queryset(*values, **shape)))
    return instances


def test_instances_are_those_of_the_queryset(db):
    mug = builders.a_variant("MUG")
    cart = builders.a_ready_cart((mug, 2), note="Soon", attributes=[{"key": "a", "value": "ü"}])
    order = builders.completed(cart)
    payment = order.payments.get()

    for lock in (True, False):
        [found] = assert_as_plain_instances(carts.with_secret, cart.secret, lock=lock)
        assert (type(found), found.attributes) == (Cart, [{"key": "a", "value": "ü"}])
    [address] = assert_as_plain_instances(delivery.addresses_of, [cart.pk, 0])
    assert (type(address), address.address["city"]) == (CartAddress, "Mountain View")
    assert len(assert_as_plain_instances(carts.locked_lines, cart.pk)) == 1
    [found] = assert_as_plain_instances(payments._lock, payment.pk)
    assert (type(found), found.order.key, found.order.delivery_address["zip"]) == (Payment, order.key, "94043")
    [level] = assert_as_plain_instances(stock._locked, [mug.pk])
    assert (type(level), level.location.code) == (StockLevel, "main")
    for country in ("US", None):
        assert len(assert_as_plain(shipping._rates, "USD", country)) == 1


def test_json_is_read_wherever_it_comes_from(db):
    @prepared.statement
    def told(pk: int) -> QuerySet:
        return CartAddress.objects.filter(pk=pk).values_list("address", "address__city", JSONObject(a=F("address")))

    kept = CartAddress.objects.create(cart=builders.a_cart(), address={"city": 'Köln "am" Rhein', "zip": None})

    assert assert_as_plain(told, kept.pk) == [(kept.address, kept.address["city"], {"a": kept.address})]


@pytest.mark.django_db(transaction=True)
def test_locks_rows_only_where_a_transaction_keeps_them_locked():
    cart = builders.a_cart()
    with transaction.atomic():
        assert carts.with_secret(cart.secret, lock=True) == [cart]

    with pytest.raises(TransactionManagementError, match="with_secret locks rows: it needs a transaction"):
        carts.with_secret(cart.secret, lock=True)


@pytest.mark.parametrize("sort", CollectionSort)
@pytest.mark.parametrize("reverse", [False, True])
def test_pages_of_collections_meet_every_one_once(shelf, sort, reverse):
    whole = lists.collections(SHOPPER, PageRequest(), sort, reverse=reverse)

    met: list[CollectionRow] = []
    has_next, cursor = True, None
    while has_next:
        found = lists.collections(SHOPPER, PageRequest(first=1, after=cursor), sort, reverse=reverse)
        met += found.rows
        has_next, cursor = found.has_next, found.cursors[-1]

    assert met == list(whole.rows)
    assert {row.handle for row in met} == {"chosen", "root", "child"}


@pytest.mark.parametrize("shopper", [SHOPPER, KEEPER, Shopper(GUEST, "EUR")])
def test_a_list_has_as_many_products_as_are_met_in_it(shelf, shopper):
    pages = browsing.products(shopper, all_filters(shelf), PageRequest(), ProductSort.ID)

    assert paging.totals(pages) == [len(page.rows) for page in pages]
    assert paging.totals(pages[1:2]) == [len(pages[1].rows)]


def test_facts_and_a_count_tell_the_same_of_every_category(shelf):
    for path, tariff in combined(["", lists.NOWHERE, *Category.objects.values_list("path", flat=True)], [USD, EUR]):
        counted = browsing._count(1, tariff, ProductFilter(category_path=path), keeps_catalog=False)
        assert browsing._count_from_facts(1, tariff.price_list_id, path) == counted


def test_a_category_is_not_counted_for_its_total(shelf):
    pages = browsing.products(SHOPPER, [ProductFilter(category_path=shelf["root"].path)], PageRequest(first=1))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert paging.totals(pages) == [3]

    assert [("catalog_product" in query["sql"], "catalog_categoryfacts" in query["sql"]) for query in queries] == [
        (False, True)
    ]


@pytest.mark.parametrize("sold", [2**63, -(2**63), 10**30])
def test_a_number_that_no_column_holds_is_refused_before_the_database_is_asked(db, sold):
    order = browsing._order(ProductSort.BEST_SELLING, reverse=False)
    request = PageRequest(after=paging.cursor(order, (str(sold), 1)))

    with pytest.raises(InvalidPage):
        browsing.products(SHOPPER, [ProductFilter()], request, ProductSort.BEST_SELLING)


@prepared.statement
def by_title(title: str, limit: int) -> QuerySet:
    """Rows that say what was asked for, in order."""
    chosen = Product.objects.filter(Q(title=title) | Q(pk__lt=limit)).order_by("pk")
    return chosen.values_list(Value(title), "title", Value(10**15), Value("100 % of %s"))


MARKS = [prepared._MARKS[str](number) for number in (30_000, 30_001, 31_000)]


@pytest.mark.parametrize(
    "title",
    [
        *MARKS,
        "",
        "%s",
        "%(a)s",
        "%%",
        "x' OR '1'='1",
        "'; DROP TABLE catalog_product; --",
        "\\' OR 1=1 --",
        "$1",
        "Ünï 🎉",
    ],
)
def test_a_value_stays_a_value_whatever_it_looks_like(db, title):
    builders.a_product("Other")
    product = builders.a_product("Mug", handle="mug")
    Product.objects.filter(pk=product.pk).update(title=title)

    rows = assert_as_plain(by_title, title, 30_000 if title in MARKS else 0)

    assert rows[-1] == (title, title, 10**15, "100 % of %s")
    assert by_title.bound(title, 1).sql == by_title.bound("Mug", 2).sql
    assert by_title.bound(title, 1).values == [title, title, 1]


def test_text_about_a_value_is_kept(shelf):
    path = shelf["root"].path

    rows = browsing._count_from_facts.bound(1, USD.price_list_id, path)

    assert rows.values.count(path + "[") == 1


def test_nothing_is_also_a_value(shelf):
    @prepared.statement
    def branded(brand_id: int | None) -> QuerySet:
        chosen = Product.objects.order_by("pk")
        return (chosen.filter(brand=None) if brand_id is None else chosen.filter(brand=brand_id)).values_list("title")

    assert len(assert_as_plain(branded, None)) == 5
    assert assert_as_plain(branded, Brand.objects.get(name="Clay").pk) == [("Blue Mug",)]
    assert branded.shapes() == 2


@pytest.mark.parametrize("ids", [[], [-1], [2**63 - 1], [1, None], list(range(10**6, 10**6 + 3000))])
def test_a_list_of_any_length_is_one_shape(shelf, ids):
    wanted = [shelf["products"][0].pk, *ids] if ids else []

    found = browsing.products_by_id(KEEPER, wanted)

    assert (shelf["products"][0].pk in found) is bool(ids)
    assert len(assert_as_plain(details._images, wanted, 9)) == (2 if ids else 0)
    assert details._images.shapes() == 1


def test_the_same_shape_is_compiled_once_and_the_oldest_is_forgotten(db):
    built = []

    @prepared.statement
    def titles(title: str, *, size: int) -> QuerySet:
        built.append(size)
        return Product.objects.filter(title=title).order_by("pk").values_list("pk")[:size]

    for size in (*range(1, prepared.MAX_SHAPES + 11), prepared.MAX_SHAPES + 10):
        titles.bound("Mug", size=size)
    assert (len(built), titles.shapes()) == (2 * (prepared.MAX_SHAPES + 10), prepared.MAX_SHAPES)

    titles.bound("Mug", size=1)
    assert built[-2:] == [1, 1]


def test_a_search_for_other_words_is_the_same_statement(db):
    for title in ("Blue mug", "Red pot"):
        builders.a_product(title)

    def found(text: str) -> list[str]:
        rows = finding.find(SHOPPER, Wanted(text, pages=False), PageRequest(first=5)).page.rows
        return [row.title for row in rows]

    assert found("blue mugs") == ["Blue mug"]
    known = finding._page.shapes()

    assert found("red pots") == ["Red pot"]
    assert finding._page.shapes() == known


def test_is_seen_by_whoever_counts_statements(shelf, django_assert_num_queries):
    with django_assert_num_queries(1) as queries:
        browsing.product(SHOPPER, "blue-mug")

    assert '"catalog_product"."handle" = $2' in queries.captured_queries[0]["sql"]


def test_several_are_one_statement_and_none_is_no_statement(shelf, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = prepared.rows([by_title.bound(title, 0) for title in ("Red Mug", "Big Pot")])
    with django_assert_num_queries(0):
        nothing = prepared.rows([])

    assert sorted(row[1] for row in found) == ["Big Pot", "Red Mug"]
    assert nothing == []


@pytest.mark.parametrize(
    ("build", "values", "message"),
    [
        (lambda size: Product.objects.values_list("pk")[:size], [5], "writes a value into the text of its SQL"),
        (lambda pk, _: Product.objects.filter(pk=pk).values_list("pk"), [1, 2], "does not pass on every value"),
        (lambda pk: Product.objects.filter(pk=pk + 1).values_list("pk"), [1], "A value was changed on its way"),
        (lambda word: Product.objects.filter(title=word.strip()).values_list("pk"), ["a"], "was changed on its way"),
        (lambda word: Product.objects.filter(title=word.lower()).values_list("pk"), ["a"], "was changed on its way"),
        (
            lambda word: Product.objects.filter(title__startswith=word).values_list("pk"),
            ["a"],
            "was changed on its way",
        ),
        (lambda word: Product.objects.filter(title__contains=word).values_list("pk"), ["a"], "was changed on its way"),
        (lambda ids: Product.objects.filter(pk__in=ids).values_list("pk"), [[1, 2]], None),
        (
            lambda pk: Product.objects.filter(pk=pk).values_list(Cast("title", JSONField(decoder=JSONDecoder))),
            [1],
            "is not what the database answers",
        ),
    ],
)
def test_refuses_what_it_could_not_run_with_other_values(db, build, values, message):
    # A list whose length shows in the SQL does not get as far as being compiled: its mark is no number.
    with pytest.raises(CannotPrepare if message else ValueError, match=message):
        prepared.statement(build)(*values)


@pytest.mark.parametrize("value", [b"bytes", {"a": 1}, {1, 2}, object()])
def test_takes_only_kinds_of_values_it_knows(db, value):
    with pytest.raises(TypeError, match="A prepared statement takes no "):
        by_title(value, 1)


def test_threads_that_ask_at_once_get_the_same(db):
    @prepared.statement
    def titles(title: str, *, size: int) -> QuerySet:
        return Product.objects.filter(title=title).values_list("pk")[:size]

    def ask(number):
        try:
            return titles.bound(f"Mug {number}", size=number % 3 + 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        bound = list(threads.map(ask, range(60)))

    assert [one.values for one in bound] == [[f"Mug {number}"] for number in range(60)]
    assert len({one.sql for one in bound}) == 3


@pytest.mark.django_db(transaction=True)
def test_outlives_a_column_that_changes_its_type():
    brand = Brand.objects.create(name="Clay", handle="clay")

    @prepared.statement
    def names(ids: list[int]) -> QuerySet:
        return Brand.objects.filter(pk__any=ids).values_list("name")

    def retype(kind):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE catalog_brand ALTER name TYPE {kind}")

    assert [names([brand.pk]) for _ in range(8)] == [[("Clay",)]] * 8
    with connection.cursor() as cursor:
        cursor.execute('SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE \'%"catalog_brand"."name"%\'')
        assert cursor.fetchone() == (1,)
    try:
        retype("text")
        assert [names([brand.pk]) for _ in range(8)] == [[("Clay",)]] * 8
    finally:
        retype("varchar(255)")
