"""Work on orders that shoppers do not wait for: loads, makes one call, logs."""

import structlog
from django.utils import timezone

from cloudcart.celery import app
from orders import outbox

logger = structlog.get_logger(__name__)


@app.task(name="orders.process_order")
def process_order(number: str) -> None:
    done = outbox.process_order(number=number, now=timezone.now())
    logger.info("order.processed", number=number, effects=done)
