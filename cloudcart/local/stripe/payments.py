"""Paying a session: payment intents and charges, by cards and methods that behave as their names say."""

from dataclasses import dataclass
from typing import Any

from cloudcart.local.stripe import checkout, events
from cloudcart.local.stripe.identifiers import new_id
from cloudcart.local.stripe.problems import StripeProblem, missing
from cloudcart.local.stripe.store import Store, StripeObject

# How long a delayed method takes; at a bank it is days.
DELAYED_SECONDS = 20.0


@dataclass(frozen=True)
class Method:
    """A way to pay on the hosted page.

    :param type: Stripe's name of the kind of method.
    :param last4: of the test card that behaves like this at Stripe, too.
    :param step: what the shopper is asked next: ``3ds`` or ``paypal``, or nothing.
    :param error: Stripe's decline code, if it is declined.
    :param settles: for a delayed method, how it ends: ``succeeded`` or ``failed``.
    """

    code: str
    name: str
    detail: str
    type: str = "card"
    last4: str = ""
    step: str = ""
    error: str = ""
    settles: str = ""


METHODS = {
    method.code: method
    for method in (
        Method("card", "Card that pays", "4242 4242 4242 4242", last4="4242"),
        Method("card_3ds", "Card with 3-D Secure", "4000 0025 0000 3155, you decide", last4="3155", step="3ds"),
        Method("card_declined", "Card that is declined", "4000 0000 0000 0002", last4="0002", error="generic_decline"),
        Method(
            "card_insufficient", "Card without enough money", "4000 0000 0000 9995",
            last4="9995", error="insufficient_funds",
        ),
        Method("paypal", "PayPal", "You approve or cancel it", type="paypal", step="paypal"),
        Method("debit", "Direct debit that succeeds", "Some seconds later", type="sepa_debit", settles="succeeded"),
        Method("debit_failed", "Direct debit that fails", "Some seconds later", type="sepa_debit", settles="failed"),
    )
}  # fmt: skip

_MESSAGES = {
    "generic_decline": "Your card was declined. Please try another one.",
    "insufficient_funds": "Your card has insufficient funds. Please try another one.",
    "authentication_failure": "We could not authenticate this payment. Please try again or choose another method.",
    "payment_declined": "PayPal did not approve the payment. Please try again or choose another method.",
}


def methods_of(session: StripeObject) -> list[Method]:
    return [method for method in METHODS.values() if method.type in session["payment_method_types"]]


def pay(store: Store, session_id: str, method: Method, *, email: str = "", error: str = "") -> StripeObject:
    """Try to pay an open session; gives it as it is then, with ``_error`` if it was declined.

    :param error: why the attempt fails, if it does; a declined card has its own.
    :raises StripeProblem: if the session is not open.
    """
    session = checkout.get(store, session_id)
    if session["status"] != "open":
        raise StripeProblem(f"This Checkout Session is {session['status']}.")
    session["customer_details"] = {"email": session["customer_email"] or email or None, "name": None, "phone": None}
    intent = _intent_of(store, session)
    error = error or method.error
    charge = _charge(store, intent, method, error=error)
    if error:
        _fail(store, intent, charge, error)
        session["_error"] = _MESSAGES[error]
        return store.put(session)
    session |= {"status": "complete", "url": None, "_error": ""}
    if method.settles:
        session["_settles"] = method.settles
        return _begin(store, session, intent, charge, settles=method.settles)
    return _succeed(store, session, intent, charge, kind="checkout.session.completed")


def settle(store: Store, intent_id: str, *, is_paid: bool) -> StripeObject:
    """End the waiting of a delayed method; nothing happens if it has ended already.

    :raises StripeProblem: if there is no such payment intent.
    """
    intent = get_intent(store, intent_id)
    if intent["status"] != "processing":
        return intent
    session, charge = store.find(intent["_session"]), store.find(intent["latest_charge"])
    assert session is not None
    assert charge is not None
    if is_paid:
        _succeed(store, session, intent, charge, kind="checkout.session.async_payment_succeeded")
    else:
        _fail(store, intent, charge, "generic_decline")
        events.record(store, "checkout.session.async_payment_failed", session)
    return intent


