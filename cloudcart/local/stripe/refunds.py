"""Refunds: never more than was captured and is not yet given back."""

from typing import Any

from cloudcart.local.stripe import events, payments
from cloudcart.local.stripe import parameters as p
from cloudcart.local.stripe.identifiers import new_id
from cloudcart.local.stripe.problems import StripeProblem, missing
from cloudcart.local.stripe.store import Store, StripeObject

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
CREATE = p.Fields(
    {
        "amount": p.integer,
        "charge": p.text,
        "expand": p.list_of(p.text),
        "metadata": p.metadata,
        "payment_intent": p.text,
        "reason": p.one_of(*REASONS),
    }
)


def create(store: Store, given: dict[str, Any]) -> StripeObject:
    """Give money of a captured payment back, all that is left if no amount is named.

    :raises StripeProblem: if there is no such payment, or less left than that.
    """
    charge = _charge_of(store, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise StripeProblem(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = given.get("amount", left)
    if amount < 1:
        raise StripeProblem(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount > left:
        raise StripeProblem(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
        )
    if any(dispute["status"] != "won" for dispute in store.list_objects("dispute", parent=charge["id"])):
        raise StripeProblem(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    refund: StripeObject = {
        "id": new_id("re_3"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": int(store.now()),
        "currency": charge["currency"],
        "metadata": given.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "status": store.setting("refunds", "succeeded"),
    }
    store.put(refund, parent=charge["id"])
    _take(store, charge, amount)
    events.record(store, "refund.created", refund)
    events.record(store, "charge.refunded", charge)
    return refund


def settle(store: Store, identifier: str, *, status: str) -> StripeObject:
    """End a pending refund, or have one fail later that had seemed to succeed: its money comes back.

    :raises StripeProblem: if there is none, or it has failed already.
    """
    refund = get(store, identifier)
    if status not in {"succeeded", "failed"} or refund["status"] == "failed":
        raise StripeProblem(f"A refund that is {refund['status']} cannot become {status}.")
    refund["status"] = status
    if status == "failed":
        refund["failure_reason"] = "lost_or_stolen_card"
        _take(store, payments.get_charge(store, refund["charge"]), -refund["amount"])
    store.put(refund)
    events.record(store, "refund.failed" if status == "failed" else "refund.updated", refund)
    return refund


def get(store: Store, identifier: str) -> StripeObject:
    """:raises StripeProblem: if there is none."""
    refund = store.find(identifier)
    if refund is None or refund["object"] != "refund":
        raise missing("refund", identifier)
    return refund


def _take(store: Store, charge: StripeObject, amount: int) -> None:
    # A pending refund counts: the money is not there to be given back a second time.
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    store.put(charge)


def _charge_of(store: Store, given: dict[str, Any]) -> StripeObject:
    if ("charge" in given) == ("payment_intent" in given):
        raise StripeProblem(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    if "charge" in given:
        return payments.get_charge(store, given["charge"])
    intent = payments.get_intent(store, given["payment_intent"])
    if intent["status"] != "succeeded":
        raise StripeProblem(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
        )
    return payments.get_charge(store, intent["latest_charge"])
