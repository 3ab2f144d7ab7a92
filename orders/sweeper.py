"""Find orders whose effects are overdue, and tell the worker of them again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from cloudcart.dynamo import batch_get
from orders import outbox, publishing, queries, services
from orders.models import Order

logger = structlog.get_logger(__name__)

# A pass is bounded: one BatchGetItem, and as many writes as it finds orders.
BATCH = 50
_LONGEST_WAIT = timedelta(hours=6)
# Half a minute that doubles up to six hours makes 8.5 hours of the first ten and 60 of the others, not
# quite three days in all: then a person has to look.
_MOST_REMINDERS = 20


def sweep(*, now: datetime, publish: Callable[[str], None] = publishing.publish_order, limit: int = BATCH) -> int:
    """Publish overdue orders again; gives how many. One query, one batch read, one write for each.

    An order's time is pushed forward before it is published, so that sweepers at work together, and
    the next pass, leave it alone for a while that doubles each time. An order that stays undone after
    almost three days is logged as an error and given up.

    :raises PublishFailed: if SQS does not take a message; the next pass goes on.
    """
    numbers = queries.list_overdue_numbers(now=now, limit=limit)
    if not numbers:
        return 0
    overdue = batch_get({Order: numbers}, consistent=True).all_of(Order).values()
    reminded = [order for order in overdue if services.change_order(order, lambda order: _postpone(order, now))]
    published = [order for order in reminded if order.due is not None]
    for order in published:
        publish(order.number)
    return len(published)


def _postpone(order: Order, now: datetime) -> bool:
    # The index lags behind, and another sweeper may have been here: what counts is the order itself.
    if order.due_at is None or order.due_at > now:
        return False
    if order.reminders >= _MOST_REMINDERS:
        logger.error("order.given_up", number=order.number, effects=[each.name for each in order.pending_effects])
        order.due = order.due_at = None
        return True
    # The doubling is capped before it is computed: 2**20 half minutes are a year.
    order.due_at = now + min(_LONGEST_WAIT, outbox.GRACE * 2 ** min(order.reminders, 10))
    order.reminders += 1
    return True
