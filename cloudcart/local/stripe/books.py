"""The simulator's books: what was captured and given back, for whoever compares them with the shop's."""

from typing import Any

from cloudcart.local.stripe.store import Store, StripeObject


def read(store: Store, *, reference: str = "") -> list[dict[str, Any]]:
    """Give one entry for each session, the oldest first; amounts are minor units.

    :param reference: how the sessions' ``client_reference_id`` begins.
    """
    sessions = reversed(store.list_objects("checkout.session"))
    return [_entry(store, each) for each in sessions if (each["client_reference_id"] or "").startswith(reference)]


def _entry(store: Store, session: StripeObject) -> dict[str, Any]:
    charges = store.list_objects("charge", parent=session["payment_intent"]) if session["payment_intent"] else []
    return {
        "session": session["id"],
        "client_reference_id": session["client_reference_id"],
        "payment_intent": session["payment_intent"],
        "currency": session["currency"],
        "amount": session["amount_total"],
        "captured": sum(charge["amount_captured"] for charge in charges),
        "refunded": sum(charge["amount_refunded"] for charge in charges),
        "charges": sum(charge["status"] == "succeeded" for charge in charges),
        "status": session["status"],
        "payment_status": session["payment_status"],
    }
