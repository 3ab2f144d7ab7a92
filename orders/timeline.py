"""What happened to an order and what comes next, as its page tells it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from orders.models import Order
from orders.status import OrderStatus


@dataclass(frozen=True)
class Milestone:
    """One entry: ``state`` is done, current or failed; ``at`` is absent for what is still going on."""

    title: str
    state: str
    at: datetime | None = None
    detail: str = ""

    @property
    def is_done(self) -> bool:
        return self.state == "done"


def list_milestones(order: Order) -> list[Milestone]:
    """Tell an order's story in the order of time."""
    placed = Milestone("Order placed", "done", order.placed_at)
    if order.is_pending:
        return [placed, Milestone("Being confirmed", "current", detail="This takes a few seconds.")]
    canceled = order.find_event(OrderStatus.CANCELED)
    if canceled is not None:
        return [placed, Milestone("Canceled", "failed", canceled.at, canceled.note)]
    confirmed = order.find_event(OrderStatus.CONFIRMED)
    return [
        placed,
        Milestone("Confirmed", "done", confirmed.at if confirmed else None),
        Milestone("Getting it ready", "current", detail=order.shipping_method_name),
    ]
