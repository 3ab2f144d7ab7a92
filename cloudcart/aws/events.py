"""What the worker function is called with, apart from tasks: streams, schedules, mail that came back, commands.

Zappa would look for a function by names in the event, call it again with fewer arguments when it raises
a TypeError, and answer None, which Lambda takes for success, when it knows none. So none of these
reaches Zappa; each kind is recognized by what its source always sends, and anything else is refused.
"""

import io
import json
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.core.management import call_command

from cloudcart import metrics
from cloudcart.metrics import Metric

logger = structlog.get_logger(__name__)

Event = Mapping[str, Any]


class EventRefused(Exception):
    """Nobody but an operator's mistake, or worse, sends such an event."""


def dispatch(event: Event) -> Any:
    """Do what an event asks for; gives what its source expects as an answer.

    - DynamoDB Streams: ``{"Records": [{"eventSource": "aws:dynamodb", …}]}``
    - SNS, what SES says of a mail: ``{"Records": [{"EventSource": "aws:sns", …}]}``
    - EventBridge Scheduler: ``{"schedule": "sweep_orders"}``, a command of ``settings.SCHEDULED_COMMANDS``
    - an operator, by `zappa manage`: ``{"manage": "seed"}``, a command of ``settings.WORKER_COMMANDS``

    :raises EventRefused: if it is of no such kind, or asks for another command.
    """
    source = _source(event)
    if source == "aws:dynamodb":
        from cloudcart import streams

        return streams.handle_event(event)
    if source == "aws:sns":
        return _count_returned_mail(event)
    if "schedule" in event:
        return _run_scheduled(event["schedule"])
    if "manage" in event:
        return _run_command(event["manage"])
    raise EventRefused(f"No event of this shop has {', '.join(sorted(event)) or 'nothing in it'}.")


def _source(event: Event) -> str:
    records = event.get("Records") or [{}]
    return str(records[0].get("eventSource") or records[0].get("EventSource") or "")


def _count_returned_mail(event: Event) -> None:
    for record in event["Records"]:
        notice = json.loads(record["Sns"]["Message"])
        kind = notice.get("notificationType") or notice.get("eventType")
        # SES itself sends nothing more to an address that bounced (the account's suppression list).
        if kind == "Bounce":
            metrics.count(Metric.MAIL_BOUNCES)
        elif kind == "Complaint":
            metrics.count(Metric.MAIL_COMPLAINTS)
        message_id = notice.get("mail", {}).get("messageId")
        # No address: the message's id finds it in SES.
        logger.warning("mail.returned", kind=kind, message_id=message_id, reason=_reason(notice))


def _reason(notice: Event) -> str | None:
    bounce = notice.get("bounce") or {}
    return bounce.get("bounceType") or (notice.get("complaint") or {}).get("complaintFeedbackType")


def _run_scheduled(name: str) -> None:
    if name not in settings.SCHEDULED_COMMANDS:
        raise EventRefused(f"{name} is not among SCHEDULED_COMMANDS.")
    output = _call(name)
    logger.info("schedule.finished", schedule=name, output=output)


def _run_command(line: str) -> dict[str, str]:
    name, *arguments = line.split()
    # Django's own would do more than look after the shop: `shell` runs whatever it is given.
    if name not in settings.WORKER_COMMANDS:
        raise EventRefused(f"{name} is not among WORKER_COMMANDS.")
    output = _call(name, *arguments)
    # `zappa manage` shows the log.
    print(output)  # noqa: T201
    return {"output": output}


def _call(name: str, *arguments: str) -> str:
    output = io.StringIO()
    call_command(name, *arguments, stdout=output, no_color=True)
    return output.getvalue().strip()
