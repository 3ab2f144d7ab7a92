"""The ways to ship: flat rates from the settings, for now."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings


@dataclass(frozen=True)
class ShippingMethod:
    """A way to ship; ``unit_amount`` is its price in minor units of the shop's currency."""

    code: str
    name: str
    detail: str
    unit_amount: int


def list_methods() -> list[ShippingMethod]:
    """List the ways to ship; the first is offered as the default."""
    methods: list[dict[str, Any]] = settings.SHIPPING_METHODS
    return [ShippingMethod(**method) for method in methods]


def find_method(code: str) -> ShippingMethod | None:
    """Give a way to ship if the shop offers it now."""
    return next((method for method in list_methods() if method.code == code), None)
