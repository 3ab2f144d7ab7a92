"""Changes to orders that are there already; `orders.checkout` makes them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from cloudcart.dynamo import is_condition_failure
from cloudcart.errors import EditConflict
from orders import publishing, queries
from orders.models import Order, TimelineEntry
from orders.status import OrderStatus, check_transition

_ATTEMPTS = 20
_CHANGEABLE = (
    *("status", "updated_at", "timeline", "effects", "reminders", "due", "due_at"),
    *("payment_status", "payment_attempt", "payment_session_id", "former_session_ids", "payment_intent_id"),
    *("hold_until", "watch", "watch_at", "paid_amount", "refunded_amount", "refunds", "is_disputed"),
    *("invoice_number", "invoiced_at", "credit_notes"),
    *("fulfillment_status", "shipments", "returns"),
)


def confirm_order(*, number: str, now: datetime) -> Order:
    """Take a pending order on; one that is past that stays as it is. One read, one conditional write.

    :raises OrderNotFound: if there is no such order.
    :raises EditConflict: if other changes were first again and again.
    """
    order = queries.get_order(number)

    def confirm(order: Order) -> bool:
        if not order.is_pending:
            return False
        move(order, OrderStatus.CONFIRMED, now=now)
        return True

    change_order(order, confirm)
    return order


def send_link_again(*, number: str, email: str, publish: Callable[[str], None] = publishing.publish_link) -> None:
    """Have the link to an order mailed to its buyer, if the e-mail address is the one they gave.

    Gives nothing away: the caller cannot tell whether there is such an order. One read.

    :raises PublishFailed: if SQS does not take the message.
    """
    try:
        order = queries.get_order(number)
    except queries.OrderNotFound:
        return
    if order.email.casefold() == email.casefold():
        publish(number)


def move(order: Order, status: OrderStatus, *, now: datetime, note: str = "") -> None:
    """Give an order another status in memory, with its entry in the timeline.

    :raises InvalidTransition: if it cannot follow the order's status.
    """
    check_transition(order.status, status)
    order.status = status
    order.updated_at = now
    order.timeline.append(TimelineEntry(at=now, event=status, note=note))


def change_order(order: Order, change: Callable[[Order], bool]) -> bool:
    """Apply ``change`` and write what it changed, if nobody wrote the order since; else again on a fresh read.

    ``change`` alters the order it is given and says whether there is anything to write. Frozen parts
    (lines, amounts, address) are not written. Gives what the last ``change`` said.

    :raises EditConflict: if other changes were first again and again.
    """
    for _ in range(_ATTEMPTS):
        if not change(order):
            return False
        try:
            order.update(changes_of(order))
            return True
        except UpdateError as error:
            if not is_condition_failure(error):
                raise
            order.refresh(consistent_read=True)
    raise EditConflict


def changes_of(order: Order) -> list[Action]:
    """Give what may change of an order, as it is in memory, for an update that other items may join."""
    attributes = Order.get_attributes()
    return [_set_or_remove(attributes[name], getattr(order, name)) for name in _CHANGEABLE]


def _set_or_remove(attribute: Attribute[Any], value: Any) -> Action:
    return attribute.remove() if value is None else attribute.set(value)
