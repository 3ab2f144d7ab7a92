"""What follows from changes of products and stock, told by DynamoDB Streams."""

from catalog.ledger import StockEntry, StockLine, StockMovement
from cloudcart import streams
from cloudcart.streams import StreamRecord


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
