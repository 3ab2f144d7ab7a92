"""Numbers for CloudWatch: one line of its embedded metric format, which the log carries."""

import json
from typing import Any

import pytest

from cloudcart import metrics
from cloudcart.metrics import Metric


@pytest.fixture
def on_lambda(settings: Any) -> None:
    settings.EMIT_METRICS = True
    settings.STACK_NAME = "cloudcart-staging"


def test_a_number_is_one_line_that_cloudwatch_understands(on_lambda: None, capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count(Metric.ORDERS_PLACED)
    [line] = capsys.readouterr().out.splitlines()
    embedded = json.loads(line)
    [directive] = embedded["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "CloudCart"
    assert directive["Dimensions"] == [["service"]]
    assert directive["Metrics"] == [{"Name": "OrdersPlaced", "Unit": "Count"}]
    assert embedded["service"] == "cloudcart-staging"
    assert embedded["OrdersPlaced"] == [1.0]


def test_a_wait_is_told_in_seconds(on_lambda: None, capsys: pytest.CaptureFixture[str]) -> None:
    metrics.gauge_seconds(Metric.OLDEST_UNFINISHED_EFFECT, 90.5)
    embedded = json.loads(capsys.readouterr().out)
    assert embedded["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"] == "Seconds"
    assert embedded["OldestUnfinishedEffectSeconds"] == [90.5]


def test_a_laptop_prints_none(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count(Metric.ORDERS_PLACED)
    assert capsys.readouterr().out == ""
