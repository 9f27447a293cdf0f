"""Gift cards: making them, naming them in a cart, and paying with them.

A cart names cards by their codes; nothing is held of them. They pay in the transaction that places the order, with the
cards locked by id, so that no card pays more than it has, whoever else spends it at that moment. Every change of a
balance is an entry of the card's ledger.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import TypedDict
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from accounts import attempts, contacts
from accounts.actors import Actor
from checkout import cart_points, carts, purses
from checkout.carts import NewCart, PricedCart, cart_command
from checkout.models import Cart, CartGiftCard, GiftCard, GiftCardEntry, GiftCardEntryKind, Order, Payment
from checkout.purses import Spent
from shop import clock, money, paging, prepared, text, writes
from shop.errors import InvalidInput, NotFound, Refusal, blaming, together
from shop.money import Money
from shop.paging import Page, PageRequest

HANDLE = "gift_card"
MAX_CARDS = 10
# Without what is easily taken for another: 0 and O, 1 and I.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16  # 80 bits
# So many wrong codes from a network within `attempts.WINDOW`, which may be that of a storefront's server.
MAX_WRONG = 50
_NEWEST_FIRST = paging.Order("CREATED_AT", "created_at", descending=True, parse=datetime.fromisoformat)
# Store credit pays for carts of its customer alone, whoever named it there.
_FOR_THIS_CART = Q(gift_card__customer=None) | Q(gift_card__customer=F("cart__customer"))
_OLDEST_FIRST = paging.Order("ID", "pk")


class GiftCardUnknown(Refusal):
    """No gift card that can be used has this code."""

    code = "GIFT_CARD_NOT_FOUND"


class GiftCardUnusable(Refusal):
    """The gift card cannot pay: it has expired, is switched off, empty, or of another currency."""

    code = "GIFT_CARD_UNUSABLE"


class TooManyGiftCards(Refusal):
    """The cart names more gift cards than one order may be paid with."""

    code = "TOO_MANY_GIFT_CARDS"


class GiftCardOverdrawn(Refusal):
    """More is to be taken off a gift card than it has."""

    code = "GIFT_CARD_OVERDRAWN"


class NewGiftCard(TypedDict, total=False):
    """A card to make. What is left out is not said of it."""

    initial_value: Decimal
    currency: str | None
    expires_at: datetime | None
    note: str | None
    recipient_email: str | None


class GiftCardFields(TypedDict, total=False):
    """What may be said anew of a card. A key left out leaves what there is; None empties it."""

    expires_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Applied:
    """A card named in a cart, what it would pay of it now, nothing where it cannot be used, and what is told of it."""

    pk: int
    card: GiftCard
    used: Money
    balance: Money

    @property
    def is_store_credit(self) -> bool:
        return self.card.customer_id is not None


def new_code() -> str:
    """A code nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def spelled(code: str) -> str:
    """A code in groups of four, as people are shown it."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def digest(code: str) -> str:
    """What is stored of a code: it is too long to be found from this by trying."""
    return hashlib.sha256(f"gift card {code}".encode()).hexdigest()


@transaction.atomic(durable=True)
def create(*, gift_card: NewGiftCard, currency: str, actor: Actor) -> tuple[GiftCard, str]:
    """Make a card of this value, and tell its code, which is told nobody again. Raises InvalidInput, Refusals."""
    code, currency = new_code(), gift_card.get("currency") or currency
    email = gift_card.get("recipient_email") or ""
    card = GiftCard(currency=currency, code_digest=digest(code), last_characters=code[-4:])
    with blaming("gift_card"), together() as check:
        with check("initial_value"):
            value = Money.price(gift_card["initial_value"], currency)
            if not value:
                raise InvalidInput("A gift card is worth something.")
        with check("recipient_email"):
            card.recipient_email = _email(email)
        _change(card, {"expires_at": gift_card.get("expires_at"), "note": gift_card.get("note")}, check)
    issue(card, value, actor=actor)
    return card, code


def issue(card: GiftCard, value: Money, *, actor: Actor | None = None, order: Order | None = None) -> None:
    """Store a new card with its value, and the entry that says so. Call inside a transaction."""
    card.initial_value = card.balance = value.amount
    card.save()
    _enter(card, GiftCardEntryKind.ISSUE, value.amount, order=order, actor=actor)


@transaction.atomic(durable=True)
def update(*, key: UUID, gift_card: GiftCardFields) -> GiftCard:
    """Say something else of a card. Raises NotFound, Refusals."""
    card = _locked(key)
    with blaming("gift_card"), together() as check:
        _change(card, gift_card, check)
    card.save(update_fields=["expires_at", "note"])
    return card


@transaction.atomic(durable=True)
def deactivate(*, key: UUID) -> GiftCard:
    """Switch a card off for good: what is left on it pays nothing any more. Raises NotFound."""
    card = _locked(key)
    if card.deactivated_at is None:
        card.deactivated_at = clock.now()
        card.save(update_fields=["deactivated_at"])
    return card


@transaction.atomic(durable=True)
def credit(*, key: UUID, amount: Decimal, reason: str, actor: Actor) -> GiftCard:
    """Put `amount` on a card. Raises NotFound, InvalidInput."""
    card, because, size = _adjustment(key, amount, reason)
    if card.balance + size.amount > money.MAX_AMOUNT:
        raise InvalidInput(f"A gift card has {money.MAX_AMOUNT} at the most.", field=("amount",))
    move(card, GiftCardEntryKind.ADJUSTMENT, size.amount, reason=because, actor=actor)
    return card


@transaction.atomic(durable=True)
def debit(*, key: UUID, amount: Decimal, reason: str, actor: Actor) -> GiftCard:
    """Take `amount` off a card. Raises NotFound, InvalidInput, GiftCardOverdrawn."""
    card, because, size = _adjustment(key, amount, reason)
    if card.money < size:
        raise GiftCardOverdrawn(f"{card.money} are left on this gift card.", field=("amount",))
    move(card, GiftCardEntryKind.ADJUSTMENT, -size.amount, reason=because, actor=actor)
    return card


def read(key: UUID) -> GiftCard:
    """The card with this key, for staff. Raises NotFound."""
    card = GiftCard.objects.filter(key=key).first()
    if card is None:
        raise NotFound("GiftCard")
    return card


def page(request: PageRequest, *, last_characters: str | None = None) -> Page[GiftCard]:
    """A page of all cards that have a code, newest first; of those whose codes end so. Raises InvalidPage."""
    cards = GiftCard.objects.exclude(last_characters="")
    if last_characters is not None:
        cards = cards.filter(last_characters=_plain(last_characters).replace("\x00", "\ufffd"))
    return paging.page(cards, _NEWEST_FIRST, request, list, lambda row: (row.created_at, row.pk))


def entries(card_ids: Sequence[int], request: PageRequest) -> dict[int, Page[GiftCardEntry]]:
    """A page of each card's ledger, oldest first, all in one statement. Raises InvalidPage."""
    own = {card_id: GiftCardEntry.objects.filter(gift_card=card_id).select_related("gift_card") for card_id in card_ids}
    return paging.pages(own, _OLDEST_FIRST, request, list, attrgetter("gift_card_id"), lambda row: (row.pk,))


