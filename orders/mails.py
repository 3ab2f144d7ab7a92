"""The mails that an order has sent or is about to, as staff sees them; and each of them once more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cloudcart.errors import StorefrontError
from orders import effects, publishing, queries
from orders.models import Order

_LABELS = {
    "confirmation_mail": "Confirmation",
    "cancellation_mail": "Cancellation",
    "payment_failed_mail": "Payment failed",
    "apology_mail": "Apology",
    "refund_mail": "Refund",
    "return_mail": "Return",
    "shipment_mail": "Shipment",
}


class NoSuchMail(StorefrontError):
    """The order never had this mail."""

    code = "no-such-mail"

    def __init__(self) -> None:
        super().__init__("This order has no such mail.")


@dataclass(frozen=True)
class Mail:
    """One mail; ``sent_at`` is absent while it waits for the worker."""

    effect: str
    label: str
    sent_at: datetime | None


def list_mails(order: Order) -> list[Mail]:
    """List an order's mails in the order in which they became due."""
    return [
        Mail(effect.name, _LABELS[_kind(effect.name)], effect.done_at)
        for effect in order.effects
        if _kind(effect.name) in _LABELS
    ]


def ask_again(*, number: str, effect: str, publish: Callable[[str, str], None] = publishing.publish_mail) -> None:
    """Have one of an order's mails sent once more: one read, one SQS message.

    :raises NoSuchMail: if it is not one of this order's.
    :raises OrderNotFound: if there is no such order.
    :raises PublishFailed: if SQS does not take the message.
    """
    _check(queries.get_order(number), effect)
    publish(number, effect)


def send_mail(*, order: Order, effect: str) -> None:
    """Send one of an order's mails now.

    :raises NoSuchMail: if it is not one of this order's.
    """
    _check(order, effect)
    kind, _, argument = effect.partition(":")
    effects.EFFECTS[kind](order, *([argument] if argument else []))


def _check(order: Order, effect: str) -> None:
    if effect not in {mail.effect for mail in list_mails(order)}:
        raise NoSuchMail


def _kind(effect: str) -> str:
    return effect.partition(":")[0]
