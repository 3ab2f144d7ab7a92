"""Bring an order in line with what the payment provider says: the only way in which a payment changes an order.

Truth is fetched, not taken from events, so duplicate, late, shuffled and missing webhooks do not matter. Each
pass reads the order, fetches its session, looks the step up in `orders.payment_table`, and writes order, stock,
effects and the event's id in one transaction, on condition that nobody changed the order meanwhile.
"""

from collections.abc import Callable
from datetime import datetime

import structlog

from cloudcart import faults
from cloudcart.errors import EditConflict
from cloudcart.publishing import PublishFailed
from cloudcart.transactions import TransactionRefused
from orders import publishing, queries, transitions, writing
from orders.gateway import PaymentGateway, RequestRefused, SessionState, SessionStatus, WebhookEvent, get_gateway
from orders.models import Order
from orders.page_requests import make_request
from orders.payment_table import Step, classify, next_step
from orders.settlement import Settled, settle
from orders.status import PaymentStatus, StockMove
from orders.writing import Plan, StockGone

logger = structlog.get_logger(__name__)

_ATTEMPTS = 20


class _Outrun(Exception):
    """Somebody else changed the order first."""


def reconcile(
    *,
    number: str,
    now: datetime,
    session_id: str = "",
    event: WebhookEvent | None = None,
    canceled_because: str = "",
    gateway: PaymentGateway | None = None,
    publish: Callable[[str], None] = publishing.publish_order,
) -> Order:
    """Fetch an order's payment and do what follows: one read, two or three requests, one transaction if needed.

    Each other page whose payment is under way takes one or two requests more. Called again it changes nothing. Effects
    that became due are published to the worker; if that fails, the sweeper sees to them.

    :param session_id: a session that an event names; one of an earlier attempt is looked at as well.
    :param event: what told of it; its id is stored for 60 days and answered only once.
    :param canceled_because: what the shopper is told if the order turns out to be over, instead of the usual.
    :raises OrderNotFound: if there is no such order.
    :raises PaymentUnavailable: if the provider does not answer; trying again later helps.
    :raises EditConflict: if others kept changing the order.
    """
    gateway = gateway or get_gateway()
    order = queries.get_order(number)
    is_other = bool(session_id) and session_id != order.payment_session_id
    one = _Pass(gateway, publish, now=now, canceled_because=canceled_because)
    order = one.settle(order, None, event=None if is_other else event)
    if is_other:
        order = one.settle(order, session_id, event=event)
    for other_id in list(order.delayed_session_ids):
        if other_id != session_id:
            order = one.settle(order, other_id, event=None)
    return order


def publish_if_due(order: Order, publish: Callable[[str], None]) -> None:
    """Tell the worker of an order that owes something; if that fails, the sweeper does."""
    if not order.pending_effects:
        return
    try:
        publish(order.number)
    except PublishFailed as error:
        logger.warning("order.publish_failed", number=order.number, error=str(error.__cause__))


class _Pass:
    """One call of `reconcile`: what it works with, and what was given to it."""

    def __init__(
        self, gateway: PaymentGateway, publish: Callable[[str], None], *, now: datetime, canceled_because: str
    ) -> None:
        self._gateway, self._publish = gateway, publish
        self._now, self._canceled_because = now, canceled_because

    def settle(self, order: Order, session_id: str | None, *, event: WebhookEvent | None) -> Order:
        """Fetch a session, the order's own if none is named, and write what follows."""
        for _ in range(_ATTEMPTS):
            faults.point("reconcile.read")
            state = self._fetch(order, session_id)
            faults.point("reconcile.fetched")
            try:
                return self._write(order, state, event)
            except _Outrun:
                order = queries.get_order(order.number)
        raise EditConflict

    def _fetch(self, order: Order, session_id: str | None) -> SessionState | None:
        wanted = session_id or order.payment_session_id
        if wanted is not None:
            return self._gateway.fetch(wanted)
        is_overdue = order.hold_until is not None and order.hold_until <= self._now
        return self._look_up(order) if order.payment_status == PaymentStatus.NEW and is_overdue else None

    def _look_up(self, order: Order) -> SessionState:
        """Find the page whose making was never answered: its key gives it again, or none can be made by now."""
        try:
            return self._gateway.fetch(self._gateway.start(make_request(order)).session_id)
        except RequestRefused as error:
            logger.info("payment.no_session", number=order.number, reason=error.reason)
            return SessionState("", order.number, SessionStatus.EXPIRED, order.total, order.currency)

    def _write(self, order: Order, state: SessionState | None, event: WebhookEvent | None) -> Order:
        before = order.serialize()
        plan = self._plan(order, state)
        has_changed = plan.order.serialize() != before
        try:
            if has_changed:
                self._commit(plan, state, event)
            elif event is not None:
                writing.record_event(event, order, now=self._now)
        except TransactionRefused as refused:
            if refused.find("event") is None:
                raise _Outrun from refused
            logger.info("payment.event_repeated", number=order.number)
            return queries.get_order(order.number)
        if has_changed:
            faults.point("reconcile.written")
            logger.info("payment.reconciled", number=order.number, payment_status=str(plan.order.payment_status))
            publish_if_due(plan.order, self._publish)
        return plan.order

    def _plan(self, order: Order, state: SessionState | None) -> Plan:
        if state is None:
            return Plan(order)
        step = next_step(classify(order, state), PaymentStatus(order.payment_status))
        move = transitions.apply(order, step, state, now=self._now, canceled_because=self._canceled_because)
        settled = settle(order, state, now=self._now) if step in {Step.STAY, Step.ALERT} else Settled()
        return Plan(order, move if move is not StockMove.NONE else settled.stock_move, settled.restocked)

    def _commit(self, plan: Plan, state: SessionState | None, event: WebhookEvent | None) -> None:
        try:
            writing.commit(plan, now=self._now, event=event)
        except StockGone as gone:
            if state is None or plan.stock_move is StockMove.SELL:
                raise
            logger.warning("payment.goods_gone", number=plan.order.number, skus=gone.skus)
            order = queries.get_order(plan.order.number)
            if order.version != plan.order.version:
                raise _Outrun from gone
            transitions.apologize(order, state, now=self._now)
            plan.order, plan.stock_move = order, StockMove.NONE
            writing.commit(plan, now=self._now, event=event)
