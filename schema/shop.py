"""The shop itself: its name and policies, and the country, language and currency a request speaks in."""

from typing import ClassVar

import strawberry
from babel.numbers import get_currency_symbol
from django.conf import settings

from catalog.content import PolicyRow
from schema import codes, loaders
from schema.content import storefront_url
from schema.context import Context, Info
from schema.edges import edge
from schema.fields import query
from schema.images import MediaImage
from schema.nodes import Node, gid
from schema.scalars import URL
from shop import languages


@strawberry.type(description="A place on the web where the shop is.")
class Domain:
    url: URL = strawberry.field(description="Its URL.")
    host: str = strawberry.field(description="Its name, such as shop.example.")
    ssl_enabled: bool = strawberry.field(description="Whether it is reached over HTTPS.")

    @classmethod
    def of(cls, url: str) -> "Domain":
        scheme, _, host = url.partition("://")
        return cls(url=URL(url), host=host.partition("/")[0], ssl_enabled=scheme == "https")


@strawberry.type(description="How the shop presents itself.")
class Brand:
    logo: MediaImage | None = strawberry.field(default=None, description="The logo; null where none was uploaded.")
    short_description: str | None = strawberry.field(description="The shop in one sentence.")


@strawberry.type(description="A page that says what the shop promises.")
class ShopPolicy(Node):
    handle: str = strawberry.field(description="Its name in URLs: privacy-policy, refund-policy and so on.")
    title: str = strawberry.field(description="The heading.")
    body: str = strawberry.field(description="The text, in safe HTML.")
    url: URL = strawberry.field(description="Where the storefront shows it.")

    @classmethod
    def of(cls, row: PolicyRow) -> "ShopPolicy":
        return cls(
            id=gid("ShopPolicy", row.page.pk),
            handle=row.name,
            title=row.page.title,
            body=row.page.body,
            url=storefront_url(f"/policies/{row.name}"),
        )


@strawberry.type(description="A policy that has a standard text where the merchant wrote none.")
class ShopPolicyWithDefault:
    id: strawberry.ID | None = strawberry.field(description="Its id; null for the standard text.")
    handle: str = strawberry.field(description="Its name in URLs.")
    title: str = strawberry.field(description="The heading.")


@strawberry.type(description="What the shop is paid in, and where.")
class PaymentSettings:
    currency_code: codes.CurrencyCode = strawberry.field(description="The currency of the shop's books.")
    country_code: codes.CountryCode = strawberry.field(description="The country of the shop.")


@strawberry.type(description="The shop.")
class Shop(Node):
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it sells, in a sentence.")
    primary_domain: Domain = strawberry.field(description="Where its storefront is.")
    brand: Brand = strawberry.field(description="How it presents itself.")
    payment_settings: PaymentSettings = strawberry.field(description="What it is paid in, and where.")
    privacy_policy: ShopPolicy | None = edge(
        loaders.policies,
        key="privacy",
        description='What happens to personal data: the page "privacy-policy" or "privacy".',
    )
    refund_policy: ShopPolicy | None = edge(
        loaders.policies, key="refunds", description='How goods go back: the page "refund-policy" or "refunds".'
    )
    shipping_policy: ShopPolicy | None = edge(
        loaders.policies,
        key="shipping",
        description='How goods arrive: the page "shipping-policy" or "shipping-and-returns".',
    )
    terms_of_service: ShopPolicy | None = edge(
        loaders.policies, key="terms", description='The terms: the page "terms-of-service" or "terms".'
    )
    subscription_policy: ShopPolicyWithDefault | None = strawberry.field(
        default=None, description="Always null: the shop sells no subscriptions."
    )
    privacy: ClassVar[str] = "privacy-policy"
    refunds: ClassVar[str] = "refund-policy"
    shipping: ClassVar[str] = "shipping-policy"
    terms: ClassVar[str] = "terms-of-service"


@strawberry.type(description="A currency.")
class Currency:
    iso_code: codes.CurrencyCode = strawberry.field(description="Its ISO 4217 code.")
    name: str = strawberry.field(description="Its English name.")
    symbol: str = strawberry.field(description="Its sign, such as $.")


@strawberry.type(description="A country.")
class Country:
    iso_code: codes.CountryCode = strawberry.field(description="Its ISO 3166-1 code.")
    name: str = strawberry.field(description="Its English name.")
    currency: Currency = strawberry.field(description="The currency the shop shows its prices in there.")


@strawberry.type(description="A language.")
class Language:
    iso_code: codes.LanguageCode = strawberry.field(description="Its ISO 639-1 code.")
    name: str = strawberry.field(description="Its English name.")
    endonym_name: str = strawberry.field(description="What it calls itself, such as français.")

    @classmethod
    def of(cls, code: str) -> "Language":
        return cls(iso_code=codes.language(code), name=languages.NAMES[code], endonym_name=languages.endonym(code))


@strawberry.type(description="Where and in what language a request is answered.")
class Localization:
    country: Country = strawberry.field(description="The country prices and taxes are told for.")
    language: Language = strawberry.field(
        description="The language texts are told in; what is not translated into it is told in the shop's own."
    )
    available_languages: list[Language] = strawberry.field(
        description="The languages the shop answers in, its own first."
    )

    @classmethod
    def of(cls, context: Context) -> "Localization":
        country = context.country or "ZZ"
        currency = Currency(
            iso_code=codes.currency(context.currency),
            name=codes.CURRENCIES[context.currency],
            symbol=get_currency_symbol(context.currency, locale="en"),
        )
        return cls(
            country=Country(iso_code=codes.country(country), name=codes.COUNTRIES[country], currency=currency),
            language=Language.of(context.language),
            available_languages=[Language.of(code) for code in languages.offered()],
        )


@strawberry.type
class ShopQueries:
    @query
    def shop(self, info: Info) -> Shop:
        """The shop itself."""
        description = settings.SHOP_DESCRIPTION or None
        return Shop(
            id=gid("Shop", 1),
            name=settings.SHOP_NAME,
            description=description,
            primary_domain=Domain.of(settings.STOREFRONT_URL),
            brand=Brand(short_description=description),
            payment_settings=PaymentSettings(
                currency_code=codes.currency(settings.SHOP_CURRENCY),
                country_code=codes.country(settings.SHOP_COUNTRY),
            ),
        )

    @query
    def localization(self, info: Info) -> Localization:
        """The country, the language and the currency this request is answered in."""
        return Localization.of(info.context)
