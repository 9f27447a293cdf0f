"""cartDeliveryAddressesAdd, …Update and …Remove: where a cart may be delivered."""

import pytest

from tests import builders
from tests.api.cart_documents import changing
from tests.api.checkout_documents import ADDRESS

DELIVERY = "delivery { addresses { id selected address { formatted } } }"
ADD = changing("cartDeliveryAddressesAdd", "addresses: [CartSelectableAddressInput!]!", DELIVERY)
UPDATE = changing("cartDeliveryAddressesUpdate", "addresses: [CartSelectableAddressUpdateInput!]!", DELIVERY)
REMOVE = changing("cartDeliveryAddressesRemove", "addressIds: [ID!]!", DELIVERY)
FORMATTED = ["Ada Byron", "12 Analytical Way", "Mountain View CA 94043", "US"]
BERLIN = {
    "lastName": "Noether",
    "address1": "Unter den Linden 6",
    "city": "Berlin",
    "zip": "10117",
    "countryCode": "DE",
}


def an_address(selected: bool | None = None, **changes) -> dict:
    address: dict = {"address": {"deliveryAddress": {**ADDRESS, **changes}}}
    return address if selected is None else {**address, "selected": selected}


def test_selects_the_first_by_itself(execute):
    cart = builders.a_cart()

    payload = add(execute, cart, an_address(), an_address(city="Palo Alto"))

    first, second = cart.addresses.order_by("pk")
    assert payload == {
        "cart": {
            "delivery": {
                "addresses": [
                    {"id": builders.id_of(first), "selected": True, "address": {"formatted": FORMATTED}},
                    {
                        "id": builders.id_of(second),
                        "selected": False,
                        "address": {"formatted": [*FORMATTED[:2], "Palo Alto CA 94043", "US"]},
                    },
                ]
            }
        },
        "userErrors": [],
        "warnings": [],
    }


def test_selects_the_last_that_is_to_be_selected(execute):
    cart = builders.a_cart()

    add(execute, cart, an_address())
    add(execute, cart, an_address(selected=True), an_address(selected=True), an_address(selected=None))

    assert selection(cart) == [False, False, True, False]


def test_writes_codes_as_the_post_does_and_leaves_the_spelling(execute):
    cart = builders.a_cart()

    payload = add(execute, cart, an_address(provinceCode="California", city=" mountain view ", phone="(650) 555-0123"))

    assert payload["userErrors"] == []
    stored = cart.addresses.get().address
    assert (stored["province_code"], stored["city"], stored["phone"]) == ("CA", "mountain view", "+16505550123")


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        ({**ADDRESS, "zip": "9404"}, [("INVALID", "zip", "This is not valid in US.")]),
        (
            {**ADDRESS, "provinceCode": "", "city": None},
            [
                ("INVALID", "provinceCode", "This is needed in addresses of US."),
                ("INVALID", "city", "This is needed in addresses of US."),
            ],
        ),
        ({**ADDRESS, "provinceCode": "Bavaria"}, [("INVALID", "provinceCode", "This is not valid in US.")]),
        ({**ADDRESS, "countryCode": "ZZ"}, [("INVALID", "countryCode", "There is no post in this country.")]),
        ({**ADDRESS, "countryCode": None}, [("INVALID", "countryCode", "Say which country the address is in.")]),
        (
            {**ADDRESS, "firstName": " ", "lastName": None, "phone": "x"},
            [
                ("INVALID", "lastName", "Say who receives the parcel."),
                ("PHONE_INVALID", "phone", "This is not a phone number; begin it with + and the country."),
            ],
        ),
        (
            {**ADDRESS, "address1": "x" * 256},
            [("INVALID", "address1", "At most 255 characters are allowed; these are 256.")],
        ),
        ({**ADDRESS, "address2": "a\nb"}, [("INVALID", "address2", "The character U+000A is not allowed.")]),
    ],
)
def test_tells_all_that_is_wrong_with_an_address(execute, address, errors):
    cart = builders.a_cart()

    payload = add(execute, cart, an_address(), {"address": {"deliveryAddress": address}})

    path = ["addresses", "1", "address", "deliveryAddress"]
    assert payload["userErrors"] == [
        {"code": code, "field": [*path, name], "message": message} for code, name, message in errors
    ]
    assert payload["cart"] == {"delivery": {"addresses": []}}
    assert not cart.addresses.exists()


