"""Stripe as the payment provider: Checkout Sessions, payments and refunds by its own SDK. No card data comes here.

The SDK takes 150 ms to load, so it is imported when a payment needs it. Facts of Stripe's API are from
https://docs.stripe.com/api (version of stripe-python 16).
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from cloudcart import metrics
from cloudcart.metrics import Metric
from cloudcart.secret_values import SecretMissing
from orders.gateway import (
    BadSignature,
    DisputeState,
    PageRequest,
    PaymentUnavailable,
    ProviderRefund,
    RefundState,
    RequestRefused,
    SessionState,
    SessionStatus,
    WebhookEvent,
    metadata_for,
)

if TYPE_CHECKING:
    from stripe import StripeClient

logger = structlog.get_logger(__name__)

# Three tries together stay under the 30 s that an API Gateway waits for a function.
_TIMEOUT_SECONDS = 8
# Seconds by which a signature may be old, or the clocks differ: Stripe's own default.
_TOLERANCE = 300
# Minor units that a payment has to come to (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
# Of a currency that is not here, Stripe compares what it converts to, which only Stripe knows.
_LEAST_AMOUNTS = {
    **dict.fromkeys(("USD", "EUR", "CHF", "AUD", "BRL", "CAD", "INR", "NZD", "SGD", "JPY"), 50),
    "GBP": 30,
    "AED": 200,
    "CZK": 1500,
    "DKK": 250,
    "HKD": 400,
    "HUF": 17_500,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "THB": 1000,
}
_LOST_OR_OPEN = {"lost": DisputeState.LOST, "won": DisputeState.WON, "warning_closed": DisputeState.WON}
_REFUND_STATES = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


class BadConfiguration(Exception):
    """The keys of Stripe do not fit the stage that the shop runs in."""


class StripeGateway:
    """The payment gateway of a shop whose settings have Stripe's keys."""

    def start(self, request: PageRequest) -> SessionState:
        with _translated("start"):
            session = _client().v1.checkout.sessions.create(
                params=_session_params(request), options={"idempotency_key": request.idempotency_key}
            )
        return _read_session(session.to_dict())

    def fetch(self, session_id: str) -> SessionState:
        with _translated("fetch"):
            found = _client().v1.checkout.sessions.retrieve(
                session_id, params={"expand": ["payment_intent.latest_charge.refunds"]}
            )
            session = found.to_dict()
            charge = _charge_of(session)
            refunds = _list_refunds(charge)
            # Rarely there, so it is asked for only if the charge says that it is.
            dispute = _find_dispute(charge) if charge.get("disputed") else DisputeState.NONE
        return _read_session(session, refunds=refunds, dispute=dispute)

    def expire(self, session_id: str) -> None:
        with _translated("expire"):
            _client().v1.checkout.sessions.expire(session_id)

    def refund(
        self, *, payment_intent_id: str, amount: int | None, refund_id: str, order_number: str, idempotency_key: str
    ) -> ProviderRefund:
        params: dict[str, Any] = {
            "payment_intent": payment_intent_id,
            "metadata": dict(metadata_for(order_number, refund=refund_id)),
        }
        if amount is not None:
            params["amount"] = amount
        with _translated("refund"):
            refund = _client().v1.refunds.create(
                params=params,  # type: ignore[arg-type]
                options={"idempotency_key": idempotency_key},
            )
        return _read_refund(refund.to_dict())

    def parse_webhook(self, payload: bytes, signature: str) -> WebhookEvent:
        from stripe import SignatureVerificationError

        try:
            event = _client().construct_event(payload, signature, settings.STRIPE_WEBHOOK_SECRET, tolerance=_TOLERANCE)
        except (SignatureVerificationError, ValueError) as error:
            raise BadSignature from error
        return _read_event(event.to_dict())

    def find_order_number(self, payment_intent_id: str) -> str:
        with _translated("find"):
            intent = _client().v1.payment_intents.retrieve(payment_intent_id)
        return str((intent.to_dict().get("metadata") or {}).get("order", ""))


def is_configured() -> bool:
    """Whether the shop has a key of Stripe's; on AWS the secret may be there and not filled in yet."""
    try:
        return bool(settings.STRIPE_SECRET_KEY)
    except SecretMissing:
        return False


def least_amount(currency: str) -> int:
    """Give the smallest amount, in minor units, that Stripe takes in a currency."""
    return _LEAST_AMOUNTS.get(currency, 1)


def check_configuration() -> None:
    """Refuse keys that could move real money where none should, or send a real key to another host.

    :raises BadConfiguration: if a live key is used on a laptop, or anywhere with an API base that is not Stripe's,
        or if such a base is set outside a laptop. A rehearsal takes place on one.
    """
    is_on_laptop = settings.IS_LOCAL or settings.IS_REHEARSAL
    key, base = str(settings.STRIPE_SECRET_KEY), settings.STRIPE_API_BASE
    is_live = not key.startswith(("sk_test_", "rk_test_"))
    is_stripes_own = not base or urlsplit(base).hostname == "api.stripe.com"
    if is_live and is_on_laptop:
        raise BadConfiguration("Locally, STRIPE_SECRET_KEY must be a test key, which begins with sk_test_ or rk_test_.")
    if is_live and not is_stripes_own:
        raise BadConfiguration("A live key of Stripe is sent to api.stripe.com alone: leave STRIPE_API_BASE empty.")
    if not is_stripes_own and not is_on_laptop:
        raise BadConfiguration("STRIPE_API_BASE is for a laptop: leave it empty on AWS.")


