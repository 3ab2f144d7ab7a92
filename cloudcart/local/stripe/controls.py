"""The simulator's own API for tests, under /_simulator/: what a shopper, a bank or an accident would do."""

from collections.abc import Callable
from typing import Any

from cloudcart.local.stripe import books, disputes, payments, refunds
from cloudcart.local.stripe.hosted import HostedPage
from cloudcart.local.stripe.problems import StripeProblem
from cloudcart.local.stripe.rendering import render
from cloudcart.local.stripe.store import Store
from cloudcart.local.stripe.switches import WebhookSwitches, set_fault
from cloudcart.local.stripe.web import Answer, Request, Routes
from cloudcart.local.stripe.webhooks import Sender, pass_time


class Controls:
    def __init__(self, store: Store, sender: Sender, hosted: HostedPage) -> None:
        self._store, self._sender, self._hosted = store, sender, hosted
        self._routes = Routes(
            [
                ("GET", "/_simulator/health", lambda given: {"ok": True}),
                ("GET", "/_simulator/books", lambda given: books.read(store, reference=given.get("reference", ""))),
                ("GET", "/_simulator/deliveries", self._list_deliveries),
                ("POST", "/_simulator/deliveries/{delivery}/take", self._take),
                ("POST", "/_simulator/deliveries/{delivery}/send", self._send),
                ("POST", "/_simulator/switches", self._switch),
                ("POST", "/_simulator/faults", self._fault),
                ("POST", "/_simulator/clock", self._advance),
                ("POST", "/_simulator/pay", self._pay),
                ("POST", "/_simulator/settle", self._settle),
                ("POST", "/_simulator/refunds/{refund}/settle", self._settle_refund),
                ("POST", "/_simulator/disputes", self._dispute),
                ("POST", "/_simulator/disputes/{dispute}/close", self._close_dispute),
                ("POST", "/_simulator/reset", self._reset),
            ]
        )

    def answer(self, request: Request) -> Answer:
        try:
            return Answer.of_json(render(self._do(request)))
        except StripeProblem as error:
            problem = error
        except (ValueError, TypeError, KeyError) as error:
            problem = StripeProblem(f"This cannot be understood: {error}")
        return Answer.of_json(problem.body, status=problem.status)

    def _do(self, request: Request) -> Any:
        route = self._routes.find(request)
        if route is None:
            raise StripeProblem(f"The simulator has no {request.method} {request.path}.", status=404)
        handler, names = route
        return handler(request.json | request.parameters, **names)

    def _list_deliveries(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """List webhooks, the oldest first, or those that came after one: ``?after=17``."""
        after = int(given.get("after", 0))
        return [dict(row) for row in self._store.rows("SELECT * FROM deliveries WHERE id > ? ORDER BY id", after)]

    def _take(self, given: dict[str, Any], delivery: str) -> dict[str, Any]:
        return self._sender.take(int(delivery))

    def _send(self, given: dict[str, Any], delivery: str) -> dict[str, Any]:
        self._sender.send_again(int(delivery))
        return {}

    def _switch(self, given: dict[str, Any]) -> dict[str, Any]:
        with self._store.transaction():
            unknown = given.keys() - {"webhooks", "refunds", "delayed_seconds"}
            if unknown or given.get("refunds", "pending") not in {"succeeded", "pending"}:
                raise StripeProblem("Switches are webhooks, refunds (succeeded or pending) and delayed_seconds.")
            if "webhooks" in given:
                WebhookSwitches.read(self._store).changed(given["webhooks"]).write(self._store)
            for name in given.keys() & {"refunds", "delayed_seconds"}:
                self._store.write_setting(name, given[name])
        return {}

    def _fault(self, given: dict[str, Any]) -> dict[str, Any]:
        set_fault(self._store, given)
        return {}

    def _advance(self, given: dict[str, Any]) -> dict[str, Any]:
        """Set the clock forward by so many seconds, and do what is due by then."""
        with self._store.transaction():
            self._store.write_setting("clock", float(self._store.setting("clock", 0)) + float(given["advance"]))
            pass_time(self._store)
        return {"now": self._store.now()}

    def _pay(self, given: dict[str, Any]) -> dict[str, Any]:
        """Do on the hosted page what a shopper does; gives where they are led."""
        method = payments.METHODS[given["method"]]
        outcome = self._hosted.pay(given["session"], method, is_approved=given.get("is_approved", True))
        return {"session": outcome.session, "location": outcome.location}

    def _settle(self, given: dict[str, Any]) -> Any:
        return self._in_one(
            lambda: payments.settle(self._store, given["payment_intent"], is_paid=given["status"] == "succeeded")
        )

    def _settle_refund(self, given: dict[str, Any], refund: str) -> Any:
        return self._in_one(lambda: refunds.settle(self._store, refund, status=given["status"]))

    def _dispute(self, given: dict[str, Any]) -> Any:
        reason = given.get("reason", "fraudulent")
        return self._in_one(lambda: disputes.start(self._store, given["payment_intent"], reason=reason))

    def _close_dispute(self, given: dict[str, Any], dispute: str) -> Any:
        return self._in_one(lambda: disputes.close(self._store, dispute, status=given["status"]))

    def _reset(self, given: dict[str, Any]) -> dict[str, Any]:
        self._store.forget()
        return {}

    def _in_one(self, act: Callable[[], Any]) -> Any:
        with self._store.transaction():
            return act()
