"""Every change of stock levels: the writes of a transaction, and the entry of the ledger beside them.

A level that is changed in any other way makes `manage.py verify_stock` complain. Names of the actions are
``stock:<sku>`` for the levels and ``ledger:<entry id>`` for the entry, one for the whole transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from pynamodb.expressions.condition import Condition

from catalog.ledger import Reason, StockEntry, StockLine
from catalog.models import Stock
from cloudcart.transactions import Transaction


class Posting:
    """Collects the changes of levels that one transaction makes, then writes the entry with all of them.

    :param entry_id: what can happen only once gets an id of its own; a second time is refused.
    :param actor: the e-mail address of who did it; empty for the shop itself.
    """

    def __init__(
        self,
        transaction: Transaction,
        *,
        reason: Reason,
        now: datetime,
        entry_id: str | None = None,
        note: str = "",
        actor: str = "",
        order_number: str | None = None,
    ) -> None:
        self._transaction = transaction
        self._entry = StockEntry(
            entry_id or f"{now:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:12]}",
            at=now,
            reason=reason,
            note=note,
            actor=actor,
            order_number=order_number,
            lines=[],
        )

    def move(self, sku: str, *, available: int = 0, reserved: int = 0, condition: Condition | None = None) -> None:
        """Change both levels by so many units; nothing falls below zero, and no item is made."""
        allowed = Stock.product_id.exists()
        if available < 0:
            allowed &= Stock.available >= -available
        if reserved < 0:
            allowed &= Stock.reserved >= -reserved
        if condition is not None:
            allowed &= condition
        changes = [Stock.available.add(available), Stock.reserved.add(reserved), Stock.revision.add(1)]
        self._transaction.update(f"stock:{sku}", Stock(sku), changes, allowed)
        self._note(sku, available=available, reserved=reserved)

    def open(self, sku: str, *, product_id: str, units: int) -> None:
        """Give a SKU, which nobody may have yet, to a product."""
        item = Stock(sku, product_id=product_id, available=units, reserved=0, revision=1)
        self._transaction.save(f"stock:{sku}", item, Stock.sku.does_not_exist())
        self._note(sku, available=units)

    def close(self, item: Stock) -> None:
        """Delete a SKU's levels, if they still are what was read, with nothing reserved."""
        unchanged = (Stock.product_id == item.product_id) & (Stock.reserved == 0) & (Stock.available == item.available)
        self._transaction.delete(f"stock:{item.sku}", Stock(item.sku), unchanged)
        self._note(item.sku, available=-item.available)

    def write(self) -> None:
        """Add the entry to the transaction, if any level changes."""
        if self._entry.lines:
            name = f"ledger:{self._entry.entry_id}"
            self._transaction.save(name, self._entry, StockEntry.entry_id.does_not_exist())

    def _note(self, sku: str, *, available: int, reserved: int = 0) -> None:
        if available or reserved:
            self._entry.lines.append(StockLine(sku=sku, available=available, reserved=reserved))


def reserve(transaction: Transaction, *, quantities: Mapping[str, int], order_number: str, now: datetime) -> None:
    """Let a new order have so many units of each SKU; refused if fewer are available."""
    move_for_order(
        transaction,
        reason=Reason.RESERVED,
        quantities=quantities,
        available=-1,
        reserved=1,
        order_number=order_number,
        now=now,
    )


def restock(
    transaction: Transaction, *, quantities: Mapping[str, int], order_number: str, part: str, now: datetime
) -> None:
    """Take back units that were sold; refused for a SKU that is not sold any more.

    :param part: names the return or refund, each of which takes back once.
    """
    move_for_order(
        transaction,
        reason=Reason.RESTOCKED,
        quantities=quantities,
        available=1,
        order_number=order_number,
        part=part,
        now=now,
    )


def move_for_order(
    transaction: Transaction,
    *,
    reason: Reason,
    quantities: Mapping[str, int],
    order_number: str,
    now: datetime,
    available: int = 0,
    reserved: int = 0,
    part: str = "",
) -> None:
    """Move an order's units between the levels, with the one entry that can be there once.

    :param available: by how much it changes for each unit: 1, 0 or -1; ``reserved`` likewise.
    :param part: tells apart what happens to an order several times.
    """
    entry_id = ":".join(["order", order_number, reason, *([part] if part else [])])
    posting = Posting(transaction, reason=reason, now=now, entry_id=entry_id, order_number=order_number)
    for sku, quantity in quantities.items():
        posting.move(sku, available=available * quantity, reserved=reserved * quantity)
    posting.write()
