"""The page of one order for the staff, and what it tells: all of it from one read."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from cloudcart.money import format_amount
from cloudcart.staff.access import staff_user
from cloudcart.staff.site import site
from orders import cancellation, fulfillment, mails, queries, refunds, returns
from orders.documents import list_documents
from orders.models import Order, OrderLine, Return
from orders.queries import OrderNotFound
from orders.status import PaymentStatus, ReturnStatus

_EVENTS = {
    "placed": "Placed",
    "confirmed": "Confirmed",
    "canceled": "Canceled",
    "paid": "Paid",
    "payment_processing": "Payment on its way",
    "goods_gone": "Goods gone, money goes back",
    "refund_requested": "Refund asked for",
    "refunded": "Refunded",
    "waived": "Less to pay",
    "shipped": "Shipped",
    "part_shipped": "Parcel shipped",
    "invoice_issued": "Invoice issued",
    "credit_note_issued": "Credit note issued",
    "return_requested": "Return asked for",
    "return_approved": "Return approved",
    "return_declined": "Return declined",
    "return_received": "Return received",
    "return_refunded": "Return refunded",
    "note": "Note",
    "alert": "Needs attention",
    "erased": "Buyer erased",
}
_WITH_AMOUNT = {"refunded", "waived"}


@dataclass(frozen=True)
class LineRow:
    """A line with where its units are."""

    line: OrderLine
    shipped: int
    refunded: int
    unshipped: int


@dataclass(frozen=True)
class EventRow:
    """An entry of the timeline in words."""

    at: datetime
    title: str
    note: str
    is_alert: bool


@dataclass(frozen=True)
class ReturnRow:
    """A return with its lines in words, and what can be done about it."""

    asked: Return
    reason: str
    contents: str

    @property
    def can_answer(self) -> bool:
        return self.asked.status == ReturnStatus.REQUESTED

    @property
    def can_receive(self) -> bool:
        return self.asked.status == ReturnStatus.APPROVED

    @property
    def can_refund(self) -> bool:
        return self.asked.status == ReturnStatus.RECEIVED


def show_order(request: HttpRequest, number: str) -> HttpResponse:
    try:
        order = queries.get_order(number)
    except OrderNotFound:
        context = {"number": number}
        return site.render(
            request, "admin/orders/not_found.html", context, title="Order not found", status=HTTPStatus.NOT_FOUND
        )
    return site.render(request, "admin/orders/order.html", _context(request, order), title=f"Order {order.number}")


def list_lines(order: Order) -> list[LineRow]:
    shipped, refunded = order.shipped_quantities, order.canceled_quantities
    left = fulfillment.unshipped_quantities(order)
    return [LineRow(line, shipped[line.sku], refunded[line.sku], left[line.sku]) for line in order.lines]


def _context(request: HttpRequest, order: Order) -> dict[str, Any]:
    may_act = staff_user(request).has_perm("orders.change_order")
    return {
        "order": order,
        "lines": list_lines(order),
        "events": [_event_row(order, entry) for entry in reversed(order.timeline)],
        "mails": mails.list_mails(order),
        "documents": list_documents(order),
        "shipments": order.shipments,
        "returns": [_return_row(order, each) for each in order.returns],
        "may_act": may_act,
        "may_see_customer": staff_user(request).has_perm("accounts.view_customer"),
        "acts": _acts(order) if may_act else {},
    }


def _acts(order: Order) -> dict[str, bool]:
    return {
        "can_confirm": order.is_pending and order.payment_status == PaymentStatus.DUE,
        "can_ship": order.can_ship and any(fulfillment.unshipped_quantities(order).values()),
        "can_cancel": cancellation.can_cancel(order),
        "can_refund": refunds.refundable_amount(order) > 0,
        "can_reconcile": order.payment_session_id is not None,
    }


def _event_row(order: Order, entry: Any) -> EventRow:
    note = entry.note
    if entry.event in _WITH_AMOUNT and note.isdecimal():
        note = format_amount(int(note), order.currency)
    return EventRow(entry.at, _EVENTS.get(entry.event, entry.event), note, entry.event == "alert")


def _return_row(order: Order, asked: Return) -> ReturnRow:
    names = {line.sku: line.name for line in order.lines}
    contents = ", ".join(f"{line.quantity} × {names.get(line.sku, line.sku)}" for line in asked.lines)
    return ReturnRow(asked, returns.REASONS.get(asked.reason, asked.reason), contents)
