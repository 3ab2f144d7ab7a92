"""Returns: a shopper asks to send lines back, staff answers, takes them in, and refunds.

Each stage is one read and one conditional write, with its mail in the order's outbox.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings

from cloudcart.errors import StorefrontError
from orders import publishing, queries, refunds, services
from orders.models import Order, Refund, Return, ReturnLine
from orders.reconcile import publish_if_due
from orders.status import ReturnStatus

logger = structlog.get_logger(__name__)

REASONS = {
    "unwanted": "I do not want it any more",
    "size": "It does not fit",
    "different": "It is not as described",
    "damaged": "It arrived damaged or does not work",
    "wrong": "It is not what I ordered",
    "other": "Another reason",
}

_NEXT = {
    ReturnStatus.REQUESTED: {ReturnStatus.APPROVED, ReturnStatus.DECLINED},
    ReturnStatus.APPROVED: {ReturnStatus.RECEIVED, ReturnStatus.DECLINED},
    ReturnStatus.RECEIVED: {ReturnStatus.REFUNDED},
    ReturnStatus.DECLINED: set[ReturnStatus](),
    ReturnStatus.REFUNDED: set[ReturnStatus](),
}


class NotReturnable(StorefrontError):
    """Units were asked to be returned that were not sent, are on their way back already, or had their time."""

    code = "not-returnable"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, name: str, *, left: int) -> None:
        self.left = left
        super().__init__(f"Of {name}, {left} can be returned." if left else f"{name} cannot be returned (any more).")


class NothingToReturn(StorefrontError):
    """A return was asked for without a single unit."""

    code = "nothing-to-return"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("Please choose what you would like to send back.")


class ReturnNotFound(StorefrontError):
    """The order has no such return."""

    code = "return-not-found"
    status_code = HTTPStatus.NOT_FOUND

    def __init__(self, return_id: str) -> None:
        self.return_id = return_id
        super().__init__("This order has no such return.")


class InvalidReturnStep(StorefrontError):
    """A return cannot go from where it stands to where somebody wanted it."""

    code = "invalid-return-step"

    def __init__(self, *, current: str, wanted: str) -> None:
        self.current, self.wanted = current, wanted
        super().__init__(f"This return is {current}, so it cannot become {wanted}.")

    @property
    def extra(self) -> dict[str, Any]:
        return {"current": self.current, "wanted": self.wanted}


def returnable_quantities(order: Order, *, now: datetime) -> dict[str, int]:
    """Units by SKU that were sent, are within their time, and are in no other return or refund."""
    window = timedelta(days=settings.RETURN_WINDOW_DAYS)
    sent, claimed = Counter[str](), order.canceled_quantities
    for shipment in order.shipments:
        if shipment.shipped_at + window > now:
            for line in shipment.lines:
                sent[line.sku] += line.quantity
    for each in order.returns:
        if each.is_open:
            for asked in each.lines:
                claimed[asked.sku] += asked.quantity
    left = {line.sku: sent[line.sku] - claimed[line.sku] for line in order.lines}
    return {sku: quantity for sku, quantity in left.items() if quantity > 0}


def can_ask(order: Order, *, now: datetime) -> bool:
    """Whether a shopper can ask to return something of the order."""
    return bool(returnable_quantities(order, now=now))


def request_return(
    *,
    number: str,
    return_id: str,
    lines: Mapping[str, int],
    reason: str,
    now: datetime,
    note: str = "",
    publish: Callable[[str], None] = publishing.publish_order,
) -> Return:
    """Ask to send units of lines back, for a shopper. The same id again gives the return that there is.

    :param return_id: made at the edge, once for each form.
    :param lines: units by SKU.
    :param reason: a key of `REASONS`.
    :raises OrderNotFound: if there is no such order.
    :raises NothingToReturn: if there is not one unit.
    :raises NotReturnable: if a line has fewer units that can be returned.
    """
    wanted = {sku: quantity for sku, quantity in lines.items() if quantity > 0}
    if not wanted:
        raise NothingToReturn
    order = queries.get_order(number)

    def ask(order: Order) -> bool:
        if order.find_return(return_id) is not None:
            return False
        _check(order, wanted, now=now)
        asked = [ReturnLine(sku=sku, quantity=quantity) for sku, quantity in wanted.items()]
        order.returns.append(
            Return(return_id=return_id, lines=asked, reason=reason, note=note, requested_at=now, updated_at=now)
        )
        _announce(order, return_id, ReturnStatus.REQUESTED, now=now)
        return True

    if services.change_order(order, ask):
        logger.info("return.requested", number=number, return_id=return_id)
        publish_if_due(order, publish)
    return _get(order, return_id)


def approve_return(
    *,
    number: str,
    return_id: str,
    answer: str,
    now: datetime,
    publish: Callable[[str], None] = publishing.publish_order,
) -> Return:
    """Let the shopper send it back.

    :param answer: where to and how, for the shopper to read.
    :raises OrderNotFound: if there is no such order.
    :raises ReturnNotFound: if it has no such return.
    :raises InvalidReturnStep: if the return is past that.
    """
    return _advance(number, return_id, ReturnStatus.APPROVED, answer=answer, now=now, publish=publish)


def decline_return(
    *,
    number: str,
    return_id: str,
    answer: str,
    now: datetime,
    publish: Callable[[str], None] = publishing.publish_order,
) -> Return:
    """Refuse a return that was asked for, or goods that never came; parameters and errors as in `approve_return`.

    :param answer: why, for the shopper to read.
    """
    return _advance(number, return_id, ReturnStatus.DECLINED, answer=answer, now=now, publish=publish)


def receive_return(
    *, number: str, return_id: str, now: datetime, publish: Callable[[str], None] = publishing.publish_order
) -> Return:
    """Note that the goods are back; errors as in `approve_return`."""
    return _advance(number, return_id, ReturnStatus.RECEIVED, now=now, publish=publish)


def refund_return(
    *,
    number: str,
    return_id: str,
    now: datetime,
    amount: int | None = None,
    is_restocked: bool = True,
    publish: Callable[[str], None] = publishing.publish_order,
) -> Refund:
    """Pay a return back whose goods are there. Called again, after a crash too, it pays nothing twice.

    Where nothing is left to pay, because all was refunded before or cost nothing, the return is done all the same.

    :param amount: minor units; what the lines were sold for if left out, and no more than is left.
    :param is_restocked: whether the goods can be sold again.
    :raises ReturnNotFound: if the order has no such return.
    :raises InvalidReturnStep: if the goods are not there yet, or the return was declined.
    :raises RefundTooHigh: and the other errors of `refunds.request_refund`.
    """
    found = _get(queries.get_order(number), return_id)
    if found.status not in {ReturnStatus.RECEIVED, ReturnStatus.REFUNDED}:
        raise InvalidReturnStep(current=found.status, wanted=ReturnStatus.REFUNDED)
    refund = refunds.request_refund(
        number=number,
        refund_id=f"ret-{return_id}",
        reason=f"Return: {REASONS.get(found.reason, found.reason)}",
        amount=amount,
        lines={line.sku: line.quantity for line in found.lines},
        is_restocked=is_restocked,
        may_be_zero=amount is None,
        now=now,
        publish=publish,
    )
    if found.status == ReturnStatus.RECEIVED:
        _advance(number, return_id, ReturnStatus.REFUNDED, now=now, publish=publish, refund_id=refund.refund_id)
    return refund


def _advance(
    number: str,
    return_id: str,
    status: ReturnStatus,
    *,
    now: datetime,
    publish: Callable[[str], None],
    answer: str = "",
    refund_id: str = "",
) -> Return:
    order = queries.get_order(number)

    def advance(order: Order) -> bool:
        found = _get(order, return_id)
        if found.status == status:
            return False
        if status not in _NEXT[ReturnStatus(found.status)]:
            raise InvalidReturnStep(current=found.status, wanted=status)
        found.status, found.updated_at = status, now
        found.answer, found.refund_id = answer or found.answer, refund_id or found.refund_id
        _announce(order, return_id, status, now=now)
        return True

    if services.change_order(order, advance):
        logger.info("return.advanced", number=number, return_id=return_id, status=str(status))
        publish_if_due(order, publish)
    return _get(order, return_id)


def _announce(order: Order, return_id: str, status: ReturnStatus, *, now: datetime) -> None:
    order.note(f"return_{status}", now=now)
    # Of money that is sent, the mail about the refund tells.
    if status is not ReturnStatus.REFUNDED or _is_free(order, return_id):
        order.owe(f"return_mail:{return_id}/{status}", now=now)


def _is_free(order: Order, return_id: str) -> bool:
    refund = order.find_refund(_get(order, return_id).refund_id)
    return refund is not None and refund.is_free


def _check(order: Order, wanted: Mapping[str, int], *, now: datetime) -> None:
    left = returnable_quantities(order, now=now)
    for sku, quantity in wanted.items():
        if quantity > left.get(sku, 0):
            line = order.find_line(sku)
            raise NotReturnable(line.name if line else sku, left=left.get(sku, 0))


def _get(order: Order, return_id: str) -> Return:
    found = order.find_return(return_id)
    if found is None:
        raise ReturnNotFound(return_id)
    return found
