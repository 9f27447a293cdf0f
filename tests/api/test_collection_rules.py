"""Collections with rules: set by collectionCreate and collectionUpdate, and read anew each time, never copied."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import soundness
from catalog.models import Collection, CollectionRule, Product
from shop import clock
from tests import builders

RULE_SET = """
ruleSet {
  match
  rules {
    category { title } tag brand price { min { amount currencyCode } max { amount } } onSale publishedWithinDays
  }
}
"""
CREATE = (
    """
mutation ($collection: CollectionCreateInput!) {
  collectionCreate(collection: $collection) {
    collection { id products(first: 50) { totalCount nodes { title } } RULE_SET }
    userErrors { code field message }
  }
}
"""
).replace("RULE_SET", RULE_SET)
UPDATE = CREATE.replace("mutation (", "mutation ($id: ID!, ").replace("Create(", "Update(id: $id, ")
UPDATE = UPDATE.replace("CreateInput", "UpdateInput").replace("collectionCreate", "collectionUpdate")
PRODUCTS = """
query ($handle: String!, $sortKey: ProductCollectionSortKeys, $filters: [ProductFilter!]) {
  collection(handle: $handle) {
    products(first: 50, sortKey: $sortKey, filters: $filters) { totalCount nodes { title } }
  }
}
"""
MANY = "{ collections(first: 30) { nodes { title products(first: 5) { totalCount nodes { title } } } } }"


@pytest.fixture
def home(db):
    return builders.a_category("Home")


@pytest.fixture
def things(home):
    """Products that differ in all that a rule can ask for, the best sellers first."""
    kitchen = builders.a_category("Kitchen", parent=home)
    made = [
        builders.a_product("Mug", category=kitchen, brand="Clay", tags=["new"], price="5.00", sold_count=9),
        builders.a_product("Lamp", category=home, brand="Iron", price="30.00", compare_at="40.00", sold_count=7),
        builders.a_product("Rake", brand="Iron", tags=["new", "steel"], price="20.00", sold_count=5),
        builders.a_product("Book", price="9.00", currency="EUR", tags=["new"], sold_count=3),
    ]
    Product.objects.filter(title="Mug").update(published_at=clock.now() - timedelta(days=5))
    Product.objects.exclude(title="Mug").update(published_at=clock.now() - timedelta(days=50))
    return made


@pytest.fixture
def create(execute, sam):
    def send(match, *rules, **collection):
        given = {"title": "Found", "ruleSet": {"match": match, "rules": list(rules)}, **collection}
        return execute(CREATE, as_=sam, collection=given)["collectionCreate"]

    return send


@pytest.fixture
def update(execute, sam):
    def send(collection, **fields):
        return execute(UPDATE, as_=sam, id=builders.id_of(collection), collection=fields)["collectionUpdate"]

    return send


@pytest.fixture
def shown(execute):
    """What shoppers see of the collection that `create` makes."""

    def titles(**variables):
        found = execute(PRODUCTS, handle="found", **variables)["collection"]["products"]
        assert found["totalCount"] == len(found["nodes"])
        return [node["title"] for node in found["nodes"]]

    return titles


def refused(code, field, message):
    return {
        "collection": None,
        "userErrors": [{"code": code, "field": ["collection", "ruleSet", *field], "message": message}],
    }


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"tag": "new"}, ["Mug", "Rake"]),
        ({"tag": "NEW"}, []),
        ({"brand": "iron"}, ["Lamp", "Rake"]),
        ({"price": {"min": "20.00"}}, ["Lamp", "Rake"]),
        ({"price": {"max": "20.00"}}, ["Mug", "Rake"]),
        ({"price": {"min": "6.00", "max": "25.00", "currency": "USD"}}, ["Rake"]),
        ({"price": {"min": "6.00", "currency": "EUR"}}, []),
        ({"onSale": True}, ["Lamp"]),
        ({"onSale": False}, ["Mug", "Rake"]),
        ({"publishedWithinDays": 10}, ["Mug"]),
        ({"publishedWithinDays": 60}, ["Mug", "Lamp", "Rake"]),
    ],
)
def test_finds_what_one_rule_says_best_sellers_first(create, shown, things, rule, expected):
    assert create("ALL", rule)["userErrors"] == []
    assert shown() == expected
    assert shown(sortKey="TITLE") == sorted(expected)


def test_finds_what_stands_in_a_category_or_below_wherever_that_is_moved(create, shown, execute, sam, home, things):
    create("ANY", {"categoryId": builders.id_of(home)})
    before = shown()
    garden = builders.a_category("Garden")
    kitchen = things[0].category
    move = "mutation ($id: ID!, $to: ID!) { categoryMove(id: $id, parentId: $to) { userErrors { code } } }"
    execute(move, as_=sam, id=builders.id_of(kitchen), to=builders.id_of(garden))
    without_kitchen = shown()
    execute(move, as_=sam, id=builders.id_of(home), to=builders.id_of(garden))

    assert (before, without_kitchen, shown()) == (["Mug", "Lamp"], ["Lamp"], ["Lamp"])


def test_asks_for_all_rules_or_any(create, shown, update, things):
    rules = [{"tag": "new"}, {"brand": "Iron"}, {"price": {"max": "25.00"}}]
    create("ALL", *rules)
    with_all = shown()

    update(Collection.objects.get(), ruleSet={"match": "ANY", "rules": rules})

    assert with_all == ["Rake"]
    assert shown() == ["Mug", "Lamp", "Rake"]
    assert shown(filters=[{"tag": "new"}]) == ["Mug", "Rake"]


def test_is_always_current(create, shown, things):
    create("ALL", {"tag": "steel"})
    before = shown()

    Product.objects.filter(title="Mug").update(tags=["steel"])
    Product.objects.filter(title="Rake").update(status="DRAFT")

    assert (before, shown()) == (["Rake"], ["Mug"])
    assert not Collection.objects.get().places.exists()


def test_tells_staff_its_rules_in_the_order_given(create, request_graphql, home, things, alice):
    rules = [
        {"tag": "new"},
        {"categoryId": builders.id_of(home)},
        {"brand": "CLAY"},
        {"price": {"min": "1.5", "max": "20"}},
        {"onSale": False},
        {"publishedWithinDays": 30},
    ]

    payload = create("ALL", *rules)

    def rule(**said):
        nothing = dict.fromkeys(["category", "tag", "brand", "price", "onSale", "publishedWithinDays"])
        return nothing | said

    assert payload["userErrors"] == []
    assert payload["collection"]["ruleSet"] == {
        "match": "ALL",
        "rules": [
            rule(tag="new"),
            rule(category={"title": "Home"}),
            rule(brand="Clay"),
            rule(price={"min": {"amount": "1.50", "currencyCode": "USD"}, "max": {"amount": "20.00"}}),
            rule(onSale=False),
            rule(publishedWithinDays=30),
        ],
    }
    assert payload["collection"]["products"] == {"totalCount": 1, "nodes": [{"title": "Mug"}]}
    answer = request_graphql('{ collection(handle: "found") { ruleSet { match } } }', as_=alice)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("rules", "field", "message"),
    [
        ([], ["rules"], "Give 1 to 20 rules; these are 0."),
        ([{"tag": f"t{number}"} for number in range(21)], ["rules"], "Give 1 to 20 rules; these are 21."),
        ([{"tag": "a"}, {"tag": "a"}], ["rules", "1"], "Give each rule once."),
        ([{"tag": " "}], ["rules", "0", "tag"], "This must not be empty."),
        ([{"price": {}}], ["rules", "0", "price"], "Give the lowest price, the highest, or both."),
        (
            [{"price": {"min": 2, "max": 1}}],
            ["rules", "0", "price"],
            "The lowest price must not exceed the highest.",
        ),
        ([{"publishedWithinDays": 0}], ["rules", "0", "publishedWithinDays"], "Give 1 to 3650 days."),
        *(
            (
                [rule],
                ["rules", "0"],
                "A rule says one thing: a category, a tag, a brand, a price, on sale or not, or published within days.",
            )
            for rule in ({}, {"tag": "new", "onSale": True}, {"tag": None})
        ),
    ],
)
def test_refuses_rules_that_say_nothing(create, things, rules, field, message):
    assert create("ALL", *rules) == refused("INVALID", field, message)
    assert not Collection.objects.exists()


def test_refuses_a_price_finer_than_its_currency_and_what_is_not_there(create, things):
    payload = create("ANY", {"price": {"min": "1.005"}}, {"categoryId": "gid://shop/Category/404"}, {"brand": "Nobody"})

    if payload["userErrors"][0]["code"] == "NOT_FOUND":
        payload["userErrors"].reverse()
    rules = ["collection", "ruleSet", "rules"]
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("INVALID", [*rules, "0", "price", "min"]),
        ("NOT_FOUND", [*rules, "1", "categoryId"]),
        ("NOT_FOUND", [*rules, "2", "brand"]),
    ]
    assert not Collection.objects.exists()


def test_refuses_rules_that_contradict_each_other(create, things, home):
    brands = create("ALL", {"brand": "Iron"}, {"brand": "Clay"})
    categories = create("ALL", {"categoryId": builders.id_of(home)}, {"categoryId": builders.id_of(things[2].category)})
    sale = create("ANY", {"onSale": True}, {"tag": "new"}, {"onSale": False})

    assert brands == refused(
        "RULES_CONTRADICT",
        ["rules", "1", "brand"],
        "A product has one brand; let any of the rules suffice, or name one.",
    )
    assert categories == refused(
        "RULES_CONTRADICT",
        ["rules", "1", "categoryId"],
        "A product stands in one category, and neither of these two is below the other; let any of the rules suffice, "
        "or name one.",
    )
    assert sale == refused(
        "RULES_CONTRADICT", ["rules", "2", "onSale"], "A product is on sale or it is not; give one of the two rules."
    )
    assert not Collection.objects.exists()


def test_allows_several_brands_and_categories_where_any_suffices(create, shown, things, home):
    payload = create(
        "ANY",
        {"brand": "Iron"},
        {"brand": "Clay"},
        {"categoryId": builders.id_of(home)},
        {"categoryId": builders.id_of(things[2].category)},
    )

    assert payload["userErrors"] == []
    assert shown() == ["Mug", "Lamp", "Rake"]


def test_refuses_products_beside_rules(create, update, things):
    both = create("ALL", {"tag": "new"}, productIds=[builders.id_of(things[0])])
    gifts = builders.a_collection("Gifts", products=things)
    later = update(gifts, ruleSet={"match": "ALL", "rules": [{"tag": "new"}]}, title="Renamed")

    assert both == refused("INVALID", [], "A collection has either products or rules; leave out one of them.")
    message = (
        "4 products were put into this collection by hand; take them out before you give it rules, or make another "
    )
    assert later == refused("COLLECTION_HAS_PRODUCTS", [], message + "collection.")
    assert list(Collection.objects.values_list("title", "rule_match")) == [("Gifts", "")]
    assert not CollectionRule.objects.exists()


@pytest.mark.parametrize("verb", ["Add", "Remove", "Reorder"])
def test_refuses_to_put_products_by_hand_into_what_rules_find(create, execute, sam, things, verb):
    id_ = create("ALL", {"tag": "new"})["collection"]["id"]
    document = f"""mutation ($id: ID!, $ids: [ID!]!) {{
      payload: collectionProducts{verb}(id: $id, productIds: $ids) {{ userErrors {{ code field message }} }}
    }}"""

    payload = execute(document, as_=sam, id=id_, ids=[builders.id_of(things[0])])["payload"]

    message = "Rules find the products of this collection; change those, or take the rules away first."
    assert payload["userErrors"] == [{"code": "COLLECTION_FOUND_BY_RULES", "field": ["id"], "message": message}]
    assert not Collection.objects.get().places.exists()


def test_takes_the_rules_away_and_leaves_them_where_they_are_not_named(create, update, things, assert_verified):
    create("ALL", {"tag": "new"})
    found = Collection.objects.get()

    kept = update(found, title="Still found")["collection"]
    emptied = update(found, ruleSet=None)["collection"]

    assert [kept["products"]["totalCount"], kept["ruleSet"]["match"]] == [3, "ALL"]
    assert [emptied["products"]["totalCount"], emptied["ruleSet"]] == [0, None]
    assert not CollectionRule.objects.exists()
    assert_verified()


def test_keeps_a_category_that_rules_name(create, execute, sam, home):
    plates = builders.a_category("Plates", parent=home)
    create("ALL", {"categoryId": builders.id_of(plates)})
    delete = "mutation ($id: ID!) { categoryDelete(id: $id) { userErrors { code field message } } }"

    payload = execute(delete, as_=sam, id=builders.id_of(home))["categoryDelete"]

    message = "The rules of the collection Found name Home or a category below it; change those rules first."
    assert payload["userErrors"] == [{"code": "CATEGORY_IN_RULES", "field": ["id"], "message": message}]
    assert CollectionRule.objects.get().category == plates


def test_costs_the_same_for_one_collection_and_for_twenty(create, execute, things):
    def cost_of(size):
        for number in range(size):
            create("ANY" if number % 2 else "ALL", {"tag": "new"}, {"onSale": False}, title=f"Found {number}")
        with CaptureQueriesContext(connection) as queries:
            found = execute(MANY)["collections"]["nodes"]
        assert found[0]["products"]["totalCount"] == 2
        return len(queries)

    assert cost_of(1) == cost_of(20)


def test_verify_tells_of_rules_that_contradict_what_the_collection_says(create, things):
    create("ALL", {"tag": "new"})
    found = Collection.objects.get()
    sound = soundness.collection_differences()
    Collection.objects.update(rule_match="")

    assert sound == []
    assert soundness.collection_differences() == [f"collection {found.pk} contradicts its rules or its places"]
