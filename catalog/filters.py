"""Which products a list has: what can be asked of them, and the querysets and conditions that find them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import add, or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchRank
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    FilteredRelation,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    When,
)
from django.db.models.functions import Cast, Coalesce

from accounts.actors import Actor
from accounts.staff import Permission
from catalog import search
from catalog.models import AttributeValue, Category, Price, Product, ProductStatus, SearchDocument
from catalog.models.price import Tariff
from catalog.models.product import ProductQuerySet
from catalog.search import Asked
from catalog.shopper import Shopper
from shop import prepared
from shop.errors import InvalidInput
from shop.prepared import Bound, Statement


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition of a rule-based collection: all that is said must hold, and in a rule only one thing is.

    Prices are those of the base list with the key `price_list_id`, whatever the shopper pays, so that a collection is
    the same for everybody; but reduced is what is reduced for the shopper.
    """

    category_path: str | None = None
    tag: str | None = None
    brand_id: int | None = None
    price_list_id: int | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    on_sale: bool | None = None
    published_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """A condition on one attribute, of the product or of a variant: any of these choices, a range, or yes or no."""

    attribute_id: int
    choice_ids: tuple[int, ...] = ()
    number_min: Decimal | None = None
    number_max: Decimal | None = None
    boolean: bool | None = None


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products: all that is said must hold, and of the rules all or any. Paths are those of whole subtrees.

    First comes what list they are in and by what words they are found; then what shoppers choose among those, as
    `chosen_by` tells it apart.
    """

    category_path: str | None = None
    collection_id: int | None = None
    rules: tuple[Rule, ...] = ()
    any_rule: bool = False
    asked: Asked | None = None
    hides_sold_out: bool = False
    within: tuple[str, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    available: bool | None = None
    on_sale: bool | None = None
    rating_min: Decimal | None = None
    brands: tuple[str, ...] = ()
    product_types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    attributes: tuple[Described, ...] = ()

    @property
    def unchosen(self) -> "ProductFilter":
        """The same list and words, with nothing chosen."""
        return ProductFilter(
            category_path=self.category_path,
            collection_id=self.collection_id,
            rules=self.rules,
            any_rule=self.any_rule,
            asked=self.asked,
            hides_sold_out=self.hides_sold_out,
        )


def matching(shopper: Shopper, wanted: ProductFilter) -> tuple[ProductQuerySet, bool]:
    """Those wanted that the shopper may see, in no order, and whether they have a `rank`. Raises InvalidInput."""
    return matching_by(shopper.tariff, shopper.actor, wanted)


def matching_by(tariff: Tariff, actor: Actor, wanted: ProductFilter) -> tuple[ProductQuerySet, bool]:
    """As `matching`, for an actor whose price list is known. Raises InvalidInput."""
    return narrowed(shown(Product.objects.all(), tariff.price_list_id, actor), wanted, tariff)


def narrowed(chosen: ProductQuerySet, wanted: ProductFilter, tariff: Tariff) -> tuple[ProductQuerySet, bool]:
    """Those of `chosen` that are wanted, and whether they have a `rank`. Raises InvalidInput."""
    ensure_sound(wanted)
    chosen = _filtered(chosen, wanted, tariff)
    if wanted.asked is not None:
        return _found(chosen, wanted.asked, tariff)
    return chosen, False


def stated(statement: Statement[Any, Any], *values: Any, **shape: Any) -> Bound:
    """The statement with these values, of which one is a ProductFilter; with words also with their `stems`.

    What is asked for by conditions, or by some of the words, is compiled each time. How many products have some words
    differs so much that it is planned each time. Raises EmptyResultSet, InvalidInput.
    """
    [wanted] = [value for value in values if isinstance(value, ProductFilter)]
    ensure_sound(wanted)
    if wanted.asked is None:
        return statement.bound(*values, **shape)
    asked = wanted.asked.fixed
    if asked is None:
        return prepared.compiled(statement.queryset(*values, **shape))
    given = [replace(wanted, asked=asked) if value is wanted else value for value in values]
    # By whose stems words are sought stands in the SQL: it is part of the shape.
    return statement.bound(*given, stems=search.configuration(), **shape)._replace(is_planned_anew=True)


def ensure_sound(wanted: ProductFilter) -> None:
    if wanted.price_min is not None and wanted.price_max is not None and wanted.price_min > wanted.price_max:
        raise InvalidInput("The lowest price must not exceed the highest.", field=("price",))


def _found(chosen: ProductQuerySet, asked: Asked, tariff: Tariff) -> tuple[ProductQuerySet, bool]:
    """What is asked for in words, and whether it has a `rank`."""
    if asked.is_empty:
        return chosen.none(), False
    words = search.query(asked)
    chosen = chosen.filter(*(_term(term, tariff) for term in asked.terms))
    if words is None:
        return chosen, False
    document, having = "search", Q(search=words)
    if asked.language:
        document, having = "document", Q(pk__in=_having(words, asked.language))
        chosen = _with_documents(chosen, asked.language)
    if asked.least:
        has_part = [Case(When(**{document: part}, then=1), default=0) for part in search.part_queries(asked)]
        chosen = chosen.annotate(matched=reduce(add, has_part)).filter(matched__gte=asked.least)
    # The rank is a float4: as it is, no comparison with what a cursor remembers of it would be exact.
    return chosen.filter(having).annotate(rank=Cast(SearchRank(F(document), words), FloatField())), True


def _with_documents(chosen: ProductQuerySet, language: str) -> ProductQuerySet:
    """With the `document` each is found by in a language that is not the shop's own."""
    told = FilteredRelation("documents", condition=Q(documents__language=language))
    aliased: Any = chosen.alias(told=told).alias(document=Coalesce("told__search", "search"))
    found: ProductQuerySet = aliased
    return found


