"""Promotions as staff keep them: making, changing, switching and removing them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Required, TypedDict

from django.db import transaction

from accounts.actors import Actor
from accounts.models import CustomerGroup
from accounts.staff import Permission
from catalog.models import Category, Collection, Product, ProductVariant
from checkout import promotion_codes, promotion_facts
from checkout.models import Promotion, PromotionKind
from shop import money, paging, text
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money
from shop.paging import Page, PageRequest

MAX_TITLE = 255
MAX_NUMBER = 32_767
MAX_LIMIT = 2_000_000_000
MAX_NAMED = 250
MAX_TIERS = 20
DEFAULT_PRIORITY = 100
UNKNOWN_COUNTRY = "ZZ"

_BY_PRIORITY = paging.Order("PRIORITY", "priority")
_NAMED: dict[str, tuple[Any, str]] = {
    "categories": (Category, "category_ids"),
    "collections": (Collection, "collection_ids"),
    "products": (Product, "product_ids"),
    "variants": (ProductVariant, "variant_ids"),
}
# What each kind reckons with, and has to be given.
_NEEDS: dict[str, tuple[str, ...]] = {
    PromotionKind.PERCENTAGE: ("percentage",),
    PromotionKind.FIXED_AMOUNT: ("amount",),
    PromotionKind.FIXED_PRICE: ("amount",),
    PromotionKind.BUY_X_GET_Y: ("buy_quantity", "get_quantity"),
    PromotionKind.FREE_GIFT: ("gift_variant_id",),
    PromotionKind.FREE_SHIPPING: (),
    PromotionKind.TIERED: ("tiers",),
}
_MAY: dict[str, tuple[str, ...]] = {PromotionKind.BUY_X_GET_Y: ("percentage", "max_times")}
_RECKONED = ("percentage", "amount", "tiers", "buy_quantity", "get_quantity", "max_times", "gift_variant_id")
_QUANTITIES = ("buy_quantity", "get_quantity", "max_times", "min_quantity", "usage_limit", "usage_limit_per_customer")


class PromotionInUse(Refusal):
    """Orders have used the promotion, and tell of it; it can be deactivated, not removed."""

    code = "PROMOTION_IN_USE"


class Tier(TypedDict, total=False):
    """From a spend on, a percentage or an amount off."""

    from_amount: Required[Decimal]
    percentage: Decimal | None
    amount: Decimal | None


class Merchandise(TypedDict, total=False):
    """Any of these, by their keys; everything where none is named."""

    category_ids: list[int] | None
    collection_ids: list[int] | None
    product_ids: list[int] | None
    variant_ids: list[int] | None


class PromotionFields(TypedDict, total=False):
    """What may be said of a promotion. A key left out leaves what there is; None puts back the default."""

    title: str | None
    priority: int | None
    is_exclusive: bool | None
    percentage: Decimal | None
    amount: Decimal | None
    tiers: list[Tier] | None
    buy_quantity: int | None
    get_quantity: int | None
    max_times: int | None
    gift_variant_id: int | None
    merchandise: Merchandise | None
    qualifying: Merchandise | None
    group_ids: list[int] | None
    countries: list[str] | None
    is_first_order: bool | None
    min_subtotal: Decimal | None
    min_quantity: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    usage_limit: int | None
    usage_limit_per_customer: int | None


class NewPromotion(PromotionFields, total=False):
    """A promotion to make. Its kind, its currency and whether it needs a code never change."""

    kind: Required[str]
    currency: str | None
    needs_code: bool | None
    codes: list[str] | None
    is_active: bool | None


def page(request: PageRequest) -> Page[Promotion]:
    """A page of all promotions, in the order in which they are considered. Raises InvalidPage."""
    return paging.page(Promotion.objects.all(), _BY_PRIORITY, request, list, lambda row: (row.priority, row.pk))


def get(promotion_id: int) -> Promotion:
    """Raises NotFound."""
    found = Promotion.objects.filter(pk=promotion_id).first()
    if found is None:
        raise NotFound("Promotion", field=("id",))
    return found


def visible(actor: Actor, promotion_ids: Sequence[int]) -> dict[int, Promotion]:
    """The promotions with these keys, for staff who keep promotions; none for anybody else."""
    if not actor.may(Permission.MANAGE_PROMOTIONS):
        return {}
    return Promotion.objects.in_bulk(list(promotion_ids))


@transaction.atomic(durable=True)
def create(*, promotion: NewPromotion) -> Promotion:
    """Make a promotion, with the codes that bring it. Raises InvalidInput, NotFound, CodeTaken, alone or together."""
    with blaming("promotion"):
        codes = promotion.get("codes") or []
        made = Promotion(
            kind=promotion["kind"],
            currency=promotion.get("currency") or "",
            needs_code=bool(codes) or bool(promotion.get("needs_code")),
            is_active=promotion.get("is_active") is not False,
        )
        if made.currency and not money.is_currency(made.currency):
            raise InvalidInput("A currency is a code of ISO 4217 such as EUR.", field=("currency",))
        _change(made, {"title": None, **promotion})
        made.save()
        if codes:
            promotion_codes.add(made, codes)
    promotion_facts.forget()
    return made


@transaction.atomic(durable=True)
def update(*, promotion_id: int, promotion: PromotionFields) -> Promotion:
    """Change what is said of a promotion. Raises InvalidInput, NotFound, alone or together."""
    changed = locked(promotion_id)
    with blaming("promotion"):
        _change(changed, promotion)
    changed.save()
    promotion_facts.forget()
    return changed


@transaction.atomic(durable=True)
def switch(*, promotion_id: int, is_active: bool) -> Promotion:
    """Let a promotion apply from now on, in its time, or no longer. Raises NotFound."""
    changed = locked(promotion_id)
    changed.is_active = is_active
    changed.save(update_fields=["is_active"])
    promotion_facts.forget()
    return changed


@transaction.atomic(durable=True)
def delete(*, promotion_id: int) -> None:
    """Remove a promotion that no order has used, with its codes. Raises NotFound, PromotionInUse."""
    gone = locked(promotion_id)
    if gone.uses.exists():
        raise PromotionInUse("Orders have used this promotion; deactivate it instead.", field=("id",))
    gone.delete()
    promotion_facts.forget()


def locked(promotion_id: int, *field: str) -> Promotion:
    """The promotion, locked until the transaction ends. Raises NotFound."""
    found = Promotion.objects.select_for_update(no_key=True).filter(pk=promotion_id).first()
    if found is None:
        raise NotFound("Promotion", field=field or ("id",))
    return found


def _change(promotion: Promotion, said: Mapping[str, Any]) -> None:
    """Raises InvalidInput, NotFound, alone or together."""
    with together() as check:
        for name in ("starts_at", "ends_at", "gift_variant_id"):
            if name in said:
                setattr(promotion, name, said[name])
        for name in ("is_exclusive", "is_first_order"):
            if name in said:
                setattr(promotion, name, bool(said[name]))
        if "title" in said:
            with check("title"):
                promotion.title = text.line(said["title"] or "", limit=MAX_TITLE, required=True)
        if "priority" in said:
            with check("priority"):
                promotion.priority = DEFAULT_PRIORITY if said["priority"] is None else said["priority"]
                if not 0 <= promotion.priority <= MAX_NUMBER:
                    raise InvalidInput(f"A priority is a number from 0 to {MAX_NUMBER}; the lowest comes first.")
        for name in _QUANTITIES:
            if name in said:
                with check(name):
                    setattr(promotion, name, _quantity(said[name]))
        for name in ("amount", "min_subtotal"):
            if name in said:
                with check(name):
                    setattr(promotion, name, _amount(said[name], promotion.currency))
        if "percentage" in said:
            with check("percentage"):
                promotion.percentage = _percentage(said["percentage"])
        if "tiers" in said:
            with check("tiers"):
                promotion.tiers = _tiers(said["tiers"] or [], promotion.currency)
        for name in ("merchandise", "qualifying"):
            if name in said:
                with check(name):
                    setattr(promotion, name, _merchandise(said[name] or Merchandise()))
        if "group_ids" in said:
            with check("group_ids"):
                promotion.group_ids = _known(CustomerGroup, said["group_ids"] or [])
        if "countries" in said:
            with check("countries"):
                promotion.countries = sorted(set(said["countries"] or []))
                if UNKNOWN_COUNTRY in promotion.countries:
                    raise InvalidInput("ZZ stands for no country; an empty list covers every one.")
    _ensure_whole(promotion)


def _ensure_whole(promotion: Promotion) -> None:
    """Raises InvalidInput, alone or together, where what is said does not make a promotion."""
    needed = _NEEDS[promotion.kind]
    allowed = (*needed, *_MAY.get(promotion.kind, ()))
    with together() as check:
        for name in _RECKONED:
            value = getattr(promotion, name)
            is_given = value is not None and value != []
            with check(name):
                if name in needed and not is_given:
                    raise InvalidInput(f"A promotion of the kind {promotion.kind} needs this.")
                if name not in allowed and is_given:
                    raise InvalidInput(f"A promotion of the kind {promotion.kind} knows nothing of this.")
        with check("gift_variant_id"):
            if promotion.gift_variant_id is not None:
                _ensure_giveable(promotion.gift_variant_id)
        with check("ends_at"):
            if promotion.starts_at and promotion.ends_at and promotion.ends_at <= promotion.starts_at:
                raise InvalidInput("It must end after it starts.")
        with check("usage_limit"):
            if promotion.usage_limit is not None and promotion.usage_limit < promotion.used:
                raise InvalidInput(f"It was used {promotion.used} times already; the limit cannot be lower.")


def _ensure_giveable(variant_id: int) -> None:
    """Raises NotFound, InvalidInput."""
    variant = ProductVariant.objects.filter(pk=variant_id).first()
    if variant is None:
        raise NotFound("ProductVariant")
    if variant.bundle_pricing:
        raise InvalidInput("A bundle cannot be a gift; give one of its parts.")
    if variant.is_gift_card:
        raise InvalidInput("A gift card cannot be a gift.")


def _quantity(number: int | None) -> int | None:
    if number is not None and not 1 <= number <= MAX_LIMIT:
        raise InvalidInput(f"Give a number from 1 to {MAX_LIMIT}, or null for none.")
    return number


def _percentage(number: Decimal | None) -> Decimal | None:
    if number is None:
        return None
    if not number.is_finite() or not 0 < number <= 100 or number != round(number, 3):
        raise InvalidInput("A percentage is more than 0 and 100 at the most, with 3 decimals at the most.")
    return number


def _amount(number: Decimal | None, currency: str) -> Decimal | None:
    if number is None:
        return None
    if not currency:
        raise InvalidInput("A promotion with an amount needs a currency.")
    return Money.price(number, currency).amount


def _tiers(tiers: Sequence[Tier], currency: str) -> list[dict[str, str | None]]:
    """As they are stored, the lowest spend first."""
    if len(tiers) > MAX_TIERS:
        raise InvalidInput(f"Give {MAX_TIERS} tiers at the most.")
    found: dict[Decimal, dict[str, str | None]] = {}
    with together() as check:
        for place, tier in enumerate(tiers):
            with check(place):
                least = _amount(tier["from_amount"], currency) or Decimal(0)
                percentage, amount = _percentage(tier.get("percentage")), _amount(tier.get("amount"), currency)
                if (percentage is None) == (amount is None):
                    raise InvalidInput("A tier takes off either a percentage or an amount.")
                if least in found:
                    raise InvalidInput("Give each spend once.", field=("from",))
                part = {"percentage": percentage, "amount": amount}
                found[least] = {
                    "from": str(least),
                    **{name: None if one is None else str(one) for name, one in part.items()},
                }
    return [found[least] for least in sorted(found)]


def _merchandise(said: Merchandise) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    with together() as check:
        for name, (model, given) in _NAMED.items():
            with check(given):
                keys: Any = said.get(given) or []
                found[name] = _known(model, keys)
    return {name: keys for name, keys in found.items() if keys}


def _known(model: Any, keys: Sequence[int]) -> list[int]:
    """Raises NotFound, InvalidInput."""
    if len(keys) > MAX_NAMED:
        raise InvalidInput(f"Name {MAX_NAMED} at the most.")
    known = set(model.objects.filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    with together() as check:
        for place, key in enumerate(keys):
            with check(place):
                if key not in known:
                    raise NotFound(model.__name__)
    return list(dict.fromkeys(keys))
