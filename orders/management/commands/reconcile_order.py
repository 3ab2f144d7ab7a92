from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from orders.management.acting import add_number, plain_errors, read_number
from orders.reconcile import reconcile
from orders.status import OrderStatus


class Command(BaseCommand):
    """Ask the payment provider how an order's payment stands, and do what follows."""

    help = "Ask the payment provider how an order's payment stands, and do what follows."

    def add_arguments(self, parser: CommandParser) -> None:
        add_number(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        number = read_number(options["number"])
        with plain_errors():
            order = reconcile(number=number, now=timezone.now())
        self.stdout.write(f"{order.number}: {OrderStatus(order.status).label.lower()}, {order.payment_label.lower()}.")
