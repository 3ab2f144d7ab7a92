"""The ways to pay. The checkout knows only the protocol; a method is chosen by `settings.PAYMENT_METHODS`."""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from orders.models import Order


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

    def start(self, order: Order) -> PaymentStart:
        """Begin paying for an order that was placed; called again, it begins nothing twice."""


@dataclass(frozen=True)
class PayOnInvoice:
    """The shopper pays by bank transfer when the goods and the invoice are there."""

    code: str = "invoice"
    name: str = "Pay on invoice"
    description: str = "You get the invoice with your order and have 14 days to pay."

    def is_available(self) -> bool:
        return True

    def start(self, order: Order) -> PaymentStart:
        return PaymentStart()


_METHODS: dict[str, PaymentMethod] = {method.code: method for method in (PayOnInvoice(),)}


def list_methods() -> list[PaymentMethod]:
    """List the ways to pay that the shop offers now; the first is the default."""
    known = (_METHODS[code] for code in settings.PAYMENT_METHODS if code in _METHODS)
    return [method for method in known if method.is_available()]


def find_method(code: str) -> PaymentMethod | None:
    """Give a way to pay if the shop offers it now."""
    return next((method for method in list_methods() if method.code == code), None)


def start(order: Order) -> PaymentStart:
    """Begin paying for an order by the method that it was placed with."""
    method = find_method(order.payment_method)
    return method.start(order) if method else PaymentStart()
