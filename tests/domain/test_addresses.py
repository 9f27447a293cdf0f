"""Postal addresses: what each country's post needs, and nothing it does not."""

from contextlib import suppress

import pytest

from accounts import addresses
from accounts.addresses import Address
from schema import codes
from shop.errors import InvalidInput, Refusals
from tests.builders import ADDRESS

WHERE = {"last_name": "Noether", "address1": "Hauptstr. 1"}


def problems(address: Address) -> list[tuple[str, str]]:
    with pytest.raises(Refusals) as refused:
        addresses.checked(address)
    return [(str(one.field[0]), one.message) for one in refused.value.refusals]


@pytest.mark.parametrize(
    "parts",
    [
        {"country_code": "DE", "city": "Berlin", "zip": "10115"},
        {"country_code": "FR", "city": "Paris", "zip": "75001"},
        {"country_code": "IE", "city": "Dublin"},
        {"country_code": "GB", "city": "London", "zip": "SW1A 1AA"},
        {"country_code": "JP", "province_code": "Tokyo", "city": "Chiyoda", "zip": "100-0001"},
        {"country_code": "HK", "province_code": "Hong Kong Island", "city": "Wan Chai"},
        {"country_code": "SG", "zip": "018956"},
        {"country_code": "XK", "city": "Pristina"},
    ],
)
def test_takes_what_the_post_needs(parts):
    kept = addresses.checked(Address(**WHERE, **parts))

    assert (kept.country_code, kept.city) == (parts["country_code"], parts.get("city", ""))


def test_writes_codes_as_the_post_does_and_leaves_the_spelling():
    typed = Address("ada ", " Byron", "", " 12 analytical way", "", "mountain view", "california", "94043 ", "us", "")

    assert addresses.checked(typed) == Address(
        "ada", "Byron", "", "12 analytical way", "", "mountain view", "CA", "94043", "US", ""
    )


@pytest.mark.parametrize(
    ("country", "province", "city", "zip_"),
    [
        ("CN", "Beijing Shi", "Beijing", "100000"),
        ("KR", "Seoul", "Seoul", "03051"),
        ("BR", "SP", "S. Paulo", "01310-100"),
    ],
)
def test_lets_people_spell_their_city_where_the_post_lists_cities(country, province, city, zip_):
    address = Address(**WHERE, country_code=country, province_code=province, city=city, zip=zip_)

    assert addresses.checked(address).city == city


def test_tells_everything_that_is_missing_at_once():
    assert problems(Address(country_code="US")) == [
        ("last_name", "Say who receives the parcel."),
        ("province_code", "This is needed in addresses of US."),
        ("city", "This is needed in addresses of US."),
        ("zip", "This is needed in addresses of US."),
        ("address1", "This is needed in addresses of US."),
    ]


def test_wants_a_country():
    with pytest.raises(InvalidInput, match=r"Say which country the address is in\."):
        addresses.checked(Address(**WHERE))


def test_knows_what_to_say_of_every_country():
    """An address with nothing but a street is kept, or refused with reasons; it is never a crash."""
    kept = set()
    for country in codes.COUNTRIES:
        with suppress(Refusals):
            kept.add(addresses.checked(Address(**WHERE, country_code=country)).country_code)

    assert kept == {"AG", "GI", "MO", "VG"}


def test_is_written_line_by_line_as_on_a_parcel():
    assert ADDRESS.lines == ["Ada Byron", "12 Analytical Way", "Mountain View CA 94043", "US"]
    assert Address(country_code="US").lines == ["US"]


def test_is_stored_and_read_again():
    assert Address.of_json(ADDRESS.as_json()) == ADDRESS
