"""The mails about an order, as text and as HTML."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from orders import links
from orders.models import Order, Refund
from orders.status import FulfillmentStatus, OrderStatus, RefundStatus, ReturnStatus


def confirmation(order: Order) -> EmailMultiAlternatives:
    """Make the mail that confirms an order: lines, totals, address, and the link to its page."""
    return _make("order_confirmation", order, subject=f"Your order {order.number}")


def link(order: Order) -> EmailMultiAlternatives:
    """Make the mail with the link to an order's page alone, for whoever has lost the first one."""
    return _make("order_link", order, subject=f"The link to your order {order.number}")


def cancellation(order: Order) -> EmailMultiAlternatives:
    """Make the mail that says that an order was called off, and why."""
    reason = order.find_event(OrderStatus.CANCELED)
    return _make(
        "order_canceled",
        order,
        subject=f"Your order {order.number} was canceled",
        reason=reason.note if reason else "",
        refund=_refund_of_cancellation(order),
    )


def payment_failed(order: Order) -> EmailMultiAlternatives:
    """Make the mail that says that a delayed payment failed, so that the order was called off."""
    return _make("payment_failed", order, subject=f"The payment for your order {order.number} did not go through")


def apology(order: Order) -> EmailMultiAlternatives:
    """Make the mail that says that a paid order cannot be delivered and is paid back."""
    return _make("order_apology", order, subject=f"We cannot deliver your order {order.number}")


def shipment(order: Order, shipment_id: str) -> EmailMultiAlternatives:
    """Make the mail that says that a parcel left, what is in it and what is still to come."""
    found = order.find_shipment(shipment_id)
    is_part = order.fulfillment_status == FulfillmentStatus.PART_SHIPPED
    subject = f"{'Part of your' if is_part else 'Your'} order {order.number} is on its way"
    lines = [(order.find_line(line.sku), line.quantity) for line in found.lines] if found else []
    return _make("order_shipped", order, subject=subject, shipment=found, shipped_lines=lines, is_part=is_part)


def refund(order: Order, refund_id: str) -> EmailMultiAlternatives:
    """Make the mail that says that money is on its way back."""
    found = order.find_refund(refund_id)
    return _make("order_refund", order, subject=f"Your refund for order {order.number}", refund=found)


def return_news(order: Order, return_and_status: str) -> EmailMultiAlternatives:
    """Make the mail about one stage of a return.

    :param return_and_status: ``<return id>/<status>``; the status may be another one by now.
    """
    return_id, _, status = return_and_status.partition("/")
    found = order.find_return(return_id)
    # Where to send it is of no use to somebody who has sent it.
    is_answer = status in {ReturnStatus.APPROVED, ReturnStatus.DECLINED}
    return _make(
        "order_return",
        order,
        subject=f"Your return for order {order.number}",
        answer=found.answer if found and is_answer else "",
        lines=[(order.find_line(line.sku), line.quantity) for line in found.lines] if found else [],
        status=status,
    )


def _refund_of_cancellation(order: Order) -> Refund | None:
    refund = order.find_refund(f"{order.number}-canceled")
    return None if refund is None or refund.status == RefundStatus.WAIVED else refund


def _make(template: str, order: Order, *, subject: str, **more: Any) -> EmailMultiAlternatives:
    context = {
        **more,
        "order": order,
        "order_url": links.order_url(order),
        "invoice_url": links.invoice_url(order) if order.has_invoice else "",
        "prices_include_tax": order.prices_include_tax,
        "store_name": settings.STORE_NAME,
        "store_url": settings.STORE_URL,
        "subject": subject,
    }
    mail = EmailMultiAlternatives(
        subject,
        _render(f"emails/{template}.txt", context),
        to=[order.email],
        # Out-of-office replies are not answers to a machine (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(_render(f"emails/{template}.html", context), "text/html")
    return mail


def _render(template: str, context: dict[str, Any]) -> str:
    return render_to_string(template, context).strip() + "\n"
