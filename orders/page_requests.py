"""What the payment provider's page asks an order's buyer to pay. Pure, and the same each time for one attempt."""

from django.conf import settings

from orders import links
from orders.gateway import PageLine, PageRequest
from orders.models import Order


def make_request(order: Order) -> PageRequest:
    """Give the request of an order's present attempt; its key makes one page, however often it is sent.

    :raises ValueError: if the lines do not sum up to the order's total, or it has no time until which to pay.
    """
    if order.hold_until is None:
        raise ValueError(f"Order {order.number} has no time until which it can be paid.")
    request = PageRequest(
        idempotency_key=f"co:{order.number}:{order.payment_attempt}",
        order_number=order.number,
        attempt=order.payment_attempt,
        currency=order.currency,
        lines=_list_lines(order),
        email=order.email,
        expires_at=order.hold_until,
        success_url=_return_url(order, "orders:payment-success"),
        cancel_url=_return_url(order, "orders:payment-cancel"),
    )
    if request.amount != order.total:
        raise ValueError(f"Order {order.number} comes to {request.amount}, and its total is {order.total}.")
    return request


def _list_lines(order: Order) -> tuple[PageLine, ...]:
    lines = [PageLine(line.name, line.unit_amount, line.quantity) for line in order.lines]
    if order.shipping_total:
        lines.append(PageLine(order.shipping_method_name, order.shipping_total, 1))
    if not order.prices_include_tax and order.tax_total:
        lines.append(PageLine("Tax", order.tax_total, 1))
    return tuple(lines)


def _return_url(order: Order, name: str) -> str:
    return settings.STORE_URL.rstrip("/") + links.path_to(order, name)
