"""The cart as two kinds of storefronts use it: by merchandise id and cookie, optimistically, deaf to user errors."""

from typing import Any

import pytest

from tests.builders import id_of
from tests.compat.conftest import Ask

# What a storefront of the Next.js kind reads after every change.
NEXT_CART = """
fragment cart on Cart {
  id
  checkoutUrl
  cost {
    subtotalAmount { amount currencyCode } totalAmount { amount currencyCode } totalTaxAmount { amount currencyCode }
  }
  lines(first: 100) {
    edges {
      node {
        id
        quantity
        cost { totalAmount { amount currencyCode } }
        merchandise {
          ... on ProductVariant {
            id
            title
            selectedOptions { name value }
            product {
              id handle title featuredImage { url altText width height } variants(first: 250) { edges { node { id } } }
            }
          }
        }
      }
    }
  }
  totalQuantity
}
"""
NEXT_CREATE = (
    NEXT_CART + "mutation ($lines: [CartLineInput!]) { cartCreate(input: { lines: $lines }) { cart { ...cart } } }"
)
NEXT_READ = NEXT_CART + "query ($cartId: ID!) { cart(id: $cartId) { ...cart } }"
NEXT_ADD = (
    NEXT_CART
    + """
mutation ($cartId: ID!, $lines: [CartLineInput!]!) { cartLinesAdd(cartId: $cartId, lines: $lines) { cart { ...cart } } }
"""
)
NEXT_UPDATE = (
    NEXT_CART
    + """
mutation ($cartId: ID!, $lines: [CartLineUpdateInput!]!) {
  cartLinesUpdate(cartId: $cartId, lines: $lines) { cart { ...cart } }
}
"""
)
NEXT_REMOVE = (
    NEXT_CART
    + """
mutation ($cartId: ID!, $ids: [ID!]!) { cartLinesRemove(cartId: $cartId, lineIds: $ids) { cart { ...cart } } }
"""
)
# What one of the Hydrogen kind reads: both kinds of line by name, codes, gift cards, warnings.
HYDROGEN_CART = """
fragment variant on ProductVariant {
  id availableForSale price { amount currencyCode } compareAtPrice { amount } requiresShipping title
  image { id url altText width height } product { handle title id vendor } selectedOptions { name value }
}
fragment one on CartLine {
  id quantity attributes { key value }
  cost { totalAmount { amount } amountPerQuantity { amount } compareAtAmountPerQuantity { amount } }
  merchandise { ...variant }
  parentRelationship { parent { id } }
}
fragment many on ComponentizableCartLine {
  id quantity attributes { key value }
  cost { totalAmount { amount } amountPerQuantity { amount } compareAtAmountPerQuantity { amount } }
  merchandise { ...variant }
  lineComponents { ...one }
}
fragment cart on Cart {
  updatedAt id note checkoutUrl totalQuantity
  appliedGiftCards { id lastCharacters amountUsed { amount currencyCode } }
  buyerIdentity { countryCode customer { id email firstName lastName displayName } email phone }
  lines(first: $size) { nodes { ...one ...many } }
  cost { subtotalAmount { amount } totalAmount { amount } totalDutyAmount { amount } totalTaxAmount { amount } }
  attributes { key value }
  discountCodes { code applicable }
}
"""
CONTEXT = "@inContext(country: $country, language: $language)"
HYDROGEN_READ = (
    HYDROGEN_CART
    + f"""
query ($cartId: ID!, $size: Int = 100, $country: CountryCode = ZZ, $language: LanguageCode) {CONTEXT} {{
  cart(id: $cartId) {{ ...cart }}
}}
"""
)
HYDROGEN_CHANGE = """
%s
fragment changed on Cart { id totalQuantity checkoutUrl }
fragment wrong on CartUserError { message field code }
fragment warned on CartWarning { code message target }
"""
HYDROGEN_CREATE = HYDROGEN_CHANGE % (
    f"""
mutation ($input: CartInput!, $country: CountryCode = ZZ, $language: LanguageCode) {CONTEXT} {{
  cartCreate(input: $input) {{ cart {{ ...changed }} userErrors {{ ...wrong }} warnings {{ ...warned }} }}
}}
"""
)
HYDROGEN_IDENTIFY = HYDROGEN_CHANGE % (
    f"""
mutation ($cartId: ID!, $who: CartBuyerIdentityInput!, $country: CountryCode = ZZ, $language: LanguageCode) {CONTEXT} {{
  cartBuyerIdentityUpdate(cartId: $cartId, buyerIdentity: $who) {{
    cart {{ ...changed }} userErrors {{ ...wrong }} warnings {{ ...warned }}
  }}
}}
"""
)
HYDROGEN_ADD = HYDROGEN_CHANGE % (
    f"""
mutation ($cartId: ID!, $lines: [CartLineInput!]!, $country: CountryCode = ZZ, $language: LanguageCode) {CONTEXT} {{
  cartLinesAdd(cartId: $cartId, lines: $lines) {{
    cart {{ ...changed }} userErrors {{ ...wrong }} warnings {{ ...warned }}
  }}
}}
"""
)
VERSION = "2026-04"


