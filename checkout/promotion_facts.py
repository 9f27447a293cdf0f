"""What is read for promotions: those that come by themselves, those that codes bring, and what they ask about.

Automatic promotions are few and change seldom, so that each process reads them once in `KEPT_FOR` seconds at the most:
where there are none, and a cart has no code, nothing is read for it. So long a process may show one that staff have
changed; the counters that limits are held by are read when an order is placed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from catalog import membership
from catalog.models.price import Tariff
from checkout.bills import PricedLine
from checkout.models import Cart, Promotion, PromotionCode, PromotionKind
from checkout.promotions import Candidate, Facts
from shop import clock, prepared
from shop.prepared import Bound

KEPT_FOR = 1.0


@dataclass(slots=True)
class _Kept:
    """The automatic promotions that this process knows of."""

    promotions: list[Promotion] = field(default_factory=list)
    until: float = 0.0


_kept = _Kept()


def key_of(code: str) -> str:
    """By what a code is found, however it is typed."""
    return code.strip().upper()


def candidates(cart: Cart) -> list[Candidate]:
    """The promotions that may apply to a cart, and a candidate without one for each code that nobody knows."""
    found = [Candidate(promotion) for promotion in automatic()]
    entered = {key_of(one["code"]): str(one["code"]) for one in cart.discount_codes}
    if not entered:
        return found
    known = {code.key: code for code in _codes(list(entered))}
    for key, code in entered.items():
        found.append(_by_code(code, known.get(key)))
    return found


def _by_code(entered: str, row: PromotionCode | None) -> Candidate:
    if row is None:
        return Candidate(None, entered)
    is_left = row.usage_limit is None or row.used < row.usage_limit
    return Candidate(row.promotion, row.code, row.pk, row.is_active, is_left)


def facts(
    cart: Cart,
    lines: Sequence[PricedLine],
    candidates: Sequence[Candidate],
    tariff: Tariff,
    gifts: Callable[[list[int]], Iterable[PricedLine]],
) -> Facts:
    """What these promotions ask about. Only what one of them asks about is read; `gifts` prices variants as lines."""
    wanted = [one.promotion for one in candidates if one.promotion is not None]
    address = next((line.row.cart_address for line in lines if line.row.cart_address), None)
    named: dict[str, set[int]] = {"categories": set(), "collections": set()}
    for promotion in wanted:
        for kind, keys in named.items():
            keys.update(promotion.merchandise.get(kind, ()), promotion.qualifying.get(kind, ()))
    products = {line.row.product_id for line in lines}
    is_held = products and (named["categories"] or named["collections"])
    about: dict[str, Any] = _about_buyer(cart, wanted) if any(map(_asks_who, wanted)) else {}
    given = [one.gift_variant_id for one in wanted if one.kind == PromotionKind.FREE_GIFT and one.gift_variant_id]
    return Facts(
        now=clock.now(),
        country=address["country_code"] if address else cart.country or settings.SHOP_COUNTRY,
        held=membership.categories_and_collections(products, named["categories"], named["collections"], tariff)
        if is_held
        else {},
        gifts={line.row.variant_id: line for line in gifts(given)} if given else {},
        **about,
    )


def who(customer_id: int | None, email: str, phone: str) -> str:
    """The name under which a buyer's uses are counted: the account, else the e-mail address, else the phone number."""
    if customer_id is not None:
        return f"customer:{customer_id}"
    if email:
        return f"email:{email.lower()}"
    return f"phone:{phone}" if phone else ""


def automatic() -> list[Promotion]:
    """The active promotions that need no code and are not over, begun or not."""
    if _kept.until < monotonic():
        until = monotonic() + KEPT_FOR
        chosen = Promotion.objects.filter(Q(ends_at=None) | Q(ends_at__gt=clock.now()), is_active=True)
        _kept.promotions, _kept.until = list(chosen.filter(needs_code=False).order_by("priority", "pk")), until
    return _kept.promotions


def remember(promotions: list[Promotion], seconds: float) -> None:
    """Take these for the automatic promotions, so long."""
    _kept.promotions, _kept.until = promotions, monotonic() + seconds


def forget() -> None:
    """Have this process read the automatic promotions anew, now and once more when the transaction is committed."""
    _forget()
    transaction.on_commit(_forget)


def _forget() -> None:
    _kept.until = 0.0


@prepared.statement
def _codes(keys: list[str]) -> QuerySet[PromotionCode]:
    return PromotionCode.objects.filter(key__any=keys).select_related("promotion")


def _asks_who(promotion: Promotion) -> bool:
    return bool(promotion.group_ids) or promotion.limit_per_customer is not None


def _about_buyer(cart: Cart, promotions: Iterable[Promotion]) -> dict[str, Any]:
    values = {
        "customer": cart.customer_id,
        "email": cart.email.lower(),
        "who": who(cart.customer_id, cart.email, cart.phone),
        "promotions": [promotion.pk for promotion in promotions],
    }
    [(groups, has_ordered, uses)] = prepared.rows([Bound(_BUYER, values)])
    return {
        "groups": frozenset(groups),
        "is_first_order": not has_ordered,
        "uses": {int(key): used for key, used in (uses or {}).items()},
    }


_BUYER = """
SELECT
    ARRAY(SELECT customergroup_id FROM accounts_customergroup_members WHERE user_id = %(customer)s::bigint),
    EXISTS (SELECT 1 FROM checkout_order WHERE customer_id = %(customer)s::bigint AND status <> 'CANCELLED')
    OR EXISTS (
        SELECT 1 FROM checkout_order
        WHERE lower(email) = %(email)s::text AND email <> '' AND status <> 'CANCELLED'
    ),
    (
        SELECT jsonb_object_agg(promotion_id, used) FROM checkout_promotioncustomer
        WHERE who = %(who)s::text AND promotion_id = ANY(%(promotions)s::bigint[])
    )
"""
