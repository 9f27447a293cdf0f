"""Write anew what each product is found by, as after a change of the shop's language, and count the words."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from catalog import search, vocabulary
from catalog.models import Product

BATCH = 500


class Command(BaseCommand):
    help = "Write anew what each product is found by, and count the words. Needed after a change of SHOP_LANGUAGES."

    def handle(self, *args: Any, **options: Any) -> None:
        ids = list(Product.objects.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            # Each batch by itself: whoever changes a product waits for no more than this.
            with transaction.atomic():
                search.refresh(ids[start : start + BATCH])
        vocabulary.count()
        if options["verbosity"]:
            self.stdout.write(f"{len(ids)} products can be found.")
