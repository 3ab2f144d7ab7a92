from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from orders import queries, returns
from orders.management.acting import add_number, do_effects, plain_errors, read_number
from orders.models import Return


class Command(BaseCommand):
    """Take a return to its next stage."""

    help = "List an order's returns, or approve, decline, receive or refund one."

    def add_arguments(self, parser: CommandParser) -> None:
        add_number(parser)
        parser.add_argument("step", nargs="?", choices=sorted(_STEPS), help="what to do; the returns are listed if not")
        parser.add_argument("--return", dest="return_id", help="which, if there are several")
        parser.add_argument("--answer", default="", help="for the buyer to read: where to send it, or why not")
        parser.add_argument("--no-restock", action="store_true", help="the goods cannot be sold again")

    def handle(self, *args: Any, **options: Any) -> None:
        number = read_number(options["number"])
        with plain_errors():
            open_returns = queries.get_order(number).returns
        if options["step"] is None:
            for each in open_returns:
                self.stdout.write(_describe(each))
            return
        chosen = options["return_id"] or _only(open_returns)
        with plain_errors():
            _STEPS[options["step"]](number, chosen, options)
        do_effects(number)
        found = queries.get_order(number).find_return(chosen)
        self.stdout.write(_describe(found) if found else "")


def _only(found: list[Return]) -> str:
    if len(found) != 1:
        raise CommandError(f"The order has {len(found)} returns. Say which with --return.")
    return str(found[0].return_id)


def _describe(found: Return) -> str:
    lines = ", ".join(f"{line.quantity} × {line.sku}" for line in found.lines)
    return f"{found.return_id}: {lines}; {returns.REASONS.get(found.reason, found.reason)}; {found.status_label}"


def _approve(number: str, return_id: str, options: Mapping[str, Any]) -> None:
    returns.approve_return(number=number, return_id=return_id, answer=options["answer"], now=timezone.now())


def _decline(number: str, return_id: str, options: Mapping[str, Any]) -> None:
    returns.decline_return(number=number, return_id=return_id, answer=options["answer"], now=timezone.now())


def _receive(number: str, return_id: str, options: Mapping[str, Any]) -> None:
    returns.receive_return(number=number, return_id=return_id, now=timezone.now())


def _refund(number: str, return_id: str, options: Mapping[str, Any]) -> None:
    is_restocked = not options["no_restock"]
    returns.refund_return(number=number, return_id=return_id, is_restocked=is_restocked, now=timezone.now())


_STEPS: dict[str, Callable[[str, str, Mapping[str, Any]], None]] = {
    "approve": _approve,
    "decline": _decline,
    "receive": _receive,
    "refund": _refund,
}
