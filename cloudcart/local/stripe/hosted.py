"""The page that a shopper pays on, which Stripe hosts: choose how it goes, then back to the shop."""

from dataclasses import dataclass

from cloudcart.local.stripe import checkout, payments
from cloudcart.local.stripe.pages import Pages
from cloudcart.local.stripe.payments import Method
from cloudcart.local.stripe.problems import StripeProblem
from cloudcart.local.stripe.store import Store, StripeObject
from cloudcart.local.stripe.switches import WebhookSwitches
from cloudcart.local.stripe.web import Answer, Request, Routes
from cloudcart.local.stripe.webhooks import Sender

_REFUSALS = {"3ds": "authentication_failure", "paypal": "payment_declined"}


@dataclass(frozen=True)
class Outcome:
    """How an attempt to pay went, and where the shopper is led next."""

    session: StripeObject
    location: str


class HostedPage:
    def __init__(self, store: Store, sender: Sender, pages: Pages) -> None:
        self._store, self._sender, self._pages = store, sender, pages
        self._routes = Routes(
            [
                ("GET", "/c/pay/{session}", self._show),
                ("POST", "/c/pay/{session}", self._choose),
                ("GET", "/c/pay/{session}/{step}", self._ask),
                ("POST", "/c/pay/{session}/{step}", self._confirm),
            ]
        )

    def answer(self, request: Request) -> Answer:
        route = self._routes.find(request)
        try:
            if route is None:
                return self._pages.not_found()
            handler, names = route
            return handler(request, **names)  # type: ignore[no-any-return]
        except StripeProblem as problem:
            return self._pages.problem(problem.message, status=problem.status)

    def pay(self, session_id: str, method: Method, *, email: str = "", is_approved: bool = True) -> Outcome:
        """Try to pay; a method with a second step is approved there or not.

        :raises StripeProblem: if the session is not open.
        """
        error = "" if is_approved else _REFUSALS.get(method.step, "")
        with self._store.transaction():
            session = payments.pay(self._store, session_id, method, email=email, error=error)
        if WebhookSwitches.read(self._store).timing == "before":
            self._sender.send_due()
        if session["status"] == "complete":
            return Outcome(session, _success_url(session))
        return Outcome(session, _page_url(session))

    def _show(self, request: Request, session: str) -> Answer:
        found = self._get(session)
        if found["status"] != "open":
            return self._pages.show("over.html", {"session": found, "success_url": _success_url(found)})
        methods = payments.methods_of(found)
        return self._pages.show("pay.html", {"session": found, "methods": methods, "error": found.get("_error", "")})

    def _choose(self, request: Request, session: str) -> Answer:
        found = self._get(session)
        if found["status"] == "complete":
            # A second click, or one whose answer was lost.
            return Answer.redirect(_success_url(found))
        if found["status"] != "open":
            return Answer.redirect(_page_url(found))
        if request.form.get("choice") == "expire":
            with self._store.transaction():
                checkout.expire(self._store, session)
            return Answer.redirect(_page_url(found))
        method = self._find_method(found, request.form.get("method", ""))
        if method is None:
            return Answer.redirect(_page_url(found))
        if method.step:
            return Answer.redirect(f"{_page_url(found)}/{method.step}")
        return Answer.redirect(self.pay(session, method, email=request.form.get("email", "")).location)

    def _ask(self, request: Request, session: str, step: str) -> Answer:
        found = self._get(session)
        if found["status"] != "open" or step not in _REFUSALS:
            return Answer.redirect(_page_url(found))
        return self._pages.show("confirm.html", {"session": found, "step": step})

    def _confirm(self, request: Request, session: str, step: str) -> Answer:
        found = self._get(session)
        method = next((each for each in payments.methods_of(found) if each.step == step), None)
        if found["status"] != "open" or method is None:
            return Answer.redirect(_page_url(found))
        is_approved = request.form.get("choice") == "approve"
        return Answer.redirect(self.pay(session, method, is_approved=is_approved).location)

    def _get(self, identifier: str) -> StripeObject:
        with self._store.transaction():
            return checkout.get(self._store, identifier)

    @staticmethod
    def _find_method(session: StripeObject, code: str) -> Method | None:
        return next((method for method in payments.methods_of(session) if method.code == code), None)


def _page_url(session: StripeObject) -> str:
    return f"/c/pay/{session['id']}"


def _success_url(session: StripeObject) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
