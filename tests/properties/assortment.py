"""Rules about how goods are told, put together, priced by lists and counted, with a recount in words of these tests."""

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, rule

from catalog.models import (
    AttributeValue,
    Category,
    CategoryAttribute,
    Offer,
    Price,
    PriceList,
    Product,
    ProductVariant,
    StockCount,
    StockLevel,
    StockMovement,
)
from tests.properties.goods import PRICES, Selling
from tests.properties.world import CATEGORIES, LOCATIONS, PRODUCT, VARIANT, Made, made

LISTS: "Bundle[str]" = Bundle("price_lists")
ATTRIBUTES: "Bundle[str]" = Bundle("attributes")
COUNTS: "Bundle[str]" = Bundle("counts")
# Of all attributes the handle is known: that of its name.
NAMES = st.sampled_from(["Colour", "Weight", "Washable"])
KINDS = {"Colour": "CHOICE", "Weight": "NUMBER", "Washable": "BOOLEAN"}
COUNTED = st.sampled_from([0, 1, 3, 12])


class Assortment(Selling):
    @rule(target=LISTS, currency=st.sampled_from(["USD", "EUR"]), countries=st.sampled_from([[], ["US"], ["NO"]]))
    def create_price_list(self, currency: str, countries: list[str]) -> "Made[str]":
        said = {"title": "List", "currency": currency, "countries": countries}
        payload = self.ask("priceListCreate", "priceList { id }", priceList=said)
        return made(payload, lambda: payload["priceList"]["id"])

    @rule(price_list=LISTS, variants=st.lists(VARIANT, min_size=1, max_size=3), price=PRICES, many=st.booleans())
    def price_by_list(self, price_list: str, variants: list[str], price: str, many: bool) -> None:
        prices = [{"variantId": one, "price": price, "minimumQuantity": 2 if many else 1} for one in variants]
        self.ask("priceListPricesSet", priceListId=price_list, prices=prices)

    @rule(price_list=LISTS, variant=VARIANT)
    def price_by_list_no_more(self, price_list: str, variant: str) -> None:
        self.ask("priceListPricesRemove", priceListId=price_list, variantIds=[variant])

    @rule(price_list=LISTS, active=st.booleans())
    def switch_price_list(self, price_list: str, active: bool) -> None:
        self.ask("priceListUpdate", id=price_list, priceList={"isActive": active})

    @rule(price_list=consumes(LISTS))
    def delete_price_list(self, price_list: str) -> None:
        self.ask("priceListDelete", id=price_list)

    @rule(target=ATTRIBUTES, name=NAMES)
    def create_attribute(self, name: str) -> "Made[str]":
        said: dict[str, Any] = {"name": name, "kind": KINDS[name]}
        if name == "Colour":
            said["choices"] = [{"label": "Red"}, {"label": "Blue"}]
        payload = self.ask("attributeCreate", "attribute { id }", attribute=said)
        return made(payload, lambda: payload["attribute"]["id"])

    @rule(category=CATEGORIES, attribute=ATTRIBUTES, is_given=st.sampled_from([True, True, False]))
    def give_attribute(self, category: str, attribute: str, is_given: bool) -> None:
        if is_given:
            self.ask("categoryAttributesAssign", categoryId=category, attributes=[{"attributeId": attribute}])
        else:
            self.ask("categoryAttributesUnassign", categoryId=category, attributeIds=[attribute])

    @rule(product=PRODUCT, name=NAMES, says=st.integers(min_value=0, max_value=2))
    def describe(self, product: str, name: str, says: int) -> None:
        said: dict[str, dict[str, Any]] = {
            "Colour": {"choices": ["red", "blue", "green"][says : says + 1]},
            "Weight": {"number": str(says)},
            "Washable": {"boolean": bool(says)},
        }
        self.ask("productAttributesSet", productId=product, values=[{"handle": name.lower(), **said[name]}])

    @rule(attribute=consumes(ATTRIBUTES))
    def delete_attribute(self, attribute: str) -> None:
        self.ask("attributeDelete", id=attribute)

    @rule(
        bundle=VARIANT,
        pricing=st.sampled_from(["SUM", "OWN"]),
        parts=st.lists(st.tuples(VARIANT, st.sampled_from([1, 2])), min_size=1, max_size=2),
    )
    def put_together(self, bundle: str, pricing: str, parts: list[tuple[str, int]]) -> None:
        said = [{"variantId": part, "quantity": quantity} for part, quantity in parts]
        self.ask("productBundleSet", variantId=bundle, pricing=pricing, parts=said)

    @rule(bundle=VARIANT)
    def take_apart(self, bundle: str) -> None:
        self.ask("productBundleUnset", variantId=bundle)

    @rule(target=COUNTS, location=LOCATIONS, variants=st.lists(VARIANT, min_size=1, max_size=2))
    def start_count(self, location: str, variants: list[str]) -> "Made[str]":
        said = {"locationId": location, "variantIds": variants}
        payload = self.ask("stockCountStart", "stockCount { id }", count=said)
        return made(payload, lambda: payload["stockCount"]["id"])

    @rule(count=COUNTS, variant=VARIANT, found=COUNTED)
    def record_count(self, count: str, variant: str, found: int) -> None:
        self.ask("stockCountLinesRecord", id=count, lines=[{"variantId": variant, "quantity": found}])

    @rule(count=COUNTS, action=st.sampled_from(["stockCountComplete", "stockCountComplete", "stockCountCancel"]))
    def close_count(self, count: str, action: str) -> None:
        self.ask(action, id=count)

    @invariant()
    def offers_are_what_the_prices_of_a_list_come_to(self) -> None:
        """What a list does not price is sold by the base of its currency."""
        prices = {
            (price.price_list_id, price.variant_id): price.amount for price in Price.objects.filter(min_quantity=1)
        }
        bases = {one.currency: one.pk for one in PriceList.objects.filter(base=None)}
        for offer in Offer.objects.select_related("price_list"):
            base = bases[offer.price_list.currency]
            asked = [
                prices.get((offer.price_list_id, variant), prices.get((base, variant)))
                for variant in ProductVariant.objects.filter(product=offer.product_id).values_list("pk", flat=True)
            ]
            known = [amount for amount in asked if amount is not None]
            assert (offer.price_min, offer.price_max) == (min(known), max(known))
        priced = {
            (price_list, product) for price_list, product in Price.objects.values_list("price_list", "variant__product")
        }
        assert priced <= set(Offer.objects.values_list("price_list", "product"))

    @invariant()
    def values_apply_below_whatever_has_their_attribute(self) -> None:
        paths = dict(Category.objects.values_list("pk", "path"))
        given: dict[int, list[str]] = {}
        for category, attribute in CategoryAttribute.objects.values_list("category", "attribute"):
            given.setdefault(attribute, []).append(paths[category])
        places = dict(Product.objects.values_list("pk", "category"))
        for value in AttributeValue.objects.all():
            path = paths[places[value.product_id]]
            assert value.applies == any(path.startswith(above) for above in given.get(value.attribute_id, []))

    @invariant()
    def bundles_cost_and_hold_what_their_parts_do(self) -> None:
        for bundle in ProductVariant.objects.exclude(bundle_pricing="").prefetch_related("parts"):
            parts = list(bundle.parts.all())
            assert parts
            assert not StockLevel.objects.filter(variant=bundle, on_hand__gt=0).exists()
            assert not ProductVariant.objects.filter(pk__in=[part.part_id for part in parts]).exclude(bundle_pricing="")
            if bundle.bundle_pricing == "SUM":
                self._ensure_sum(bundle)

    def _ensure_sum(self, bundle: ProductVariant) -> None:
        for price_list in PriceList.objects.filter(base=None):
            asked = [
                (Price.objects.filter(price_list=price_list, variant=part.part_id, min_quantity=1).first(), part)
                for part in bundle.parts.all()
            ]
            own = Price.objects.filter(price_list=price_list, variant=bundle, min_quantity=1).first()
            if all(price for price, _ in asked):
                assert own is not None
                assert own.amount == sum((price.amount * part.quantity for price, part in asked if price), Decimal(0))
            else:
                assert own is None

    @invariant()
    def counts_are_on_the_books_once(self) -> None:
        moved: Counter[tuple[str, int]] = Counter()
        for movement in StockMovement.objects.filter(reference__startswith="count:"):
            moved[movement.reference, movement.variant_id] += movement.on_hand_delta
        for count in StockCount.objects.prefetch_related("lines"):
            for line in count.lines.all():
                found = line.counted is not None and count.status == "COMPLETED"
                wanted = (line.counted or 0) - (line.expected or 0) if found else 0
                assert moved.pop((f"count:{count.pk}", line.variant_id), 0) == wanted
        assert not +moved
