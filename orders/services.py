"""Changes to orders that are there already; `orders.checkout` makes them."""

from collections.abc import Callable
from datetime import datetime

from pynamodb.exceptions import PutError, UpdateError

from cloudcart.dynamo import is_condition_failure
from cloudcart.errors import EditConflict
from cloudcart.transactions import TransactionRefused
from orders import effect_names, publishing, queries, writing
from orders.models import Order
from orders.status import OrderStatus, PaymentStatus, StockMove, check_transition
from orders.writing import Plan

_ATTEMPTS = 20
# A payment that arrives takes its order on by itself, so one that is paid and still pending costs nothing.
_TAKEN_ON = {PaymentStatus.DUE, PaymentStatus.PAID}


def confirm_order(*, number: str, now: datetime) -> Order:
    """Take a pending order on that is to be paid on invoice, or costs nothing: its stock is sold.

    One read, one transaction. One that is past that stays as it is, and so does one that is to be paid first: its
    payment confirms it.

    :raises OrderNotFound: if there is no such order.
    :raises EditConflict: if other changes were first again and again.
    """
    for _ in range(_ATTEMPTS):
        order = queries.get_order(number)
        if not order.is_pending or order.payment_status not in _TAKEN_ON:
            return order
        move(order, OrderStatus.CONFIRMED, now=now)
        order.owe(*effect_names.ON_CONFIRMED, now=now)
        try:
            writing.commit(Plan(order, StockMove.SELL), now=now)
        except TransactionRefused:
            continue
        return order
    raise EditConflict


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
    order.note(status, now=now, note=note)


def change_buyer(order: Order, change: Callable[[Order], None]) -> None:
    """Write who bought, which is frozen otherwise, if nobody wrote the order since; else again on a fresh read.

    :raises EditConflict: if other changes were first again and again.
    """
    for _ in range(_ATTEMPTS):
        change(order)
        try:
            order.save()
            return
        except PutError as error:
            if not is_condition_failure(error):
                raise
            order.refresh(consistent_read=True)
    raise EditConflict


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
            order.update(writing.changes_of(order))
            return True
        except UpdateError as error:
            if not is_condition_failure(error):
                raise
            order.refresh(consistent_read=True)
    raise EditConflict
