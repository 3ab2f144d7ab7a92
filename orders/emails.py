"""The mails about an order, as text and as HTML."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from orders import links
from orders.models import Order


def confirmation(order: Order) -> EmailMultiAlternatives:
    """Make the mail that confirms an order: lines, totals, address, and the link to its page."""
    return _make("order_confirmation", order, subject=f"Your order {order.number}")


def link(order: Order) -> EmailMultiAlternatives:
    """Make the mail with the link to an order's page alone, for whoever has lost the first one."""
    return _make("order_link", order, subject=f"The link to your order {order.number}")


def _make(template: str, order: Order, *, subject: str) -> EmailMultiAlternatives:
    context = {
        "order": order,
        "order_url": links.order_url(order),
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
