"""The steps of the checkout, in order, and what each of them has to have answered."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from cart.models import CheckoutDetails
from orders import payments, shipping


@dataclass(frozen=True)
class Step:
    """One page of the checkout; ``is_complete`` says whether its answers are there and still offered."""

    name: str
    title: str
    is_complete: Callable[[CheckoutDetails], bool]

    @property
    def url(self) -> str:
        return reverse(f"orders:checkout-{self.name}")


@dataclass(frozen=True)
class Progress:
    """A step as seen from another one: only what lies behind can be gone back to."""

    step: Step
    is_current: bool
    can_visit: bool


def _has_shipping(details: CheckoutDetails) -> bool:
    is_shipped_to = details.shipping_address.country_code in settings.SHIPPING_COUNTRIES
    return is_shipped_to and shipping.find_method(details.shipping_method) is not None


CONTACT = Step("contact", "Contact", lambda details: bool(details.email))
SHIPPING = Step("shipping", "Shipping", _has_shipping)
PAYMENT = Step("payment", "Payment", lambda details: payments.find_method(details.payment_method) is not None)
REVIEW = Step("review", "Review", lambda details: False)

ALL = (CONTACT, SHIPPING, PAYMENT, REVIEW)


def get_step(name: str) -> Step:
    """:raises KeyError: if there is no step of this name."""
    return {step.name: step for step in ALL}[name]


def find_incomplete(details: CheckoutDetails, *, before: Step = REVIEW) -> Step | None:
    """Give the first step ahead of ``before`` that has no answer yet, or None."""
    return next((step for step in ALL[: ALL.index(before)] if not step.is_complete(details)), None)


def list_progress(current: Step, details: CheckoutDetails) -> list[Progress]:
    """List the steps for the bar above the form."""
    first_open = find_incomplete(details)
    reachable = ALL[: ALL.index(first_open) + 1] if first_open else ALL
    return [Progress(step, step is current, step in reachable and step is not current) for step in ALL]
