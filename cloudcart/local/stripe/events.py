"""What happened, as Stripe tells it: an event for each change, sent by webhook and kept to be listed."""

import random

from cloudcart.local.stripe.identifiers import new_id
from cloudcart.local.stripe.rendering import render
from cloudcart.local.stripe.store import Store, StripeObject
from cloudcart.local.stripe.switches import WebhookSwitches

# How much later than the shopper a webhook comes that is to come after them.
AFTER_SECONDS = 3.0
API_VERSION = "2026-10-28.endive"


def record(store: Store, kind: str, item: StripeObject) -> StripeObject:
    """Keep an event with the object as it is now, and schedule its webhook."""
    event: StripeObject = {
        "id": new_id("evt_"),
        "object": "event",
        "api_version": API_VERSION,
        "created": int(store.now()),
        "data": {"object": render(item)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    store.put(event, parent=kind)
    _schedule(store, event)
    return event


def _schedule(store: Store, event: StripeObject) -> None:
    switches = WebhookSwitches.read(store)
    state = "dropped" if switches.is_dropped else "held" if switches.is_held else "waiting"
    for _ in range(switches.copies):
        due_at = store.now() + switches.delay + (AFTER_SECONDS if switches.timing == "after" else 0)
        if switches.is_shuffled:
            due_at += random.uniform(0, 2)
        store.run(
            "INSERT INTO deliveries (event, type, state, at, attempts, answer) VALUES (?, ?, ?, ?, 0, '')",
            *(event["id"], event["type"], state, due_at),
        )
