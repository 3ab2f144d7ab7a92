"""Work on orders that shoppers do not wait for: loads, makes one call, logs."""

import structlog
from django.utils import timezone

from cloudcart.celery import app
from orders import emails, mails, outbox, queries, sweeper, webhooks
from orders.gateway import WebhookEvent

logger = structlog.get_logger(__name__)


@app.task(name="orders.process_order")
def process_order(number: str) -> None:
    """Confirm an order and do what it left to be done; a failure goes back to the queue."""
    done = outbox.process_order(number=number, now=timezone.now())
    logger.info("order.processed", number=number, effects=done)


@app.task(name="orders.send_link")
def send_link(number: str) -> None:
    """Mail the link to an order to its buyer once more."""
    emails.link(queries.get_order(number)).send()
    logger.info("order.link_sent", number=number)


@app.task(name="orders.send_mail")
def send_mail(number: str, effect: str) -> None:
    """Send one of an order's mails once more, because staff asked for it."""
    mails.send_mail(order=queries.get_order(number), effect=effect)
    logger.info("order.mail_sent_again", number=number, effect=effect)


@app.task(name="orders.reconcile_payment")
def reconcile_payment(
    event_id: str, kind: str, order_number: str = "", session_id: str = "", payment_intent_id: str = ""
) -> None:
    """Look at a payment of which the provider has told; a failure goes back to the queue."""
    event = WebhookEvent(event_id, kind, order_number, session_id, payment_intent_id)
    number = webhooks.acknowledge(event=event, now=timezone.now())
    logger.info("payment.event_handled", number=number, event_id=event_id, kind=kind)


@app.task(name="orders.sweep_payments")
def sweep_payments() -> None:
    """Look after the payments that are due for it."""
    count = sweeper.sweep_payments(now=timezone.now())
    logger.info("payments.swept", count=count)
