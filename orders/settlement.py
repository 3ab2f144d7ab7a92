"""Bring an order's refunds and dispute in line with what the payment provider says of them. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orders import effect_names
from orders.gateway import DisputeState, ProviderRefund, RefundState, SessionState
from orders.models import Order, Refund
from orders.status import PaymentStatus, RefundStatus, StockMove, StockState
from orders.transitions import alert, cancel, send_back_if_promised

# Banks take days for some refunds; webhooks tell sooner.
REFUND_LOOK = timedelta(hours=1)

_HOLDING = {PaymentStatus.PAID, PaymentStatus.REVIEW, PaymentStatus.PART_REFUNDED, PaymentStatus.REFUNDED}


@dataclass(frozen=True)
class Settled:
    """What follows for the stock: refunds whose units go back on the shelf, or a move of the whole order."""

    restocked: tuple[Refund, ...] = ()
    stock_move: StockMove = StockMove.NONE


def settle(order: Order, state: SessionState, *, now: datetime) -> Settled:
    """Take over refunds, their sum and the dispute, in memory; nothing changes if nothing is new."""
    if order.payment_status not in _HOLDING or state.session_id != order.payment_session_id:
        return Settled()
    if order.payment_status == PaymentStatus.REVIEW:
        order.paid_amount = state.received_amount
        send_back_if_promised(order, now=now)
    succeeded = [refund for each in state.refunds if (refund := _take_over(order, each, now=now)) is not None]
    on_the_way = sum(each.amount for each in state.refunds if each.state is RefundState.PENDING)
    order.refunded_amount = max(0, state.refunded_amount - on_the_way)
    order.payment_status = status_for(order)
    _look_again_while_pending(order, now=now)
    _note_dispute(order, state.dispute, now=now)
    return Settled(_restocked(order, succeeded), _end_if_given_back(order, now=now))


def complete_refund(order: Order, refund: Refund, *, now: datetime, status: RefundStatus) -> None:
    """Note that a refund came to its end well, with what follows from it; of a free one, only for the goods."""
    refund.status = status
    if not refund.is_free:
        order.note("refunded" if status is RefundStatus.SUCCEEDED else "waived", now=now, note=str(refund.amount))
        # Of an order on invoice that was called off, the buyer has another mail already.
        is_told = status is RefundStatus.WAIVED and order.is_canceled
        names = [name for name in effect_names.ON_REFUNDED if not (is_told and name == "refund_mail")]
        order.owe(*(f"{name}:{refund.refund_id}" for name in names), now=now)
    if refund.is_restocked:
        order.owe(f"availability:{refund.refund_id}", now=now)


def status_for(order: Order) -> PaymentStatus:
    """Say how the payment of an order stands whose money came, by how much of it went back."""
    status = PaymentStatus(order.payment_status)
    if order.refunded_amount <= 0:
        return PaymentStatus.PAID if status in {PaymentStatus.PART_REFUNDED, PaymentStatus.REFUNDED} else status
    return PaymentStatus.PART_REFUNDED if order.refunded_amount < order.paid_amount else PaymentStatus.REFUNDED


def _take_over(order: Order, found: ProviderRefund, *, now: datetime) -> Refund | None:
    """Bring one refund up to date; gives it if it has just succeeded."""
    refund = _find_or_adopt(order, found, now=now)
    refund.provider_id = found.provider_id
    if found.state is RefundState.FAILED and not refund.has_failed:
        refund.status = RefundStatus.FAILED
        alert(order, f"The refund {refund.refund_id} failed; its money is still here.", now=now)
    elif found.state is RefundState.SUCCEEDED and refund.is_pending:
        complete_refund(order, refund, now=now, status=RefundStatus.SUCCEEDED)
        return refund
    return None


def _find_or_adopt(order: Order, found: ProviderRefund, *, now: datetime) -> Refund:
    known = (each for each in order.refunds if each.provider_id == found.provider_id)
    refund = next(known, None) or order.find_refund(found.refund_id or found.provider_id)
    if refund is None:
        # Somebody refunded on the provider's own pages.
        refund = Refund(
            refund_id=found.refund_id or found.provider_id,
            amount=found.amount,
            reason="At the payment provider",
            created_at=now,
        )
        order.refunds.append(refund)
    return refund


def _restocked(order: Order, succeeded: list[Refund]) -> tuple[Refund, ...]:
    # Of a canceled order the units are back already.
    is_sold = order.stock_state == StockState.SOLD
    return tuple(refund for refund in succeeded if refund.is_restocked and refund.lines and is_sold)


def _look_again_while_pending(order: Order, *, now: datetime) -> None:
    has_pending = any(refund.is_pending for refund in order.refunds)
    if not has_pending and order.refunded_amount + order.paid_amount > 0:
        order.watch_until(None)
    elif order.watch_at is None or order.watch_at <= now:
        order.watch_until(now + REFUND_LOOK)


def _note_dispute(order: Order, dispute: DisputeState, *, now: datetime) -> None:
    is_disputed = dispute in {DisputeState.OPEN, DisputeState.LOST}
    if is_disputed and not order.is_disputed:
        alert(order, "The buyer disputes the payment at their bank. Do not ship.", now=now)
    if dispute is DisputeState.LOST:
        alert(order, "The dispute was lost; the bank took the money back.", now=now)
    if order.is_disputed and dispute is DisputeState.WON:
        order.note("dispute_won", now=now)
    order.is_disputed = is_disputed


def _end_if_given_back(order: Order, *, now: datetime) -> StockMove:
    """An order whose money went back before it was taken on is over."""
    if order.is_pending and order.payment_status == PaymentStatus.REFUNDED:
        return cancel(order, now=now, reason="The payment was refunded.")
    return StockMove.NONE