def lines_of(cart: dict[str, Any]) -> dict[str, tuple[str, int, str]]:
    """Line id, quantity and total by merchandise id, as a storefront looks its lines up."""
    return {
        edge["node"]["merchandise"]["id"]: (
            edge["node"]["id"],
            edge["node"]["quantity"],
            edge["node"]["cost"]["totalAmount"]["amount"],
        )
        for edge in cart["lines"]["edges"]
    }


def test_a_next_cart_is_filled_changed_and_emptied(ask: Ask, catalog: dict[str, Any]) -> None:
    small, large = (id_of(variant) for variant in catalog["cup"].variants.order_by("position"))
    cart = ask(NEXT_CREATE)["cartCreate"]["cart"]
    assert (cart["totalQuantity"], cart["cost"]["totalAmount"]) == (0, {"amount": "0.00", "currencyCode": "USD"})
    assert cart["checkoutUrl"].startswith("http")

    ask(NEXT_ADD, cartId=cart["id"], lines=[{"merchandiseId": small, "quantity": 1}])
    added = ask(NEXT_ADD, cartId=cart["id"], lines=[{"merchandiseId": small}, {"merchandiseId": large, "quantity": 2}])
    lines = lines_of(added["cartLinesAdd"]["cart"])
    assert {id: line[1:] for id, line in lines.items()} == {small: (2, "16.00"), large: (2, "19.00")}

    change = {"id": lines[large][0], "merchandiseId": large, "quantity": 1}
    changed = ask(NEXT_UPDATE, cartId=cart["id"], lines=[change])["cartLinesUpdate"]["cart"]
    assert (changed["totalQuantity"], changed["cost"]["subtotalAmount"]["amount"]) == (3, "25.50")
    assert changed["cost"]["totalTaxAmount"] == {"amount": "0.00", "currencyCode": "USD"}

    left = ask(NEXT_REMOVE, cartId=cart["id"], ids=[lines[small][0]])["cartLinesRemove"]["cart"]
    assert left == ask(NEXT_READ, cartId=cart["id"])["cart"]
    assert list(lines_of(left)) == [large]


def test_a_next_cart_shows_what_it_needs_of_a_line(ask: Ask, catalog: dict[str, Any]) -> None:
    hat = catalog["hat"].variants.get()

    cart = ask(NEXT_CREATE, lines=[{"merchandiseId": id_of(hat), "quantity": 1}])["cartCreate"]["cart"]

    [merchandise] = [edge["node"]["merchandise"] for edge in cart["lines"]["edges"]]
    picture = merchandise["product"].pop("featuredImage")
    assert merchandise == {
        "id": id_of(hat),
        "title": "Default Title",
        "selectedOptions": [{"name": "Title", "value": "Default Title"}],
        "product": {
            "id": id_of(catalog["hat"]),
            "handle": "hat",
            "title": "Hat",
            "variants": {"edges": [{"node": {"id": id_of(hat)}}]},
        },
    }
    assert picture["url"].startswith("http")


