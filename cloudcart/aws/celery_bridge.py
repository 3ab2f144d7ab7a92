"""Run Celery tasks on Lambda: SQS hands over batches, Celery decides what becomes of each message.

The tasks are the very ones that `celery worker` runs, and a test compares what both make of every kind
of message. Celery itself traces the task, publishes retries and callbacks, and acknowledges or
rejects; the bridge tells SQS which messages to keep (the event source mapping has to have
ReportBatchItemFailures, or SQS would delete those too).
"""

import base64
import binascii
import json
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Protocol, cast

import structlog
from celery import Celery, signals
from celery.app.trace import build_tracer, setup_worker_optimizations
from celery.concurrency.base import BasePool, apply_target
from celery.exceptions import SoftTimeLimitExceeded
from celery.worker.request import Request
from kombu.transport.virtual import Message

logger = structlog.get_logger(__name__)

HOSTNAME = "lambda"
# A task has to end before Lambda ends the function, which would return the whole batch.
_RESERVE_SECONDS = 3.0
# With less time than this, a message is handed back untouched.
_LEAST_SECONDS = 6.0
# SQS takes twelve hours at most, counted from when the message was received.
_LONGEST_WAIT_SECONDS = 43_140

Record = Mapping[str, Any]


class LambdaContext(Protocol):
    """What is used of the context that Lambda passes."""

    def get_remaining_time_in_millis(self) -> int: ...


class MalformedMessage(Exception):
    """The body is not what Celery sends."""


class Bridge:
    """Celery's worker for one Lambda process, prepared when it is built: that is the init phase, at full speed.

    :param postpone: makes a message invisible for so many seconds: (record, seconds).
    """

    def __init__(self, app: Celery, *, postpone: Callable[[Record, int], None]) -> None:
        self._app = app
        self._postpone = postpone
        app.loader.import_default_modules()
        setup_worker_optimizations(app, HOSTNAME)
        for name, task in app.tasks.items():
            task.__trace__ = build_tracer(name, task, app.loader, HOSTNAME, app=app)
        signals.worker_process_init.send(sender=None)

    def handle(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
        """Run the messages of a batch one after the other; gives those that SQS has to keep. Never raises."""
        kept = [record for record in event["Records"] if not self._handle(record, context)]
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in kept]}

    def _handle(self, record: Record, context: LambdaContext) -> bool:
        """Whether the message is done with."""
        seconds_left = context.get_remaining_time_in_millis() / 1000
        if seconds_left < _LEAST_SECONDS:
            logger.warning("task.handed_back", message_id=record["messageId"], seconds_left=seconds_left)
            return False
        try:
            return self._run(record, seconds_left - _RESERVE_SECONDS)
        except MalformedMessage as error:
            logger.warning("task.malformed", message_id=record["messageId"], reason=str(error))
        # Whatever Celery lets through is this record's failure: raised, it would return the whole batch.
        except (Exception, SystemExit) as error:
            logger.exception("task.broken", message_id=record["messageId"], exc_info=error)
        return False

    def _run(self, record: Record, seconds: float) -> bool:
        message = read_message(record)
        if message.headers["task"] not in self._app.tasks:
            # During a deployment the other version may know it; else it ends among the dead letters.
            logger.error("task.unknown", message_id=record["messageId"], task=message.headers["task"])
            return False
        verdicts: list[bool] = []
        request = Request(
            message,
            app=self._app,
            task=self._app.tasks[message.headers["task"]],
            on_ack=lambda *_: verdicts.append(True),
            on_reject=lambda *_: verdicts.append(False),
            hostname=HOSTNAME,
            headers=message.headers,
            utc=True,
        )
        if request.revoked():
            return True
        early = _seconds_until(request.eta)
        if early > 1:
            self._postpone(record, min(int(early) + 1, _LONGEST_WAIT_SECONDS))
            return False
        signals.task_received.send(sender=self, request=request)
        request.execute_using_pool(InlinePool(seconds))
        return bool(verdicts and verdicts[-1])


class InlinePool(BasePool):
    """Runs a task at once in this process, and interrupts it when its time is over.

    :param seconds: what is left for it.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def apply_async(self, target: Any, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        limits = [limit for limit in (options.get("soft_timeout"), options.get("timeout")) if limit]
        with _interrupting_after(min([*limits, self._seconds]), options.get("timeout_callback")):
            apply_target(target, args, kwargs, options["callback"], options.get("accept_callback"))


@contextmanager
def _interrupting_after(seconds: float, tell: Callable[..., None] | None) -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:
        if tell is not None:
            tell(soft=True, timeout=seconds)
        raise SoftTimeLimitExceeded(seconds)

    former = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def read_message(record: Record) -> Message:
    """Read what kombu wrote into SQS: JSON, in base64 or not.

    :raises MalformedMessage: if it is neither, or no task of Celery's protocol 2.
    """
    try:
        envelope = json.loads(_decode(record["body"]))
        headers = envelope["headers"]
        _ = headers["task"], headers["id"]
        properties = envelope["properties"]
        properties["delivery_tag"] = record["receiptHandle"]
        received = int(record["attributes"]["ApproximateReceiveCount"])
        properties.setdefault("delivery_info", {})["redelivered"] = received > 1
        headers |= {"message_id": record["messageId"], "received": received}
        return Message(envelope, channel=cast("Any", _Bodies()), accept=["application/json"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedMessage(f"{type(error).__name__}: {error}") from error


def _decode(body: str) -> str | bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return body


class _Bodies:
    """The part of a kombu channel that a message asks for."""

    def decode_body(self, body: str, encoding: str | None = None) -> str | bytes:
        return base64.b64decode(body) if encoding == "base64" else body


def _seconds_until(eta: datetime | None) -> float:
    return (eta - datetime.now(UTC)).total_seconds() if eta is not None else 0.0
