from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from orders import cancellation
from orders.management.acting import add_number, do_effects, plain_errors, read_number


class Command(BaseCommand):
    """Call an order off; what was paid is refunded."""

    help = "Call an order off whose goods were not sent; what was paid is refunded."

    def add_arguments(self, parser: CommandParser) -> None:
        add_number(parser)
        parser.add_argument("--reason", default="We had to cancel it.", help="a sentence for the buyer")
        parser.add_argument("--sorry", action="store_true", help="it cannot be delivered: send an apology")

    def handle(self, *args: Any, **options: Any) -> None:
        number = read_number(options["number"])
        reason = cancellation.CANNOT_FULFILL if options["sorry"] else options["reason"]
        with plain_errors():
            cancellation.cancel_order(number=number, reason=reason, now=timezone.now())
        do_effects(number)
        self.stdout.write(f"{number} is canceled.")