def get_intent(store: Store, identifier: str) -> StripeObject:
    """:raises StripeProblem: if there is none."""
    return _get(store, "payment_intent", identifier)


def get_charge(store: Store, identifier: str) -> StripeObject:
    """:raises StripeProblem: if there is none."""
    return _get(store, "charge", identifier)


def _get(store: Store, kind: str, identifier: str) -> StripeObject:
    item = store.find(identifier)
    if item is None or item["object"] != kind:
        raise missing(kind, identifier)
    return item


def _intent_of(store: Store, session: StripeObject) -> StripeObject:
    """The session's payment intent: one for all attempts, made by the first."""
    if session["payment_intent"]:
        return get_intent(store, session["payment_intent"])
    data: dict[str, Any] = session["_payment_intent_data"]
    intent: StripeObject = {
        "id": new_id("pi_3"),
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": data.get("capture_method", "automatic_async"),
        "created": int(store.now()),
        "currency": session["currency"],
        "customer": None,
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "next_action": None,
        "payment_method": None,
        "payment_method_types": session["payment_method_types"],
        "receipt_email": data.get("receipt_email"),
        "shipping": data.get("shipping"),
        "statement_descriptor": data.get("statement_descriptor"),
        "status": "requires_payment_method",
        "_session": session["id"],
    }
    session["payment_intent"] = intent["id"]
    store.put(intent, parent=session["id"])
    events.record(store, "payment_intent.created", intent)
    return intent


def _charge(store: Store, intent: StripeObject, method: Method, *, error: str) -> StripeObject:
    details: StripeObject = {"type": method.type, method.type: {}}
    if method.last4:
        details["card"] = {"brand": "visa", "country": "US", "funding": "credit", "last4": method.last4}
        details["card"] |= {"exp_month": 12, "exp_year": 2040, "network": "visa"}
    charge: StripeObject = {
        "id": new_id("ch_3" if method.type == "card" else "py_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"email": intent["receipt_email"], "name": None, "phone": None, "address": None},
        "captured": False,
        "created": int(store.now()),
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_code": "card_declined" if error else None,
        "failure_message": _MESSAGES[error] if error else None,
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": {"type": "issuer_declined", "reason": error} if error else {"type": "authorized", "reason": None},
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm_1"),
        "payment_method_details": details,
        "receipt_url": None,
        "refunded": False,
        "status": "failed" if error else "pending",
    }
    intent |= {"latest_charge": charge["id"], "payment_method": charge["payment_method"]}
    return store.put(charge, parent=intent["id"])


def _fail(store: Store, intent: StripeObject, charge: StripeObject, error: str) -> None:
    problem = {"type": "card_error", "code": "card_declined", "decline_code": error, "message": _MESSAGES[error]}
    if error == "authentication_failure":
        problem |= {"type": "invalid_request_error", "code": "payment_intent_authentication_failure"}
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": problem}
    charge |= {"status": "failed", "failure_code": problem["code"], "failure_message": problem["message"]}
    store.put(charge)
    store.put(intent)
    events.record(store, "charge.failed", charge)
    events.record(store, "payment_intent.payment_failed", intent)


def _begin(
    store: Store, session: StripeObject, intent: StripeObject, charge: StripeObject, *, settles: str
) -> StripeObject:
    intent |= {"status": "processing", "last_payment_error": None}
    store.put(intent)
    store.put(session)
    seconds = float(store.setting("delayed_seconds", DELAYED_SECONDS))
    store.run("INSERT INTO timers (at, action, subject) VALUES (?, ?, ?)", store.now() + seconds, settles, intent["id"])
    events.record(store, "charge.pending", charge)
    events.record(store, "payment_intent.processing", intent)
    events.record(store, "checkout.session.completed", session)
    return session


def _succeed(
    store: Store, session: StripeObject, intent: StripeObject, charge: StripeObject, *, kind: str
) -> StripeObject:
    charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"]}
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
    session["payment_status"] = "paid"
    for item in (charge, intent, session):
        store.put(item)
    events.record(store, "charge.succeeded", charge)
    events.record(store, "payment_intent.succeeded", intent)
    events.record(store, kind, session)
    return session
