"""The ways to pay. The checkout knows only the protocol; a method is chosen by `settings.PAYMENT_METHODS`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from django.conf import settings

from cart.pricing import Totals
from cloudcart.errors import StorefrontError
from cloudcart.money import format_amount
from orders import effect_names, payment_pages, stripe_gateway
from orders.models import Order
from orders.status import PaymentStatus

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PaymentStart:
    """What comes after placing: a page to pay on, or None if there is nothing to do yet."""

    redirect_url: str | None = None


class PaymentMethod(Protocol):
    """A way to pay: ``code`` is stored in carts and orders, ``name`` and ``description`` are read."""

    @property
    def code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    def is_available(self) -> bool:
        """Whether it can be offered now."""

    def least_amount(self, currency: str) -> int:
        """The smallest total that can be paid by it, in minor units."""

    def prepare(self, order: Order, *, now: datetime) -> None:
        """Note on an order, before it is written, how it will be paid and what is due at once."""

    def start(self, order: Order, *, now: datetime) -> PaymentStart:
        """Begin paying for an order that was placed; called again, it begins nothing twice."""


@dataclass(frozen=True)
class PayOnInvoice:
    """The shopper pays by bank transfer when the goods and the invoice are there."""

    code: str = "invoice"
    name: str = "Pay on invoice"
    description: str = "You get the invoice with your order and have 14 days to pay."

    def is_available(self) -> bool:
        return True

    def least_amount(self, currency: str) -> int:
        return 1

    def prepare(self, order: Order, *, now: datetime) -> None:
        order.payment_status = PaymentStatus.DUE
        order.owe(*effect_names.ON_PLACED, now=now)

    def start(self, order: Order, *, now: datetime) -> PaymentStart:
        return PaymentStart()


@dataclass(frozen=True)
class PayByCard:
    """The shopper pays on a page of the payment provider, by card or whatever else it offers there."""

    code: str = "card"
    name: str = "Card, PayPal and more"
    description: str = "You pay on the secure page of our payment provider, which comes next."

    def is_available(self) -> bool:
        return stripe_gateway.is_configured()

    def least_amount(self, currency: str) -> int:
        return stripe_gateway.least_amount(currency)

    def prepare(self, order: Order, *, now: datetime) -> None:
        payment_pages.open_payment(order, now=now)
        order.owe(*effect_names.ON_PLACED_UNPAID, now=now)

    def start(self, order: Order, *, now: datetime) -> PaymentStart:
        try:
            return PaymentStart(payment_pages.start_or_resume(number=order.number, now=now) or None)
        except StorefrontError as error:
            # The order stands, and its page offers to pay it.
            logger.warning("payment.not_started", number=order.number, code=error.code)
            return PaymentStart()


@dataclass(frozen=True)
class NothingToPay:
    """The order costs nothing, so it is paid when it is placed; nobody is asked for a payment of zero."""

    code: str = "nothing"
    name: str = "Nothing to pay"
    description: str = "This order is free. It is confirmed as soon as you place it."

    def is_available(self) -> bool:
        return True

    def least_amount(self, currency: str) -> int:
        return 0

    def prepare(self, order: Order, *, now: datetime) -> None:
        order.payment_status = PaymentStatus.PAID
        order.note("paid", now=now)
        order.owe(*effect_names.ON_PLACED, now=now)

    def start(self, order: Order, *, now: datetime) -> PaymentStart:
        return PaymentStart()


_FREE = NothingToPay()
_METHODS: dict[str, PaymentMethod] = {method.code: method for method in (PayByCard(), PayOnInvoice(), _FREE)}


def list_methods(totals: Totals) -> list[PaymentMethod]:
    """List the ways to pay such an order that the shop offers now; the first is the default."""
    if totals.total == 0:
        return [_FREE]
    return [method for method in _list_offered() if method.least_amount(totals.currency) <= totals.total]


def find_method(code: str) -> PaymentMethod | None:
    """Give a way to pay if the shop offers it now, for some order at least."""
    return next((method for method in (*_list_offered(), _FREE) if method.code == code), None)


def can_pay(code: str, totals: Totals) -> bool:
    """Whether an order of these totals can be paid in this way."""
    return any(method.code == code for method in list_methods(totals))


def explain_missing(totals: Totals) -> str:
    """Say in a sentence which ways to pay are not offered because so little is to be paid; empty if all are."""
    payable = list_methods(totals)
    missing = [method for method in _list_offered() if method not in payable]
    if not missing or totals.total == 0:
        return ""
    least = ", ".join(
        f"{method.name}: from {format_amount(method.least_amount(totals.currency), totals.currency)}"
        for method in missing
    )
    way_out = "Please choose another way to pay" if payable else "Please add something to your cart"
    return f"This order is too small for some ways to pay ({least}). {way_out}."


def _list_offered() -> list[PaymentMethod]:
    known = (_METHODS[code] for code in settings.PAYMENT_METHODS if code in _METHODS)
    return [method for method in known if method.is_available() and method is not _FREE]


def prepare(order: Order, *, now: datetime) -> None:
    """Note on an order that is about to be placed how it will be paid.

    :raises KeyError: if there is no such method.
    """
    _METHODS[order.payment_method].prepare(order, now=now)


def start(order: Order, *, now: datetime) -> PaymentStart:
    """Begin paying for an order by the method that it was placed with."""
    method = find_method(order.payment_method)
    return method.start(order, now=now) if method else PaymentStart()
