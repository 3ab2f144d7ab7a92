"""The SQS transport of the Celery worker, with two faults of kombu 5.7 mended.

Only a worker that polls needs this: on a laptop, or on a server. On Lambda, AWS does the polling.
"""

from typing import Any

from kombu.transport import SQS

# Between polls that SQS does not answer, and while the worker has its hands full.
PAUSE_SECONDS = 0.2


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


class Transport(SQS.Transport):
    Channel = Channel
