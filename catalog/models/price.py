"""Price lists and the prices of variants by them, and what each product offers a shopper by one list."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from accounts.models import CustomerGroup
from catalog.models.category import Category
from catalog.models.product import Product, ProductVariant
from shop import money
from shop.money import amount_field


@cache
def base_of(currency: str) -> int:
    """The key of a currency's base list, there or not: told by the currency, so that reads need not look it up."""
    return money.number(currency)


@dataclass(frozen=True, slots=True)
class Tariff:
    """The price list that is read, and whether its base has what it does not price."""

    price_list_id: int
    has_base: bool = False

    @property
    def base(self) -> QuerySet["PriceList", Any]:
        """The key of the base, for a statement to look up: so it takes one value, whatever it reads."""
        return PriceList.objects.filter(pk=self.price_list_id).values("base")


class PriceList(models.Model):
    """What goods cost, in one currency: for everybody, or by an own list for some countries or customer groups.

    Each currency in which anything is priced has one base list, with the key `base_of(currency)`. Every other list has
    it for `base`: what it does not price costs what it costs there. Of the lists that are `is_current` and meant for a
    shopper, the one of lowest `priority` is theirs. `catalog.price_lists` writes these rows.
    """

    handle = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="overlays")
    # Empty for every country; no groups for every customer, signed in or not.
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    groups = models.ManyToManyField(CustomerGroup, related_name="price_lists", blank=True)
    priority = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_current = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["currency"], condition=Q(base__isnull=True), name="price_list_base_once_per_currency"
            ),
            models.CheckConstraint(
                condition=Q(base__isnull=False)
                | Q(countries=[], starts_at__isnull=True, ends_at__isnull=True, is_active=True, is_current=True),
                name="base_price_list_is_for_everybody_always",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="price_list_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_base(self) -> bool:
        return self.base_id is None


class PriceQuerySet(models.QuerySet["Price"]):
    """Which prices."""

    def counting(self, tariff: Tariff) -> "PriceQuerySet":
        """What counts by this tariff: all that the list has of a variant, or else all that its base has."""
        own = self.filter(price_list=tariff.price_list_id)
        if not tariff.has_base:
            return own
        is_own = Exists(Price.objects.filter(price_list=tariff.price_list_id, variant=OuterRef("variant")))
        return self.filter(Q(price_list=tariff.price_list_id) | (Q(price_list=Subquery(tariff.base)) & ~is_own))

    def by(self, tariff: Tariff) -> "PriceQuerySet":
        """The price of one of each variant that is sold by this tariff."""
        return self.counting(tariff).filter(min_quantity=1)


def with_price(chosen: QuerySet[Any, Any], tariff: Tariff, prices: str = "prices") -> QuerySet[Any, Any]:
    """Adds the `amount` one costs, null for what is not sold by this tariff, and what it is reduced from, `was`.

    `prices` is the way from a row to the prices of its variant.
    """

    def entry(price_list: Any) -> FilteredRelation:
        return FilteredRelation(
            prices, condition=Q(**{f"{prices}__price_list": price_list, f"{prices}__min_quantity": 1})
        )

    joined: Any = chosen.annotate(price=entry(tariff.price_list_id))
    amount: Any = F("price__amount")
    was: Any = F("price__compare_at")
    if tariff.has_base:
        joined = joined.annotate(base_price=entry(Subquery(tariff.base)))
        amount = Coalesce(amount, F("base_price__amount"))
        was = Case(When(price__amount__isnull=True, then=F("base_price__compare_at")), default=was)
    priced: QuerySet[Any, Any] = joined.annotate(amount=amount, was=was)
    return priced


class Price(models.Model):
    """What a variant costs by a list from a quantity on; `compare_at` is the price it is reduced from."""

    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    variant = models.ForeignKey(ProductVariant, on_delete=models.CASCADE, related_name="prices")
    min_quantity = models.PositiveIntegerField(default=1)
    amount = amount_field()
    compare_at = amount_field(null=True, blank=True)

    objects = PriceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "price_list", "min_quantity"], name="price_once_per_list_and_quantity"
            ),
            models.CheckConstraint(condition=Q(min_quantity__gte=1), name="price_is_from_a_quantity_on"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(compare_at__isnull=True) | Q(compare_at__gte=0), name="compare_at_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def currency(self) -> str:
        return self.price_list.currency


# What lists are narrowed and counted by, beside the lowest price.
_COUNTED = ["is_in_stock", "is_on_sale", "price_max", "ranges"]


class Offer(models.Model):
    """A product as a shopper meets it by one price list: price range, reduced or not, in stock or not.

    One row for each list the product is priced by, or whose base it is priced by, written by `catalog.facts` alone. It
    carries the category and the status of its product, so that facts of a category are counted from this table only.
    `ranges` has a bit for each of the fine ranges, of `catalog.bands`, that one of its prices lies in.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="offers")
    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    is_published = models.BooleanField()
    is_in_stock = models.BooleanField()
    is_on_sale = models.BooleanField()
    price_min = amount_field()
    price_max = amount_field()
    ranges = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "price_list"],
                # All that products found by words are counted by.
                include=[*_COUNTED, "is_published", "price_min"],
                name="offer_once_per_price_list",
            ),
            models.CheckConstraint(condition=Q(price_min__lte=F("price_max")), name="offer_range_is_ordered"),
        ]
        indexes = [
            models.Index(
                fields=["category", "price_list", "price_min", "product"],
                # All that lists are narrowed and counted by, so that the rows need not be looked at.
                include=_COUNTED,
                condition=Q(is_published=True),
                name="offer_published_in_category",
            ),
            models.Index(
                fields=["price_list", "price_min", "product"],
                condition=Q(is_published=True),
                name="offer_published_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} by {self.price_list_id}"
