"""The bridge's own decisions; what it has in common with a worker is compared in test_parity.py."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.app.trace import reset_worker_optimizations

from cloudcart.aws.celery_bridge import Bridge, MalformedMessage, Record, read_message
from tests.aws import parity_tasks as tasks
from tests.aws.lambda_events import Context, sqs_event
from tests.aws.parity_tasks import app


@pytest.fixture
def postponed() -> list[tuple[str, int]]:
    return []


@pytest.fixture
def bridge(postponed: list[tuple[str, int]]) -> Iterator[Bridge]:
    def postpone(record: Record, seconds: int) -> None:
        postponed.append((record["messageId"], seconds))

    yield Bridge(app, postpone=postpone)
    reset_worker_optimizations(app)


@pytest.fixture
def runs(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    path = tmp_path / "runs.txt"
    path.touch()
    monkeypatch.setattr(tasks, "RUNS", path)
    return path


def message(task: Any, *arguments: Any, is_encoded: bool = True, **headers: Any) -> str:
    """What kombu writes into SQS, in base64 or as plain JSON."""
    body = base64.b64encode(json.dumps([arguments, {}, {}]).encode()).decode()
    envelope = {
        "body": body,
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"task": task.name, "id": "one", **headers},
        "properties": {"body_encoding": "base64", "delivery_info": {}},
    }
    text = json.dumps(envelope)
    return base64.b64encode(text.encode()).decode() if is_encoded else text


def kept(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.mark.parametrize("is_encoded", [True, False])
def test_a_message_is_read_however_kombu_writes_it(bridge: Bridge, runs: Any, is_encoded: bool) -> None:
    event = sqs_event(message(tasks.success, "read", is_encoded=is_encoded))
    assert kept(bridge.handle(event, Context())) == []
    assert runs.read_text() == "read\n"


def test_only_what_failed_is_kept_and_the_rest_is_done(bridge: Bridge, runs: Any) -> None:
    event = sqs_event(
        message(tasks.success, "first"), message(tasks.failure), "no task", message(tasks.success, "last")
    )
    assert kept(bridge.handle(event, Context())) == ["message-1", "message-2"]
    assert runs.read_text().split() == ["first", "failure", "last"]


def test_without_time_for_them_messages_are_handed_back_untouched(bridge: Bridge, runs: Any) -> None:
    event = sqs_event(message(tasks.success), message(tasks.success))
    assert kept(bridge.handle(event, Context(seconds_left=5.9))) == ["message-0", "message-1"]
    assert runs.read_text() == ""


def test_a_task_is_interrupted_before_lambda_ends_the_function(bridge: Bridge, runs: Any) -> None:
    # Of six seconds and a bit, three are for the answer; the task's own limit would be sooner: one second.
    assert kept(bridge.handle(sqs_event(message(tasks.slow)), Context(seconds_left=6.1))) == ["message-0"]
    assert runs.read_text() == "slow\n"


def test_a_message_before_its_time_stays_in_the_queue_until_then(
    bridge: Bridge, runs: Any, postponed: list[tuple[str, int]]
) -> None:
    later = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    assert kept(bridge.handle(sqs_event(message(tasks.success, eta=later)), Context())) == ["message-0"]
    [(message_id, seconds)] = postponed
    assert message_id == "message-0"
    assert 590 <= seconds <= 600
    assert runs.read_text() == ""


def test_sqs_is_never_asked_to_wait_longer_than_it_can(bridge: Bridge, postponed: list[tuple[str, int]]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    bridge.handle(sqs_event(message(tasks.success, eta=tomorrow)), Context())
    assert postponed == [("message-0", 43_140)]


def test_a_task_that_ends_its_process_is_a_failure_and_no_end(bridge: Bridge) -> None:
    @app.task(name="parity.exit")
    def leave() -> None:
        raise SystemExit(3)

    fresh = Bridge(app, postpone=lambda record, seconds: None)
    event = sqs_event(message(leave), message(tasks.success))
    assert kept(fresh.handle(event, Context())) == ["message-0"]


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '{"headers": {"task": "x"}}', "bm90aGluZw==", "\x00"])
def test_what_celery_never_sends_is_malformed(body: str) -> None:
    [record] = sqs_event(body)["Records"]
    with pytest.raises(MalformedMessage):
        read_message(record)


def test_a_task_knows_its_message_and_how_often_it_came(bridge: Bridge) -> None:
    [record] = sqs_event(message(tasks.success), received=3)["Records"]
    read = read_message(record)
    assert read.headers == {"task": tasks.success.name, "id": "one", "message_id": "message-0", "received": 3}
    assert read.delivery_info["redelivered"] is True
