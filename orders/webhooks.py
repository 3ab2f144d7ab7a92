"""What becomes of a message of the payment provider: it tells which order to look at, and nothing else is believed."""

from datetime import datetime

import structlog

from orders.gateway import PaymentGateway, RequestRefused, WebhookEvent, get_gateway
from orders.queries import OrderNotFound
from orders.reconcile import reconcile

logger = structlog.get_logger(__name__)

# A message is some kilobytes; this is more than Stripe has ever sent, and little enough to be read into memory.
LARGEST_MESSAGE = 256 * 1024

# What an order may follow from; the others are answered and dropped. docs/payments.md lists them for the merchant.
KINDS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "charge.refunded",
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.closed",
    }
)


def acknowledge(*, event: WebhookEvent, now: datetime, gateway: PaymentGateway | None = None) -> str:
    """Reconcile the order that a message is about; gives its number, empty if it is about none of ours.

    :raises PaymentUnavailable: if the provider does not answer; trying again later helps.
    """
    gateway = gateway or get_gateway()
    number = event.order_number
    try:
        if not number and event.payment_intent_id:
            number = gateway.find_order_number(event.payment_intent_id)
        if number:
            reconcile(number=number, now=now, session_id=event.session_id, event=event, gateway=gateway)
    except (OrderNotFound, RequestRefused) as error:
        # An account may serve other shops and stages, whose messages come here as well.
        logger.warning("payment.event_of_others", event_id=event.event_id, number=number, reason=str(error))
        return ""
    return number
