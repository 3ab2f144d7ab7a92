"""What an operator is woken for: numbers that CloudWatch reads out of the log, in its embedded metric format.

On Lambda a number is one line of JSON on standard output, which costs no request. Elsewhere nobody
reads it, and it is written as an ordinary event at the level "debug".
"""

from enum import StrEnum
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

if TYPE_CHECKING:
    from aws_lambda_powertools.metrics import MetricUnit

logger = structlog.get_logger(__name__)

NAMESPACE = "CloudCart"


class Metric(StrEnum):
    """The names that the alarms and the dashboard ask for, each with the dimension ``service`` = the stack's name."""

    ORDERS_PLACED = "OrdersPlaced"
    OLDEST_UNFINISHED_EFFECT = "OldestUnfinishedEffectSeconds"
    STRIPE_FAILURES = "StripeFailures"
    MAIL_BOUNCES = "MailBounces"
    MAIL_COMPLAINTS = "MailComplaints"


def count(metric: Metric, number: int = 1) -> None:
    """Add to a number of things that happened."""
    _emit(metric, number, "Count")


def gauge_seconds(metric: Metric, seconds: float) -> None:
    """Tell how long something takes or has been waiting."""
    _emit(metric, seconds, "Seconds")


def _emit(metric: Metric, value: float, unit: "MetricUnit | str") -> None:
    if not settings.EMIT_METRICS:
        logger.debug("metric", name=metric.value, value=value, unit=unit)
        return
    # Costs some 15 ms to import, which a page that counts nothing does not pay.
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    dimensions = {"service": settings.STACK_NAME}
    with single_metric(
        name=metric.value, unit=MetricUnit(unit), value=value, namespace=NAMESPACE, default_dimensions=dimensions
    ):
        pass
