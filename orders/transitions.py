"""What each step of the payment table does to an order in memory, and which move of its stock belongs to it. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from orders import effect_names
from orders.gateway import SessionState
from orders.models import Order, Refund
from orders.payment_table import Step, is_current
from orders.services import move
from orders.status import OrderStatus, PaymentStatus, StockMove, StockState

logger = structlog.get_logger(__name__)

# Delayed methods take up to two weeks; the provider tells when one is through, the sweeper asks now and then.
PROCESSING_LOOK = timedelta(hours=6)
# What the shopper is told of an automatic refund.
CANNOT_FULFILL = "cannot_fulfill"
NOT_PAID_IN_TIME = "It was not paid in time. Nothing was charged."


def apply(order: Order, step: Step, state: SessionState, *, now: datetime, canceled_because: str = "") -> StockMove:
    """Change an order in memory as a step wants it, and say what becomes of its stock.

    :param canceled_because: a sentence for the shopper, instead of the one about the time to pay.
    """
    if step is not Step.WATCH_PAGE and state.session_id in order.delayed_session_ids:
        _stop_watching(order, state)
    if step is Step.CANCEL:
        return _cancel(order, canceled_because or NOT_PAID_IN_TIME, now=now)
    return _STEPS[step](order, state, now)


def pay(order: Order, *, now: datetime) -> StockMove:
    """Take an order on whose money is there: confirmed, its stock sold, its consequences due."""
    order.payment_status = PaymentStatus.PAID
    order.hold_until = None
    order.watch_until(None)
    order.note("paid", now=now)
    if not order.is_confirmed:
        move(order, OrderStatus.CONFIRMED, now=now)
    order.owe(*effect_names.ON_PAID, *effect_names.ON_CONFIRMED, now=now)
    return _SELLING[StockState(order.stock_state)]


def cancel(order: Order, *, now: datetime, reason: str) -> StockMove:
    """Call an order off: nothing of it is kept from others any more.

    :param reason: a sentence for the shopper.
    """
    order.hold_until = None
    order.watch_until(None)
    move(order, OrderStatus.CANCELED, now=now, note=reason)
    order.owe("availability:canceled", now=now)
    return _GIVING_BACK[StockState(order.stock_state)]


def alert(order: Order, reason: str, *, now: datetime) -> None:
    """Tell the merchant of something that a person has to look at: in the log as an error, once on the order."""
    if not any(entry.event == "alert" and entry.note == reason for entry in order.timeline):
        logger.error("payment.alert", number=order.number, reason=reason)
        order.note("alert", now=now, note=reason)


def apologize(order: Order, state: SessionState, *, now: datetime) -> None:
    """Take the money of a canceled order only to send it back, because its goods are gone meanwhile."""
    _receive(order, state)
    order.payment_status = PaymentStatus.REVIEW
    order.watch_until(now + PROCESSING_LOOK)
    order.note("goods_gone", now=now)
    order.owe("apology_mail", now=now)
    send_back_if_promised(order, now=now)


def send_back_if_promised(order: Order, *, now: datetime) -> None:
    """Ask for the refund that an apology has promised, as soon as the money is there."""
    refund_id = f"{order.number}-auto"
    if order.find_effect("apology_mail") and order.paid_amount and order.find_refund(refund_id) is None:
        order.refunds.append(
            Refund(refund_id=refund_id, amount=order.paid_amount, reason=CANNOT_FULFILL, created_at=now)
        )
        order.owe(f"refund:{refund_id}", now=now)


def _receive(order: Order, state: SessionState) -> None:
    """Note whose payment it is; a page of an earlier attempt that took the money becomes the order's own."""
    if not is_current(order, state) and order.payment_session_id is not None:
        order.former_session_ids.append(order.payment_session_id)
        order.former_session_ids = [each for each in order.former_session_ids if each != state.session_id]
    order.payment_session_id = state.session_id
    order.payment_intent_id = state.payment_intent_id or None
    order.paid_amount = state.received_amount


def _stay(order: Order, state: SessionState, now: datetime) -> StockMove:
    return StockMove.NONE