def create_cart(new: NewCart, codes: Sequence[str], *, client_address: str) -> PricedCart:
    """As `carts.create`, of a cart that names these cards. Raises as `add_codes` too; then there is no cart."""
    return _begin(new, _found(codes, client_address)) if codes else carts.create(new)


def add_codes(secret: str, codes: Sequence[str], *, client_address: str) -> PricedCart:
    """Name more cards in a cart. Raises NotFound, GiftCardUnknown, GiftCardUnusable, TooManyGiftCards, TooManyAttempts.

    Wrong codes are counted, refused or not, before the cart is looked at.
    """
    return _add(secret, _found(codes, client_address))


def set_codes(secret: str, codes: Sequence[str], *, client_address: str) -> PricedCart:
    """Have a cart name these cards and no others. Raises as `add_codes`; then nothing is changed."""
    return _set(secret, _found(codes, client_address))


@cart_command
def remove(cart: Cart, applied_ids: Sequence[int]) -> None:
    """Take cards off a cart. Raises NotFound for one that it does not name; then none is taken off."""
    known = set(CartGiftCard.objects.filter(cart=cart).values_list("pk", flat=True))
    for number, applied_id in enumerate(applied_ids):
        if applied_id not in known:
            raise NotFound("AppliedGiftCard", field=("applied_gift_card_ids", number))
    CartGiftCard.objects.filter(pk__in=applied_ids).delete()


def applied(priced_carts: Iterable[PricedCart]) -> list[list[Applied]]:
    """The cards each cart names and what they would pay, in the order they pay in; one statement for all carts."""
    wanted = list(priced_carts)
    by_cart: dict[int, list[CartGiftCard]] = {priced.cart.pk: [] for priced in wanted}
    for naming in _named(list(by_cart)):
        by_cart[naming.cart_id].append(naming)
    found = []
    for priced, left in zip(wanted, cart_points.left(wanted), strict=True):
        namings = by_cart[priced.cart.pk]
        shares = split([naming.gift_card for naming in namings], left)
        pairs = zip(namings, shares, strict=True)
        found.append([Applied(one.pk, one.gift_card, used, one.gift_card.money) for one, used in pairs])
    return found


