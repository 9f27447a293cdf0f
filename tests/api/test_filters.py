"""Filters of lists: every count is what a recount in Python gives, and what sending its input back finds."""

import json
from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from catalog import bands, facts, vocabulary
from catalog.models import AttributeKind, Category, Product
from tests import builders
from tests.conftest import Execute

FILTERS = "{ id label type presentation range { min max } values { id label count input } }"
PRODUCTS = f"""
query ($query: String, $filters: [ProductFilter!]) {{
  products(query: $query, filters: $filters) {{ totalCount filters {FILTERS} }}
}}
"""
SEARCH = f"""
query ($query: String!, $filters: [ProductFilter!], $sold: SearchUnavailableProductsType, $types: [SearchType!]) {{
  search(query: $query, productFilters: $filters, unavailableProducts: $sold, types: $types) {{
    totalCount productFilters {FILTERS}
  }}
}}
"""
CATEGORY = f"""
query ($filters: [ProductFilter!]) {{
  category(handle: "home") {{ products(filters: $filters) {{ totalCount filters {FILTERS} }} }}
}}
"""
COLLECTION = f"""
query ($filters: [ProductFilter!]) {{
  collection(handle: "chosen") {{ products(filters: $filters) {{ totalCount filters {FILTERS} }} }}
}}
"""
TITLES = {
    "category": "Category",
    "productVendor": "Brand",
    "price": "Price",
    "productType": "Product type",
    "tag": "Tag",
    "available": "Availability",
    "onSale": "On sale",
    "rating": "Rating",
}


class Shelf:
    """A varied catalog, and a naive way to say which of it meets a filter."""

    def __init__(self) -> None:
        self.home = builders.a_category("Home")
        self.kitchen = builders.a_category("Kitchen", parent=self.home)
        self.pots = builders.a_category("Pots", parent=self.kitchen)
        self.garden = builders.a_category("Garden", parent=self.home)
        self.away = builders.a_category("Away")
        places = [self.home, self.kitchen, self.pots, self.pots, self.garden, self.away]
        self.products: list[Product] = []
        for number in range(36):
            product = builders.a_product(
                f"{'Oak' if number % 3 else 'Elm'} thing {number}",
                category=places[number % 6],
                price=str(Decimal("3.99") + number * number),
                compare_at="5000.00" if number % 5 == 0 else None,
                stock_=0 if number % 7 == 0 else 4,
                brand=[None, "Ash", "Birch & Sons", "Cedar"][number % 4],
                variants=1 + number % 3,
                tags=[["new"], ["new", "gift"], [], ["gift", "sale"]][number % 4],
                product_type=["", "Pot", "Pan"][number % 3],
            )
            for place, variant in enumerate(product.variants.order_by("position")):
                variant.prices.update(amount=Decimal("3.99") + number * number * (1 + 9 * place))
            self.products.append(product)
        for number, product in enumerate(self.products[::2]):
            for stars in ((5,), (4, 5), (1, 2), (3, 4, 4))[number % 4]:
                builders.a_review(product, rating=stars)
        builders.a_product("Oak draft", category=self.home, status="DRAFT", brand="Hidden")
        builders.a_product("Oak abroad", category=self.home, currency="EUR", brand="Foreign")
        builders.a_collection("Chosen", products=self.products[5:25])
        material = builders.an_attribute("Material", AttributeKind.MULTI_CHOICE, "Oak", "Steel", on=self.home)
        boxed = builders.an_attribute("Boxed", AttributeKind.BOOLEAN, on=self.kitchen)
        power = builders.an_attribute("Power", AttributeKind.NUMBER, on=self.home, unit="W")
        plain = builders.an_attribute("Origin", AttributeKind.CHOICE, "Here", on=self.home, is_filterable=False)
        for number, product in enumerate(self.products):
            if number % 6 != 5:
                builders.described(product, material, *[(), ("oak",), ("oak", "steel")][number % 3])
                builders.described(product.variants.latest("position"), material, *[("steel",), ()][number % 2])
                builders.described(product, plain, "here")
                builders.described(product, power, Decimal(number * number) / 4 - 20)
                if number % 4 == 3:
                    builders.described(product.variants.latest("position"), power, Decimal(number))
            if number % 6 in (1, 2, 3):
                builders.described(product, boxed, number % 4 == 1)
        facts.refresh([product.pk for product in self.products])

    def told_of(self) -> list[dict[str, Any]]:
        """What is known of each product, read anew."""
        return [
            {
                "title": product.title,
                "place": self.products.index(product),
                "path": product.category.path,
                "brand": product.brand and product.brand.name,
                "type": product.product_type,
                "tags": product.tags,
                "rating": product.rating_average,
                "prices": [price.amount for variant in product.variants.all() for price in variant.prices.all()],
                "reduced": any(
                    (price.compare_at or 0) > price.amount
                    for variant in product.variants.all()
                    for price in variant.prices.all()
                ),
                "described": [
                    (value.attribute.handle, value.choice and value.choice.handle, value.boolean)
                    for value in product.attribute_values.all()
                    if value.applies
                ],
                "numbers": [
                    (value.attribute.handle, value.number)
                    for value in product.attribute_values.all()
                    if value.applies and value.number is not None
                ],
                "sold": any(
                    level.on_hand for variant in product.variants.all() for level in variant.stock_levels.all()
                ),
            }
            for product in Product.objects.filter(pk__in=[product.pk for product in self.products])
            .select_related("category", "brand")
            .prefetch_related(
                "variants__prices", "variants__stock_levels", "attribute_values__attribute", "attribute_values__choice"
            )
            .order_by("pk")
        ]


