"""What happened to an order and what comes next, as its page tells it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from cloudcart.money import format_amount
from orders.models import Order, Shipment, TimelineEntry
from orders.status import FulfillmentStatus, OrderStatus, PaymentStatus


@dataclass(frozen=True)
class Milestone:
    """One entry: ``state`` is done, current or failed; ``at`` is absent for what is still going on.

    ``url`` leads to where more is known, as ``link`` says.
    """

    title: str
    state: str
    at: datetime | None = None
    detail: str = ""
    url: str = ""
    link: str = ""

    @property
    def is_done(self) -> bool:
        return self.state == "done"


def list_milestones(order: Order) -> list[Milestone]:
    """Tell an order's story in the order of time, and what comes next."""
    told = [(entry.at, _tell(order, entry)) for entry in order.timeline if entry.event in _TITLES]
    parcels = [(shipment.shipped_at, _parcel(order, shipment)) for shipment in order.shipments]
    done = [milestone for _, milestone in sorted([*told, *parcels], key=lambda pair: pair[0])]
    return done + _list_coming(order)


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
        coming.append(_getting_ready(order))
    if order.pending_refund_amount:
        amount = format_amount(order.pending_refund_amount, order.currency)
        coming.append(Milestone(f"Refund of {amount} on its way", "current"))
    return coming


def _getting_ready(order: Order) -> Milestone:
    if order.fulfillment_status == FulfillmentStatus.PART_SHIPPED:
        return Milestone("Getting the rest ready", "current", detail="It follows in a parcel of its own.")
    return Milestone("Getting it ready", "current", detail=order.shipping_method_name)


def _parcel(order: Order, shipment: Shipment) -> Milestone:
    is_whole = len(order.shipments) == 1 and order.fulfillment_status == FulfillmentStatus.SHIPPED
    title = "Shipped" if is_whole else f"Parcel {order.shipments.index(shipment) + 1} shipped"
    number = f", {shipment.tracking_number}" if shipment.tracking_number else ""
    contents = "" if is_whole else f"{_contents(order, shipment)} · "
    detail = f"{contents}{shipment.carrier_name}{number}"
    link = f"Track it at {shipment.carrier_name}" if shipment.tracking_url else ""
    return Milestone(title, "done", shipment.shipped_at, detail, url=shipment.tracking_url, link=link)


def _contents(order: Order, shipment: Shipment) -> str:
    names = {line.sku: line.name for line in order.lines}
    return ", ".join(f"{line.quantity} × {names.get(line.sku, line.sku)}" for line in shipment.lines)


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
