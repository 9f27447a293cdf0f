"""Codes that bring promotions: given by name, or generated in batches, and disabled."""

import re
import secrets
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from checkout.models import Promotion, PromotionCode
from checkout.promotion_facts import key_of
from shop import clock, paging, prepared
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.paging import Page, PageRequest
from shop.prepared import Bound

MAX_AT_ONCE = 5_000
MAX_NAMED = 250
MIN_LENGTH, MAX_LENGTH = 8, 30
MAX_PREFIX = 20
# Without what is mistaken for something else when it is read aloud or typed: I, O, 0 and 1.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_PREFIX = re.compile(r"[A-Za-z0-9_-]*")
_OLDEST_FIRST = paging.Order("CREATED_AT", "pk")


class CodeTaken(Refusal):
    """A promotion has this code already."""

    code = "PROMOTION_CODE_TAKEN"

    def __init__(self, code: str) -> None:
        super().__init__(f'The code "{code}" is taken; choose another.')


class NeedsNoCode(Refusal):
    """The promotion comes by itself: it has no codes."""

    code = "PROMOTION_NEEDS_NO_CODE"


def add(promotion: Promotion, codes: Sequence[str]) -> None:
    """Give a new promotion these codes. Raises InvalidInput, CodeTaken, alone or together."""
    with blaming("codes"):
        if len(codes) > MAX_NAMED:
            raise InvalidInput(f"Give {MAX_NAMED} codes at the most; more can be generated.")
        clean = [code.strip() for code in codes]
        taken = set(PromotionCode.objects.filter(key__in=map(key_of, clean)).values_list("key", flat=True))
        with together() as check:
            for place, code in enumerate(clean):
                with check(place):
                    if not _CODE.fullmatch(code):
                        raise InvalidInput("A code has 1 to 50 letters, digits, hyphens and underscores.")
                    if key_of(code) in taken:
                        raise CodeTaken(code)
                    taken.add(key_of(code))
        try:
            with transaction.atomic():
                PromotionCode.objects.bulk_create(
                    PromotionCode(promotion=promotion, code=code, key=key_of(code)) for code in clean
                )
        except IntegrityError as error:
            raise CodeTaken(", ".join(clean)) from error


@transaction.atomic(durable=True)
def generate(
    *, promotion_id: int, count: int, prefix: str = "", length: int = 10, usage_limit: int | None = 1
) -> tuple[Promotion, list[str]]:
    """So many new codes of a promotion that nobody can guess: `length` signs behind the prefix.

    Raises NotFound, InvalidInput, NeedsNoCode.
    """
    with together() as check:
        with check("count"):
            if not 1 <= count <= MAX_AT_ONCE:
                raise InvalidInput(f"Generate 1 to {MAX_AT_ONCE} codes at a time.")
        with check("length"):
            if not MIN_LENGTH <= length <= MAX_LENGTH:
                raise InvalidInput(f"A code has {MIN_LENGTH} to {MAX_LENGTH} signs behind its prefix.")
        with check("prefix"):
            prefix = prefix.strip().upper()
            if not _PREFIX.fullmatch(prefix) or len(prefix) > MAX_PREFIX:
                raise InvalidInput(f"A prefix has {MAX_PREFIX} letters, digits, hyphens and underscores at the most.")
        with check("usage_limit"):
            if usage_limit is not None and not 1 <= usage_limit <= 2_000_000_000:
                raise InvalidInput("Give a number from 1 on, or null for no limit.")
    promotion = _of_codes(promotion_id)
    made: list[str] = []
    while len(made) < count:
        new = [prefix + _random(length) for _ in range(count - len(made))]
        values = {"promotion": promotion.pk, "codes": new, "limit": usage_limit, "now": clock.now()}
        made += [code for (code,) in prepared.rows([Bound(_INSERT, values)])]
    return promotion, made


@transaction.atomic(durable=True)
def disable(*, promotion_id: int, codes: Sequence[str]) -> Promotion:
    """Have these codes of a promotion bring it no longer. Raises NotFound, InvalidInput, NeedsNoCode."""
    promotion = _of_codes(promotion_id)
    with blaming("codes"):
        if not 1 <= len(codes) <= MAX_AT_ONCE:
            raise InvalidInput(f"Name 1 to {MAX_AT_ONCE} codes.")
        own = PromotionCode.objects.filter(promotion=promotion, key__in=map(key_of, codes))
        known = set(own.order_by("pk").select_for_update(no_key=True).values_list("key", flat=True))
        with together() as check:
            for place, code in enumerate(codes):
                with check(place):
                    if key_of(code) not in known:
                        raise NotFound("PromotionCode")
    own.update(is_active=False)
    return promotion


def pages(promotion_ids: Sequence[int], request: PageRequest) -> dict[int, Page[PromotionCode]]:
    """A page of each promotion's codes, oldest first, all in one statement. Raises InvalidPage."""
    own = {key: PromotionCode.objects.filter(promotion_id=key) for key in promotion_ids}
    return paging.pages(own, _OLDEST_FIRST, request, list, lambda row: row.promotion_id, lambda row: (row.pk,))


def _of_codes(promotion_id: int) -> Promotion:
    promotion = Promotion.objects.select_for_update(no_key=True).filter(pk=promotion_id).first()
    if promotion is None:
        raise NotFound("Promotion", field=("promotion_id",))
    if not promotion.needs_code:
        raise NeedsNoCode("This promotion comes by itself; make one that needs a code.", field=("promotion_id",))
    return promotion


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


_INSERT = """
INSERT INTO checkout_promotioncode (promotion_id, code, key, usage_limit, used, is_active, created_at)
SELECT %(promotion)s::bigint, code, code, %(limit)s::int, 0, true, %(now)s::timestamptz
FROM unnest(%(codes)s::text[]) AS code
ON CONFLICT (key) DO NOTHING
RETURNING code
"""
