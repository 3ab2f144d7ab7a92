"""The stock of an order, reserved, sold or back on the shelf, as writes of the order's own transaction."""

from collections.abc import Collection, Mapping
from datetime import datetime

from catalog import stock
from catalog.ledger import Reason
from cloudcart.transactions import Transaction
from orders.models import Order
from orders.status import StockMove, StockState


def move_all(
    transaction: Transaction, order: Order, move: StockMove, *, now: datetime, lost: Collection[str] = ()
) -> None:
    """Move the units of an order, and note on it where they are then.

    Selling and reserving again are refused (``stock:<sku>``) if fewer units are there.

    :param lost: SKUs that are not sold any more; their units go nowhere.
    """
    if move is StockMove.TAKE_BACK:
        restock(transaction, order, _remaining(order, lost), part="canceled", now=now)
    else:
        _post(transaction, order, move, lost, now=now)
    order.stock_state = _RESULTS[move]


def restock(transaction: Transaction, order: Order, quantities: Mapping[str, int], *, part: str, now: datetime) -> None:
    """Put units that were sold to an order back on the shelf.

    :param part: names the refund, each of which puts back once.
    """
    stock.restock(transaction, quantities=quantities, order_number=order.number, part=part, now=now)


def _post(transaction: Transaction, order: Order, move: StockMove, lost: Collection[str], *, now: datetime) -> None:
    reason, available, reserved = _POSTINGS[move]
    # An order can be given up and revived, so the entry is named after the order's version as well.
    stock.move_for_order(
        transaction,
        reason=reason,
        quantities={line.sku: line.quantity for line in order.lines if line.sku not in lost},
        available=available,
        reserved=reserved,
        order_number=order.number,
        part=str(order.version),
        now=now,
    )


def _remaining(order: Order, lost: Collection[str]) -> dict[str, int]:
    """Units that no refund has put back before."""
    back = order.restocked_quantities
    left = {line.sku: line.quantity - back[line.sku] for line in order.lines}
    return {sku: quantity for sku, quantity in left.items() if quantity > 0 and sku not in lost}


# By how much available and reserved change for each unit.
_POSTINGS = {
    StockMove.SELL: (Reason.SOLD, 0, -1),
    StockMove.SELL_AGAIN: (Reason.SOLD, -1, 0),
    StockMove.RELEASE: (Reason.RELEASED, 1, -1),
    StockMove.RESERVE_AGAIN: (Reason.RESERVED, -1, 1),
}
_RESULTS = {
    StockMove.SELL: StockState.SOLD,
    StockMove.SELL_AGAIN: StockState.SOLD,
    StockMove.RESERVE_AGAIN: StockState.RESERVED,
    StockMove.RELEASE: StockState.RELEASED,
    StockMove.TAKE_BACK: StockState.RELEASED,
}
