"""Disputes: a cardholder's bank takes the money back until it has decided."""

from cloudcart.local.stripe import events, payments
from cloudcart.local.stripe.identifiers import new_id
from cloudcart.local.stripe.problems import StripeProblem, missing
from cloudcart.local.stripe.store import Store, StripeObject

_OPEN = "needs_response"


def start(store: Store, intent_id: str, *, reason: str = "fraudulent") -> StripeObject:
    """:raises StripeProblem: if the payment has not succeeded or is disputed already."""
    intent = payments.get_intent(store, intent_id)
    if intent["status"] != "succeeded":
        raise StripeProblem(f"This PaymentIntent ({intent_id}) has no successful charge to dispute.")
    charge = payments.get_charge(store, intent["latest_charge"])
    if charge["disputed"]:
        raise StripeProblem(f"Charge {charge['id']} is disputed already.")
    dispute: StripeObject = {
        "id": new_id("du_1"),
        "object": "dispute",
        "amount": charge["amount_captured"] - charge["amount_refunded"],
        "charge": charge["id"],
        "created": int(store.now()),
        "currency": charge["currency"],
        "evidence_details": {"due_by": int(store.now()) + 7 * 86400, "has_evidence": False, "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": intent_id,
        "reason": reason,
        "status": _OPEN,
    }
    store.put(dispute, parent=charge["id"])
    charge["disputed"] = True
    store.put(charge)
    events.record(store, "charge.dispute.created", dispute)
    return dispute


def close(store: Store, identifier: str, *, status: str) -> StripeObject:
    """:raises StripeProblem: if there is no open dispute, or ``status`` is not won or lost."""
    dispute = get(store, identifier)
    if status not in {"won", "lost"} or dispute["status"] != _OPEN:
        raise StripeProblem("An open dispute is closed as won or lost.")
    dispute["status"] = status
    store.put(dispute)
    events.record(store, "charge.dispute.closed", dispute)
    return dispute


def get(store: Store, identifier: str) -> StripeObject:
    """:raises StripeProblem: if there is none."""
    dispute = store.find(identifier)
    if dispute is None or dispute["object"] != "dispute":
        raise missing("dispute", identifier)
    return dispute
