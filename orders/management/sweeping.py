"""A command that makes a pass over orders: once, or every so many seconds until it is stopped."""

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cloudcart.errors import StorageUnavailable, StorefrontError
from cloudcart.publishing import PublishFailed

logger = structlog.get_logger(__name__)


class SweepCommand(BaseCommand):
    """Base of the sweepers; a subclass makes the pass and says what it did."""

    requires_system_checks: list[str] = []
    event = ""

    def sweep(self) -> int:
        """Make a pass; gives how many orders it was about."""
        raise NotImplementedError

    def tell(self, count: int) -> str:
        """Say in a sentence what a pass did."""
        raise NotImplementedError

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
            count = self.sweep()
        except StorefrontError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.tell(count))

    def _pass(self) -> None:
        try:
            count = self.sweep()
        except (PublishFailed, StorageUnavailable) as error:
            logger.warning("orders.sweep_failed", sweep=self.event, error=str(error.__cause__))
            return
        if count:
            logger.info(self.event, count=count)
