"""Store credit: how it looks; what staff change of it is in `store_credit_changes`."""

from collections.abc import Sequence

import strawberry

from checkout import store_credit
from checkout.models import GiftCard as StoredCard
from schema.context import Context
from schema.edges import edge
from schema.gift_cards import GiftCardEntry, entries_of_gift_card
from schema.pagination import Connection
from schema.scalars import MoneyV2


def credit_of_customer(context: Context, keys: Sequence[int]) -> list[list[StoredCard]]:
    found = store_credit.of_customers(keys)
    return [found[key] for key in keys]


@strawberry.type(description="Money that the shop owes a customer, in one currency.")
class StoreCredit:
    balance: MoneyV2 = strawberry.field(description="How much there is.")
    entries: Connection[GiftCardEntry] = edge(entries_of_gift_card, description="Its ledger, oldest first.")
    pk: strawberry.Private[int]

    @classmethod
    def of(cls, row: StoredCard) -> "StoreCredit":
        return cls(balance=MoneyV2.of(row.money), pk=row.pk)
