"""What is measured: the pages a storefront reads and the ways a shopper buys."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from shop import paging
from shop.benchmark.goods import PAGE_SIZE, Goods
from shop.paging import Order

GRAPHQL = "/graphql/"
SMALLEST = "/benchmark/smallest"
NOTHING = "/benchmark/nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """One request. Its body may hold `@name` for a value that an earlier step's answer had at `captures[name]`.

    `captures` are regular expressions with one group; an answer without `expected` in it counts as an error.
    """

    path: str
    body: str = ""
    expected: str = ""
    captures: Mapping[str, str] = field(default_factory=dict)


Journey = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page to read, as journeys of one step each; the floor's journeys answer the same data in the same order."""

    name: str
    title: str
    journeys: Sequence[Journey]
    floor: Sequence[Journey]


@dataclass(frozen=True, slots=True)
class Way:
    """Several requests of one shopper, each using what the one before answered; the floor's write the same rows."""

    name: str
    title: str
    journeys: Sequence[Journey]
    floor: Sequence[Journey] = ()


def reads(goods: Goods) -> list[Page]:
    """The pages that only read, each with its floor."""
    ends = [{"sold": sold, "pk": pk} for sold, pk in goods.cursors]
    shelf = {"handle": goods.category}
    child = [{"handle": goods.largest_child}]
    listed = [_page_of_list(shelf, end) for end in [{}, *ends]]
    navigation = "three levels of the tree"
    return [
        Page(
            "PLP",
            f"{PAGE_SIZE} products of a category",
            [query(_PLP, variables) for variables, _ in listed],
            [_floor("PLP", variables) for _, variables in listed],
        ),
        filtered(goods.category, goods.ranges),
        searched(goods.words),
        _page("PDP", "a product", _PDP, [{"handle": handle} for handle in goods.products]),
        _page("PDP15", "the product with most variants", _PDP, [{"handle": goods.largest_product}], floor="PDP"),
        _page("NAV", navigation, _NAV, [{}]),
        _page("NAVFACTS", f"{navigation}, with facts", _NAVFACTS, [{}]),
        _page("FACTS", "facts of a large category", _FACTS, child),
        _page("HISTOGRAM", "its median and histogram", _HISTOGRAM, child),
        Page("SMALLEST", "{ __typename }", [query("{ __typename }", {})], [(Step(SMALLEST),)]),
    ]


def filtered(category: str, ranges: Sequence[tuple[Decimal, Decimal]] = ()) -> Page:
    """The products of a category that are in stock with a price in each of these ranges; without any, all of them."""
    above: list[dict[str, Any]] = [{"handle": category, "filters": []}]
    below: list[dict[str, Any]] = [{"handle": category}]
    if ranges:
        ends = [{"low": str(low), "high": str(high)} for low, high in ranges]
        above = [
            {"handle": category, "filters": [{"available": True}, {"price": {"min": float(low), "max": float(high)}}]}
            for low, high in ranges
        ]
        below = [{"handle": category, "available": "true", **end} for end in ends]
    journeys = [query(_FILTERED, variables) for variables in above]
    title = f"{PAGE_SIZE} products of a category, and filters"
    return Page("FILTERED", title, journeys, [_floor("FILTERED", variables) for variables in below])


def searched(words: Sequence[str]) -> Page:
    """The products that have each of these words."""
    return _page("SEARCH", f"{PAGE_SIZE} products found, and filters", _SEARCH, [{"query": word} for word in words])


def ways(goods: Goods) -> list[Way]:
    """The ways that write."""
    pairs = list(zip(goods.variants[::2], goods.variants[1::2], strict=False))
    return [
        Way("CART", "create a cart, add two lines, read it", [_cart(pair) for pair in pairs]),
        Way(
            "CHECKOUT",
            "from a cart to a paid order",
            [_checkout(pair, number) for number, pair in enumerate(pairs)],
            [_checkout_floor(pair, number) for number, pair in enumerate(pairs)],
        ),
    ]


def _page(name: str, title: str, document: str, variables: Sequence[Mapping[str, Any]], floor: str = "") -> Page:
    journeys = [query(document, one) for one in variables]
    return Page(name, title, journeys, [_floor(floor or name, one) for one in variables])


