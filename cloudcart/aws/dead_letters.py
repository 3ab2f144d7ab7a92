"""Tasks and changes that failed too often, as an operator looks at them, sends them again, or gives them up."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from django.conf import settings

from cloudcart import stream_reader
from cloudcart.aws.change_sets import StackFailed

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# How long a look hides a message from the next look; a command is done by then.
LOOK_SECONDS = 30


@dataclass(frozen=True)
class DeadLetter:
    """A message of a dead-letter queue; ``receipt`` lets it be deleted for as long as the look lasts."""

    id: str
    body: str
    receipt: str
    sent_at: datetime
    times_received: int

    @cached_property
    def content(self) -> dict[str, Any]:
        """The body as it was meant, whichever way Celery has wrapped it; empty if it is not to be read."""
        for text in (self.body, _decode(self.body)):
            try:
                content = json.loads(text)
            except ValueError:
                continue
            return content if isinstance(content, dict) else {}
        return {}

    @property
    def subject(self) -> str:
        """Which task it is, or which stream's changes it stands for."""
        task = self.content.get("headers", {}).get("task")
        batch = self.content.get("DDBStreamBatchInfo", {})
        return str(task or batch.get("streamArn") or "unreadable")

    @property
    def arguments(self) -> str:
        """What the task was called with, or which part of the stream failed."""
        if "DDBStreamBatchInfo" in self.content:
            batch = self.content["DDBStreamBatchInfo"]
            return f"{batch.get('batchSize', '?')} changes from {batch.get('startSequenceNumber', '?')}"
        return str(self.content.get("headers", {}).get("kwargsrepr", ""))


class DeadLetterQueue:
    """A queue of messages that failed.

    :param send_again: brings what a message stands for back to where it failed, or raises `StackFailed`.
    """

    def __init__(self, url: str, *, send_again: Callable[[DeadLetter], None]) -> None:
        self._sqs = boto3.client("sqs")
        self._url = url
        self._send_again = send_again

    @property
    def name(self) -> str:
        return self._url.rpartition("/")[2]

    def look(self) -> list[DeadLetter]:
        """Give all messages, the oldest first. They are hidden from the next look until `put_back`, or for a while."""
        letters = {letter.id: letter for letter in self._receive()}
        return sorted(letters.values(), key=lambda letter: (letter.sent_at, letter.id))

    def put_back(self, letters: Iterable[DeadLetter]) -> None:
        """Show them to the next look at once."""
        for letter in letters:
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    def redrive(self, letter: DeadLetter) -> None:
        """Send a message to where it came from. If this is broken off in between it is there twice, not lost.

        :raises StackFailed: if that is not possible, or fails again; the message stays.
        """
        self._send_again(letter)
        self.purge(letter)

    def purge(self, letter: DeadLetter) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def _receive(self) -> Iterator[DeadLetter]:
        while True:
            names: list[Any] = ["SentTimestamp", "ApproximateReceiveCount"]
            found = self._sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=LOOK_SECONDS, AttributeNames=names
            ).get("Messages", [])
            if not found:
                return
            yield from map(_read, found)


def to_queue(url: str) -> Callable[[DeadLetter], None]:
    """Give what sends a task to its queue again."""

    def send(letter: DeadLetter) -> None:
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody=letter.body)

    return send


def to_consumers(stack_name: str) -> Callable[[DeadLetter], None]:
    """Give what hands changes to this process's consumers again, if it runs with the stage's own settings."""

    def deliver(letter: DeadLetter) -> None:
        if stack_name != settings.STACK_NAME:
            raise StackFailed(
                f"Changes of {stack_name} are taken in by a process with its settings: set CLOUDCART_STAGE and what "
                "goes with it, or catch up as docs/operations.md says."
            )
        try:
            failed = stream_reader.redeliver(letter.content)
        except stream_reader.RecordsGone as error:
            raise StackFailed(
                "The stream has these changes no more: it keeps them for a day. "
                "docs/operations.md says how to catch up."
            ) from error
        if failed:
            raise StackFailed("These changes failed again; streams.consumer_failed above says why.")

    return deliver


def _read(message: "MessageTypeDef") -> DeadLetter:
    attributes: Any = message.get("Attributes", {})
    return DeadLetter(
        id=message["MessageId"],
        body=message["Body"],
        receipt=message["ReceiptHandle"],
        sent_at=datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000, UTC),
        times_received=int(attributes.get("ApproximateReceiveCount", 0)),
    )


def _decode(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""