def _client() -> "StripeClient":
    check_configuration()
    return _make_client(str(settings.STRIPE_SECRET_KEY), settings.STRIPE_API_BASE)


@cache
def _make_client(key: str, base: str) -> "StripeClient":
    import stripe

    # It tells of each request at the level "info"; the shop's own lines say what matters of them.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    return stripe.StripeClient(
        key,
        base_addresses={"api": base.rstrip("/")} if base else {},
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS),
    )


@contextmanager
def _translated(act: str) -> Iterator[None]:
    """Turn the SDK's errors into ours; a refusal is the request's fault, everything else may pass."""
    import stripe

    try:
        yield
    except stripe.InvalidRequestError as error:
        logger.warning("stripe.refused", act=act, code=error.code, request_id=error.request_id)
        raise RequestRefused(error.user_message or str(error)) from error
    except stripe.IdempotencyError as error:
        if error.http_status == HTTPStatus.CONFLICT:
            # The first request with this key is still under way.
            raise PaymentUnavailable from error
        raise RequestRefused(str(error)) from error
    except stripe.StripeError as error:
        metrics.count(Metric.STRIPE_FAILURES)
        logger.warning("stripe.failed", act=act, kind=type(error).__name__, request_id=error.request_id)
        raise PaymentUnavailable from error


def _session_params(request: PageRequest) -> Any:
    metadata = dict(metadata_for(request.order_number, attempt=str(request.attempt)))
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": line.quantity,
                "price_data": {
                    "currency": request.currency.lower(),
                    "unit_amount": line.unit_amount,
                    "product_data": {"name": line.name},
                },
            }
            for line in request.lines
        ],
        "client_reference_id": request.order_number,
        "customer_email": request.email,
        "expires_at": int(request.expires_at.timestamp()),
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "metadata": metadata,
        # Payment, charge and their events carry the order's number, too.
        "payment_intent_data": {"metadata": metadata},
    }


def _charge_of(session: dict[str, Any]) -> dict[str, Any]:
    intent = session.get("payment_intent")
    charge = intent.get("latest_charge") if isinstance(intent, dict) else None
    return charge if isinstance(charge, dict) else {}


def _list_refunds(charge: dict[str, Any]) -> tuple[ProviderRefund, ...]:
    page = charge.get("refunds") or {"data": [], "has_more": False}
    refunds = page["data"]
    if page["has_more"]:
        # A charge brings along its ten last refunds.
        pages = _client().v1.refunds.list(params={"charge": charge["id"], "limit": 100})
        refunds = [refund.to_dict() for refund in pages.auto_paging_iter()]
    return tuple(map(_read_refund, refunds))


def _find_dispute(charge: dict[str, Any]) -> DisputeState:
    """Give the worst dispute of a charge: a bank may take up a second one after the first."""
    disputes = _client().v1.disputes.list(params={"charge": charge["id"]}).data
    states = {_LOST_OR_OPEN.get(str(dispute.status), DisputeState.OPEN) for dispute in disputes}
    order = (DisputeState.OPEN, DisputeState.LOST, DisputeState.WON)
    return next((state for state in order if state in states), DisputeState.NONE)


def _read_session(
    session: dict[str, Any],
    *,
    refunds: tuple[ProviderRefund, ...] = (),
    dispute: DisputeState = DisputeState.NONE,
) -> SessionState:
    found = session.get("payment_intent")
    intent: dict[str, Any] = found if isinstance(found, dict) else {"id": found or ""}
    is_complete = session["status"] == "complete"
    return SessionState(
        session_id=session["id"],
        order_number=session.get("client_reference_id") or "",
        status=SessionStatus(session["status"]),
        amount=session["amount_total"],
        currency=session["currency"].upper(),
        url=session.get("url") or "",
        payment_intent_id=intent["id"],
        is_paid=is_complete and session["payment_status"] == "paid",
        has_failed=is_complete and intent.get("status") in {"requires_payment_method", "canceled"},
        received_amount=intent.get("amount_received") or 0,
        refunded_amount=_charge_of(session).get("amount_refunded") or 0,
        refunds=refunds,
        dispute=dispute,
    )


def _read_refund(refund: dict[str, Any]) -> ProviderRefund:
    return ProviderRefund(
        provider_id=refund["id"],
        refund_id=(refund.get("metadata") or {}).get("refund", ""),
        amount=refund["amount"],
        state=_REFUND_STATES.get(refund["status"], RefundState.PENDING),
    )


def _read_event(event: dict[str, Any]) -> WebhookEvent:
    item = event["data"]["object"]
    intent = item["id"] if item["object"] == "payment_intent" else item.get("payment_intent") or ""
    return WebhookEvent(
        event_id=event["id"],
        kind=event["type"],
        order_number=(item.get("metadata") or {}).get("order", ""),
        session_id=item["id"] if item["object"] == "checkout.session" else "",
        payment_intent_id=intent if isinstance(intent, str) else intent["id"],
    )