def meets(product: dict[str, Any], one: dict[str, Any], paths: dict[str, str]) -> bool:
    [(kind, value)] = one.items()
    match kind:
        case "category":
            return bool(product["path"].startswith(paths[value]))
        case "productVendor":
            return bool(product["brand"] == value)
        case "productType":
            return bool(product["type"] == value)
        case "tag":
            return value in product["tags"]
        case "available":
            return product["sold"] is value
        case "onSale":
            return product["reduced"] is value
        case "attribute" if "min" in value or "max" in value:
            low, high = (
                Decimal(str(value.get(end, other))) for end, other in (("min", "-Infinity"), ("max", "Infinity"))
            )
            return any(handle == value["handle"] and low <= number <= high for handle, number in product["numbers"])
        case "attribute":
            handle, chosen = value["handle"], value.get("values", [None])
            return any((handle, choice, value.get("boolean")) in product["described"] for choice in chosen)
        case "rating":
            return product["rating"] is not None and product["rating"] >= value
        case _:
            low, high = Decimal(str(value.get("min", 0))), Decimal(str(value.get("max", "Infinity")))
            return any(low <= price <= high for price in product["prices"])


def kind_of(choice: dict[str, Any]) -> str:
    [(kind, value)] = choice.items()
    return f"attribute {value['handle']}" if kind == "attribute" else str(kind)


def kept(
    products: Iterable[dict[str, Any]], filters: list[dict[str, Any]], paths: dict[str, str]
) -> list[dict[str, Any]]:
    """Those that meet one filter at least of each kind."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for one in filters:
        kinds.setdefault(kind_of(one), []).append(one)
    return [
        product
        for product in products
        if all(any(meets(product, one, paths) for one in group) for group in kinds.values())
    ]


def assert_exact(
    told: list[dict[str, Any]], known: list[dict[str, Any]], filters: list[dict[str, Any]], paths: dict[str, str]
) -> None:
    """Each value's count is how many of `known` have it and meet all filters of other kinds."""
    for one in told:
        for value in one["values"]:
            choice = json.loads(value["input"])
            kind = kind_of(choice)
            assert one["label"] == TITLES.get(kind, kind.removeprefix("attribute ").capitalize())
            others = [other for other in filters if kind_of(other) != kind]
            assert value["count"] == len(kept(known, [*others, choice], paths)), (value, filters)
    ids = [value["id"] for one in told for value in one["values"]]
    assert len(ids) == len(set(ids))


@pytest.fixture
def shelf(db: None) -> Shelf:
    return Shelf()


@pytest.fixture
def paths(shelf: Shelf) -> dict[str, str]:
    return {builders.id_of(category): category.path for category in Category.objects.all()}


def some_filters(shelf: Shelf) -> list[list[dict[str, Any]]]:
    """Each kind alone, two of one kind, and kinds together."""
    alone: list[list[dict[str, Any]]] = [
        [{"category": builders.id_of(shelf.kitchen)}],
        [{"category": builders.id_of(shelf.garden)}, {"category": builders.id_of(shelf.pots)}],
        [{"productVendor": "Ash"}],
        [{"productVendor": "Ash"}, {"productVendor": "Birch & Sons"}, {"productVendor": "Nobody"}],
        [{"price": {"min": 20, "max": 400}}],
        [{"price": {"max": 50}}],
        [{"productType": "Pot"}],
        [{"tag": "gift"}, {"tag": "sale"}],
        [{"available": False}],
        [{"onSale": True}],
        [{"rating": 4}],
        [{"rating": 2.5}],
        [{"attribute": {"handle": "material", "values": ["steel"]}}],
        [{"attribute": {"handle": "power", "min": 3.5}}],
        [{"attribute": {"handle": "boxed", "boolean": True}}, {"attribute": {"handle": "material", "values": ["oak"]}}],
    ]
    pairs = [one + other for one, other in combinations(alone[::2], 2)]
    return [[], *alone, *pairs, alone[0] + alone[4] + alone[6] + alone[8] + alone[10]]


