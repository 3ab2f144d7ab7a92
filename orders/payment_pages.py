"""Lead a buyer to the page to pay on: a new one, or the one that is still open."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from cloudcart import faults
from cloudcart.errors import EditConflict
from orders import publishing, queries, services
from orders.gateway import PaymentGateway, RequestRefused, SessionState, SessionStatus, get_gateway
from orders.models import Order
from orders.page_requests import make_request
from orders.reconcile import reconcile
from orders.status import PaymentStatus

logger = structlog.get_logger(__name__)

# Stripe takes 30 minutes to 24 hours, counted from when the page is made, which is a moment after this is noted.
PAGE_LIFETIME = timedelta(minutes=31)
_MOST_ATTEMPTS = 5
_TRIES = 8


def open_payment(order: Order, *, now: datetime) -> None:
    """Note on an order that is about to be placed that it waits for a payment, and until when."""
    order.payment_status = PaymentStatus.NEW
    order.payment_attempt = 1
    _hold(order, now=now)


def start_or_resume(
    *,
    number: str,
    now: datetime,
    gateway: PaymentGateway | None = None,
    publish: Callable[[str], None] = publishing.publish_order,
) -> str:
    """Give the address of the page to pay an order on; empty if there is nothing to pay (any more).

    A page is made under a key of its order and attempt, so that two clicks, or a crash between making and noting
    it, make one page. A page that has expired meanwhile is followed by the next attempt, five at most.

    :raises OrderNotFound: if there is no such order.
    :raises PaymentUnavailable: if the provider does not answer; the order stays and can be paid later.
    :raises RequestRefused: if the provider does not make a page for this order at all.
    """
    gateway = gateway or get_gateway()
    for _ in range(_TRIES):
        order = queries.get_order(number)
        if order.payment_status == PaymentStatus.NEW:
            state = _start(order, now=now, gateway=gateway)
            if state is not None and _note_page(order, state, now=now, gateway=gateway):
                return state.url
        elif order.payment_status == PaymentStatus.AWAITING and order.payment_session_id is not None:
            state = gateway.fetch(order.payment_session_id)
            if state.status is SessionStatus.OPEN:
                return state.url
            if state.status is SessionStatus.COMPLETE or not _begin_next(order, now=now):
                reconcile(number=number, now=now, gateway=gateway, publish=publish)
        else:
            return ""
    raise EditConflict


def _start(order: Order, *, now: datetime, gateway: PaymentGateway) -> SessionState | None:
    try:
        state = gateway.start(make_request(order))
    except RequestRefused as error:
        # Too late for the time that was noted: no page was made under this key, so the next one takes over.
        is_late = order.hold_until is not None and now > order.hold_until - PAGE_LIFETIME + timedelta(seconds=30)
        if not is_late or not _begin_next(order, now=now):
            logger.warning("payment.page_refused", number=order.number, reason=error.reason)
            raise
        return None
    faults.point("payment.page_made")
    # The key may have given a page that is over by now, described as it was when it was made.
    is_fresh = order.hold_until is not None and now < order.hold_until
    return state if is_fresh else gateway.fetch(state.session_id)


def _note_page(order: Order, state: SessionState, *, now: datetime, gateway: PaymentGateway) -> bool:
    """Write down whose page it is; False if the order went on meanwhile, and the page is of no use."""

    def note(order: Order) -> bool:
        if order.payment_status != PaymentStatus.NEW:
            return False
        order.payment_status = PaymentStatus.AWAITING
        order.payment_session_id = state.session_id
        order.updated_at = now
        return True

    if services.change_order(order, note) or order.payment_session_id == state.session_id:
        faults.point("payment.page_noted")
        return state.status is SessionStatus.OPEN
    try:
        gateway.expire(state.session_id)
    except RequestRefused as error:
        logger.info("payment.page_not_open", number=order.number, reason=error.reason)
    return False


def _begin_next(order: Order, *, now: datetime) -> bool:
    """Count the next attempt, with a time of its own; False if there were too many or the order went on."""
    attempt = order.payment_attempt

    def begin(order: Order) -> bool:
        is_waiting = order.payment_status in {PaymentStatus.NEW, PaymentStatus.AWAITING}
        if not is_waiting or order.payment_attempt != attempt or attempt >= _MOST_ATTEMPTS:
            return False
        if order.payment_session_id is not None:
            order.former_session_ids.append(order.payment_session_id)
        order.payment_status = PaymentStatus.NEW
        order.payment_session_id = None
        order.payment_attempt += 1
        order.updated_at = now
        _hold(order, now=now)
        return True

    return services.change_order(order, begin)


def _hold(order: Order, *, now: datetime) -> None:
    order.hold_until = now + PAGE_LIFETIME
    order.watch_until(order.hold_until)
