"""What runs low: a list that follows the levels, and a mail to the merchant when something begins to."""

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from catalog import emails
from catalog.events import is_low
from catalog.ledger import StockEntry, StockMovement
from catalog.models import Product, Stock
from cloudcart.dynamo import is_condition_failure
from cloudcart.streams import Image


def follow_level(image: Image) -> bool:
    """Put a SKU onto the list of what runs low, or take it off; tells whether that changed. At most one write.

    :param image: the stock item after a change. If it has changed since, the record of that is on its way.
    """
    low = is_low(image)
    if (image.get("low") is not None) == low:
        return False
    action = Stock.low.set(Stock.LOW) if low else Stock.low.remove()
    unchanged = _is_at(int(image.get("revision", 0)))
    return _update(image["sku"], action, unchanged)


def mail_once(*, sku: str, revision: int) -> bool:
    """Mail the merchant that a SKU runs low, once for each time that it begins to; tells whether a mail was sent.

    :param revision: of the change by which it began.
    """
    stock = Stock.find(sku, consistent=True)
    product = Product.find(stock.product_id) if stock else None
    if stock is None or product is None:
        return False
    former = stock.warned_revision
    if not _claim(sku, former=former, revision=revision):
        return False
    try:
        emails.low_stock(stock, product).send()
    except Exception:
        # The task is tried again, and has to find it undone.
        action = Stock.warned_revision.remove() if former is None else Stock.warned_revision.set(former)
        _update(sku, action, Stock.warned_revision == revision)
        raise
    return True


def rebuild_lists() -> tuple[int, int]:
    """Make the lists of SKUs, of what runs low and of movements anew; gives how many SKUs differed, and the movements.

    After a change of the threshold, or when more than a day of the stream was missed. Scans: for a command.
    """
    changed = 0
    for item in Stock.scan(consistent_read=True):
        image = {"sku": item.sku, "available": item.available, "low": item.low, "revision": item.revision}
        is_listed = item.shelf == Stock.ALL or not _update(item.sku, Stock.shelf.set(Stock.ALL), Stock.sku.exists())
        changed += follow_level(image) or not is_listed
    written = 0
    with StockMovement.batch_write() as batch:
        for entry in StockEntry.scan():
            for movement in StockMovement.of_entry(entry):
                batch.save(movement)
                written += 1
    return changed, written


def _claim(sku: str, *, former: int | None, revision: int) -> bool:
    if former is not None and former >= revision:
        return False
    unchanged = Stock.warned_revision.does_not_exist() if former is None else Stock.warned_revision == former
    return _update(sku, Stock.warned_revision.set(revision), unchanged)


def _is_at(revision: int) -> Condition:
    unchanged = Stock.revision == revision
    # Levels from before the ledger count no changes.
    return unchanged if revision else unchanged | Stock.revision.does_not_exist()


def _update(sku: str, action: Action, condition: Condition) -> bool:
    try:
        Stock(sku).update([action], condition=Stock.sku.exists() & condition)
    except UpdateError as error:
        if not is_condition_failure(error):
            raise
        return False
    return True
