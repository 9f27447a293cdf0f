"""Documents that read and change a cart, shared by the tests of carts: each asks for all a storefront shows."""

from typing import Any

CART = """
fragment cart on Cart {
  id
  note
  totalQuantity
  attributes { key value }
  cost { subtotalAmount { amount currencyCode } totalAmount { amount } totalTaxAmount { amount } }
  buyerIdentity { email phone countryCode customer { id } }
  lines(first: 250) {
    nodes {
      quantity
      attributes { key value }
      cost {
        amountPerQuantity { amount } compareAtAmountPerQuantity { amount }
        subtotalAmount { amount } totalAmount { amount }
      }
      merchandise { ... on ProductVariant { id title } }
    }
  }
}
"""
CREATE = f"""
{CART}
mutation ($input: CartInput) {{
  cartCreate(input: $input) {{
    cart {{ ...cart discountCodes {{ code }} appliedGiftCards {{ id lastCharacters amountUsed {{ amount }} }} }}
    userErrors {{ code field message }}
    warnings {{ code message target }}
  }}
}}
"""
LINES = """
fragment lines on Cart {
  totalQuantity
  lines(first: 250) { nodes { id quantity attributes { key value } merchandise { ... on ProductVariant { sku } } } }
}
"""
READ = f"""
{CART}
query ($id: ID!) {{ cart(id: $id) {{ ...cart }} }}
"""


def changing(mutation: str, arguments: str, selection: str) -> str:
    """A document that changes a cart by `mutation` and reads `selection` of it."""
    names = [argument.split(":")[0] for argument in arguments.split(", ")]
    given = ", ".join(f"{name}: ${name}" for name in ["cartId", *names])
    declared = ", ".join(f"${argument}" for argument in ["cartId: ID!", *arguments.split(", ")])
    return f"""
mutation ({declared}) {{
  {mutation}({given}) {{
    cart {{ {selection} }}
    userErrors {{ code field message }}
    warnings {{ code message target }}
  }}
}}
"""


LINES_ADD = LINES + changing("cartLinesAdd", "lines: [CartLineInput!]!", "...lines")
LINES_UPDATE = LINES + changing("cartLinesUpdate", "lines: [CartLineUpdateInput!]!", "...lines")
LINES_REMOVE = LINES + changing("cartLinesRemove", "lineIds: [ID!]!", "...lines")

GROUP = """
query ($id: ID!) {
  cart(id: $id) {
    deliveryGroups(first: 1) {
      nodes {
        isEstimate
        deliveryOptions {
          handle deliveryMethodType estimatedCost { amount }
          pickupLocation { name address { city } readyText }
        }
        unavailableDeliveryOptions { handle title reason message }
      }
    }
  }
}
"""


def group(execute: Any, cart: Any) -> dict[str, Any]:
    """How the cart can be delivered."""
    [found] = execute(GROUP, id=f"gid://shop/Cart/{cart.secret}")["cart"]["deliveryGroups"]["nodes"]
    return dict(found)


def offered(execute: Any, cart: Any) -> list[str]:
    """The handles of the ways the cart can be delivered."""
    return [option["handle"] for option in group(execute, cart)["deliveryOptions"]]
