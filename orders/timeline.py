"""What happened to an order and what comes next, as its page tells it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from cloudcart.money import format_amount
from orders.models import Order, TimelineEntry
from orders.status import OrderStatus, PaymentStatus


@dataclass(frozen=True)
class Milestone:
    """One entry: ``state`` is done, current or failed; ``at`` is absent for what is still going on."""

    title: str
    state: str
    at: datetime | None = None
    detail: str = ""

    @property
    def is_done(self) -> bool:
        return self.state == "done"


def list_milestones(order: Order) -> list[Milestone]:
    """Tell an order's story in the order of time, and what comes next."""
    told = [_tell(order, entry) for entry in order.timeline if entry.event in _TITLES]
    return told + _list_coming(order)


def _tell(order: Order, entry: TimelineEntry) -> Milestone:
    if entry.event in _WITH_AMOUNT:
        amount = format_amount(int(entry.note), order.currency)
        return Milestone(_TITLES[entry.event].format(amount=amount), "done", entry.at)
    state = "failed" if entry.event == OrderStatus.CANCELED else "done"
    return Milestone(_TITLES[entry.event], state, entry.at, entry.note)


def _list_coming(order: Order) -> list[Milestone]:
    coming = []
    if order.is_pending:
        coming.append(_WAITING.get(PaymentStatus(order.payment_status), _BEING_CONFIRMED))
    elif order.is_confirmed and order.payment_status != PaymentStatus.REFUNDED and not order.is_shipped:
        coming.append(Milestone("Getting it ready", "current", detail=order.shipping_method_name))
    if order.pending_refund_amount:
        amount = format_amount(order.pending_refund_amount, order.currency)
        coming.append(Milestone(f"Refund of {amount} on its way", "current"))
    return coming


# Events that a shopper is told of; others are for staff.
_TITLES = {
    "placed": "Order placed",
    "payment_processing": "Payment begun",
    "paid": "Paid",
    OrderStatus.CONFIRMED: "Confirmed",
    OrderStatus.CANCELED: "Canceled",
    "goods_gone": "We cannot deliver it any more, and send your money back",
    "refunded": "{amount} refunded",
    "waived": "{amount} less to pay",
}
_WITH_AMOUNT = {"refunded", "waived"}

_BEING_CONFIRMED = Milestone("Being confirmed", "current", detail="This takes a few seconds.")
_UNPAID = Milestone("Waiting for your payment", "current")
_WAITING = {
    PaymentStatus.NEW: _UNPAID,
    PaymentStatus.AWAITING: _UNPAID,
    PaymentStatus.PROCESSING: Milestone(
        "Payment on its way",
        "current",
        detail="With some banks this takes a few days. We write as soon as it is there.",
    ),
    PaymentStatus.REVIEW: Milestone(
        "We are checking your payment", "current", detail="We write to you when that is done."
    ),
}
