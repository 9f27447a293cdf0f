"""Proves that what the shop derives and keeps in step is true: facts, stock, bundles, ratings, the tree."""

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
    "checkout.refunds.differences",