def _having(words: search.Query, language: str) -> QuerySet[Any, Any]:
    """The products whose documents in this language have these words: said as two lists, each found by its index."""
    told = SearchDocument.objects.filter(language=language)
    own: Any = Product.objects.filter(~Exists(told.filter(product=OuterRef("pk"))), search=words)
    found: Any = told.filter(search=words).values("product").union(own.values("pk"), all=True)
    rows: QuerySet[Any, Any] = found
    return rows


def _term(term: search.Term, tariff: Tariff) -> Q:
    match term:
        case search.Term(field="tag"):
            found = Q(tags__contains=[term.value])
        case search.Term(field="vendor"):
            found = Q(brand__name__iexact=term.value)
        case search.Term(field="product_type"):
            found = Q(product_type__iexact=term.value)
        case search.Term(field="available_for_sale"):
            found = Q(is_in_stock=term.value)
        case _:
            found = Q(pk__in=priced(tariff, **{f"amount__{term.comparison}": term.value}))
    return ~found if term.is_excluded else found


def priced(tariff: Tariff, **amount: Any) -> QuerySet[Any, Any]:
    """The products that have a variant with such an amount."""
    return Price.objects.by(tariff).filter(**amount).values("variant__product")


def _filtered(chosen: ProductQuerySet, wanted: ProductFilter, tariff: Tariff) -> ProductQuerySet:
    if wanted.category_path is not None:
        chosen = chosen.below(wanted.category_path)
    if wanted.collection_id is not None:
        # The column is bound to this very join: a later condition on `places__position` would join any other place.
        chosen = chosen.filter(places__collection=wanted.collection_id).annotate(position=F("places__position"))
    if wanted.hides_sold_out:
        chosen = chosen.filter(Q(is_in_stock=True))
    if wanted.rules:
        rules = [_rule(rule) for rule in wanted.rules]
        chosen = chosen.filter(_any_of(rules) if wanted.any_rule else Q(*rules))
    return chosen.filter(*chosen_by(wanted, tariff).values())


def chosen_by(wanted: ProductFilter, tariff: Tariff) -> dict[str, Q]:
    """What shoppers choose among the products of a list: a condition for each kind of choice that they made."""
    conditions = {
        "category": _any_of(_below(path) for path in wanted.within) if wanted.within else None,
        "price": _price(wanted, tariff),
        "available": None if wanted.available is None else Q(is_in_stock=wanted.available),
        "on_sale": None if wanted.on_sale is None else Q(is_on_sale=wanted.on_sale),
        "rating": None if wanted.rating_min is None else Q(rating_average__gte=wanted.rating_min),
        "brand": Q(brand__name__in=wanted.brands) if wanted.brands else None,
        "product_type": Q(product_type__in=wanted.product_types) if wanted.product_types else None,
        "tag": Q(tags__overlap=list(wanted.tags)) if wanted.tags else None,
    }
    described = {f"attribute_{place}": Q(pk__in=_described(one)) for place, one in enumerate(wanted.attributes)}
    return described | {kind: condition for kind, condition in conditions.items() if condition is not None}


