"""What follows from what is found at the payment provider: the table of docs/payments.md, cell by cell. Pure."""

from enum import StrEnum

from orders.gateway import SessionState, SessionStatus
from orders.models import Order
from orders.status import PaymentStatus


class Finding(StrEnum):
    """What a page to pay on and its payment come down to, for one order."""

    OPEN = "open"
    OPEN_SUPERSEDED = "open_superseded"
    PAID = "paid"
    PAID_DIFFERENT = "paid_different"
    PAID_SUPERSEDED = "paid_superseded"
    UNPAID = "unpaid"
    UNPAID_SUPERSEDED = "unpaid_superseded"
    FAILED = "failed"
    EXPIRED = "expired"
    OVER = "over"


class Step(StrEnum):
    """What an order does next.

    ``revive`` reserves the goods of a canceled order again and takes its payment; ``revive_processing`` reserves
    them and waits. Where they cannot be had, the money goes back, with an apology. ``watch_page`` has the sweeper
    look at another page than the order's own until its payment has arrived or failed.
    """

    STAY = "stay"
    PAY = "pay"
    PROCESS = "process"
    REVIEW = "review"
    REVIVE = "revive"
    REVIVE_PROCESSING = "revive_processing"
    CANCEL = "cancel"
    CANCEL_AND_TELL = "cancel_and_tell"
    CLOSE_PAGE = "close_page"
    WATCH_PAGE = "watch_page"
    REFUND_DUPLICATE = "refund_duplicate"
    ALERT = "alert"


_NEW, _AWAITING, _PROCESSING = PaymentStatus.NEW, PaymentStatus.AWAITING, PaymentStatus.PROCESSING
_PAID, _REVIEW, _CANCELED = PaymentStatus.PAID, PaymentStatus.REVIEW, PaymentStatus.CANCELED
_PART_REFUNDED, _REFUNDED = PaymentStatus.PART_REFUNDED, PaymentStatus.REFUNDED

_UNPAID = (_NEW, _AWAITING, _PROCESSING)
_SETTLED = (_PAID, _PART_REFUNDED, _REFUNDED)
_BY_CARD = (*_UNPAID, *_SETTLED, _REVIEW, _CANCELED)

# What is not in the table stays as it is.
_TABLE: dict[Finding, dict[PaymentStatus, Step]] = {
    Finding.PAID: dict.fromkeys(_UNPAID, Step.PAY) | {_CANCELED: Step.REVIVE},
    Finding.PAID_DIFFERENT: dict.fromkeys((*_UNPAID, _CANCELED), Step.REVIEW) | dict.fromkeys(_SETTLED, Step.ALERT),
    Finding.PAID_SUPERSEDED: dict.fromkeys((*_UNPAID, _CANCELED), Step.REVIEW)
    | dict.fromkeys((*_SETTLED, _REVIEW), Step.REFUND_DUPLICATE),
    Finding.UNPAID: {_NEW: Step.PROCESS, _AWAITING: Step.PROCESS, _CANCELED: Step.REVIVE_PROCESSING},
    Finding.FAILED: {
        _NEW: Step.CANCEL_AND_TELL,
        _AWAITING: Step.CANCEL_AND_TELL,
        _PROCESSING: Step.CANCEL_AND_TELL,
        _REVIEW: Step.ALERT,
    },
    Finding.EXPIRED: {_NEW: Step.CANCEL, _AWAITING: Step.CANCEL},
    Finding.OPEN: {_CANCELED: Step.CLOSE_PAGE},
    Finding.OPEN_SUPERSEDED: dict.fromkeys(_BY_CARD, Step.CLOSE_PAGE),
    Finding.UNPAID_SUPERSEDED: dict.fromkeys(_BY_CARD, Step.WATCH_PAGE),
}


def next_step(found: Finding, status: PaymentStatus) -> Step:
    """Give what an order of this payment status does about a finding."""
    return _TABLE.get(found, {}).get(status, Step.STAY)


def classify(order: Order, state: SessionState) -> Finding:
    """Say what a session means to an order: amounts and currency are compared here, and nowhere else."""
    if state.is_paid:
        return _classify_paid(order, state)
    if state.status is SessionStatus.OPEN:
        return Finding.OPEN if is_current(order, state) else Finding.OPEN_SUPERSEDED
    is_under_way = state.status is SessionStatus.COMPLETE and not state.has_failed
    if not is_current(order, state):
        return Finding.UNPAID_SUPERSEDED if is_under_way else Finding.OVER
    if state.status is SessionStatus.EXPIRED:
        return Finding.EXPIRED
    return Finding.UNPAID if is_under_way else Finding.FAILED


def is_current(order: Order, state: SessionState) -> bool:
    """Whether it is the session of the order's present attempt, though its id may not have been noted yet."""
    if order.payment_session_id is None:
        return state.session_id not in order.former_session_ids
    return state.session_id == order.payment_session_id


def _classify_paid(order: Order, state: SessionState) -> Finding:
    if not is_current(order, state):
        is_given_back = state.refunded_amount >= state.received_amount
        return Finding.OVER if is_given_back else Finding.PAID_SUPERSEDED
    is_equal = state.received_amount == state.amount == order.total and state.currency == order.currency
    return Finding.PAID if is_equal else Finding.PAID_DIFFERENT