def seen_by(actor: Actor, cart: Cart, cards: Sequence[Applied]) -> list[Applied]:
    """The cards as `actor` may see them: of store credit others than its customer see what it would pay, no more."""
    if cart.customer_id is not None and cart.customer_id == actor.user_id:
        return list(cards)
    return [replace(one, balance=one.used) if one.is_store_credit else one for one in cards]


def due(priced_carts: Iterable[PricedCart]) -> list[Money]:
    """What of each cart's total its points and gift cards leave to pay; one statement for all cards."""
    wanted = list(priced_carts)
    return [
        left - money.total((one.used for one in cards), left.currency)
        for left, cards in zip(cart_points.left(wanted), applied(wanted), strict=True)
    ]


def split(cards: Sequence[GiftCard], due: Money) -> list[Money]:
    """What each of these cards pays of what is due, the first of them first."""
    shares = []
    for card in cards:
        can_pay = card.is_usable and card.currency == due.currency
        shares.append(min(card.money, due) if can_pay else Money.zero(due.currency))
        due -= shares[-1]
    return shares


class GiftCards:
    """The purse: what the cart's cards have is spent first, the card with the lowest id first."""

    handle = HANDLE

    def spend(self, order: Order, cart: Cart, most: Money, buyer: Actor) -> list[Spent]:
        cards = list(_locked_of(cart.pk))
        if any(card.customer_id is not None for card in cards) and not purses.is_for(cart, buyer):
            said = "Sign in to the account of this cart to pay with its store credit, or take it off the cart."
            raise purses.StoreCreditUnusable(said, field=("cart_id",))
        spent = []
        for card, share in zip(cards, split(cards, most), strict=True):
            if share:
                move(card, GiftCardEntryKind.SPEND, -share.amount, order=order)
                spent.append(Spent(share, reference=str(card.key), method=str(card)))
        return spent

    def give_back(self, payment: Payment, amount: Money) -> None:
        card = _locked(UUID(payment.gateway_reference))
        move(card, GiftCardEntryKind.GIVE_BACK, amount.amount, order=payment.order)


purses.register(GiftCards())


def _found(codes: Sequence[str], client_address: str) -> list[GiftCard]:
    """The usable cards with these codes. Raises as `add_codes`."""
    if len(codes) > MAX_CARDS:
        raise _too_many()
    found = []
    for number, code in enumerate(codes):
        with blaming("gift_card_codes", number):
            attempts.count(email="gift cards", client_address=client_address, limit=MAX_WRONG)
            card = _with_code(_plain(code))
            if card is None:
                raise GiftCardUnknown("No gift card has this code.")
            attempts.take_back(email="gift cards", client_address=client_address)
            _ensure_usable(card)
            found.append(card)
    return found


def _plain(code: str) -> str:
    return "".join(letter for letter in code[:100].upper() if letter not in " -")


def _with_code(code: str) -> GiftCard | None:
    wanted = digest(code)
    card = GiftCard.objects.filter(code_digest=wanted).first()
    return card if card and secrets.compare_digest(card.code_digest, wanted) else None


def _ensure_usable(card: GiftCard) -> None:
    if card.deactivated_at is not None:
        raise GiftCardUnusable("This gift card was switched off.")
    if not card.is_usable:
        raise GiftCardUnusable("This gift card has expired.")
    if not card.balance:
        raise GiftCardUnusable("Nothing is left on this gift card.")


@transaction.atomic(durable=True)
def _begin(new: NewCart, cards: Sequence[GiftCard]) -> PricedCart:
    priced = carts.begun(new)
    _name(priced.cart, cards)
    return priced


@cart_command
def _add(cart: Cart, cards: Sequence[GiftCard]) -> None:
    _name(cart, cards)


@cart_command
def _set(cart: Cart, cards: Sequence[GiftCard]) -> None:
    CartGiftCard.objects.filter(cart=cart, gift_card__customer=None).exclude(gift_card__in=cards).delete()
    _name(cart, cards)


def _name(cart: Cart, cards: Sequence[GiftCard]) -> None:
    for number, card in enumerate(cards):
        if card.currency != cart.currency:
            raise GiftCardUnusable(
                f"This gift card pays in {card.currency}; the cart is in {cart.currency}.",
                field=("gift_card_codes", number),
            )
    new = [CartGiftCard(cart=cart, gift_card=card) for card in cards]
    CartGiftCard.objects.bulk_create(new, ignore_conflicts=True)
    if CartGiftCard.objects.filter(cart=cart, gift_card__customer=None).count() > MAX_CARDS:
        raise _too_many()


