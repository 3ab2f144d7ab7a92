"""Find orders whose effects are overdue or whose payment has to be looked at, and see to them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from cloudcart import faults
from cloudcart.dynamo import batch_get
from cloudcart.errors import StorefrontError
from orders import outbox, publishing, queries, services
from orders.gateway import PaymentGateway, RequestRefused, get_gateway
from orders.models import Order
from orders.reconcile import reconcile
from orders.status import PaymentStatus
from orders.transitions import PROCESSING_LOOK

logger = structlog.get_logger(__name__)

# A pass is bounded: one BatchGetItem, and as many writes as it finds orders.
BATCH = 50
_LONGEST_WAIT = timedelta(hours=6)
# Half a minute that doubles up to six hours makes 8.5 hours of the first ten and 60 of the others, not
# quite three days in all: then a person has to look.
_MOST_REMINDERS = 20
# Of what still holds stock after its time, because the provider could not be asked.
_NEXT_LOOK = timedelta(minutes=5)


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


def find_longest_wait(*, now: datetime, limit: int = BATCH) -> timedelta:
    """Tell for how long the order has been waiting that has waited longest for something to happen; zero if none has.

    The time for which the sweeper has postponed it counts, too; it is exact as long as the sweeper comes by in
    time. One query, one batch read.
    """
    unfinished = batch_get({Order: queries.list_unfinished_numbers(limit=limit)}).all_of(Order).values()
    waits = [
        now - order.due_at + outbox.GRACE + _postponed(order.reminders)
        for order in unfinished
        if order.due_at is not None
    ]
    return max([timedelta(), *waits])


def _postponed(reminders: int) -> timedelta:
    return sum((_pause(reminder) for reminder in range(reminders)), timedelta())


def _pause(reminders: int) -> timedelta:
    # The doubling is capped before it is computed: 2**20 half minutes are a year.
    doubled: timedelta = outbox.GRACE * 2 ** min(reminders, 10)
    return min(_LONGEST_WAIT, doubled)


def _postpone(order: Order, now: datetime) -> bool:
    # The index lags behind, and another sweeper may have been here: what counts is the order itself.
    if order.due_at is None or order.due_at > now:
        return False
    if order.reminders >= _MOST_REMINDERS:
        logger.error("order.given_up", number=order.number, effects=[each.name for each in order.pending_effects])
        order.due = order.due_at = None
        return True
    order.due_at = now + _pause(order.reminders)
    order.reminders += 1
    return True


def sweep_payments(
    *,
    now: datetime,
    gateway: PaymentGateway | None = None,
    publish: Callable[[str], None] = publishing.publish_order,
    limit: int = BATCH,
) -> int:
    """Reconcile orders past their hold, with a payment or a refund on its way; gives how many were looked at.

    A page to pay on that is still open is closed at the provider first, so that nobody pays for goods that are
    given back. One query, and `orders.reconcile` for each. What fails is tried again in the next pass, and does
    not keep the others from theirs.
    """
    numbers = queries.list_watched_numbers(now=now, limit=limit)
    for number in numbers:
        try:
            _look_after(number, now=now, gateway=gateway or get_gateway(), publish=publish)
        except StorefrontError as error:
            logger.warning("payment.sweep_failed", number=number, code=error.code)
            _look_later(number, now=now)
    return len(numbers)


def _look_after(number: str, *, now: datetime, gateway: PaymentGateway, publish: Callable[[str], None]) -> None:
    order = queries.get_order(number)
    is_overdue = order.hold_until is not None and order.hold_until <= now
    if order.payment_status == PaymentStatus.AWAITING and order.payment_session_id is not None and is_overdue:
        try:
            gateway.expire(order.payment_session_id)
        except RequestRefused as error:
            # Paid or expired by itself meanwhile, which reconciling finds out.
            logger.info("payment.page_not_open", number=number, reason=error.reason)
    faults.point("sweep.page_closed")
    reconcile(number=number, now=now, gateway=gateway, publish=publish)
    _look_later(number, now=now)


def _look_later(number: str, *, now: datetime) -> None:
    def postpone(order: Order) -> bool:
        if order.watch_at is None or order.watch_at > now:
            return False
        is_held = order.payment_status in {PaymentStatus.NEW, PaymentStatus.AWAITING}
        order.watch_until(now + (_NEXT_LOOK if is_held else PROCESSING_LOOK))
        return True

    services.change_order(queries.get_order(number), postpone)
