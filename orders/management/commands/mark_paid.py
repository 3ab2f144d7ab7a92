from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cloudcart.money import format_amount
from orders import receipts
from orders.management.acting import add_number, do_effects, plain_errors, read_number


class Command(BaseCommand):
    """Take a payment as good: a transfer for an order on invoice, or one that is held for review."""

    help = "Take a payment as good: a transfer for an order on invoice, or one that is held for review."

    def add_arguments(self, parser: CommandParser) -> None:
        add_number(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        number = read_number(options["number"])
        with plain_errors():
            order = receipts.mark_paid(number=number, now=timezone.now())
        do_effects(number)
        self.stdout.write(f"{number}: {format_amount(order.paid_amount, order.currency)} paid.")
