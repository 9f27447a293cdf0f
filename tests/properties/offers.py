"""Rules about what buyers are asked: promotions and codes, taxes, delivery and prices, each changed at any time."""

from typing import Any

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, rule

from catalog.models.price import base_of
from schema.nodes import gid
from tests import builders
from tests.properties.world import VARIANT, Made, World, made

PROMOTIONS: "Bundle[str]" = Bundle("promotions")
TAX_RATES: "Bundle[str]" = Bundle("tax_rates")
CODES = st.sampled_from(["SPRING", "AUTUMN", "NOBODY"])
# In the smallest unit of the currency: nothing, odd amounts that cannot be divided, and a large one.
UNITS = st.sampled_from([1005, 333, 1, 7, 99999, 0])
RATES = st.sampled_from(["0.19", "0.08875", "0.333333", "0"])


class Offers(World):
    @initialize(included=st.booleans(), by_line=st.booleans())
    def open_with_taxes(self, included: bool, by_line: bool) -> None:
        settings.PRICES_INCLUDE_TAX, settings.TAX_ROUNDING = included, "line" if by_line else "total"
        self._levy("VAT", "0.19", "", on_shipping=True)

    @initialize(code=st.none() | st.just("SPRING"))
    def open_with_a_promotion(self, code: str | None) -> None:
        self.ask(
            "promotionCreate",
            promotion={
                "title": "A third",
                "kind": "PERCENTAGE",
                "percentage": "33.333",
                "codes": [code] if code else [],
            },
        )

    @rule(
        target=PROMOTIONS,
        kind=st.sampled_from(
            ["PERCENTAGE", "FIXED_AMOUNT", "FIXED_PRICE", "BUY_X_GET_Y", "FREE_SHIPPING", "TIERED", "FREE_GIFT"]
        ),
        gift=VARIANT,
        units=UNITS,
        percentage=st.sampled_from(["33.333", "10", "100"]),
        code=st.none() | CODES,
        limits=st.fixed_dictionaries(
            {},
            optional={
                "usageLimit": st.sampled_from([1, 2]),
                "usageLimitPerCustomer": st.just(1),
                "isExclusive": st.just(True),
                "isFirstOrder": st.just(True),
                "minQuantity": st.just(2),
            },
        ),
    )
    def promote(
        self, kind: str, gift: str, units: int, percentage: str, code: str | None, limits: dict[str, Any]
    ) -> "Made[str]":
        reckoned: dict[str, dict[str, Any]] = {
            "PERCENTAGE": {"percentage": percentage},
            "FIXED_AMOUNT": {"amount": self.amount(units)},
            "FIXED_PRICE": {"amount": self.amount(units)},
            "BUY_X_GET_Y": {"buyQuantity": 1, "getQuantity": 1, "percentage": percentage},
            "TIERED": {"tiers": [{"from": self.amount(units), "percentage": percentage}]},
            "FREE_GIFT": {"giftVariantId": gift},
        }
        said = {"title": kind.capitalize(), "kind": kind, "currency": self.currency, **reckoned.get(kind, {}), **limits}
        payload = self.ask(
            "promotionCreate", "promotion { id }", promotion={**said, **({"codes": [code]} if code else {})}
        )
        return made(payload, lambda: payload["promotion"]["id"])

    @rule(promotion=PROMOTIONS, percentage=st.sampled_from(["5", "66.667"]))
    def change_promotion(self, promotion: str, percentage: str) -> None:
        self.ask("promotionUpdate", id=promotion, promotion={"title": "Changed", "percentage": percentage})

    @rule(
        promotion=PROMOTIONS,
        action=st.sampled_from(["promotionDeactivate", "promotionActivate", "promotionDelete"]),
    )
    def switch_promotion(self, promotion: str, action: str) -> None:
        self.ask(action, id=promotion)

    @rule(
        target=TAX_RATES,
        title=st.sampled_from(["VAT", "Levy"]),
        rate=RATES,
        region=st.sampled_from(["", "CA", "NY"]),
        on_shipping=st.booleans(),
    )
    def levy(self, title: str, rate: str, region: str, on_shipping: bool) -> "Made[str]":
        payload = self._levy(title, rate, region, on_shipping)
        return made(payload, lambda: payload["taxRate"]["id"])

    @rule(tax_rate=TAX_RATES, rate=st.none() | RATES)
    def change_or_drop_tax(self, tax_rate: str, rate: str | None) -> None:
        if rate is None:
            self.ask("taxRateDelete", id=tax_rate)
        else:
            self.ask("taxRateUpdate", id=tax_rate, taxRate={"rate": rate, "title": "Changed"})

    @rule(units=UNITS, free_from=st.none() | UNITS)
    def price_delivery(self, units: int, free_from: int | None) -> None:
        rate = {"currency": self.currency, "amount": self.amount(units)}
        free = {} if free_from is None else {"freeFrom": self.amount(free_from)}
        self.ask("shippingMethodUpdate", id=builders.id_of(self.method), shippingMethod={"rates": [{**rate, **free}]})

    @rule(variant=VARIANT, units=UNITS)
    def change_price(self, variant: str, units: int) -> None:
        self.ask("productVariantUpdate", id=variant, variant={"price": self.amount(units), "currency": self.currency})

    @rule(variant=VARIANT, units=UNITS)
    def cost_less_from_two_on(self, variant: str, units: int) -> None:
        price = {"variantId": variant, "price": self.amount(units), "minimumQuantity": 2}
        self.ask("priceListPricesSet", priceListId=gid("PriceList", base_of(self.currency)), prices=[price])

    def _levy(self, title: str, rate: str, region: str, on_shipping: bool) -> dict[str, Any]:
        said = {"title": title, "country": "US", "rate": rate, "region": region, "appliesToShipping": on_shipping}
        return self.ask("taxRateCreate", "taxRate { id }", taxRate=said)
