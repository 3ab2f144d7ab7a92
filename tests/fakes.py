"""Stand-ins for what cannot run here, written by hand, with verbs for what happens there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar

from orders.gateway import (
    DisputeState,
    PageRequest,
    PaymentUnavailable,
    ProviderRefund,
    RefundState,
    RequestRefused,
    SessionState,
    SessionStatus,
    WebhookEvent,
)
from tests.clock import NOW

_numbers = count(1)


class FakeGateway:
    """A payment provider in memory, as strict as Stripe about keys, times and sums."""

    current: ClassVar["FakeGateway | None"] = None

    def __init__(self, *, now: datetime = NOW) -> None:
        self.now = now
        self.sessions: dict[str, SessionState] = {}
        self.requests: dict[str, PageRequest] = {}
        self.refunds_by_key: dict[str, ProviderRefund] = {}
        self.calls: list[str] = []
        # How a refund stands right after it was asked for.
        self.refunds_begin_as = RefundState.SUCCEEDED
        self._by_key: dict[str, str] = {}
        self._failures = 0
        self._loses_answers = False

    # What the shop asks for

    def start(self, request: PageRequest) -> SessionState:
        self._called("start")
        known = self._by_key.get(request.idempotency_key)
        if known is not None:
            if self.requests[known] != request:
                raise RequestRefused("The same key with another request.")
            return self._as_made(known)
        if request.expires_at < self.now + timedelta(minutes=30):
            raise RequestRefused("expires_at must be at least 30 minutes from now.")
        session_id = f"cs_test_{next(_numbers)}"
        self._by_key[request.idempotency_key] = session_id
        self.requests[session_id] = request
        self.sessions[session_id] = self._as_made(session_id)
        if self._loses_answers:
            self._loses_answers = False
            raise PaymentUnavailable
        return self.sessions[session_id]

    def fetch(self, session_id: str) -> SessionState:
        self._called("fetch")
        if session_id not in self.sessions:
            raise RequestRefused("No such session.")
        state = self.sessions[session_id]
        if state.status is SessionStatus.OPEN and self.now >= self.requests[session_id].expires_at:
            self._change(session_id, status=SessionStatus.EXPIRED, url="")
        return self.sessions[session_id]

    def expire(self, session_id: str) -> None:
        self._called("expire")
        if self.sessions[session_id].status is not SessionStatus.OPEN:
            raise RequestRefused("Only open sessions can be expired.")
        self._change(session_id, status=SessionStatus.EXPIRED, url="")

    def refund(
        self, *, payment_intent_id: str, amount: int | None, refund_id: str, order_number: str, idempotency_key: str
    ) -> ProviderRefund:
        self._called("refund")
        known = self.refunds_by_key.get(idempotency_key)
        if known is not None:
            return known
        state = next(each for each in self.sessions.values() if each.payment_intent_id == payment_intent_id)
        left = state.received_amount - state.refunded_amount
        wanted = left if amount is None else amount
        if not 0 < wanted <= left:
            raise RequestRefused(f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})")
        made = ProviderRefund(f"re_{next(_numbers)}", refund_id, wanted, self.refunds_begin_as)
        self.refunds_by_key[idempotency_key] = made
        refunded = state.refunded_amount + wanted
        self._change(state.session_id, refunds=(*state.refunds, made), refunded_amount=refunded)
        return made

    def parse_webhook(self, payload: bytes, signature: str) -> WebhookEvent:
        raise NotImplementedError("Signatures are tested with the real ones.")

    def find_order_number(self, payment_intent_id: str) -> str:
        self._called("find_order_number")
        return next(
            (each.order_number for each in self.sessions.values() if each.payment_intent_id == payment_intent_id), ""
        )

    # What happens at the provider

    def pay(self, session_id: str, *, amount: int | None = None, currency: str | None = None) -> None:
        """The buyer pays; another amount or currency than asked for is what must never happen."""
        state = self.sessions[session_id]
        self._change(
            session_id,
            status=SessionStatus.COMPLETE,
            url="",
            is_paid=True,
            has_failed=False,
            payment_intent_id=state.payment_intent_id or f"pi_{next(_numbers)}",
            received_amount=state.amount if amount is None else amount,
            currency=currency or state.currency,
        )

    def begin_delayed(self, session_id: str) -> None:
        """The buyer chooses a method that takes days."""
        intent = f"pi_{next(_numbers)}"
        self._change(session_id, status=SessionStatus.COMPLETE, url="", payment_intent_id=intent)

    def fail_delayed(self, session_id: str) -> None:
        self._change(session_id, has_failed=True)

    def settle_refund(self, provider_id: str, outcome: RefundState) -> None:
        """A refund comes to its end at the bank; what fails is back in the sum that can be refunded."""
        for state in list(self.sessions.values()):
            for refund in state.refunds:
                if refund.provider_id == provider_id:
                    refunds = tuple(replace(each, state=outcome) if each is refund else each for each in state.refunds)
                    back = refund.amount if outcome is RefundState.FAILED else 0
                    left = state.refunded_amount - back
                    self._change(state.session_id, refunds=refunds, refunded_amount=left)

    def refund_by_hand(self, session_id: str, amount: int) -> str:
        """Somebody refunds on the provider's own pages; gives the refund's id there."""
        state = self.sessions[session_id]
        made = ProviderRefund(f"re_{next(_numbers)}", "", amount, RefundState.SUCCEEDED)
        refunded = state.refunded_amount + amount
        self._change(session_id, refunds=(*state.refunds, made), refunded_amount=refunded)
        return made.provider_id

    def dispute(self, session_id: str, dispute: DisputeState) -> None:
        self._change(session_id, dispute=dispute)

    # What goes wrong on the way

    def be_unreachable(self, times: int = 1_000) -> None:
        self._failures = times

    def be_reachable(self) -> None:
        self._failures = 0

    def forget_keys(self) -> None:
        """A day has gone by: what was sent before is known by nothing but itself."""
        self.refunds_by_key.clear()

    def lose_next_answer(self) -> None:
        """The next page is made, and the shop never hears of it."""
        self._loses_answers = True

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Be the payment provider of the settings ``PAYMENT_GATEWAY="tests.fakes.current_gateway"``."""
        type(self).current = self
        try:
            yield
        finally:
            type(self).current = None

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self._failures:
            self._failures -= 1
            raise PaymentUnavailable

    def _as_made(self, session_id: str) -> SessionState:
        request = self.requests[session_id]
        return SessionState(
            session_id,
            request.order_number,
            SessionStatus.OPEN,
            request.amount,
            request.currency,
            url=f"https://pay.example/{session_id}",
        )

    def _change(self, session_id: str, **changes: object) -> None:
        self.sessions[session_id] = replace(self.sessions[session_id], **changes)  # type: ignore[arg-type]


def current_gateway() -> FakeGateway:
    assert FakeGateway.current is not None, "Use the fixture `gateway`."
    return FakeGateway.current
