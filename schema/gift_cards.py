"""Gift cards as staff keep them: types, queries and mutations."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import strawberry
from django.conf import settings
from strawberry import UNSET

from accounts import contacts
from accounts.staff import Permission
from checkout import gift_cards
from checkout.gift_cards import GiftCardFields, NewGiftCard
from checkout.models import GiftCard as StoredCard
from checkout.models import GiftCardEntry as StoredEntry
from checkout.models import GiftCardEntryKind as StoredKind
from schema import codes, errors, nodes
from schema.context import Context, Info
from schema.edges import edge
from schema.errors import DisplayableError
from schema.fields import mutation, query
from schema.inputs import given
from schema.nodes import Node, gid
from schema.pagination import After, Before, Connection, CountedConnection, First, Last
from schema.permissions import Staff
from schema.scalars import MoneyV2
from shop.errors import Refusal, blaming
from shop.money import Money
from shop.paging import Page, PageRequest

if TYPE_CHECKING:  # a type checker cannot see the members of an enum made from data

    class GiftCardErrorCode(Enum): ...

    class GiftCardEntryKind(Enum): ...

else:
    GiftCardErrorCode = errors.code_enum("GiftCardErrorCode", "a gift card", errors.codes_of(gift_cards, contacts))
    GiftCardEntryKind = errors.enum_of(
        "GiftCardEntryKind",
        "What an entry of a gift card's ledger says happened.",
        {kind.value: str(kind.label) for kind in StoredKind},
    )


def entries_of_gift_card(
    context: Context,
    keys: Sequence[int],
    *,
    first: First = None,
    last: Last = None,
    after: After = None,
    before: Before = None,
) -> list[Page[StoredEntry]]:
    found = gift_cards.entries(keys, PageRequest(first, last, after, before))
    return [found[key] for key in keys]


@strawberry.type(description="One line of a gift card's ledger: all of them together are its balance.")
class GiftCardEntry:
    kind: GiftCardEntryKind = strawberry.field(description="What happened.")
    amount: MoneyV2 = strawberry.field(description="What it changed the balance by: negative where it was spent.")
    reason: str | None = strawberry.field(description="Why, where staff changed it.")
    created_at: datetime = strawberry.field(description="When.")

    @classmethod
    def of(cls, row: StoredEntry) -> "GiftCardEntry":
        return cls(
            kind=GiftCardEntryKind[row.kind],
            amount=MoneyV2.of(Money.rounded(row.amount, row.gift_card.currency)),
            reason=row.reason or None,
            created_at=row.created_at,
        )


@strawberry.type(description="A gift card as staff see it. Its code was told once, to who got it, and is nowhere kept.")
class GiftCard(Node):
    last_characters: str = strawberry.field(description="The end of its code, to know it by.")
    initial_value: MoneyV2 = strawberry.field(description="What it was worth when it was issued.")
    balance: MoneyV2 = strawberry.field(description="What is left on it.")
    is_usable: bool = strawberry.field(description="Whether it is neither switched off nor expired.")
    expires_at: datetime | None = strawberry.field(description="Until when it can be used; null for ever.")
    deactivated_at: datetime | None = strawberry.field(description="When it was switched off, if it was.")
    recipient_email: str | None = strawberry.field(description="Where its code was sent, if the shop was told.")
    note: str | None = strawberry.field(description="A note for staff.")
    created_at: datetime = strawberry.field(description="When it was issued.")
    entries: Connection[GiftCardEntry] = edge(entries_of_gift_card, description="Its ledger, oldest first.")
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredCard) -> "GiftCard":
        return cls(
            id=gid("GiftCard", row.key),
            last_characters=row.last_characters,
            initial_value=MoneyV2.of(Money.rounded(row.initial_value, row.currency)),
            balance=MoneyV2.of(row.money),
            is_usable=row.is_usable,
            expires_at=row.expires_at,
            deactivated_at=row.deactivated_at,
            recipient_email=row.recipient_email or None,
            note=row.note or None,
            created_at=row.created_at,
            pk=row.pk,
        )


@strawberry.type(description="Why a gift card was not made or changed.")
class GiftCardUserError(DisplayableError):
    code: GiftCardErrorCode = strawberry.field(description="The reason, for programs.")

    @classmethod
    def of(cls, refusal: Refusal) -> "GiftCardUserError":
        return cls(**errors.parts(refusal, GiftCardErrorCode))


@strawberry.input(description="A gift card to make.")
class GiftCardCreateInput:
    initial_value: Decimal = strawberry.field(description="What it is worth: more than zero.")
    currency: codes.CurrencyCode | None = strawberry.field(
        default=UNSET, description="Its currency; the shop's own where it is left out."
    )
    expires_at: datetime | None = strawberry.field(
        default=UNSET, description="Until when it can be used; for ever where it is left out."
    )
    recipient_email: str | None = strawberry.field(default=UNSET, description="Whom it is for. No mail is sent.")
    note: str | None = strawberry.field(default=UNSET, description="A note for staff: at most 500 characters.")

    def to_domain(self) -> NewGiftCard:
        return cast(NewGiftCard, given(self))


@strawberry.input(description="What is to change of a gift card. What is left out stays; null empties it.")
class GiftCardUpdateInput:
    expires_at: datetime | None = strawberry.field(default=UNSET, description="Until when it can be used.")
    note: str | None = strawberry.field(default=UNSET, description="A note for staff: at most 500 characters.")

    def to_domain(self) -> GiftCardFields:
        return cast(GiftCardFields, given(self))


@strawberry.type(description="The new gift card and its code.")
class GiftCardCreatePayload:
    gift_card: GiftCard | None = strawberry.field(default=None, description="The card; null where this was refused.")
    gift_card_code: str | None = strawberry.field(
        default=None, description="Its code, told here and never again: whoever knows it can spend the card."
    )
    user_errors: list[GiftCardUserError] = strawberry.field(
        default_factory=list, description="Why nothing was made; empty on success."
    )


@strawberry.type(description="The changed gift card.")
class GiftCardUpdatePayload:
    gift_card: GiftCard | None = strawberry.field(default=None, description="The card as it is now.")
    user_errors: list[GiftCardUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The gift card that was switched off.")
class GiftCardDeactivatePayload:
    gift_card: GiftCard | None = strawberry.field(default=None, description="The card as it is now.")
    user_errors: list[GiftCardUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The gift card with its new balance.")
class GiftCardCreditPayload:
    gift_card: GiftCard | None = strawberry.field(default=None, description="The card as it is now.")
    user_errors: list[GiftCardUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The gift card with its new balance.")
class GiftCardDebitPayload:
    gift_card: GiftCard | None = strawberry.field(default=None, description="The card as it is now.")
    user_errors: list[GiftCardUserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


GiftCardId = Annotated[strawberry.ID, strawberry.argument(description="The gift card.")]


@strawberry.type
class GiftCardQueries:
    @query(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def gift_card(self, id: GiftCardId) -> GiftCard | None:
        """The gift card with this id, for staff who serve customers."""
        return GiftCard.of(gift_cards.read(nodes.uuid(id, "GiftCard")))

    @query(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def gift_cards(
        self,
        first: First = None,
        last: Last = None,
        after: After = None,
        before: Before = None,
        last_characters: Annotated[
            str | None, strawberry.argument(description="Only those whose codes end with these four characters.")
        ] = None,
    ) -> CountedConnection[GiftCard]:
        """Gift cards, newest first, for staff who serve customers."""
        request = PageRequest(first, last, after, before)
        return CountedConnection.of(gift_cards.page(request, last_characters=last_characters), GiftCard.of)


@strawberry.type
class GiftCardMutations:
    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def gift_card_create(
        self,
        info: Info,
        gift_card: Annotated[GiftCardCreateInput, strawberry.argument(description="The card to make.")],
    ) -> GiftCardCreatePayload:
        """Make a gift card that nobody bought, and tell its code once. For staff who serve customers."""
        card, code = gift_cards.create(
            gift_card=gift_card.to_domain(), currency=settings.SHOP_CURRENCY, actor=info.context.actor
        )
        return GiftCardCreatePayload(gift_card=GiftCard.of(card), gift_card_code=gift_cards.spelled(code))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def gift_card_update(
        self,
        id: GiftCardId,
        gift_card: Annotated[GiftCardUpdateInput, strawberry.argument(description="What changes.")],
    ) -> GiftCardUpdatePayload:
        """Let a gift card be used longer, or not as long, or change its note."""
        return GiftCardUpdatePayload(
            gift_card=GiftCard.of(gift_cards.update(key=_key(id), gift_card=gift_card.to_domain()))
        )

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def gift_card_deactivate(self, id: GiftCardId) -> GiftCardDeactivatePayload:
        """Switch a gift card off for good. What it paid stays paid; what is left on it pays nothing any more."""
        return GiftCardDeactivatePayload(gift_card=GiftCard.of(gift_cards.deactivate(key=_key(id))))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def gift_card_credit(
        self,
        info: Info,
        id: GiftCardId,
        amount: Annotated[Decimal, strawberry.argument(description="What to put on it: more than zero.")],
        reason: Annotated[str, strawberry.argument(description="Why: at most 500 characters.")],
    ) -> GiftCardCreditPayload:
        """Put money on a gift card, and say why."""
        card = gift_cards.credit(key=_key(id), amount=amount, reason=reason, actor=info.context.actor)
        return GiftCardCreditPayload(gift_card=GiftCard.of(card))

    @mutation(permission_classes=[Staff(Permission.MANAGE_CUSTOMERS)])
    def gift_card_debit(
        self,
        info: Info,
        id: GiftCardId,
        amount: Annotated[
            Decimal, strawberry.argument(description="What to take off it: more than zero, and no more than it has.")
        ],
        reason: Annotated[str, strawberry.argument(description="Why: at most 500 characters.")],
    ) -> GiftCardDebitPayload:
        """Take money off a gift card, and say why."""
        card = gift_cards.debit(key=_key(id), amount=amount, reason=reason, actor=info.context.actor)
        return GiftCardDebitPayload(gift_card=GiftCard.of(card))


def _key(id: str) -> UUID:
    with blaming("id"):
        return nodes.uuid(id, "GiftCard")
