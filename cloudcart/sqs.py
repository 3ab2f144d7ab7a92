"""The SQS transport of Celery, with three faults of kombu 5.7 mended.

Two of them matter to a worker that polls: on a laptop, or on a server. On Lambda, AWS does the polling.
"""

import threading
from typing import Any

from kombu.transport import SQS

# Between polls that SQS does not answer, and while the worker has its hands full.
PAUSE_SECONDS = 0.2

_client: Any = None
_client_lock = threading.Lock()


class Channel(SQS.Channel):
    """Keeps on asking for messages after SQS was out of reach, and rests instead of asking all the time."""

    def _on_messages_ready(self, queue: str, qname: str, messages: Any) -> int | None:
        # A poll without an answer arrives as an empty list in place of a mapping. kombu asks the list for its
        # "Messages"; the error is logged as one of a timer, and nobody polls ever again.
        if isinstance(messages, list):
            return None
        fetched: int = super()._on_messages_ready(queue, qname, messages)  # type: ignore[misc]
        return fetched

    def _loop1(self, queue: str, messages_fetched: int | None = None) -> None:
        # None: the poll failed, or there was no room for its messages. kombu would be back at once, and again.
        if messages_fetched is None:
            self.hub.call_later(PAUSE_SECONDS, self._schedule_queue, queue)  # type: ignore[attr-defined]
        else:
            super()._loop1(queue, messages_fetched)  # type: ignore[misc]

    def _new_boto_client(self, service: str, region: str, access_key_id: str | None, *more: Any, **options: Any) -> Any:
        """Give the client of the process, which threads may share.

        kombu builds one for each connection, and one more whenever a connection was given up: 50 ms and 3 MB each.
        """
        global _client
        if service != "sqs" or access_key_id or options.get("config"):
            return super()._new_boto_client(service, region, access_key_id, *more, **options)  # type: ignore[misc]
        with _client_lock:
            if _client is None:
                _client = super()._new_boto_client(service, region, None, None)  # type: ignore[misc]
            return _client


class Transport(SQS.Transport):
    Channel = Channel