def _pay(order: Order, state: SessionState, now: datetime) -> StockMove:
    _receive(order, state)
    return pay(order, now=now)


def _process(order: Order, state: SessionState, now: datetime) -> StockMove:
    _receive(order, state)
    order.payment_status = PaymentStatus.PROCESSING
    order.hold_until = None
    order.watch_until(now + PROCESSING_LOOK)
    order.note("payment_processing", now=now)
    return StockMove.NONE


def _revive_processing(order: Order, state: SessionState, now: datetime) -> StockMove:
    _process(order, state, now)
    # It was called off, and is waited for again.
    order.status = OrderStatus.PENDING
    return StockMove.RESERVE_AGAIN


def _review(order: Order, state: SessionState, now: datetime) -> StockMove:
    other = order.payment_session_id if not is_current(order, state) else None
    _receive(order, state)
    order.payment_status = PaymentStatus.REVIEW
    order.hold_until = None
    order.watch_until(None)
    if other is not None:
        order.owe(f"close_page:{other}", now=now)
        alert(order, "The payment came from an earlier page to pay on.", now=now)
    else:
        alert(order, _difference(order, state), now=now)
    return StockMove.NONE


def _cancel(order: Order, reason: str, *, now: datetime) -> StockMove:
    order.payment_status = PaymentStatus.CANCELED
    order.owe("cancellation_mail", now=now)
    return cancel(order, now=now, reason=reason)


def _cancel_and_tell(order: Order, state: SessionState, now: datetime) -> StockMove:
    order.payment_status = PaymentStatus.CANCELED
    order.owe("payment_failed_mail", now=now)
    return cancel(order, now=now, reason="The payment did not go through. Nothing was charged.")


def _close_page(order: Order, state: SessionState, now: datetime) -> StockMove:
    order.owe(f"close_page:{state.session_id}", now=now)
    return StockMove.NONE


def _watch_page(order: Order, state: SessionState, now: datetime) -> StockMove:
    if state.session_id not in order.delayed_session_ids:
        order.delayed_session_ids.append(state.session_id)
        if order.watch_at is None:
            order.watch_until(now + PROCESSING_LOOK)
    return StockMove.NONE


def _stop_watching(order: Order, state: SessionState) -> None:
    order.delayed_session_ids = [each for each in order.delayed_session_ids if each != state.session_id]
    if order.payment_status == PaymentStatus.CANCELED:
        # Of any other order, the next look says whether one more is needed.
        order.watch_until(None)


def _refund_duplicate(order: Order, state: SessionState, now: datetime) -> StockMove:
    alert(order, "It was paid twice; the second payment is sent back.", now=now)
    order.owe(f"refund_duplicate:{state.payment_intent_id}", now=now)
    return StockMove.NONE


def _alert(order: Order, state: SessionState, now: datetime) -> StockMove:
    alert(order, "A delayed payment failed." if state.has_failed else _difference(order, state), now=now)
    return StockMove.NONE


def _difference(order: Order, state: SessionState) -> str:
    return (
        f"Paid were {state.received_amount} {state.currency}, asked for {order.total} {order.currency} (minor units)."
    )


_SELLING = {
    StockState.RESERVED: StockMove.SELL,
    StockState.SOLD: StockMove.NONE,
    StockState.RELEASED: StockMove.SELL_AGAIN,
}
_GIVING_BACK = {
    StockState.RESERVED: StockMove.RELEASE,
    StockState.SOLD: StockMove.TAKE_BACK,
    StockState.RELEASED: StockMove.NONE,
}

_STEPS: dict[Step, Callable[[Order, SessionState, datetime], StockMove]] = {
    Step.STAY: _stay,
    Step.PAY: _pay,
    Step.REVIVE: _pay,
    Step.PROCESS: _process,
    Step.REVIVE_PROCESSING: _revive_processing,
    Step.REVIEW: _review,
    Step.CANCEL_AND_TELL: _cancel_and_tell,
    Step.CLOSE_PAGE: _close_page,
    Step.WATCH_PAGE: _watch_page,
    Step.REFUND_DUPLICATE: _refund_duplicate,
    Step.ALERT: _alert,
}
