"""Pay money back: asked for on the order first, sent to the provider by the worker, done when the provider says so."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import structlog

from cloudcart import faults
from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.money import format_amount
from cloudcart.transactions import TransactionRefused
from orders import publishing, queries, services, writing
from orders.gateway import PaymentGateway, RequestRefused, get_gateway
from orders.models import Order, Refund, RefundLine
from orders.reconcile import publish_if_due, reconcile
from orders.settlement import REFUND_LOOK, complete_refund, status_for
from orders.status import PaymentStatus, RefundStatus, StockState
from orders.transitions import alert
from orders.writing import Plan

logger = structlog.get_logger(__name__)

_ATTEMPTS = 20
_WITH_MONEY = {PaymentStatus.PAID, PaymentStatus.PART_REFUNDED, PaymentStatus.REVIEW}


class NothingToRefund(StorefrontError):
    """The order holds no money: nothing was paid, or all of it went back."""

    code = "nothing-to-refund"

    def __init__(self, order: Order) -> None:
        super().__init__(f"Order {order.number} holds no money that could be refunded ({order.payment_status}).")


class RefundTooHigh(StorefrontError):
    """More was asked back than is left; both are minor units."""

    code = "refund-too-high"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, *, asked: int, left: int, currency: str) -> None:
        self.asked, self.left, self.currency = asked, left, currency
        super().__init__(
            f"At most {format_amount(left, currency)} of this order can be refunded, "
            f"and {format_amount(asked, currency)} was asked for."
        )

    @property
    def extra(self) -> dict[str, Any]:
        return {"asked": self.asked, "left": self.left, "currency": self.currency}


class TooManyUnits(StorefrontError):
    """A refund names more units of a line than were bought and not yet paid back, or a line that is not there."""

    code = "too-many-units"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, sku: str, *, left: int) -> None:
        self.sku, self.left = sku, left
        super().__init__(f"Of {sku}, {left} {'is' if left == 1 else 'are'} left in this order.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"sku": self.sku, "left": self.left}


def refundable_amount(order: Order) -> int:
    """Minor units that can still be refunded: paid (or owed on invoice), less what went back or is on its way."""
    waived = sum(refund.amount for refund in order.refunds if refund.status == RefundStatus.WAIVED)
    if order.payment_status == PaymentStatus.DUE:
        return order.total - waived
    if order.payment_status not in _WITH_MONEY:
        return 0
    return order.paid_amount - order.refunded_amount - order.pending_refund_amount


def refundable_quantities(order: Order) -> dict[str, int]:
    """Units by SKU that no refund is about yet."""
    return {line.sku: line.quantity - order.canceled_quantity(line.sku) for line in order.lines}


def amount_of(order: Order, lines: Mapping[str, int]) -> int:
    """Minor units that units of lines were sold for, tax included."""
    net = sum(line.unit_amount * lines.get(line.sku, 0) for line in order.lines)
    if order.prices_include_tax:
        return net
    # Rounded as the order's own tax is: half a unit up.
    return net + (net * order.tax_rate_basis_points + 5_000) // 10_000


def request_refund(
    *,
    number: str,
    refund_id: str,
    reason: str,
    now: datetime,
    amount: int | None = None,
    lines: Mapping[str, int] | None = None,
    is_restocked: bool = False,
    may_be_zero: bool = False,
    publish: Callable[[str], None] = publishing.publish_order,
) -> Refund:
    """Ask for a refund: one read, one transaction, one SQS message. The worker sends it to the provider.

    The same id again gives the refund that there is. Money of an order on invoice that was not paid is waived at
    once, and a payment that came by bank transfer is noted as sent back by the merchant.

    :param refund_id: made at the edge, once for each intent to refund; part of the provider's idempotency key.
    :param amount: minor units; what the lines were sold for if left out, or all that is left without lines.
    :param lines: units by SKU that the refund is for.
    :param is_restocked: whether these units can be sold again; they are back on the shelf when the money is sent.
    :param may_be_zero: whether units can come back for which nothing is left to pay: then nothing is sent, no mail
        and no credit note follows, and the units are back at once.
    :raises OrderNotFound: if there is no such order.
    :raises NothingToRefund: if the order holds no money.
    :raises RefundTooHigh: if the amount is not from 1 to what is left, or from 0 if it may be.
    :raises TooManyUnits: if a line has fewer units left.
    :raises EditConflict: if others kept changing the order.
    """
    for _ in range(_ATTEMPTS):
        order = queries.get_order(number)
        existing = order.find_refund(refund_id)
        if existing is not None:
            return existing
        refund = make_refund(
            order,
            refund_id=refund_id,
            reason=reason,
            amount=amount,
            lines=lines,
            is_restocked=is_restocked,
            may_be_zero=may_be_zero,
            now=now,
        )
        try:
            writing.commit(Plan(order, restocked=add_refund(order, refund, now=now)), now=now)
        except TransactionRefused:
            continue
        faults.point("refund.requested")
        logger.info("refund.requested", number=number, refund_id=refund_id, amount=refund.amount)
        publish_if_due(order, publish)
        return refund
    raise EditConflict


def make_refund(
    order: Order,
    *,
    refund_id: str,
    reason: str,
    now: datetime,
    amount: int | None = None,
    lines: Mapping[str, int] | None = None,
    is_restocked: bool = False,
    may_be_zero: bool = False,
) -> Refund:
    """Make a refund in memory, checked against its order; the parameters and errors are those of `request_refund`."""
    quantities = {sku: quantity for sku, quantity in (lines or {}).items() if quantity > 0}
    left, units = refundable_amount(order), refundable_quantities(order)
    if left <= 0 and not may_be_zero:
        raise NothingToRefund(order)
    for sku, quantity in quantities.items():
        if quantity > units.get(sku, 0):
            raise TooManyUnits(sku, left=units.get(sku, 0))
    if amount is None:
        amount = min(left, amount_of(order, quantities)) if quantities else left
    if not (0 if may_be_zero else 1) <= amount <= left:
        raise RefundTooHigh(asked=amount, left=left, currency=order.currency)
    return Refund(
        refund_id=refund_id,
        amount=amount,
        reason=reason,
        is_restocked=is_restocked,
        lines=[RefundLine(sku=sku, quantity=quantity) for sku, quantity in quantities.items()],
        created_at=now,
    )


def add_refund(order: Order, refund: Refund, *, now: datetime) -> tuple[Refund, ...]:
    """Put a refund onto its order in memory, on its way or done at once; gives it if its units go back now."""
    order.refunds.append(refund)
    order.note("refund_requested", now=now, note=refund.reason)
    if refund.is_free:
        return _settle_at_once(order, refund, RefundStatus.WAIVED, now=now)
    if order.payment_status == PaymentStatus.DUE:
        restocked = _settle_at_once(order, refund, RefundStatus.WAIVED, now=now)
        if refundable_amount(order) <= 0:
            order.payment_status = PaymentStatus.CANCELED
        return restocked
    if order.payment_intent_id is None:
        order.refunded_amount += refund.amount
        order.payment_status = status_for(order)
        return _settle_at_once(order, refund, RefundStatus.SUCCEEDED, now=now)
    order.owe(f"refund:{refund.refund_id}", now=now)
    order.watch_until(now + REFUND_LOOK)
    return ()


def send_refund(
    *,
    order: Order,
    refund_id: str,
    now: datetime,
    gateway: PaymentGateway | None = None,
    publish: Callable[[str], None] = publishing.publish_order,
) -> None:
    """Have the provider send a refund that was asked for, once however often this runs, and take the result over.

    Looks first whether an earlier attempt was heard: its key is forgotten after a day, and the same refund would be
    sent again.

    :raises PaymentUnavailable: if the provider does not answer; trying again helps.
    """
    gateway = gateway or get_gateway()
    order = reconcile(number=order.number, now=now, gateway=gateway, publish=publish)
    refund = order.find_refund(refund_id)
    if refund is None or not refund.is_pending or refund.provider_id or order.payment_intent_id is None:
        return
    faults.point("refund.looked_up")
    try:
        gateway.refund(
            payment_intent_id=order.payment_intent_id,
            amount=refund.amount,
            refund_id=refund_id,
            order_number=order.number,
            idempotency_key=f"rf:{refund_id}",
        )
    except RequestRefused as error:
        _fail(order.number, refund_id, error.reason, now=now)
        return
    faults.point("refund.sent")
    reconcile(number=order.number, now=now, gateway=gateway, publish=publish)


def send_duplicate_back(*, order: Order, payment_intent_id: str, gateway: PaymentGateway | None = None) -> None:
    """Have the provider send back all of a second payment for an order.

    :raises PaymentUnavailable: if the provider does not answer; trying again helps.
    """
    gateway = gateway or get_gateway()
    try:
        gateway.refund(
            payment_intent_id=payment_intent_id,
            amount=None,
            refund_id=f"dup-{payment_intent_id}",
            order_number=order.number,
            idempotency_key=f"dup:{payment_intent_id}",
        )
    except RequestRefused as error:
        logger.warning("refund.duplicate_refused", number=order.number, reason=error.reason)


def _settle_at_once(order: Order, refund: Refund, status: RefundStatus, *, now: datetime) -> tuple[Refund, ...]:
    complete_refund(order, refund, now=now, status=status)
    goes_back = refund.is_restocked and refund.lines and order.stock_state == StockState.SOLD
    return (refund,) if goes_back else ()


def _fail(number: str, refund_id: str, reason: str, *, now: datetime) -> None:
    """The provider will never do it: the money stays, and a person has to look."""

    def fail(order: Order) -> bool:
        refund = order.find_refund(refund_id)
        if refund is None or not refund.is_pending:
            return False
        refund.status = RefundStatus.FAILED
        alert(order, f"The refund {refund_id} was refused: {reason}", now=now)
        return True

    services.change_order(queries.get_order(number), fail)
