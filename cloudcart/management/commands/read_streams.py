import signal
import threading
from pathlib import Path
from typing import Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cloudcart.stream_reader import Checkpoints, StreamReader

logger = structlog.get_logger(__name__)

# Between passes that found nothing.
PAUSE_SECONDS = 0.5
# While AWS is out of reach.
LONG_PAUSE_SECONDS = 3


class Command(BaseCommand):
    """Hand the changes of stored items to the projections until stopped; on AWS, Lambda does this."""

    help = "Hand the changes of stored items to the projections until stopped; on AWS, Lambda does this."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoints",
            type=Path,
            default=settings.LOCAL_DIR / "streams.json",
            metavar="FILE",
            help="where it notes how far it has read (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        reader = StreamReader(checkpoints=Checkpoints(options["checkpoints"]))
        while not stopped.is_set():
            stopped.wait(self._pass(reader))

    def _pass(self, reader: StreamReader) -> float:
        """Give the seconds to wait until the next one."""
        try:
            count = reader.read_pass(now=timezone.now())
        except (BotoCoreError, ClientError) as error:
            # The laptop's AWS is starting or ending; on a server, AWS has too much to do. Nothing is lost.
            logger.warning("streams.read_failed", reason=str(error))
            return LONG_PAUSE_SECONDS
        return 0 if count else PAUSE_SECONDS
