"""Stripe's HTTP API, version 1: the requests that a shop makes. Any other one is refused, and so is any
parameter that is not understood; what would be silently ignored here would surprise at the real Stripe."""

import hashlib
import json
from typing import Any

from cloudcart.local.stripe import checkout, disputes, events, payments, refunds, rendering
from cloudcart.local.stripe import parameters as p
from cloudcart.local.stripe.identifiers import new_id
from cloudcart.local.stripe.problems import StripeProblem, missing
from cloudcart.local.stripe.store import Store, StripeObject
from cloudcart.local.stripe.switches import take_fault
from cloudcart.local.stripe.web import Answer, Request, Routes

# Stripe keeps what it answered to a key for a day at least.
KEY_LIFETIME = 24 * 60 * 60

_EXPAND = {"expand": p.list_of(p.text)}
_PAGING = _EXPAND | {"limit": p.integer, "starting_after": p.text}
_READ = p.Fields(_EXPAND)
_LIST_ITEMS = p.Fields(_PAGING)
_LIST_PAID = p.Fields(_PAGING | {"charge": p.text, "payment_intent": p.text})
_LIST_EVENTS = p.Fields(_PAGING | {"type": p.text, "types": p.list_of(p.text)})


class Api:
    """:param origin: of the hosted page, which new sessions name."""

    def __init__(self, store: Store, *, origin: str) -> None:
        self._store = store
        self._origin = origin
        self._routes = Routes(
            [
                ("POST", "/v1/checkout/sessions", self._create_session),
                ("GET", "/v1/checkout/sessions/{session}", self._get_session),
                ("GET", "/v1/checkout/sessions/{session}/line_items", self._list_line_items),
                ("POST", "/v1/checkout/sessions/{session}/expire", self._expire_session),
                ("GET", "/v1/payment_intents/{intent}", self._get_intent),
                ("GET", "/v1/charges/{charge}", self._get_charge),
                ("POST", "/v1/refunds", self._create_refund),
                ("GET", "/v1/refunds", self._list_refunds),
                ("GET", "/v1/refunds/{refund}", self._get_refund),
                ("GET", "/v1/disputes", self._list_disputes),
                ("GET", "/v1/disputes/{dispute}", self._get_dispute),
                ("GET", "/v1/events", self._list_events),
                ("GET", "/v1/events/{event}", self._get_event),
            ]
        )

    def answer(self, request: Request) -> Answer:
        """Answer as Stripe does, errors included."""
        headers = {"Request-Id": new_id("req_", 14), "Stripe-Version": events.API_VERSION}
        try:
            _check_key(request)
            answer = self._answer_or_fail(request)
        except StripeProblem as problem:
            answer = Answer.of_json(problem.body, status=problem.status)
        answer.headers |= headers
        return answer

    def _answer_or_fail(self, request: Request) -> Answer:
        with self._store.transaction():
            fault = take_fault(self._store, f"{request.method} {request.path}")
            answer = self._answer_once(request) if fault is None or fault.point == "after" else None
        return answer if answer is not None and fault is None else _lost()

    def _answer_once(self, request: Request) -> Answer:
        """Do what was asked; the same key again gets the first answer again."""
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        if not key:
            return Answer.of_json(self._do(request))
        fingerprint = hashlib.sha256(f"{request.path}\0{request.body}".encode()).hexdigest()
        self._store.run("DELETE FROM replies WHERE at < ?", self._store.now() - KEY_LIFETIME)
        reply = self._store.row("SELECT * FROM replies WHERE key = ?", key)
        if reply is None:
            # A request that is refused leaves its key unused, as at Stripe.
            answer = Answer.of_json(self._do(request), headers={"Idempotency-Key": key})
            self._store.run(
                "INSERT INTO replies VALUES (?, ?, ?, ?, ?)",
                *(key, fingerprint, answer.status, answer.body.decode(), self._store.now()),
            )
            return answer
        if reply["fingerprint"] != fingerprint:
            raise StripeProblem(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        replayed = {"Idempotency-Key": key, "Idempotent-Replayed": "true"}
        return Answer.of_json(json.loads(reply["body"]), status=reply["status"], headers=replayed)

    def _do(self, request: Request) -> StripeObject:
        route = self._routes.find(request)
        if route is None:
            raise StripeProblem(
                f"Unrecognized request URL ({request.method}: {request.path}). "
                "The payment simulator knows only what the shop needs of Stripe.",
                status=404,
            )
        handler, names = route
        given = p.unfold(request.body if request.method == "POST" else request.query)
        item, expanded = handler(given, **names)
        return rendering.render(rendering.expand(self._store, item, expanded))  # type: ignore[no-any-return]

    def _create_session(self, given: dict[str, Any]) -> tuple[StripeObject, list[str]]:
        read = checkout.CREATE(given)
        return checkout.create(self._store, read, origin=self._origin), read.get("expand", [])

    def _get_session(self, given: dict[str, Any], session: str) -> tuple[StripeObject, list[str]]:
        return checkout.get(self._store, session), _READ(given).get("expand", [])

    def _list_line_items(self, given: dict[str, Any], session: str) -> tuple[StripeObject, list[str]]:
        read = _LIST_ITEMS(given)
        items = checkout.line_items_of(checkout.get(self._store, session))
        ids = [item["id"] for item in items]
        if "starting_after" in read:
            items = items[ids.index(read["starting_after"]) + 1 :] if read["starting_after"] in ids else []
        limit = _limit(read)
        url = f"/v1/checkout/sessions/{session}/line_items"
        return rendering.as_list(items[:limit], url=url, has_more=len(items) > limit), read.get("expand", [])

    def _expire_session(self, given: dict[str, Any], session: str) -> tuple[StripeObject, list[str]]:
        return checkout.expire(self._store, session), _READ(given).get("expand", [])

    def _get_intent(self, given: dict[str, Any], intent: str) -> tuple[StripeObject, list[str]]:
        return payments.get_intent(self._store, intent), _READ(given).get("expand", [])

    def _get_charge(self, given: dict[str, Any], charge: str) -> tuple[StripeObject, list[str]]:
        return payments.get_charge(self._store, charge), _READ(given).get("expand", [])

    def _create_refund(self, given: dict[str, Any]) -> tuple[StripeObject, list[str]]:
        read = refunds.CREATE(given)
        return refunds.create(self._store, read), read.get("expand", [])

    def _list_refunds(self, given: dict[str, Any]) -> tuple[StripeObject, list[str]]:
        return self._list_paid("refund", given, url="/v1/refunds")

    def _get_refund(self, given: dict[str, Any], refund: str) -> tuple[StripeObject, list[str]]:
        return refunds.get(self._store, refund), _READ(given).get("expand", [])

    def _list_disputes(self, given: dict[str, Any]) -> tuple[StripeObject, list[str]]:
        return self._list_paid("dispute", given, url="/v1/disputes")

    def _get_dispute(self, given: dict[str, Any], dispute: str) -> tuple[StripeObject, list[str]]:
        return disputes.get(self._store, dispute), _READ(given).get("expand", [])

    def _list_events(self, given: dict[str, Any]) -> tuple[StripeObject, list[str]]:
        read, limit = _LIST_EVENTS(given), _limit(given)
        wanted = {read["type"]} if "type" in read else set(read.get("types", []))
        found = [
            event
            for event in self._store.list_objects("event", before=read.get("starting_after", ""))
            if not wanted or event["type"] in wanted
        ]
        return rendering.as_list(found[:limit], url="/v1/events", has_more=len(found) > limit), read.get("expand", [])

    def _get_event(self, given: dict[str, Any], event: str) -> tuple[StripeObject, list[str]]:
        found = self._store.find(event)
        if found is None or found["object"] != "event":
            raise missing("event", event)
        return found, _READ(given).get("expand", [])

    def _list_paid(self, kind: str, given: dict[str, Any], *, url: str) -> tuple[StripeObject, list[str]]:
        """List what belongs to a charge, or all of it."""
        read, limit = _LIST_PAID(given), _limit(given)
        parent = read.get("charge", "")
        if "payment_intent" in read:
            parent = payments.get_intent(self._store, read["payment_intent"])["latest_charge"] or "none"
        found = self._store.list_objects(kind, parent=parent, before=read.get("starting_after", ""), limit=limit + 1)
        return rendering.as_list(found[:limit], url=url, has_more=len(found) > limit), read.get("expand", [])


def _check_key(request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        message = "You did not provide an API key."
        raise StripeProblem(message, status=401)
    if not key.startswith(("sk_test_", "rk_test_")):
        message = f"Invalid API Key provided: {key[:8]}****. The payment simulator takes test keys only (sk_test_…)."
        raise StripeProblem(message, status=401)


def _limit(given: dict[str, Any]) -> int:
    limit = p.integer(given.get("limit", "10"), "limit")
    if not 1 <= limit <= 100:
        raise StripeProblem("limit has to be from 1 to 100.", code="parameter_invalid_integer", param="limit")
    return limit


def _lost() -> Answer:
    problem = StripeProblem("The simulator was told to fail here.", kind="api_error", status=500)
    return Answer.of_json(problem.body, status=500, headers={"Stripe-Should-Retry": "false"})
