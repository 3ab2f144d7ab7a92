"""Set units in stock to what a file says, unless they have changed since they were compared."""

from __future__ import annotations

from datetime import datetime

from catalog.ledger import Reason
from catalog.models import Stock
from catalog.spreadsheets.entries import StockChange
from catalog.stock import Posting
from cloudcart.errors import StorefrontError
from cloudcart.transactions import Transaction, TransactionRefused


class StockMoved(StorefrontError):
    """Units were sold, returned or counted since the dry run."""

    code = "stock-moved"

    def __init__(self, sku: str) -> None:
        self.sku = sku
        super().__init__(f"The stock of {sku} has changed since the dry run, and is left as it is now.")


def take_stock(*, change: StockChange, product_id: str, actor: str, now: datetime) -> None:
    """Set the units of a SKU that can be sold, if there are as many as the dry run found.

    One transaction, with the ledger's entry.

    :param actor: the e-mail address of who imports; empty for a command.
    :raises StockMoved: if there are not, or the SKU is another product's.
    """
    is_unchanged = (Stock.product_id == product_id) & (Stock.available == change.old)
    transaction = Transaction()
    posting = Posting(transaction, reason=Reason.IMPORTED, now=now, actor=actor)
    posting.move(change.sku, available=change.new - change.old, condition=is_unchanged)
    posting.write()
    try:
        transaction.commit()
    except TransactionRefused as refused:
        raise StockMoved(change.sku) from refused
