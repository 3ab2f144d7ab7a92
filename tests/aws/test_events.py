"""What the worker function is called with apart from tasks."""

import json
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Product
from cloudcart.aws import events
from cloudcart.aws.events import EventRefused
from tests.factories import make_product
from tests.orders.carts import make_line, place_order


def sns_event(**notice: Any) -> dict[str, Any]:
    record = {"EventSource": "aws:sns", "Sns": {"Message": json.dumps(notice), "TopicArn": "arn:aws:sns:x:y:mail"}}
    return {"Records": [record]}


def test_a_schedule_runs_its_command(task_queue: Any) -> None:
    events.dispatch({"schedule": "sweep_orders"})
    assert task_queue() == 0


def test_an_overdue_order_is_told_of_again_by_the_schedule(task_queue: Any) -> None:
    long_ago = timezone.now().replace(year=2020)
    place_order(make_line(make_product()), now=long_ago)
    events.dispatch({"schedule": "sweep_orders"})
    assert task_queue() == 1


@pytest.mark.parametrize("name", ["seed", "shell", "no_such_command", ""])
def test_no_other_command_can_be_scheduled(name: str) -> None:
    with pytest.raises(EventRefused):
        events.dispatch({"schedule": name})


def test_an_operator_runs_a_command_of_the_shop_and_reads_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    answer = events.dispatch({"manage": "sweep_orders"})
    assert answer == {"output": "Published 0 orders again."}
    assert "Published 0 orders again." in capsys.readouterr().out


@pytest.mark.parametrize("line", ["shell -c print(1)", "flush", "runserver", "no_such_command", "provision"])
def test_commands_that_are_not_for_the_worker_are_refused(line: str) -> None:
    make_product(slug="still-there")
    with pytest.raises(EventRefused, match="is not among WORKER_COMMANDS"):
        events.dispatch({"manage": line})
    assert next(iter(Product.by_slug.query("still-there"))).slug == "still-there"


@pytest.mark.parametrize(
    ("notice", "metric"),
    [
        ({"notificationType": "Bounce", "bounce": {"bounceType": "Permanent"}}, "MailBounces"),
        ({"eventType": "Bounce", "bounce": {"bounceType": "Transient"}}, "MailBounces"),
        ({"eventType": "Complaint", "complaint": {"complaintFeedbackType": "abuse"}}, "MailComplaints"),
    ],
)
def test_mail_that_came_back_is_counted(
    notice: dict[str, Any], metric: str, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMIT_METRICS = True
    events.dispatch(sns_event(mail={"messageId": "m-1", "destination": ["alice@example.com"]}, **notice))
    output = capsys.readouterr()
    assert json.loads(output.out)[metric] == [1.0]
    # Who it was is in SES, under the message's id, and not in the log.
    assert "alice" not in output.out + output.err


@pytest.mark.parametrize(
    "event", [{}, {"raw_command": "1"}, {"command": "os.getcwd"}, {"Records": [{"eventSource": "aws:s3"}]}]
)
def test_anything_else_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(EventRefused):
        events.dispatch(event)


def test_a_failure_of_a_stream_is_reported_by_record_and_not_raised() -> None:
    record = {
        "eventID": "1",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:0:table/cloudcart-local-nobodys/stream/1",
        "dynamodb": {
            "Keys": {"id": {"S": "1"}},
            "NewImage": {"id": {"S": "1"}},
            "SequenceNumber": "11",
            "ApproximateCreationDateTime": 1_700_000_000,
        },
    }
    assert events.dispatch({"Records": [record]}) == {"batchItemFailures": []}
