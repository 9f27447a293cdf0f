"""The rules of collections: what is allowed in them, and what they come to when the products are read."""

from collections.abc import Collection as Some
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Required, TypedDict

from django.conf import settings
from django.db.models import QuerySet

from catalog import brands, categories
from catalog.filters import Rule
from catalog.models import CollectionRule, RuleMatch
from catalog.models.price import base_of
from shop import clock, money, prepared, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money

MAX_RULES = 20
MAX_TAG = 255
MAX_DAYS = 3650

_KINDS = ("category_id", "tag", "brand", "price", "on_sale", "published_within_days")


class Contradiction(Refusal):
    """No product can satisfy both rules, or none can fail to."""

    code = "RULES_CONTRADICT"


class PriceRange(TypedDict, total=False):
    """Prices in one currency, the shop's own where none is named; either end may be open."""

    min: Decimal | None
    max: Decimal | None
    currency: str | None


class RuleFields(TypedDict, total=False):
    """A rule somebody gave: exactly one of these."""

    category_id: int | None
    tag: str | None
    brand: str | None
    price: PriceRange | None
    on_sale: bool | None
    published_within_days: int | None


class RuleSet(TypedDict):
    """Rules, and whether a product has to satisfy all of them or any."""

    match: Required[str]
    rules: Required[list[RuleFields]]


class RuleRow(NamedTuple):
    """A rule as it is stored, with the path and the name of what it names."""

    collection_id: int
    category_id: int | None
    category_path: str | None
    tag: str
    brand_id: int | None
    brand: str | None
    currency: str
    price_min: Decimal | None
    price_max: Decimal | None
    is_on_sale: bool | None
    within_days: int | None

    @property
    def rule(self) -> Rule:
        """What it asks of a product now: the path is that of today, and days are counted back from this moment."""
        return Rule(
            category_path=self.category_path,
            tag=self.tag or None,
            brand_id=self.brand_id,
            price_list_id=base_of(self.currency) if self.currency else None,
            price_min=self.price_min,
            price_max=self.price_max,
            on_sale=self.is_on_sale,
            published_since=None if self.within_days is None else clock.now() - timedelta(days=self.within_days),
        )


def of_collections(collection_ids: Some[int]) -> dict[int, list[RuleRow]]:
    """The rules of each collection in the order they were given in; no statement for no collections."""
    found: dict[int, list[RuleRow]] = {collection_id: [] for collection_id in collection_ids}
    for row in map(RuleRow._make, _rules(list(found)) if found else []):
        found[row.collection_id].append(row)
    return found


@prepared.statement
def _rules(collection_ids: list[int]) -> QuerySet[Any, Any]:
    chosen = CollectionRule.objects.filter(collection_id__any=collection_ids).order_by("collection_id", "position")
    return chosen.values_list(
        "collection_id",
        "category_id",
        "category__path",
        "tag",
        "brand_id",
        "brand__name",
        "currency",
        "price_min",
        "price_max",
        "is_on_sale",
        "within_days",
    )


def checked(rule_set: RuleSet) -> list[CollectionRule]:
    """Rules to write, for a collection yet to be named. Raises InvalidInput, NotFound, Contradiction.

    Call inside a transaction, with no collection locked: until it ends, what the rules name stays.
    """
    given = rule_set["rules"]
    if not 1 <= len(given) <= MAX_RULES:
        raise InvalidInput(f"Give 1 to {MAX_RULES} rules; these are {len(given)}.", field=("rules",))
    if any(fields.get("category_id") is not None for fields in given):
        categories.hold_tree()
    found: list[CollectionRule] = []
    with together() as check:
        for place, fields in enumerate(given):
            with check("rules", place):
                rule = _rule(fields)
                rule.position = place
                if _said(rule) in map(_said, found):
                    raise InvalidInput("Give each rule once.")
                found.append(rule)
    for place, rule in enumerate(found):
        with blaming("rules", place):
            _ensure_possible(rule, found[:place], rule_set["match"])
    return found


def _rule(fields: RuleFields) -> CollectionRule:
    said = [kind for kind in _KINDS if fields.get(kind) is not None]
    if len(said) != 1:
        raise InvalidInput(
            "A rule says one thing: a category, a tag, a brand, a price, on sale or not, or published within days."
        )
    [kind] = said
    value: Any = fields.get(kind)
    if kind == "category_id":
        return CollectionRule(category=categories.get(value, "category_id"))
    with blaming(kind):
        match kind:
            case "tag":
                return CollectionRule(tag=text.line(value, limit=MAX_TAG, required=True))
            case "brand":
                brand = brands.known(text.line(value, limit=MAX_TAG, required=True))
                if brand is None:
                    raise NotFound("Brand")
                return CollectionRule(brand=brand)
            case "price":
                return _price(value)
            case "on_sale":
                return CollectionRule(is_on_sale=value)
            case _:
                if not 1 <= value <= MAX_DAYS:
                    raise InvalidInput(f"Give 1 to {MAX_DAYS} days.")
                return CollectionRule(within_days=value)


def _price(given: PriceRange) -> CollectionRule:
    currency = given.get("currency") or settings.SHOP_CURRENCY
    if not money.is_currency(currency):
        raise InvalidInput("A currency is a code of ISO 4217 such as EUR.", field=("currency",))
    with together() as check:
        with check("min"):
            low = _amount(given.get("min"), currency)
        with check("max"):
            high = _amount(given.get("max"), currency)
    if low is None and high is None:
        raise InvalidInput("Give the lowest price, the highest, or both.")
    if low is not None and high is not None and low > high:
        raise InvalidInput("The lowest price must not exceed the highest.")
    return CollectionRule(currency=currency, price_min=low, price_max=high)


def _amount(typed: Decimal | None, currency: str) -> Decimal | None:
    return None if typed is None else Money.price(typed, currency).amount


def _said(rule: CollectionRule) -> tuple[Any, ...]:
    prices = (rule.currency, rule.price_min, rule.price_max)
    return (rule.category_id, rule.tag, rule.brand_id, *prices, rule.is_on_sale, rule.within_days)


def _ensure_possible(rule: CollectionRule, others: Sequence[CollectionRule], match: str) -> None:
    """Raises Contradiction where the rule and another leave nothing, or leave out nothing."""
    for other in others:
        if rule.is_on_sale is not None and other.is_on_sale is not None:
            raise Contradiction("A product is on sale or it is not; give one of the two rules.", field=("on_sale",))
        if match == RuleMatch.ANY:
            continue
        if rule.brand_id and other.brand_id:
            raise Contradiction("A product has one brand; let any of the rules suffice, or name one.", field=("brand",))
        if rule.category and other.category and not _is_within(rule.category.path, other.category.path):
            raise Contradiction(
                "A product stands in one category, and neither of these two is below the other; let any of the rules "
                "suffice, or name one.",
                field=("category_id",),
            )


def _is_within(path: str, other: str) -> bool:
    return path.startswith(other) or other.startswith(path)