def _page_of_list(shelf: dict[str, Any], end: dict[str, int]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The variables of a page of the list that begins after `end`, for GraphQL and for the floor."""
    order = Order("BEST_SELLING 1", "sold_count", descending=True)
    after = paging.cursor(order, (end["sold"], end["pk"])) if end else None
    return shelf | {"after": after}, shelf | end


def query(document: str, variables: Mapping[str, Any]) -> Journey:
    """The one request that asks for this."""
    return (_step(document, variables),)


def _floor(name: str, variables: Mapping[str, Any]) -> Journey:
    return (Step(f"/benchmark/floors/{name}?{urlencode(variables)}"),)


def _step(
    document: str, variables: Mapping[str, Any], *, expected: str = "", captures: Mapping[str, str] | None = None
) -> Step:
    body = json.dumps({"query": document, "variables": variables})
    return Step(GRAPHQL, body, expected, captures or {})


def _cart(variants: tuple[int, int]) -> Journey:
    return (
        _step(_CART_CREATE, {"input": {}}, expected=_ACCEPTED, captures=_CART_ID),
        _step(_CART_LINES_ADD, {"cartId": "@cart", "lines": _lines(variants)}, expected=_ACCEPTED),
        _step(_CART, {"cartId": "@cart"}, expected='"totalQuantity":3'),
    )


def _checkout(variants: tuple[int, int], number: int) -> Journey:
    buyer = {"email": f"shopper-{number}@example.com", "countryCode": "US"}
    cart = {"cartId": "@cart"}
    option = {"deliveryGroupId": "@group", "deliveryOptionHandle": "standard"}
    return (
        _step(
            _CART_CREATE,
            {"input": {"lines": _lines(variants), "buyerIdentity": buyer}},
            expected=_ACCEPTED,
            captures=_CART_ID,
        ),
        _step(
            _ADDRESSES_ADD,
            cart | {"addresses": [{"address": {"deliveryAddress": _ADDRESS}}]},
            expected=_ACCEPTED,
            captures=_GROUP_ID,
        ),
        _step(_DELIVERY_SELECT, cart | {"options": [option]}, expected=_ACCEPTED),
        _step(
            _CHECKOUT_COMPLETE,
            cart | {"payment": {"gateway": "test", "token": "success"}},
            expected=_PAID,
        ),
    )


def _checkout_floor(variants: tuple[int, int], number: int) -> Journey:
    cart = {"cart": "@cart"}
    new = {"variants": variants, "quantities": (1, 2), "email": f"shopper-{number}@example.com", "country": "US"}
    secret = {"cart": r'"gid://shop/Cart/([^"]+)"'}
    return (
        _floor_step("create", new, captures=secret),
        _floor_step("address", cart | {"address": _STORED_ADDRESS}),
        _floor_step("delivery", cart | {"option": "standard"}),
        _floor_step("complete", cart, expected=_PAID),
    )


def _floor_step(
    name: str, variables: Mapping[str, Any], *, expected: str = "", captures: Mapping[str, str] | None = None
) -> Step:
    # PostgreSQL writes JSON with a space on either side of a colon.
    said = (expected or _ACCEPTED).replace(":", " : ")
    return Step(f"/benchmark/buying/{name}", json.dumps(variables), said, captures or {})


def _lines(variants: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        {"merchandiseId": f"gid://shop/ProductVariant/{variant}", "quantity": quantity}
        for quantity, variant in enumerate(variants, 1)
    ]


_ACCEPTED = '"userErrors":[]'
_PAID = '"financialStatus":"PAID"'
_CART_ID = {"cart": r'"(gid://shop/Cart/[^"]+)"'}
_GROUP_ID = {"group": r'"(gid://shop/CartDeliveryGroup/[^"]+)"'}
_ADDRESS = {
    "firstName": "Ada",
    "lastName": "Byron",
    "address1": "12 Analytical Way",
    "city": "Mountain View",
    "provinceCode": "CA",
    "zip": "94043",
    "countryCode": "US",
}
# As the shop stores it.
_STORED_ADDRESS = {
    "first_name": "Ada",
    "last_name": "Byron",
    "company": "",
    "address1": "12 Analytical Way",
    "address2": "",
    "city": "Mountain View",
    "province_code": "CA",
    "zip": "94043",
    "country_code": "US",
    "phone": "",
}

_PLP = """
query ProductList($handle: String!, $after: String) {
  category(handle: $handle) {
    products(first: 24, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        title
        handle
        vendor
        availableForSale
        featuredImage { url altText }
        priceRange {
          minVariantPrice { amount currencyCode }
          maxVariantPrice { amount currencyCode }
        }
        variants(first: 10) {
          nodes {
            id
            title
            availableForSale
            price { amount currencyCode }
            compareAtPrice { amount currencyCode }
            selectedOptions { name value }
          }
        }
      }
    }
  }
}
"""

CARD = """
fragment Card on Product {
  title
  handle
  vendor
  availableForSale
  featuredImage { url altText }
  priceRange {
    minVariantPrice { amount currencyCode }
    maxVariantPrice { amount currencyCode }
  }
}
"""

_FILTERS = "{ id label type range { min max } values { id label count input } }"

_FILTERED = f"""
query FilteredList($handle: String!, $filters: [ProductFilter!]) {{
  category(handle: $handle) {{
    products(first: 24, filters: $filters) {{
      totalCount
      nodes {{
        ...Card
        variants(first: 10) {{
          nodes {{
            id
            title
            availableForSale
            price {{ amount currencyCode }}
            compareAtPrice {{ amount currencyCode }}
            selectedOptions {{ name value }}
          }}
        }}
      }}
      filters {_FILTERS}
    }}
  }}
}}
{CARD}
"""

_SEARCH = f"""
query Search($query: String!) {{
  search(query: $query, first: 24, types: [PRODUCT]) {{ totalCount nodes {{ ...Card }} productFilters {_FILTERS} }}
}}
{CARD}
"""

_PDP = """
query ProductPage($handle: String!) {
  product(handle: $handle) {
    id
    title
    handle
    descriptionHtml
    vendor
    productType
    tags
    availableForSale
    seo { title description }
    priceRange {
      minVariantPrice { amount currencyCode }
      maxVariantPrice { amount currencyCode }
    }
    options { name optionValues { name } }
    images(first: 10) { nodes { url altText width height } }
    variants(first: 50) {
      nodes {
        id
        title
        sku
        availableForSale
        quantityAvailable
        price { amount currencyCode }
        compareAtPrice { amount currencyCode }
        selectedOptions { name value }
      }
    }
    category { title handle ancestors { title handle } }
  }
}
"""

_NAV = """
query Navigation {
  categories(first: 50) {
    nodes { title handle children { title handle children { title handle } } }
  }
}
"""

_NAVFACTS = """
query NavigationWithFacts {
  categories(first: 50) {
    nodes {
      title
      handle
      facts { ...Range }
      children {
        title
        handle
        facts { ...Range }
        children { title handle facts { ...Range } }
      }
    }
  }
}
fragment Range on CategoryFacts {
  productCount
  inStockCount
  priceMin { amount currencyCode }
  priceMax { amount currencyCode }
}
"""

_FACTS = """
query Facts($handle: String!) {
  category(handle: $handle) {
    title
    facts {
      productCount
      inStockCount
      onSaleCount
      priceMin { amount currencyCode }
      priceMax { amount currencyCode }
      priceAverage { amount currencyCode }
    }
  }
}
"""

_HISTOGRAM = """
query Histogram($handle: String!) {
  category(handle: $handle) {
    title
    facts {
      productCount
      priceMedian { amount currencyCode }
      histogram { min { amount currencyCode } max { amount currencyCode } productCount }
    }
  }
}
"""

_CART_CREATE = """
mutation CartCreate($input: CartInput) {
  cartCreate(input: $input) {
    cart { id totalQuantity cost { totalAmount { amount currencyCode } } }
    userErrors { code field message }
  }
}
"""

_CART_LINES_ADD = """
mutation CartLinesAdd($cartId: ID!, $lines: [CartLineInput!]!) {
  cartLinesAdd(cartId: $cartId, lines: $lines) {
    cart {
      id
      totalQuantity
      cost { subtotalAmount { amount currencyCode } totalAmount { amount currencyCode } }
      lines(first: 10) { nodes { id quantity cost { totalAmount { amount } } } }
    }
    userErrors { code field message }
  }
}
"""

_CART = """
query Cart($cartId: ID!) {
  cart(id: $cartId) {
    id
    totalQuantity
    cost { subtotalAmount { amount currencyCode } totalAmount { amount currencyCode } }
    lines(first: 10) {
      nodes {
        id
        quantity
        cost { totalAmount { amount currencyCode } }
        merchandise { ... on ProductVariant { id title product { title handle } } }
      }
    }
  }
}
"""

_ADDRESSES_ADD = """
mutation AddressesAdd($cartId: ID!, $addresses: [CartSelectableAddressInput!]!) {
  cartDeliveryAddressesAdd(cartId: $cartId, addresses: $addresses) {
    cart { deliveryGroups(first: 1) { nodes { id deliveryOptions { handle title estimatedCost { amount } } } } }
    userErrors { code field message }
  }
}
"""

_DELIVERY_SELECT = """
mutation DeliverySelect($cartId: ID!, $options: [CartSelectedDeliveryOptionInput!]!) {
  cartSelectedDeliveryOptionsUpdate(cartId: $cartId, selectedDeliveryOptions: $options) {
    cart { cost { totalAmount { amount currencyCode } totalShippingAmount { amount } } }
    userErrors { code field message }
  }
}
"""

_CHECKOUT_COMPLETE = """
mutation CheckoutComplete($cartId: ID!, $payment: CheckoutPaymentInput!) {
  checkoutComplete(cartId: $cartId, payment: $payment) {
    order { id name status financialStatus totalPrice { amount currencyCode } }
    orderStatusToken
    payment { status }
    userErrors { code field message }
  }
}
"""
