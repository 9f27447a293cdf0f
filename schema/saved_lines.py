"""Lines of a cart that are saved for later: how they look; what may change them is in `cart_saved_lines`."""

from collections.abc import Sequence

import strawberry

from accounts.actors import GUEST
from checkout import saved_lines
from checkout.carts import PricedCart
from checkout.models import CartLine
from schema import loaders
from schema.context import Context
from schema.edges import edge
from schema.nodes import gid
from schema.pagination import After, Before, First, Last
from schema.scalars import Attribute
from schema.variants import ProductVariant
from shop.paging import Page, PageRequest


def saved_lines_of_cart(
    context: Context,
    keys: Sequence[PricedCart],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[CartLine]]:
    # Carts of nobody look the same to everybody.
    actor = context.actor if any(key.cart.customer_id for key in keys) else GUEST
    found = saved_lines.pages(keys, PageRequest(first, last, after, before), actor=actor)
    return [found[key.cart.pk] for key in keys]


@strawberry.type(description="A line that is saved for later. It costs nothing, and nothing is held for it.")
class SavedCartLine:
    id: strawberry.ID = strawberry.field(description="The id to move it into the cart by, or to remove it.")
    quantity: int = strawberry.field(description="How many units.")
    attributes: list[Attribute] = strawberry.field(description="Notes that make this line one of its own.")
    merchandise: ProductVariant = edge(
        loaders.variants, key="variant_id", description="What is saved, with its price now; perhaps no longer sold."
    )
    variant_id: strawberry.Private[int]

    @classmethod
    def of(cls, row: CartLine) -> "SavedCartLine":
        return cls(
            id=gid("CartLine", row.pk),
            quantity=row.quantity,
            attributes=[Attribute(**stored) for stored in row.attributes],
            variant_id=row.variant_id,
        )
