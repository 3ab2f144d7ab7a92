"""Call an order off, by its buyer or by staff, as long as nothing of it was sent."""

from collections.abc import Callable
from datetime import datetime

import structlog

from cloudcart import faults
from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.transactions import TransactionRefused
from orders import publishing, queries, refunds, transitions, writing
from orders.gateway import PaymentGateway, RequestRefused, get_gateway
from orders.models import Order
from orders.reconcile import publish_if_due, reconcile
from orders.status import FulfillmentStatus, PaymentStatus
from orders.writing import Plan

logger = structlog.get_logger(__name__)

_ATTEMPTS = 20
BY_SHOPPER = "You canceled it."
CANNOT_FULFILL = transitions.CANNOT_FULFILL


class AlreadyShipped(StorefrontError):
    """Something of the order was sent, so it can be returned but not canceled."""

    code = "already-shipped"

    def __init__(self) -> None:
        super().__init__("This order is on its way, so it cannot be canceled any more. You can ask for a return.")


class PaymentUnderWay(StorefrontError):
    """A delayed payment is at work, and nobody can stop it."""

    code = "payment-under-way"

    def __init__(self) -> None:
        super().__init__(
            "The payment for this order is under way, so it cannot be canceled now. "
            "Please try again when it is through."
        )


def can_cancel(order: Order) -> bool:
    """Whether `cancel_order` would call it off."""
    is_unshipped = order.fulfillment_status == FulfillmentStatus.UNFULFILLED
    return not order.is_canceled and is_unshipped and order.payment_status != PaymentStatus.PROCESSING


def cancel_order(
    *,
    number: str,
    reason: str,
    now: datetime,
    gateway: PaymentGateway | None = None,
    publish: Callable[[str], None] = publishing.publish_order,
) -> Order:
    """Call an order off: its goods go back on sale, its page to pay on is closed, what was paid is refunded.

    One that was called off before stays as it is. If a payment arrives at the same moment, it is refunded.

    :param reason: a sentence for the shopper (`BY_SHOPPER`), or `CANNOT_FULFILL`, which sends an apology.
    :raises OrderNotFound: if there is no such order.
    :raises AlreadyShipped: if something of it was sent.
    :raises PaymentUnderWay: if a delayed payment is at work.
    :raises PaymentUnavailable: if the page to pay on cannot be closed now.
    :raises EditConflict: if others kept changing the order.
    """
    for _ in range(_ATTEMPTS):
        order = queries.get_order(number)
        if order.is_canceled:
            return order
        if order.payment_status == PaymentStatus.AWAITING:
            _close_page(order, now=now, reason=reason, gateway=gateway or get_gateway(), publish=publish)
            continue
        _check(order)
        try:
            writing.commit(_plan(order, reason=reason, now=now), now=now)
        except TransactionRefused:
            continue
        faults.point("cancellation.written")
        logger.info("order.canceled", number=number)
        publish_if_due(order, publish)
        return order
    raise EditConflict


def _check(order: Order) -> None:
    if order.fulfillment_status != FulfillmentStatus.UNFULFILLED:
        raise AlreadyShipped
    if order.payment_status == PaymentStatus.PROCESSING:
        raise PaymentUnderWay


def _close_page(
    order: Order, *, now: datetime, reason: str, gateway: PaymentGateway, publish: Callable[[str], None]
) -> None:
    """Stop the page from taking money first; only then are the goods free. What was paid meanwhile is seen here."""
    try:
        gateway.expire(order.payment_session_id or "")
    except RequestRefused as error:
        logger.info("payment.page_not_open", number=order.number, reason=error.reason)
    faults.point("cancellation.page_closed")
    reconcile(number=order.number, now=now, gateway=gateway, publish=publish, canceled_because=_sentence(reason))


def _plan(order: Order, *, reason: str, now: datetime) -> Plan:
    move = transitions.cancel(order, now=now, reason=_sentence(reason))
    order.owe("apology_mail" if reason == CANNOT_FULFILL else "cancellation_mail", now=now)
    left, lines = refunds.refundable_amount(order), refunds.refundable_quantities(order)
    if left > 0:
        refund = refunds.make_refund(
            order, refund_id=f"{order.number}-canceled", reason=reason, amount=left, lines=lines, now=now
        )
        refunds.add_refund(order, refund, now=now)
    if order.payment_status == PaymentStatus.NEW or order.total == 0:
        order.payment_status = PaymentStatus.CANCELED
    return Plan(order, move)


def _sentence(reason: str) -> str:
    return "We cannot deliver it, and are sorry." if reason == CANNOT_FULFILL else reason
