from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cloudcart.money import format_amount
from orders import queries, refunds
from orders.management.acting import add_number, do_effects, plain_errors, read_number


class Command(BaseCommand):
    """Refund an order, wholly or in part."""

    help = "Refund an order: all that is left, an amount, or lines."

    def add_arguments(self, parser: CommandParser) -> None:
        add_number(parser)
        parser.add_argument("--amount", type=int, metavar="MINOR_UNITS", help="like 1050 for €10.50; else all of it")
        parser.add_argument(
            "--line", action="append", default=[], metavar="SKU=UNITS", help="what it is for; can be repeated"
        )
        parser.add_argument("--reason", default="", help="for the books and the credit note")
        parser.add_argument("--restock", action="store_true", help="the units of the lines can be sold again")

    def handle(self, *args: Any, **options: Any) -> None:
        number = read_number(options["number"])
        if options["restock"] and not options["line"]:
            raise CommandError("Say with --line which units can be sold again.")
        with plain_errors():
            refund = refunds.request_refund(
                number=number,
                refund_id=uuid4().hex,
                reason=options["reason"],
                amount=options["amount"],
                lines=dict(map(_read_line, options["line"])),
                is_restocked=options["restock"],
                now=timezone.now(),
            )
        do_effects(number)
        order = queries.get_order(number)
        done = order.find_refund(refund.refund_id) or refund
        self.stdout.write(f"{number}: {format_amount(done.amount, order.currency)} {done.status_label.lower()}.")


def _read_line(text: str) -> tuple[str, int]:
    sku, _, units = text.rpartition("=")
    if not sku or not units.isdecimal():
        raise CommandError(f"--line is like MUG-BLUE=2, not {text}.")
    return sku, int(units)
