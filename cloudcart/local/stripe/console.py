"""The simulator's own pages: what was paid, what was told to the shop, and switches for how it goes."""

from typing import Any

from cloudcart.local.stripe import books, disputes, payments, refunds
from cloudcart.local.stripe.pages import Pages
from cloudcart.local.stripe.problems import StripeProblem
from cloudcart.local.stripe.store import Store
from cloudcart.local.stripe.switches import WebhookSwitches
from cloudcart.local.stripe.web import Answer, Request, Routes
from cloudcart.local.stripe.webhooks import Sender

_SHOWN = 50


class Console:
    def __init__(self, store: Store, sender: Sender, pages: Pages) -> None:
        self._store, self._sender, self._pages = store, sender, pages
        self._routes = Routes(
            [
                ("GET", "/", self._payments),
                ("POST", "/payments/{intent}", self._act),
                ("GET", "/webhooks", self._webhooks),
                ("POST", "/webhooks", self._switch),
                ("POST", "/webhooks/{delivery}", self._send),
                ("GET", "/style.css", lambda request: pages.stylesheet()),
            ]
        )

    def answer(self, request: Request) -> Answer:
        route = self._routes.find(request)
        try:
            return route[0](request, **route[1]) if route else self._pages.not_found()
        except StripeProblem as problem:
            return self._pages.problem(problem.message, status=problem.status)

    def _payments(self, request: Request) -> Answer:
        entries = books.read(self._store)[-_SHOWN:][::-1]
        return self._pages.show("payments.html", {"payments": [self._detail(entry) for entry in entries]})

    def _detail(self, entry: dict[str, Any]) -> dict[str, Any]:
        intent = self._store.find(entry["payment_intent"]) if entry["payment_intent"] else None
        charge = intent["latest_charge"] if intent else ""
        found_refunds = self._store.list_objects("refund", parent=charge) if charge else []
        found_disputes = self._store.list_objects("dispute", parent=charge) if charge else []
        return entry | {
            "state": intent["status"] if intent else entry["status"],
            "is_waiting": intent is not None and intent["status"] == "processing",
            "can_be_disputed": bool(entry["charges"]) and not found_disputes,
            "refunds": found_refunds,
            "disputes": found_disputes,
        }

    def _act(self, request: Request, intent: str) -> Answer:
        subject = request.form.get("subject", "")
        acts = {
            "settle_paid": lambda: payments.settle(self._store, intent, is_paid=True),
            "settle_failed": lambda: payments.settle(self._store, intent, is_paid=False),
            "dispute": lambda: disputes.start(self._store, intent),
            "dispute_won": lambda: disputes.close(self._store, subject, status="won"),
            "dispute_lost": lambda: disputes.close(self._store, subject, status="lost"),
            "refund_succeeded": lambda: refunds.settle(self._store, subject, status="succeeded"),
            "refund_failed": lambda: refunds.settle(self._store, subject, status="failed"),
        }
        act = acts.get(request.form.get("act", ""))
        if act is None:
            raise StripeProblem("There is nothing like that to be done.")
        with self._store.transaction():
            act()
        return Answer.redirect("/")

    def _webhooks(self, request: Request) -> Answer:
        rows = self._store.rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", _SHOWN)
        return self._pages.show(
            "webhooks.html",
            {
                "deliveries": [dict(row) for row in rows],
                "switches": WebhookSwitches.read(self._store),
                "timings": ("soon", "before", "after"),
                "refunds": self._store.setting("refunds", "succeeded"),
            },
        )

    def _switch(self, request: Request) -> Answer:
        form = request.form
        delay = form.get("delay", "0")
        if not delay.isdecimal():
            raise StripeProblem("The delay has to be a whole number of seconds.")
        values = {
            "timing": form.get("timing", "soon"),
            "delay": int(delay),
            "copies": 2 if "is_doubled" in form else 1,
            "is_shuffled": "is_shuffled" in form,
            "is_dropped": "is_dropped" in form,
            "is_held": False,
        }
        with self._store.transaction():
            WebhookSwitches.read(self._store).changed(values).write(self._store)
            self._store.write_setting("refunds", "pending" if "refunds_wait" in form else "succeeded")
        return Answer.redirect("/webhooks")

    def _send(self, request: Request, delivery: str) -> Answer:
        if not delivery.isdecimal():
            return self._pages.not_found()
        self._sender.send_again(int(delivery))
        return Answer.redirect("/webhooks")