def test_every_count_is_that_of_a_recount(execute: Execute, shelf: Shelf, paths: dict[str, str]) -> None:
    known = shelf.told_of()
    oak = [product for product in known if "Oak" in product["title"]]
    home = [product for product in known if product["path"].startswith(shelf.home.path)]
    for filters in some_filters(shelf):
        for document, name, these in (
            (PRODUCTS, ("products",), known),
            (CATEGORY, ("category", "products"), home),
            (COLLECTION, ("collection", "products"), known[5:25]),
            (SEARCH, ("search",), oak),
        ):
            found = execute(document, filters=filters, **({"query": "oak"} if document == SEARCH else {}))
            for key in name:
                found = found[key]
            assert found["totalCount"] == len(kept(these, filters, paths)), filters
            assert_exact(found.get("filters") or found["productFilters"], these, filters, paths)


def test_tells_every_choice_that_leads_somewhere(execute: Execute, shelf: Shelf) -> None:
    told = {one["label"]: one for one in execute(CATEGORY)["category"]["products"]["filters"]}

    assert list(told) == [*TITLES.values(), "Material", "Boxed", "Power"]
    assert {
        label: [value["label"] for value in one["values"]]
        for label, one in told.items()
        if label not in ("Price", "Power")
    } == {
        "Category": ["Kitchen", "Garden"],
        "Brand": ["Birch & Sons", "Ash", "Cedar"],
        "Product type": ["Pot", "Pan"],
        "Tag": ["new", "gift", "sale"],
        "Material": ["Oak", "Steel"],
        "Boxed": ["Yes", "No"],
        "Availability": ["In stock", "Out of stock"],
        "On sale": ["On sale"],
        "Rating": ["4 stars and up", "3 stars and up", "2 stars and up", "1 star and up"],
    }
    assert {label: one["type"] for label, one in told.items() if one["type"] != "LIST"} == {
        "Price": "PRICE_RANGE",
        "On sale": "BOOLEAN",
        "Boxed": "BOOLEAN",
        "Power": "NUMBER_RANGE",
    }
    assert told["Availability"]["values"][0]["id"] == "filter.v.availability.true"


def test_price_bands_are_round_and_leave_out_no_price(execute: Execute, shelf: Shelf) -> None:
    [prices] = [one for one in execute(PRODUCTS)["products"]["filters"] if one["type"] == "PRICE_RANGE"]

    told = [json.loads(value["input"])["price"] for value in prices["values"]]

    assert 3 <= len(told) <= 7
    assert "max" not in told[-1]
    assert [round(band["max"] + 0.01, 2) for band in told[:-1]] == [band["min"] for band in told[1:]]
    assert {Decimal(str(band["min"])) for band in told[1:]} <= set(bands.STEPS)
    assert sum(value["count"] for value in prices["values"]) >= len(shelf.products)


def test_number_bands_are_round_and_leave_out_no_number(execute: Execute, shelf: Shelf) -> None:
    [power] = [one for one in execute(PRODUCTS)["products"]["filters"] if one["type"] == "NUMBER_RANGE"]

    told = [json.loads(value["input"])["attribute"] for value in power["values"]]
    numbers = [number for product in shelf.told_of() for _, number in product["numbers"]]
    assert power["range"] == {"min": "-20.00", "max": "269.00"}
    assert (min(numbers), max(numbers)) == (-20, 269)
    assert power["values"][0] == {
        "id": "filter.p.attribute.power.0",
        "label": "-20.00 to -10.01 W",
        "count": 6,
        "input": '{"attribute":{"handle":"power","min":-20,"max":-10.01}}',
    }
    assert 3 <= len(told) <= 7
    assert all(band["min"] % 10 == 0 for band in told)
    assert [round(band["max"] + 0.01, 2) for band in told[:-1]] == [band["min"] for band in told[1:]]
    assert sum(value["count"] for value in power["values"]) >= sum(bool(one["numbers"]) for one in shelf.told_of())


@pytest.mark.parametrize(
    ("numbers", "labels"),
    [
        (["5"], ["5"]),
        (["0.5", "0.5"], ["0.5"]),
        (["1", "2", "3"], ["1", "2", "3"]),
        (["-0.0001", "0.0001"], ["-0.0001", "0.0000 to 0.0001"]),
        (["0", "999999999999.9999"], ["0.0000 to 99999999999.9999", "100000000000.0000 to 999999999999.9999"]),
    ],
)
def test_numbers_of_any_size_have_bands(execute: Execute, db: None, numbers: list[str], labels: list[str]) -> None:
    place = builders.a_category("Home")
    size = builders.an_attribute("Size", AttributeKind.NUMBER, on=place)
    for number in numbers:
        builders.described(builders.a_product(category=place), size, Decimal(number))

    [told] = [one for one in execute(CATEGORY)["category"]["products"]["filters"] if one["label"] == "Size"]

    assert [value["label"] for value in told["values"]] == labels
    for value in told["values"]:
        assert (
            execute(CATEGORY, filters=[json.loads(value["input"])])["category"]["products"]["totalCount"]
            == value["count"]
        )


