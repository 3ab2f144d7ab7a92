import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from django.test import Client

from cloudcart import logs

Lines = Callable[[], list[dict[str, Any]]]


@contextmanager
def logging_as(style: str) -> Iterator[io.StringIO]:
    """Log in the style of settings.LOG_FORMAT, into a text that can be read."""
    root = logging.getLogger()
    before = root.handlers[:]
    logs.configure({"level": "INFO", "format": style})
    [handler] = [handler for handler in root.handlers if type(handler) is logging.StreamHandler]
    text = io.StringIO()
    handler.setStream(text)
    yield text
    root.handlers[:] = before


@pytest.fixture
def log_lines() -> Iterator[Lines]:
    """Log as on AWS, and read what was logged."""
    with logging_as("json") as text:
        yield lambda: [json.loads(line) for line in text.getvalue().splitlines()]


def test_a_request_logs_one_line_with_its_id_its_time_and_no_query(client: Client, log_lines: Lines) -> None:
    response = client.get("/healthz?key=secret-of-an-order")
    [line] = log_lines()
    assert line["event"] == "request.finished"
    assert line["request_id"] == response["X-Request-ID"]
    assert (line["method"], line["path"], line["status"], line["dynamodb_calls"]) == ("GET", "/healthz", 200, 0)
    assert line["milliseconds"] >= 0
    assert line["timestamp"].endswith("Z")
    assert "secret-of-an-order" not in json.dumps(line)


@pytest.mark.urls("tests.cloudcart.failing_urls")
def test_all_lines_of_a_request_carry_its_id_and_none_a_secret(log_lines: Lines) -> None:
    response = Client(raise_request_exception=False).get("/crash/")
    lines = log_lines()
    assert [line["event"] for line in lines] == [
        "crash.expected",
        "Internal Server Error: /crash/",
        "request.finished",
    ]
    assert {line["request_id"] for line in lines} == {response["X-Request-ID"]}
    assert lines[0]["order"] == "K4"
    assert lines[0]["email"] == lines[0]["code"] == "[removed]"
    assert lines[1]["exception"][0]["exc_type"] == "RuntimeError"
    # The traceback names the place, and not what was in the variables there.
    assert lines[1]["exception"][0]["frames"][-1]["name"] == "crash"
    assert "correct horse" not in json.dumps(lines)


def test_the_next_request_does_not_inherit_the_id_of_the_last(client: Client, log_lines: Lines) -> None:
    client.get("/healthz")
    client.get("/healthz")
    first, second = log_lines()
    assert first["request_id"] != second["request_id"]


def test_plain_logging_comes_out_alike_and_chatty_libraries_are_silent(log_lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        logging.getLogger("some.library").warning("It is %s", "late")
        logging.getLogger("botocore.credentials").info("Found credentials")
    [line] = log_lines()
    assert (line["event"], line["level"], line["request_id"]) == ("It is late", "warning", "abc")


def test_lines_for_people_have_no_colors_in_a_file() -> None:
    with logging_as("console") as text:
        structlog.get_logger("fresh").info("order.placed", number="K4")
    assert "order.placed" in text.getvalue()
    assert "number=K4" in text.getvalue()
    assert "\x1b" not in text.getvalue()
