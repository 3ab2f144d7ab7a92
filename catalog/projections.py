"""What follows from changes of products and stock, told by DynamoDB Streams."""

from catalog import low_stock, tasks
from catalog.events import has_crossed, product_events_of, stock_events_of
from catalog.ledger import StockEntry, StockLine, StockMovement
from cloudcart import events, streams
from cloudcart.publishing import publish
from cloudcart.streams import StreamRecord


@streams.consumer("products")
def tell_of_product(record: StreamRecord) -> None:
    """Publish what happened to a product as an event."""
    events.publish(product_events_of(record))


@streams.consumer("stock")
def tell_of_stock(record: StreamRecord) -> None:
    """Publish that a SKU began to run low."""
    events.publish(stock_events_of(record))


@streams.consumer("stock")
def list_low_stock(record: StreamRecord) -> None:
    """Keep the list of what runs low."""
    if record.new is not None:
        low_stock.follow_level(record.new)


@streams.consumer("stock")
def warn_of_low_stock(record: StreamRecord) -> None:
    """Have the merchant told by mail that a SKU begins to run low; the task sends no second one."""
    if record.new is not None and has_crossed(record.old, record.new):
        publish(tasks.mail_low_stock.name, sku=record.new["sku"], revision=str(record.new.get("revision", 0)))


@streams.consumer("stock-ledger")
def list_movements(record: StreamRecord) -> None:
    """File an entry's lines under their SKUs. The same entry gives the same items, however often it comes."""
    if record.new is None:
        return
    with StockMovement.batch_write() as batch:
        for movement in StockMovement.of_entry(read_entry(record.new)):
            batch.save(movement)


def read_entry(image: streams.Image) -> StockEntry:
    """Give a ledger's entry as the model that it was stored as."""
    lines = [StockLine(**line) for line in image["lines"]]
    at = StockEntry.at.deserialize(image["at"])
    return StockEntry(**{**image, "at": at, "lines": lines})
