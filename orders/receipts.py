"""Payments that a person decides about: a bank transfer that arrived, or money that is held for review."""

from collections.abc import Callable
from datetime import datetime

import structlog

from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.transactions import TransactionRefused
from orders import publishing, queries, refunds, transitions, writing
from orders.models import Order
from orders.reconcile import publish_if_due
from orders.status import PaymentStatus
from orders.writing import Plan, StockGone

logger = structlog.get_logger(__name__)

_ATTEMPTS = 20


class NotToBePaid(StorefrontError):
    """The order waits for a payment that nobody here can decide about, or for none any more."""

    code = "not-to-be-paid"

    def __init__(self, order: Order) -> None:
        super().__init__(f"The payment of order {order.number} is “{order.payment_label.lower()}”: nothing to decide.")


class GoodsGone(StorefrontError):
    """The order was given up, and its goods have been sold to others since."""

    code = "goods-gone"

    def __init__(self, skus: list[str]) -> None:
        self.skus = skus
        super().__init__(f"There is not enough left of {', '.join(skus)}. Please refund the order instead.")


def mark_paid(*, number: str, now: datetime, publish: Callable[[str], None] = publishing.publish_order) -> Order:
    """Take a payment as good: a transfer for an order on invoice, or one that was held for review.

    The order is confirmed if it was not, and its stock sold. One that is paid stays as it is.

    :raises OrderNotFound: if there is no such order.
    :raises NotToBePaid: if it is neither due on invoice nor in review.
    :raises GoodsGone: if it was given up, and its goods cannot be had any more.
    :raises EditConflict: if others kept changing the order.
    """
    for _ in range(_ATTEMPTS):
        order = queries.get_order(number)
        if order.payment_status == PaymentStatus.PAID:
            return order
        if order.payment_status not in {PaymentStatus.DUE, PaymentStatus.REVIEW}:
            raise NotToBePaid(order)
        if order.payment_status == PaymentStatus.DUE:
            order.paid_amount = refunds.refundable_amount(order)
        try:
            writing.commit(Plan(order, transitions.pay(order, now=now)), now=now)
        except StockGone as gone:
            raise GoodsGone(gone.skus) from gone
        except TransactionRefused:
            continue
        logger.info("order.marked_paid", number=number, amount=order.paid_amount)
        publish_if_due(order, publish)
        return order
    raise EditConflict