def _below(path: str) -> Q:
    return Q(category__path__gte=path, category__path__lt=path + "[")


def _price(wanted: ProductFilter, tariff: Tariff) -> Q | None:
    low, high = wanted.price_min, wanted.price_max
    if low is None or high is None:
        ends = {"price_max__gte": low, "price_min__lte": high}
        given = {name: end for name, end in ends.items() if end is not None}
        return Q(**given) if given else None
    # Where both ends of an offer lie outside, it may span the range without a single price inside it.
    inside = priced(tariff, amount__gte=low, amount__lte=high).filter(variant__product=OuterRef("pk"))
    spans = Q(price_min__lt=low, price_max__gt=high)
    return (
        Q(price_min__gte=low, price_min__lte=high)
        | Q(price_max__gte=low, price_max__lte=high)
        | (spans & Q(Exists(inside)))
    )


def _described(wanted: Described) -> QuerySet[Any, Any]:
    """The products that have such a value, or a variant that has it."""
    conditions: dict[str, Any] = {
        "choice_id__in": wanted.choice_ids or None,
        "number__gte": wanted.number_min,
        "number__lte": wanted.number_max,
        "boolean": wanted.boolean,
    }
    given = {name: value for name, value in conditions.items() if value is not None}
    return AttributeValue.objects.filter(attribute_id=wanted.attribute_id, applies=True, **given).values("product_id")


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


def _rule(rule: Rule) -> Q:
    conditions: dict[str, Any] = {
        "category__path__gte": rule.category_path,
        "category__path__lt": None if rule.category_path is None else rule.category_path + "[",
        "tags__contains": None if rule.tag is None else [rule.tag],
        "brand_id": rule.brand_id,
        "is_on_sale": rule.on_sale,
        "published_at__gte": rule.published_since,
    }
    if rule.price_list_id is not None:
        ends = {"amount__gte": rule.price_min, "amount__lte": rule.price_max}
        amount = {name: value for name, value in ends.items() if value is not None}
        conditions["pk__in"] = priced(Tariff(rule.price_list_id), **amount)
    return Q(**{name: value for name, value in conditions.items() if value is not None})


def shown(chosen: ProductQuerySet, price_list_id: int, actor: Actor) -> ProductQuerySet:
    """Those the actor may see, with their offer: a product without a price by a list is not sold to whom it is for."""
    visible = chosen.visible_to(actor).offered_by(price_list_id)
    return visible if actor.may(Permission.MANAGE_CATALOG) else _published(visible)


def shown_below(path: str, price_list_id: int) -> ProductQuerySet:
    """What shoppers see of a category and all below it, for who reads them all.

    An offer stands where its product does. Said so, both are found by their indexes of categories, and then joined.
    """
    listed = Category.objects.filter(path__gte=path, path__lt=path + "[", is_listed=True).values("pk")
    offered: Any = _published(Product.objects.filter(status=ProductStatus.ACTIVE).offered_by(price_list_id))
    found: ProductQuerySet = offered.filter(_one_of("category_id", listed), _one_of("offer__category_id", listed))
    return found


def _published(visible: ProductQuerySet) -> ProductQuerySet:
    # That the offer is published adds nothing to what is visible, but lets the indexes of published offers be used.
    offered: Any = visible.annotate(is_offered=F("offer__is_published")).filter(is_offered=True)
    found: ProductQuerySet = offered
    return found


def _one_of(column: str, keys: QuerySet[Any, Any]) -> Func:
    """As `__in`, but the keys are found first, so that the rows are taken from an index one key after the other."""
    found = ArraySubquery(keys, template="(ARRAY(%(subquery)s))")
    return Func(column, found, template="(%(expressions)s)", arg_joiner=" = ANY ", output_field=BooleanField())
