import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cloudcart.errors import StorageUnavailable, StorefrontError
from cloudcart.publishing import PublishFailed
from orders import sweeper

logger = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Publish orders again whose effects are overdue: once, or every so many seconds until stopped."""

    help = "Publish orders again whose effects are overdue: once, or every so many seconds until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="keep on, with this pause between passes")

    def handle(self, *args: Any, **options: Any) -> None:
        pause: int | None = options["every"]
        if pause is None:
            self._pass_once()
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            self._pass()
            stopped.wait(pause)

    def _pass_once(self) -> None:
        try:
            count = sweeper.sweep(now=timezone.now())
        except StorefrontError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Published {count} {'order' if count == 1 else 'orders'} again.")

    def _pass(self) -> None:
        try:
            count = sweeper.sweep(now=timezone.now())
        except (PublishFailed, StorageUnavailable) as error:
            logger.warning("orders.sweep_failed", error=str(error.__cause__))
            return
        if count:
            logger.info("orders.swept", count=count)
