"""Work on orders that shoppers do not wait for: loads, makes one call, logs."""

import structlog
from django.utils import timezone

from cloudcart.celery import app
from orders import emails, outbox, queries

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