@pytest.mark.parametrize("cart_id", ["gid://shopify/Cart/c1-7879eaf0", "undefined", "", "gid://shop/Cart/x?key=y"])
def test_a_cookie_of_another_shop_is_an_empty_cart_and_no_error(ask: Ask, cart_id: str) -> None:
    assert ask(NEXT_READ, cartId=cart_id) == {"cart": None}


def test_a_next_cart_survives_a_refusal_it_does_not_hear_of(ask: Ask, catalog: dict[str, Any]) -> None:
    bowl, hat = (catalog[name].variants.get() for name in ("bowl", "hat"))
    cart = ask(NEXT_CREATE, lines=[{"merchandiseId": id_of(hat)}])["cartCreate"]["cart"]

    refused = ask(NEXT_ADD, cartId=cart["id"], lines=[{"merchandiseId": id_of(bowl), "quantity": 1}])

    assert lines_of(refused["cartLinesAdd"]["cart"]) == lines_of(cart)


def test_a_hydrogen_cart_is_found_by_the_tail_of_its_id(ask: Ask, catalog: dict[str, Any]) -> None:
    hat = catalog["hat"].variants.get()
    given = {"lines": [{"merchandiseId": f"gid://shopify/ProductVariant/{hat.pk}", "quantity": 1, "attributes": []}]}

    made = ask(HYDROGEN_CREATE, version=VERSION, input=given)["cartCreate"]
    cookie = made["cart"]["id"].rpartition("/")[2]
    cart = ask(HYDROGEN_READ, version=VERSION, cartId=f"gid://shopify/Cart/{cookie}", country="US", language="EN")[
        "cart"
    ]

    assert made["userErrors"] == made["warnings"] == []
    [line] = cart.pop("lines")["nodes"]
    assert line["merchandise"]["product"] == {
        "handle": "hat",
        "title": "Hat",
        "id": id_of(catalog["hat"]),
        "vendor": line["merchandise"]["product"]["vendor"],
    }
    assert (line["quantity"], line["attributes"], line["parentRelationship"]) == (1, [], None)
    assert line["cost"] == {
        "totalAmount": {"amount": "30.00"},
        "amountPerQuantity": {"amount": "30.00"},
        "compareAtAmountPerQuantity": None,
    }
    assert (cart["id"], cart["totalQuantity"], cart["note"]) == (made["cart"]["id"], 1, None)
    assert (cart["appliedGiftCards"], cart["discountCodes"], cart["attributes"]) == ([], [], [])
    assert cart["cost"] == {
        "subtotalAmount": {"amount": "30.00"},
        "totalAmount": {"amount": "30.00"},
        "totalDutyAmount": None,
        "totalTaxAmount": {"amount": "0.00"},
    }


def test_a_hydrogen_cart_hears_why(ask: Ask, catalog: dict[str, Any]) -> None:
    bowl = catalog["bowl"].variants.get()
    cart = ask(HYDROGEN_CREATE, version=VERSION, input={})["cartCreate"]["cart"]

    refused = ask(HYDROGEN_ADD, version=VERSION, cartId=cart["id"], lines=[{"merchandiseId": id_of(bowl)}])

    assert refused["cartLinesAdd"] == {
        "cart": cart,
        "userErrors": [{"code": "INSUFFICIENT_STOCK", "field": ["lines"], "message": f"{bowl.sku} is out of stock."}],
        "warnings": [],
    }


def test_a_hydrogen_buyer_says_where_they_are(ask: Ask) -> None:
    cart = ask(HYDROGEN_CREATE, version=VERSION, input={})["cartCreate"]["cart"]

    ask(HYDROGEN_IDENTIFY, version=VERSION, cartId=cart["id"], who={"countryCode": "CA", "email": "ada@example.com"})

    identity = ask(HYDROGEN_READ, version=VERSION, cartId=cart["id"])["cart"]["buyerIdentity"]
    assert identity == {"countryCode": "CA", "customer": None, "email": "ada@example.com", "phone": None}
