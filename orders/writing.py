"""Write an order that changed in memory, with its stock and whatever else belongs into the same transaction."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.expressions.update import Action

from cloudcart.transactions import Transaction, TransactionRefused
from orders import stocking
from orders.gateway import WebhookEvent
from orders.models import Order, PaymentEvent, Refund
from orders.status import StockMove

EVENT_LIFETIME = timedelta(days=60)
_CHANGEABLE = (
    *("status", "updated_at", "timeline", "effects", "reminders", "due", "due_at"),
    *("payment_status", "payment_attempt", "payment_session_id", "payment_intent_id"),
    *("former_session_ids", "delayed_session_ids"),
    *("hold_until", "watch", "watch_at", "paid_amount", "refunded_amount", "refunds", "is_disputed", "stock_state"),
    *("invoice_number", "invoiced_at", "credit_notes"),
    *("fulfillment_status", "shipments", "returns"),
)


class StockGone(Exception):
    """What a transition wanted of the stock cannot be had."""

    def __init__(self, skus: list[str]) -> None:
        self.skus = skus
        super().__init__(", ".join(skus))


@dataclass
class Plan:
    """What one pass has decided: the order as it is to be, and what becomes of its stock.

    ``lost`` names SKUs that are not sold any more, whose units have no shelf to go back to.
    """

    order: Order
    stock_move: StockMove = StockMove.NONE
    restocked: tuple[Refund, ...] = ()
    lost: set[str] = field(default_factory=set)


def commit(plan: Plan, *, now: datetime, event: WebhookEvent | None = None) -> None:
    """Write a plan: the order, if nobody changed it, its stock, and the event's id, in one transaction.

    :raises StockGone: if units are wanted that are not there.
    :raises TransactionRefused: if the order was changed (``order``) or the event is known (``event``).
    """
    while True:
        transaction, order = Transaction(), plan.order
        _move_stock(transaction, plan, now=now)
        # After the stock, whose moves are noted on the order.
        transaction.update("order", order, changes_of(order))
        if event is not None:
            transaction.save("event", _record_of(event, order, now=now), PaymentEvent.event_id.does_not_exist())
        try:
            transaction.commit()
            return
        except TransactionRefused as refused:
            skus = _find_missing(refused)
            if not skus:
                raise
            if plan.stock_move in {StockMove.SELL_AGAIN, StockMove.RESERVE_AGAIN, StockMove.SELL}:
                raise StockGone(skus) from refused
            # Nobody sells them any more, so there is no level to give them back to.
            plan.lost |= set(skus)


def changes_of(order: Order) -> list[Action]:
    """Give what may change of an order, as it is in memory, for an update that other items may join."""
    attributes = Order.get_attributes()
    return [_set_or_remove(attributes[name], getattr(order, name)) for name in _CHANGEABLE]


def record_event(event: WebhookEvent, order: Order, *, now: datetime) -> None:
    """Write an event's id down that changed nothing.

    :raises TransactionRefused: if it is known (``event``).
    """
    transaction = Transaction()
    transaction.save("event", _record_of(event, order, now=now), PaymentEvent.event_id.does_not_exist())
    transaction.commit()


def _record_of(event: WebhookEvent, order: Order, *, now: datetime) -> PaymentEvent:
    return PaymentEvent(
        event.event_id, kind=event.kind, order_number=order.number, received_at=now, expires_at=now + EVENT_LIFETIME
    )


def _find_missing(refused: TransactionRefused) -> list[str]:
    """List SKUs whose levels alone stood in the way, and not some other change at the same moment."""
    if any(not each.name.startswith("stock:") or each.code != "ConditionalCheckFailed" for each in refused.refusals):
        return []
    return [each.name.removeprefix("stock:") for each in refused.refusals]


def _move_stock(transaction: Transaction, plan: Plan, *, now: datetime) -> None:
    order = plan.order
    if plan.stock_move is not StockMove.NONE:
        stocking.move_all(transaction, order, plan.stock_move, lost=plan.lost, now=now)
    if plan.restocked:
        # One transaction changes an item once, so refunds that are through together are put back together.
        part = "+".join(refund.refund_id for refund in plan.restocked)
        stocking.restock(transaction, order, _units_back(plan), part=part, now=now)


def _units_back(plan: Plan) -> Counter[str]:
    units = Counter[str]()
    for line in (line for refund in plan.restocked for line in refund.lines):
        if line.sku not in plan.lost:
            units[line.sku] += line.quantity
    return units


def _set_or_remove(attribute: Attribute[Any], value: Any) -> Action:
    return attribute.remove() if value is None else attribute.set(value)
