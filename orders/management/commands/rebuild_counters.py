from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cloudcart import streams
from cloudcart.errors import StorefrontError
from cloudcart.streams import Image
from orders import counters
from orders.models import Order


class Command(BaseCommand):
    """Make the dashboard's sums anew from the orders, while the shop goes on selling."""

    help = "Make the dashboard's sums anew from the orders, while the shop goes on selling."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        generation = f"{timezone.now():%Y%m%dT%H%M%S.%f}"
        try:
            number = counters.rebuild(generation=generation, orders=_scan())
        except StorefrontError as error:
            raise CommandError(f"{error} The sums that were there are still shown; start the command again.") from error
        self.stdout.write(f"Counted {number} {'order' if number == 1 else 'orders'} anew.")


def _scan() -> Iterator[Image]:
    for order in Order.scan(consistent_read=True):
        yield streams.read_item(order.to_dynamodb_dict())