def test_knows_no_country_that_is_none(request_graphql):
    cart = builders.a_cart()

    answer = request_graphql(ADD, cartId=builders.id_of(cart), addresses=[an_address(countryCode="Atlantis")])

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert not cart.addresses.exists()


def test_refuses_the_21st_address(execute):
    cart = builders.a_cart()
    add(execute, cart, *[an_address()] * 20)

    payload = add(execute, cart, an_address())

    assert payload["userErrors"] == [
        {"code": "INVALID", "field": ["addresses"], "message": "A cart has 20 addresses at the most."}
    ]
    assert cart.addresses.count() == 20


def test_changes_an_address_and_leaves_the_selection(execute):
    cart = a_cart_with_addresses(2)
    first, second = cart.addresses.order_by("pk")

    payload = update(execute, cart, {"id": builders.id_of(second), "address": {"deliveryAddress": BERLIN}})

    assert payload["userErrors"] == []
    assert payload["cart"]["delivery"]["addresses"] == [
        {"id": builders.id_of(first), "selected": True, "address": {"formatted": FORMATTED}},
        {
            "id": builders.id_of(second),
            "selected": False,
            "address": {"formatted": ["Noether", "Unter den Linden 6", "Berlin 10117", "DE"]},
        },
    ]


def test_selects_another(execute):
    cart = a_cart_with_addresses(3)
    _, second, third = cart.addresses.order_by("pk")

    update(
        execute, cart, {"id": builders.id_of(third), "selected": True}, {"id": builders.id_of(second), "selected": True}
    )
    assert selection(cart) == [False, True, False]

    update(execute, cart, {"id": builders.id_of(second), "selected": False})
    assert selection(cart) == [False, False, False]


def test_refuses_a_change_and_changes_nothing(execute):
    cart, other = a_cart_with_addresses(2), a_cart_with_addresses(1)
    first, second = cart.addresses.order_by("pk")
    bad_zip = {"id": builders.id_of(second), "address": {"deliveryAddress": {**BERLIN, "zip": "1"}}}
    foreign = {"id": builders.id_of(other.addresses.get()), "selected": False}

    payload = update(execute, cart, {"id": builders.id_of(first), "selected": False}, bad_zip, foreign)

    assert payload["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["addresses", "1", "address", "deliveryAddress", "zip"],
            "message": "This is not valid in DE.",
        },
        {"code": "NOT_FOUND", "field": ["addresses", "2", "id"], "message": "CartSelectableAddress not found."},
    ]
    assert selection(cart) == [True, False]
    assert selection(other) == [True]


def test_removes_addresses_and_selects_none_in_their_place(execute):
    cart = a_cart_with_addresses(3)
    first, second, third = cart.addresses.order_by("pk")

    payload = remove(execute, cart, first, third)

    assert payload["userErrors"] == []
    assert [address["id"] for address in payload["cart"]["delivery"]["addresses"]] == [builders.id_of(second)]
    assert selection(cart) == [False]


def test_removes_none_where_one_is_of_another_cart(execute):
    cart, other = a_cart_with_addresses(1), a_cart_with_addresses(1)

    payload = remove(execute, cart, cart.addresses.get(), other.addresses.get())

    assert payload["userErrors"] == [
        {"code": "NOT_FOUND", "field": ["addressIds", "1"], "message": "CartSelectableAddress not found."}
    ]
    assert (cart.addresses.count(), other.addresses.count()) == (1, 1)


def a_cart_with_addresses(number: int):
    cart = builders.a_cart()
    for place in range(number):
        cart.addresses.create(address=builders.ADDRESS.as_json(), is_selected=place == 0)
    return cart


def add(execute, cart, *new: dict) -> dict:
    payload: dict = execute(ADD, cartId=builders.id_of(cart), addresses=list(new))["cartDeliveryAddressesAdd"]
    return payload


def update(execute, cart, *changes: dict) -> dict:
    sent = execute(UPDATE, cartId=builders.id_of(cart), addresses=list(changes))
    payload: dict = sent["cartDeliveryAddressesUpdate"]
    return payload


def remove(execute, cart, *rows) -> dict:
    ids = [builders.id_of(row) for row in rows]
    payload: dict = execute(REMOVE, cartId=builders.id_of(cart), addressIds=ids)["cartDeliveryAddressesRemove"]
    return payload


def selection(cart) -> list[bool]:
    return list(cart.addresses.order_by("pk").values_list("is_selected", flat=True))
