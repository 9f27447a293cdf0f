"""Run background work: hand out messages, run their handlers and the periodic tasks."""

import signal
from argparse import ArgumentParser
from queue import SimpleQueue
from types import FrameType
from typing import Any

from django.core.management import BaseCommand

from shop import periodic, relay, worker


class Command(BaseCommand):
    help = "Run background work until SIGTERM or SIGINT, or with --once all that is due now."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Run what is due, in this process alone, and exit.")
        parser.add_argument("--threads", type=int, default=4, help="How many jobs may run at a time (4).")
        parser.add_argument("--grace", type=float, default=10, help="Seconds that running jobs have at a stop (10).")

    def handle(self, *arguments: Any, **options: Any) -> None:
        if options["once"]:
            periodic.run_due()
            self.stdout.write(f"{relay.drain()} deliveries run.")
            return
        # A SimpleQueue may be filled from a signal handler; an Event may not, its lock is not reentrant.
        stopped: SimpleQueue[int] = SimpleQueue()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.put(number)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        with worker.working(threads=options["threads"], grace=options["grace"]):
            stopped.get()
            # Who asks twice does not want to wait.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
