"""A cart warns of a line whose price is another than when its shopper last set it."""

from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Price, ProductVariant
from checkout.models import Cart, CartLine, TaxRate
from schema.nodes import gid
from tests import builders
from tests.api.cart_documents import CREATE, LINES_ADD, LINES_UPDATE, changing
from tests.conftest import Execute

NOTE = changing("cartNoteUpdate", "note: String!", "id")


def a_filled_cart(execute: Execute, *lines: tuple[ProductVariant, int]) -> Cart:
    wanted = [{"merchandiseId": builders.id_of(variant), "quantity": quantity} for variant, quantity in lines]
    assert execute(CREATE, input={"lines": wanted})["cartCreate"]["warnings"] == []
    return Cart.objects.get()


def warnings(execute: Execute, cart: Cart) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = execute(NOTE, cartId=builders.id_of(cart), note="")["cartNoteUpdate"]["warnings"]
    return found


def change(execute: Execute, cart: Cart, line: CartLine, **fields: Any) -> list[dict[str, Any]]:
    lines = [{"id": gid("CartLine", line.pk), **fields}]
    payload = execute(LINES_UPDATE, cartId=builders.id_of(cart), lines=lines)["cartLinesUpdate"]
    assert payload["userErrors"] == []
    found: list[dict[str, Any]] = payload["warnings"]
    return found


def test_it_says_old_and_new_until_the_line_is_set_again(execute: Execute, db: None) -> None:
    mug = builders.a_variant("MUG", price="10.00")
    tea = builders.a_variant("TEA", price="3.00")
    cart = a_filled_cart(execute, (mug, 1), (tea, 1))
    line = cart.lines.get(variant=mug)
    Price.objects.filter(variant=mug).update(amount=Decimal("12.50"))

    first, second = warnings(execute, cart), warnings(execute, cart)

    message = f"The price of {mug.product.title} changed from 10.00 USD to 12.50 USD."
    warning = {"code": "MERCHANDISE_PRICE_CHANGED", "message": message, "target": gid("CartLine", line.pk)}
    assert first == second == [warning]
    assert change(execute, cart, line, quantity=2) == warnings(execute, cart) == []
    Price.objects.filter(variant=mug).update(amount=Decimal("9.00"))
    [lower] = warnings(execute, cart)
    assert lower["message"].endswith("changed from 12.50 USD to 9.00 USD.")


def test_another_line_that_is_set_leaves_what_was_seen_of_this_one(execute: Execute, db: None) -> None:
    mug, tea = builders.a_variant("MUG", price="10.00"), builders.a_variant("TEA", price="3.00")
    cart = a_filled_cart(execute, (mug, 1), (tea, 1))
    Price.objects.update(amount=Decimal("4.00"))

    after = change(execute, cart, cart.lines.get(variant=tea), quantity=2)
    added = execute(
        LINES_ADD, cartId=builders.id_of(cart), lines=[{"merchandiseId": builders.id_of(tea), "quantity": 1}]
    )["cartLinesAdd"]["warnings"]

    assert [warning["target"] for warning in after] == [gid("CartLine", cart.lines.get(variant=mug).pk)]
    assert added == after


def test_a_price_for_many_is_no_change_and_its_own_change_is_one(execute: Execute, db: None) -> None:
    mug = builders.a_variant("MUG", stock=9, price="10.00")
    many = builders.a_price(mug, "8.00", from_=3)
    cart = a_filled_cart(execute, (mug, 2))

    assert change(execute, cart, cart.lines.get(), quantity=3) == []
    assert cart.lines.get().seen_price == Decimal("8.00")
    Price.objects.filter(pk=many.pk).update(amount=Decimal("8.50"))
    [warning] = warnings(execute, cart)
    assert warning["message"].endswith("changed from 8.00 USD to 8.50 USD.")


def test_another_variant_in_the_line_brings_its_own_price(execute: Execute, db: None) -> None:
    mug, tea = builders.a_variant("MUG", price="10.00"), builders.a_variant("TEA", price="3.00")
    cart = a_filled_cart(execute, (mug, 1))

    assert change(execute, cart, cart.lines.get(), merchandiseId=builders.id_of(tea)) == []
    assert cart.lines.get().seen_price == Decimal("3.00")


def test_nothing_is_said_where_the_price_seen_is_not_known_or_was_in_another_currency(
    execute: Execute, db: None
) -> None:
    mug = builders.a_variant("MUG", price="10.00")
    older = builders.a_cart((mug, 1))

    assert warnings(execute, older) == []
    CartLine.objects.update(seen_price=Decimal("9.00"), seen_currency="EUR")
    assert warnings(execute, older) == []


def test_an_exempt_business_hears_of_the_prices_it_pays(execute: Execute, alice: Any, settings: Any, db: None) -> None:
    settings.PRICES_INCLUDE_TAX = True
    TaxRate.objects.create(title="VAT", rate="0.25", country=settings.SHOP_COUNTRY)
    type(alice).objects.update(is_tax_exempt=True)
    mug = builders.a_variant("MUG", price="10.00")
    cart = a_filled_cart(execute, (mug, 1))
    Cart.objects.update(customer=alice)
    Price.objects.update(amount=Decimal("12.50"))

    [warning] = warnings(execute, cart)

    assert warning["message"].endswith("changed from 8.00 USD to 10.00 USD.")


def test_many_lines_cost_what_one_does(execute: Execute, db: None) -> None:
    goods = [builders.a_variant(price="10.00") for _ in range(20)]

    def cost(lines: list[ProductVariant]) -> int:
        cart = builders.a_cart(*((variant, 1) for variant in lines))
        changes = [{"id": gid("CartLine", line.pk), "quantity": 2} for line in cart.lines.all()]
        with CaptureQueriesContext(connection) as queries:
            execute(LINES_UPDATE, cartId=builders.id_of(cart), lines=changes)
        return len(queries)

    cost(goods[:1])
    assert cost(goods[:1]) == cost(goods)
