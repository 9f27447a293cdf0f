"""What a cart costs by price lists: chosen by who buys and from where, less for many, never in a wrong currency."""

import pytest

from catalog import price_lists
from checkout.models import Cart
from tests import builders

FIELDS = """
  id buyerIdentity { countryCode }
  cost { subtotalAmount { amount currencyCode } }
  lines(first: 5) { nodes { quantity cost { amountPerQuantity { amount currencyCode } } } }
"""
CREATE = f"""
mutation ($input: CartInput!, $country: CountryCode) @inContext(country: $country) {{
  cartCreate(input: $input) {{ cart {{ {FIELDS} }} userErrors {{ message }} warnings {{ code message }} }}
}}
"""
IDENTIFY = f"""
mutation ($id: ID!, $buyer: CartBuyerIdentityInput!) {{
  cartBuyerIdentityUpdate(cartId: $id, buyerIdentity: $buyer) {{
    cart {{ {FIELDS} }} userErrors {{ message }} warnings {{ code message }}
  }}
}}
"""
READ = f"query ($id: ID!) {{ cart(id: $id) {{ {FIELDS} }} }}"


@pytest.fixture
def mug(db):
    mug = builders.a_variant("MUG", price="10.00", stock=100)
    builders.a_price(mug, "9.00", currency="EUR")
    return mug


@pytest.fixture
def german(mug):
    return builders.a_price_list("Germany", currency="EUR", countries=["DE"], prices={mug: "8.00"})


def subtotal(cart):
    money = cart["cost"]["subtotalAmount"]
    return f"{money['amount']} {money['currencyCode']}"


def created(execute, mug, quantity=1, country=None, **buyer):
    lines = [{"merchandiseId": builders.id_of(mug), "quantity": quantity}]
    payload = execute(CREATE, input={"lines": lines, "buyerIdentity": buyer}, country=country)["cartCreate"]
    assert payload["userErrors"] == []
    return payload["cart"]


def test_the_country_of_the_buyer_or_of_the_request_chooses_the_list(execute, mug, german):
    assert subtotal(created(execute, mug)) == "10.00 USD"
    assert subtotal(created(execute, mug, countryCode="DE")) == "8.00 EUR"
    assert subtotal(created(execute, mug, country="DE")) == "8.00 EUR"
    assert subtotal(created(execute, mug, country="DE", countryCode="FR")) == "10.00 USD"


def test_another_country_or_the_end_of_a_list_chooses_anew(execute, mug, german):
    cart = created(execute, mug, countryCode="DE")

    abroad = execute(IDENTIFY, id=cart["id"], buyer={"countryCode": "FR"})["cartBuyerIdentityUpdate"]["cart"]
    back = execute(IDENTIFY, id=cart["id"], buyer={"countryCode": "DE"})["cartBuyerIdentityUpdate"]["cart"]
    stored = Cart.objects.values_list("currency", "price_list_id").get()
    price_lists.update(price_list_id=german.pk, price_list={"is_active": False})
    ended = execute(READ, id=cart["id"])["cart"]
    price_lists.delete(price_list_id=german.pk)
    gone = execute(READ, id=cart["id"])["cart"]

    assert [subtotal(one) for one in (abroad, back, ended, gone)] == [
        "10.00 USD",
        "8.00 EUR",
        "10.00 USD",
        "10.00 USD",
    ]
    assert stored == ("EUR", german.pk)


def test_what_is_not_priced_in_its_currency_is_not_sold_in_it(execute, mug, german):
    dollars = builders.a_variant("DOLLARS", price="3.00", title="Dollar Mug")
    cart = created(execute, dollars)

    moved = execute(IDENTIFY, id=cart["id"], buyer={"countryCode": "DE"})["cartBuyerIdentityUpdate"]

    assert subtotal(moved["cart"]) == "0.00 EUR"
    assert moved["warnings"] == [
        {"code": "MERCHANDISE_NOT_SOLD", "message": "Dollar Mug is not sold in EUR. Remove it to check out."}
    ]


def test_a_customer_of_a_group_pays_its_prices_and_a_guest_does_not(execute, mug, alice):
    trade = builders.a_group("Trade", alice)
    builders.a_price_list("Trade", group_ids=[trade.pk], prices={mug: "5.00"})
    hers, guests = builders.a_cart((mug, 2), owner=alice), builders.a_cart((mug, 2))

    assert subtotal(execute(READ, id=builders.id_of(hers))["cart"]) == "10.00 USD"
    assert subtotal(execute(READ, id=builders.id_of(guests))["cart"]) == "20.00 USD"


@pytest.mark.parametrize("of_base", [True, False])
@pytest.mark.parametrize(
    ("quantities", "unit"), [((4,), "10.00"), ((5,), "7.00"), ((9,), "7.00"), ((10,), "6.50"), ((3, 2), "7.00")]
)
def test_many_of_a_variant_cost_less_each_over_all_its_lines(execute, mug, quantities, unit, of_base):
    for minimum, amount in ((5, "7.00"), (10, "6.50")):
        builders.a_price(mug, amount, from_=minimum)
    if not of_base:
        builders.a_price_list("Empty")
    cart = builders.a_cart()
    for number, quantity in enumerate(quantities):
        cart.lines.create(variant=mug, quantity=quantity, attributes=[{"key": "n", "value": str(number)}])

    lines = execute(READ, id=builders.id_of(cart))["cart"]["lines"]["nodes"]

    assert {line["cost"]["amountPerQuantity"]["amount"] for line in lines} == {unit}


def test_is_not_sold_by_the_prices_of_one_country_to_another(execute, mug, german):
    builders.a_shipping_method("Standard", currency="EUR")
    cart = builders.a_ready_cart((mug, 1), country="DE")  # and its address is in the United States
    document = """
    mutation ($cart: ID!) {
      checkoutComplete(cartId: $cart, payment: { gateway: "test" }) { order { id } userErrors { code field message } }
    }
    """

    payload = execute(document, cart=builders.id_of(cart))["checkoutComplete"]

    assert payload == {
        "order": None,
        "userErrors": [
            {
                "code": "CART_NOT_READY",
                "field": ["buyerIdentity", "countryCode"],
                "message": "Other prices hold in US, where this goes. "
                "Say in the buyer identity that the buyer is there.",
            }
        ],
    }
