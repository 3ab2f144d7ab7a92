"""The simulator's books: what was captured and given back, for whoever compares them with the shop's."""

from typing import Any

from cloudcart.local.stripe.store import Store, StripeObject


def read(store: Store) -> list[dict[str, Any]]:
    """One entry for each session, the oldest first; amounts are minor units."""
    return [_entry(store, session) for session in reversed(store.list_objects("checkout.session"))]


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
