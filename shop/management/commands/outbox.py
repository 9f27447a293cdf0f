"""Show the background work that does not succeed, and try it again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from shop import relay
from shop.models import OutboxDelivery, OutboxMessage


class Command(BaseCommand):
    help = "List what was tried and is not done, or try it again: all that was given up, or the deliveries named."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="Show what was tried and is not done.")
        retry = actions.add_parser("retry", help="Try again what was given up, or the deliveries named.")
        retry.add_argument("delivery", nargs="*", type=int)

    def handle(self, *arguments: Any, **options: Any) -> None:
        if options["action"] == "list":
            self._list()
            return
        chosen = {"pk__in": options["delivery"]} if options["delivery"] else {"failed_at__isnull": False}
        self.stdout.write(f"{relay.retry(OutboxDelivery.objects.filter(**chosen))} deliveries will be tried again.")

    def _list(self) -> None:
        for delivery in relay.troubled().select_related("message").order_by("pk"):
            state = "given up" if delivery.failed_at else f"next at {delivery.due_at:%Y-%m-%d %H:%M:%S}"
            error = delivery.last_error.strip().rpartition("\n")[2]
            self.stdout.write(
                f"{delivery.pk}  {delivery.message}  {delivery.handler}  {delivery.attempts} attempts  {state}  {error}"
            )
        waiting = OutboxMessage.objects.filter(relayed_at__isnull=True).count()
        self.stdout.write(f"{relay.troubled().count()} deliveries in trouble, {waiting} messages not relayed yet.")
