"""Postal addresses as the API reads and shows them."""

import strawberry

from accounts.addresses import Address
from schema import codes


@strawberry.type(description="A postal address.")
class MailingAddress:
    first_name: str | None = strawberry.field(description="The recipient's given name.")
    last_name: str | None = strawberry.field(description="The recipient's family name.")
    name: str | None = strawberry.field(description="Both names.")
    company: str | None = strawberry.field(description="The recipient's company.")
    address1: str | None = strawberry.field(description="Street and number.")
    address2: str | None = strawberry.field(description="Apartment, floor, building.")
    city: str | None = strawberry.field(description="Town or city.")
    province_code: str | None = strawberry.field(description="State, province or region, where the country has them.")
    zip: str | None = strawberry.field(description="Postal code.")
    country: str | None = strawberry.field(description="The country's English name.")
    country_code: codes.CountryCode | None = strawberry.field(description="The country.")
    phone: str | None = strawberry.field(description="A phone number for the carrier.")
    formatted: list[str] = strawberry.field(description="The address line by line, as on a parcel.")

    @classmethod
    def of(cls, address: Address) -> "MailingAddress":
        return cls(
            first_name=address.first_name or None,
            last_name=address.last_name or None,
            name=address.name or None,
            company=address.company or None,
            address1=address.address1 or None,
            address2=address.address2 or None,
            city=address.city or None,
            province_code=address.province_code or None,
            zip=address.zip or None,
            country=codes.COUNTRIES.get(address.country_code),
            country_code=codes.country(address.country_code) if address.country_code else None,
            phone=address.phone or None,
            formatted=address.lines,
        )


@strawberry.input(description="A postal address. Which parts are needed depends on the country.")
class MailingAddressInput:
    first_name: str | None = strawberry.field(default=None, description="The recipient's given name.")
    last_name: str | None = strawberry.field(default=None, description="The recipient's family name.")
    company: str | None = strawberry.field(default=None, description="The recipient's company.")
    address1: str | None = strawberry.field(default=None, description="Street and number.")
    address2: str | None = strawberry.field(default=None, description="Apartment, floor, building.")
    city: str | None = strawberry.field(default=None, description="Town or city.")
    province_code: str | None = strawberry.field(
        default=None, description="State, province or region, where the country has them."
    )
    zip: str | None = strawberry.field(default=None, description="Postal code.")
    country_code: codes.CountryCode | None = strawberry.field(default=None, description="The country; always needed.")
    phone: str | None = strawberry.field(default=None, description="A phone number for the carrier.")

    def to_domain(self) -> Address:
        return Address(
            first_name=self.first_name or "",
            last_name=self.last_name or "",
            company=self.company or "",
            address1=self.address1 or "",
            address2=self.address2 or "",
            city=self.city or "",
            province_code=self.province_code or "",
            zip=self.zip or "",
            country_code=self.country_code.name if self.country_code else "",
            phone=self.phone or "",
        )
