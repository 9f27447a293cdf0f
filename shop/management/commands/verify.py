"""Proves that what the shop derives and keeps in step is true: facts, stock, bundles, ratings, money, the tree."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.module_loading import import_string

# Each names a function without arguments that returns a sentence for every difference it finds.
CHECKS = (
    "catalog.facts.differences",
    "catalog.soundness.stock_differences",
    "catalog.low_stock.differences",
    "catalog.bundles.differences",
    "catalog.transfers.differences",
    "catalog.stock_counts.differences",
    "catalog.reviews.differences",
    "catalog.applying.differences",
    "catalog.category_rules.differences",
    "checkout.refunds.differences",
    "checkout.soundness.order_differences",
    "checkout.gift_cards.differences",
    "checkout.store_credit.differences",
    "checkout.credit.differences",
    "accounts.points.differences",
    "checkout.cart_points.differences",
    "checkout.earned_points.differences",
    "checkout.promotion_uses.differences",
    "checkout.invoices.gaps",
    "checkout.invoices.credited_twice",
    "catalog.soundness.tree_differences",
    "catalog.soundness.handle_differences",
    "catalog.soundness.collection_differences",
    "catalog.soundness.attribute_differences",
)


class Command(BaseCommand):
    """Reads one snapshot, so that a busy shop can be verified while it sells."""

    help = "Compare facts, stock, ratings and tree with a recount; exit with 1 if anything differs."

    def handle(self, *, verbosity: int, **options: Any) -> None:
        checks: list[Callable[[], list[str]]] = [import_string(check) for check in CHECKS]
        is_outermost = not connection.in_atomic_block
        with transaction.atomic():
            if is_outermost:
                _read_one_snapshot()
            wrong = [difference for check in checks for difference in check()]
        if wrong:
            raise CommandError("\n".join([*wrong, f"{len(checks)} checks, {len(wrong)} wrong"]))
        if verbosity:
            self.stdout.write(f"{len(checks)} checks, nothing wrong")


def _read_one_snapshot() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
