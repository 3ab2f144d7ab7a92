"""Send webhooks to the shop: signed by Stripe's scheme, in order of time, again until it takes them."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from typing import Any

from cloudcart.local.stripe import checkout, payments
from cloudcart.local.stripe.problems import StripeProblem
from cloudcart.local.stripe.store import Store

# Stripe's pauses grow over three days; a laptop's shop is back sooner.
PAUSES = (1, 2, 4, 8, 15, 30, 60)
GIVE_UP_AFTER = 3 * 24 * 60 * 60
_PATIENCE = 10.0
# Straight to the shop, whatever proxy this machine has set up.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Sender:
    """Posts what is due.

    :param url: the shop's endpoint.
    :param secret: the endpoint's signing secret, ``whsec_…``.
    """

    def __init__(self, store: Store, *, url: str, secret: str) -> None:
        self._store = store
        self._url = url
        self._secret = secret
        self._one_at_a_time = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Send, and let time pass for sessions and delayed methods, until told to stop."""
        while not stop.wait(0.15):
            with self._store.transaction():
                pass_time(self._store)
            self.send_due()

    def send_due(self) -> int:
        """Post every webhook that is due; gives how many were posted."""
        with self._one_at_a_time:
            due = self._store.rows(
                "SELECT * FROM deliveries WHERE state = 'waiting' AND at <= ? ORDER BY at, id", self._store.now()
            )
            for delivery in due:
                self._send(delivery["id"], delivery["event"], delivery["attempts"] + 1)
            return len(due)

    def send_again(self, delivery_id: int) -> None:
        """Post a webhook now, whatever became of it before.

        :raises StripeProblem: if there is none.
        """
        changed = self._store.run(
            "UPDATE deliveries SET state = 'waiting', at = ? WHERE id = ?", self._store.now(), delivery_id
        )
        if not changed:
            raise StripeProblem(f"There is no delivery {delivery_id}.", status=404)
        self.send_due()

    def take(self, delivery_id: int) -> dict[str, Any]:
        """Give a webhook as it would be posted, and count it as delivered: somebody else posts it.

        :raises StripeProblem: if there is none.
        """
        row = self._store.row("SELECT event FROM deliveries WHERE id = ?", delivery_id)
        if row is None:
            raise StripeProblem(f"There is no delivery {delivery_id}.", status=404)
        self._note(delivery_id, "delivered", attempts=1, answer="taken")
        payload = self._payload(row["event"])
        return {"payload": payload, "signature": self._sign(payload)}

    def _send(self, delivery_id: int, event_id: str, attempts: int) -> None:
        payload = self._payload(event_id)
        request = urllib.request.Request(
            self._url,
            payload.encode(),
            {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": self._sign(payload)},
        )
        request.add_header("User-Agent", "Stripe/1.0 (payment simulator)")
        try:
            with _opener.open(request, timeout=_PATIENCE) as response:
                self._note(delivery_id, "delivered", attempts=attempts, answer=str(response.status))
        except urllib.error.HTTPError as error:
            self._again(delivery_id, event_id, attempts, str(error.code))
        except (urllib.error.URLError, OSError) as error:
            self._again(delivery_id, event_id, attempts, str(getattr(error, "reason", error)))

    def _again(self, delivery_id: int, event_id: str, attempts: int, answer: str) -> None:
        now = self._store.now()
        event = self._store.find(event_id)
        is_over = event is None or now - event["created"] > GIVE_UP_AFTER
        due_at = now + PAUSES[min(attempts, len(PAUSES)) - 1]
        self._note(delivery_id, "given up" if is_over else "waiting", attempts=attempts, answer=answer, at=due_at)

    def _note(self, delivery_id: int, state: str, *, attempts: int, answer: str, at: float | None = None) -> None:
        self._store.run(
            "UPDATE deliveries SET state = ?, attempts = ?, answer = ?, at = coalesce(?, at) WHERE id = ?",
            *(state, attempts, answer, at, delivery_id),
        )

    def _payload(self, event_id: str) -> str:
        return json.dumps(self._store.find(event_id), indent=2)

    def _sign(self, payload: str) -> str:
        # By the real clock: the shop refuses what is older than five minutes.
        timestamp = int(time.time())
        signed = hmac.new(self._secret.encode(), f"{timestamp}.{payload}".encode(), hashlib.sha256).hexdigest()
        return f"t={timestamp},v1={signed}"


def pass_time(store: Store) -> None:
    """Do what time does by itself: sessions expire, delayed methods end."""
    checkout.expire_overdue(store)
    for timer in store.rows("SELECT * FROM timers WHERE at <= ? ORDER BY at", store.now()):
        payments.settle(store, timer["subject"], is_paid=timer["action"] == "succeeded")
        store.run("DELETE FROM timers WHERE id = ?", timer["id"])
