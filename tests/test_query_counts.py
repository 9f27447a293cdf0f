"""Guard: however many things a read shows, at however many places, it costs the same number of queries."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import FieldNode, GraphQLObjectType, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

from accounts.models import User
from catalog.models import AttributeKind
from schema.root import schema
from tests import builders
from tests.conftest import Execute

PRODUCT = """
  title description availableForSale featuredImage { url } priceRange { minVariantPrice { amount } }
  options { name optionValues { name firstSelectableVariant { sku } } }
  variants { nodes { sku selectedOptions { name } product { title } inventoryQuantity
    unitCost { amount } lowStockThreshold downloads { title } bundleProblems groupedBy(first: 2) { nodes { sku } }
    components(first: 2) { nodes { quantity productVariant { sku } } }
    currentlyNotInStock expectedAt inventoryLevels { onHand location { name } }
    attributes { value } quantityRule { maximum } isGiftCard
    lowestPrice30d { amount } quantityPriceBreaks(first: 1) { nodes { minimumQuantity } }
    priceHistory(first: 1) { nodes { since } }
  } }
  images { nodes { url } } category { title }
  selectedOrFirstAvailableVariant { sku } adjacentVariants { sku }
  encodedVariantExistence encodedVariantAvailability
  attributes { value definition { choices { label } } }
  rating { average } reviews(first: 2) { totalCount nodes { body isFoundHelpful product { title } author { email } } }
"""
CATEGORY = """
  title attributes { definition { name } givenBy { title } } parent { title } ancestors { title } children { title }
  taxClass { title } shippingClass { title } effectiveRules { maxQuantity }
  facts { productCount priceMedian { amount } histogram { productCount } }
  products(first: 3) { totalCount nodes { title } }
"""
# Each read as staff see it, and what it costs. Staff cost two queries more: who they are, and what they may do.
STAFF = 2
READS = {
    "products": (f"{{ products(first: 100) {{ totalCount nodes {{ {PRODUCT} }} }} }}", 44),
    "products of a category": (
        f'{{ category(handle: "root") {{ products(first: 100) {{ totalCount nodes {{ {PRODUCT} }} }} }} }}',
        45,
    ),
    "categories": (f"{{ categories(first: 100, rootsOnly: false) {{ totalCount nodes {{ {CATEGORY} }} }} }}", 12),
    "children": (f'{{ category(handle: "root") {{ children {{ {CATEGORY} }} }} }}', 12),
    "collections": (
        "{ collections(first: 100) { nodes { title image { url } ruleSet { rules { category { title } } } "
        "products(first: 2) { totalCount nodes { title variants { nodes { sku } } } } } } }",
        7,
    ),
    "brands": (
        "{ brands(first: 100) { nodes { name productCount products(first: 2) { totalCount nodes { title } } } } }",
        4,
    ),
    "pages": ("{ pages(first: 100) { nodes { title bodySummary } } }", 1),
    "menu": (
        '{ menu(handle: "all") { items { url resourceId category { title } items { url resourceId } } } }',
        5,
    ),
    "search": (
        '{ search(query: "p", first: 250) { nodes { ... on Product { title variants { nodes { sku } } } } } }',
        3,
    ),
    "policies": (
        "{ shop { name privacyPolicy { title } refundPolicy { title } shippingPolicy { title } "
        "termsOfService { title } } }",
        1,
    ),
}
OWNED = {
    "AttributeDefinition",
    "Category",
    "CategoryAttribute",
    "CategoryFacts",
    "Collection",
    "CollectionRule",
    "Product",
    "ProductBrand",
    "ProductOptionValue",
    "ProductVariant",
    "Review",
    "MenuItem",
    "Shop",
}


@pytest.fixture
def seeded(db: None) -> Callable[[int], None]:
    """A shop with as many of each thing as wanted."""

    def seed(size: int) -> None:
        root = builders.a_category("Root", handle="root")
        size_of_it = builders.an_attribute("Size", AttributeKind.CHOICE, "S", on=root)
        links: list[builders.Link] = []
        products = []
        for number in range(size):
            child = builders.a_category(f"Child {number}", parent=root)
            product = builders.a_product(
                f"Product {number}", category=child, variants=2, images=2, brand="Clay", tags=["new"]
            )
            products.append(product)
            builders.described(product, size_of_it, "s")
            builders.described(product.variants.all()[0], size_of_it, "s")
            builders.a_review(product, author=builders.a_customer())
            builders.a_collection(f"List {number}", products=[product])
            builders.a_collection(f"Found {number}", rule_match="ALL").rules.create(position=0, category=child)
            page = builders.a_page(f"Page {number}")
            paths = (f"/products/{product.handle}", f"/pages/{page.handle}", f"/collections/{child.handle}")
            links += [("Link", path, [("Below", path, [])]) for path in paths]
        builders.a_menu("all", links)

    return seed


@pytest.mark.parametrize("size", [1, 20])
@pytest.mark.parametrize("name", READS)
def test_costs_the_same_however_many(
    execute: Execute,
    sam: User,
    seeded: Callable[[int], None],
    django_assert_num_queries: Any,
    name: str,
    size: int,
) -> None:
    document, count = READS[name]
    seeded(size)

    with django_assert_num_queries(STAFF + count):
        execute(document, as_=sam)


def test_every_edge_of_the_catalog_is_counted() -> None:
    counted: set[tuple[str, str]] = set()
    for document, _ in READS.values():
        info = TypeInfo(schema._schema)
        visit(parse(document), TypeInfoVisitor(info, _Fields(info, counted)))

    declared = {(name, field) for name in OWNED for field in _edges_of(name)}
    assert len(declared) > 20
    assert declared - counted == set()


def _edges_of(name: str) -> list[str]:
    """The fields of a type that follow a relation."""
    graphql_type = schema._schema.type_map[name]
    assert isinstance(graphql_type, GraphQLObjectType)
    resolvers = {
        field: definition.extensions["strawberry-definition"].base_resolver
        for field, definition in graphql_type.fields.items()
    }
    return [field for field, resolver in resolvers.items() if resolver and hasattr(resolver.wrapped_func, "edge")]


class _Fields(Visitor):
    """Notes each field of a document with its type."""

    def __init__(self, info: TypeInfo, found: set[tuple[str, str]]) -> None:
        super().__init__()
        self.info, self.found = info, found

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self.info.get_parent_type()
        if parent:
            self.found.add((parent.name, node.name.value))
