"""What is left to pay of orders, found from the payments and refunds that are read of them anyway."""

from collections.abc import Sequence
from typing import NamedTuple

from checkout import dues
from checkout.dues import Dues
from schema import loaders
from schema.context import Context
from schema.scalars import MoneyV2
from shop.money import Money


class Owing(NamedTuple):
    """An order, and what it comes to now."""

    order_id: int
    total: Money


def outstanding(found: Dues) -> MoneyV2:
    return MoneyV2.of(found.outstanding)


def due(found: Dues) -> MoneyV2:
    return MoneyV2.of(found.due)


def dues_of_order(context: Context, keys: Sequence[Owing]) -> list[Dues]:
    order_ids = [key.order_id for key in keys]
    paid, refunds = loaders.payments_of_order(context, order_ids), loaders.refunds_of_order(context, order_ids)
    rows = zip(keys, paid, refunds, strict=True)
    return [dues.reckoned(key.total, payments, given_back) for key, payments, given_back in rows]
