"""What commands about one order have in common: its number, and errors in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from cloudcart.errors import StorefrontError
from orders import outbox
from orders.numbers import parse_number
from orders.outbox import EffectsFailed


def add_number(parser: CommandParser) -> None:
    parser.add_argument("number", metavar="NUMBER", help="the order's number, like LUSAB-MODIK-47")


def read_number(typed: str) -> str:
    """:raises CommandError: if it is no order number."""
    number = parse_number(typed)
    if number is None:
        raise CommandError(f"“{typed}” is no order number. One looks like LUSAB-MODIK-47.")
    return number


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the shop says is wrong into the command's error."""
    try:
        yield
    except StorefrontError as error:
        raise CommandError(str(error)) from error


def do_effects(number: str) -> None:
    """Do at once what the order owes, as the worker would; it tries again what fails here.

    :raises CommandError: if something could not be done now.
    """
    try:
        outbox.process_order(number=number, now=timezone.now())
    except EffectsFailed as error:
        names = ", ".join(error.names)
        raise CommandError(f"Noted, but not done yet: {names}. The shop goes on trying by itself.") from error