def _too_many() -> TooManyGiftCards:
    return TooManyGiftCards(f"A cart names {MAX_CARDS} gift cards at the most.", field=("gift_card_codes",))


@prepared.statement
def _named(cart_ids: list[int]) -> QuerySet[CartGiftCard]:
    named = CartGiftCard.objects.filter(_FOR_THIS_CART, cart_id__any=cart_ids)
    return named.select_related("gift_card").order_by("gift_card_id")


@prepared.statement
def _locked_of(cart_id: int) -> QuerySet[GiftCard]:
    named = CartGiftCard.objects.filter(_FOR_THIS_CART, cart_id=cart_id).values("gift_card")
    return GiftCard.objects.select_for_update().filter(pk__in=named).order_by("pk")


def _adjustment(key: UUID, amount: Decimal, reason: str) -> tuple[GiftCard, str, Money]:
    """The card, locked, why it is changed, and by how much. Raises NotFound, InvalidInput."""
    card = _locked(key)
    because = text.line(reason, limit=500, field=("reason",), required=True)
    with blaming("amount"):
        size = Money.price(amount, card.currency)
        if not size:
            raise InvalidInput("An adjustment is of more than nothing.")
    return card, because, size


def _locked(key: UUID) -> GiftCard:
    card = GiftCard.objects.select_for_update().filter(key=key).first()
    if card is None:
        raise NotFound("GiftCard", field=("id",))
    return card


def _change(card: GiftCard, fields: GiftCardFields, check: Callable[..., AbstractContextManager[None]]) -> None:
    if "expires_at" in fields:
        with check("expires_at"):
            card.expires_at = fields["expires_at"]
            if card.expires_at is not None and card.expires_at <= clock.now():
                raise InvalidInput("This time is past already; to switch a gift card off, deactivate it.")
    if "note" in fields:
        with check("note"):
            card.note = text.line(fields["note"] or "", limit=500)


def _email(value: str) -> str:
    try:
        return contacts.email(value) if value.strip() else ""
    except InvalidInput as refusal:
        refusal.field = ()
        raise


def move(
    card: GiftCard,
    kind: GiftCardEntryKind,
    amount: Decimal,
    *,
    order: Order | None = None,
    reason: str = "",
    actor: Actor | None = None,
) -> None:
    """Change the balance of a card that is locked, and say so in its ledger."""
    GiftCard.objects.filter(pk=card.pk).update(balance=F("balance") + amount)
    card.balance += amount
    _enter(card, kind, amount, order=order, reason=reason, actor=actor)


def _enter(
    card: GiftCard,
    kind: GiftCardEntryKind,
    amount: Decimal,
    *,
    order: Order | None = None,
    reason: str = "",
    actor: Actor | None = None,
) -> None:
    actor_id = actor.user_id if actor else None
    writes.insert(
        [GiftCardEntry(gift_card=card, kind=kind, amount=amount, order=order, reason=reason, actor_id=actor_id)]
    )


def differences() -> list[str]:
    """Every card whose balance is not the sum of its ledger, and every payment by one that its ledger does not tell."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_BALANCE)
        wrong = [f"gift card {key} has another balance than its ledger" for (key,) in cursor.fetchall()]
        cursor.execute(purses.KEPT + _TOLD, {"handle": HANDLE})
        return wrong + [f"order {number} and the ledger of gift card {key} differ" for number, key in cursor.fetchall()]


_WRONG_BALANCE = """
SELECT card.key FROM checkout_giftcard card
WHERE card.balance <> (SELECT coalesce(sum(amount), 0) FROM checkout_giftcardentry WHERE gift_card_id = card.id)
ORDER BY card.id
"""
# What an order's payments took from a card and have given back, beside what the card's ledger says of that order.
_TOLD = """
, told AS (
    SELECT e.order_id, c.key::text AS reference, -sum(e.amount) AS kept
    FROM checkout_giftcardentry e JOIN checkout_giftcard c ON c.id = e.gift_card_id
    WHERE e.kind IN ('SPEND', 'GIVE_BACK') GROUP BY 1, 2
)
SELECT o.number, reference
FROM paid FULL JOIN told USING (order_id, reference) JOIN checkout_order o ON o.id = order_id
WHERE coalesce(paid.kept, 0) <> coalesce(told.kept, 0)
ORDER BY 1, 2
"""
