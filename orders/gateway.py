"""What the shop asks of a payment provider with a page of its own. The rest of the shop knows only this.

Truth is fetched: `PaymentGateway.fetch` gives a session with its payment, refunds and dispute as they are at the
provider, and `orders.reconcile` decides what follows. All amounts are integers of minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from cloudcart.errors import StorefrontError


class SessionStatus(StrEnum):
    """Whether a page to pay on still takes money."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class RefundState(StrEnum):
    """How a refund stands at the provider."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisputeState(StrEnum):
    """How a cardholder's complaint to their bank stands."""

    NONE = "none"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True)
class PageLine:
    """One line on the page to pay on."""

    name: str
    unit_amount: int
    quantity: int


@dataclass(frozen=True)
class PageRequest:
    """All that makes a page to pay on; the same key with the same request makes it once."""

    idempotency_key: str
    order_number: str
    attempt: int
    currency: str
    lines: tuple[PageLine, ...]
    email: str
    expires_at: datetime
    success_url: str
    cancel_url: str

    @property
    def amount(self) -> int:
        return sum(line.unit_amount * line.quantity for line in self.lines)


@dataclass(frozen=True)
class ProviderRefund:
    """A refund as the provider has it; ``refund_id`` is ours, empty if it was made at the provider."""

    provider_id: str
    refund_id: str
    amount: int
    state: RefundState


@dataclass(frozen=True)
class SessionState:
    """A page to pay on, and the payment made there, as they are at the provider.

    :param amount: what the page asks for; ``received_amount`` is what came.
    :param is_paid: the money is there. A complete session without it waits for a delayed method, unless
        ``has_failed`` says that the method gave up.
    :param refunded_amount: the provider's sum of refunds, those on their way included.
    """

    session_id: str
    order_number: str
    status: SessionStatus
    amount: int
    currency: str
    url: str = ""
    payment_intent_id: str = ""
    is_paid: bool = False
    has_failed: bool = False
    received_amount: int = 0
    refunded_amount: int = 0
    refunds: tuple[ProviderRefund, ...] = ()
    dispute: DisputeState = DisputeState.NONE


@dataclass(frozen=True)
class WebhookEvent:
    """A verified message of the provider: that something happened to an order, and not what is true now."""

    event_id: str
    kind: str
    order_number: str = ""
    session_id: str = ""
    payment_intent_id: str = ""


class PaymentUnavailable(StorefrontError):
    """The payment provider cannot be reached, or is at fault; trying again may help."""

    code = "payment-unavailable"
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_seconds = 30

    def __init__(self) -> None:
        super().__init__(
            "The payment service does not answer at the moment. Nothing was charged. Please try again in a minute."
        )


class RequestRefused(StorefrontError):
    """The payment provider will not do this, however often it is asked; ``reason`` is for staff."""

    code = "payment-request-refused"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The payment provider refused this: {reason}")


class BadSignature(StorefrontError):
    """A message that claims to be the provider's is not signed by it, or was signed too long ago."""

    code = "bad-signature"
    status_code = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__("This message is not signed by the payment provider.")


class PaymentGateway(Protocol):
    """A payment provider. Everything may raise `PaymentUnavailable`."""

    def start(self, request: PageRequest) -> SessionState:
        """Make a page to pay on, or give the one that the same key made.

        :raises RequestRefused: if there is none yet and none can be made, like for a time too near.
        """

    def fetch(self, session_id: str) -> SessionState:
        """Give a session with its payment, refunds and dispute.

        :raises RequestRefused: if there is no such session.
        """

    def expire(self, session_id: str) -> None:
        """End an open session, so that nobody can pay it any more.

        :raises RequestRefused: if it is not open.
        """

    def refund(
        self, *, payment_intent_id: str, amount: int | None, refund_id: str, order_number: str, idempotency_key: str
    ) -> ProviderRefund:
        """Pay back so much of a payment, or all that is left of it.

        :raises RequestRefused: if there is not so much left.
        """

    def parse_webhook(self, payload: bytes, signature: str) -> WebhookEvent:
        """Read a message.

        :raises BadSignature: if it is not the provider's, or stale.
        """

    def find_order_number(self, payment_intent_id: str) -> str:
        """Give the number of the order that a payment is for; empty if it is for none."""


def get_gateway() -> PaymentGateway:
    """Give the payment provider that the settings name."""
    make: type[PaymentGateway] = import_string(settings.PAYMENT_GATEWAY)
    return make()


def metadata_for(order_number: str, **more: str) -> Mapping[str, str]:
    """Give what is written onto everything at the provider that belongs to an order."""
    return {"order": order_number, **more}
