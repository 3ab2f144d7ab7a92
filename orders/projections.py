"""What follows from changes of orders, told by DynamoDB Streams."""

from cloudcart import events, streams
from cloudcart.streams import StreamRecord
from orders import counters
from orders.events import events_of


@streams.consumer("orders")
def tell_of_order(record: StreamRecord) -> None:
    """Publish what happened to an order as events."""
    events.publish(events_of(record))


@streams.consumer("orders")
def count_order(record: StreamRecord) -> None:
    """Keep the sums behind the dashboard."""
    counters.count_order(old=record.old, new=record.new)