def test_goes_down_the_tree_where_a_category_is_chosen(execute: Execute, shelf: Shelf) -> None:
    filters = [{"category": builders.id_of(shelf.kitchen)}]

    [told] = [
        one
        for one in execute(CATEGORY, filters=filters)["category"]["products"]["filters"]
        if one["label"] == "Category"
    ]

    assert [value["label"] for value in told["values"]] == ["Kitchen", "Pots", "Garden"]


def test_what_was_chosen_is_told_though_it_finds_nothing(execute: Execute, shelf: Shelf) -> None:
    told = execute(PRODUCTS, filters=[{"productVendor": "Nobody"}, {"tag": "none"}])["products"]

    values = {one["label"]: {value["label"]: value["count"] for value in one["values"]} for one in told["filters"]}
    assert told["totalCount"] == 0
    assert (values["Brand"], values["Tag"]) == ({"Nobody": 0}, {"none": 0})


def test_chosen_attributes_are_told_though_they_find_nothing(execute: Execute, shelf: Shelf) -> None:
    described = [{"handle": "material", "values": ["steel"]}, {"handle": "boxed", "boolean": True}]
    filters = [{"productVendor": "Nobody"}, *({"attribute": one} for one in described)]

    told = execute(PRODUCTS, filters=filters)["products"]

    values = {one["label"]: {value["label"]: value["count"] for value in one["values"]} for one in told["filters"]}
    assert (values["Material"], values["Boxed"]) == ({"Steel": 0}, {"Yes": 0})
    assert "Power" not in values


def test_counts_the_products_of_a_corrected_search(execute: Execute, shelf: Shelf) -> None:
    vocabulary.count()

    told = execute(SEARCH, query="thign", sold="HIDE")["search"]

    known = [product for product in shelf.told_of() if product["sold"]]
    assert told["totalCount"] == len(known)
    assert_exact(told["productFilters"], known, [], {builders.id_of(one): one.path for one in Category.objects.all()})


def test_counts_pages_beside_products(execute: Execute, shelf: Shelf) -> None:
    builders.a_page("Of oak")

    assert execute(SEARCH, query="oak")["search"]["totalCount"] == 25
    pages = execute(SEARCH, query="oak", types=["PAGE"])["search"]
    assert pages == {"totalCount": 1, "productFilters": []}


def test_a_list_of_nothing_has_no_filters(execute: Execute, db: None) -> None:
    assert execute(PRODUCTS)["products"] == {"totalCount": 0, "filters": []}
    assert execute(PRODUCTS, query="&|!")["products"] == {"totalCount": 0, "filters": []}


@pytest.mark.parametrize(
    ("filters", "field"),
    [([{"rating": "5.5"}], ["filters", "0", "rating"]), ([{"rating": "NaN"}], ["filters", "0", "rating"])],
)
def test_refuses_a_rating_that_nothing_can_have(request_graphql: Execute, filters: Any, field: list[str]) -> None:
    [error] = request_graphql(PRODUCTS, filters=filters)["errors"]

    assert error["extensions"] == {"code": "INVALID", "field": field}


def test_takes_a_hundred_filters(execute: Execute, shelf: Shelf) -> None:
    filters = [{"productVendor": f"Brand {number}"} for number in range(50)] + [{"tag": f"🪑{n}"} for n in range(50)]

    told = execute(PRODUCTS, filters=filters)["products"]

    assert told["totalCount"] == 0
    assert [len(one["values"]) for one in told["filters"] if one["label"] in ("Brand", "Tag")] == [50, 50]


@pytest.mark.parametrize("size", [1, 20])
def test_costs_one_statement_however_many_lists(execute: Execute, size: int, django_assert_num_queries: Any) -> None:
    for number in range(size):
        builders.a_product(category=builders.a_category(f"List {number}"), brand=f"Brand {number}", tags=["new"])
    document = (
        f"{{ categories(first: 50) {{ nodes {{ products(first: 1) {{ filters {FILTERS} nodes {{ title }} }} }} }} }}"
    )

    with django_assert_num_queries(3):
        nodes = execute(document)["categories"]["nodes"]

    assert [[one["label"] for one in node["products"]["filters"]] for node in nodes] == [
        ["Brand", "Price", "Tag", "Availability"]
    ] * size
