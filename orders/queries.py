"""What is asked of DynamoDB about orders; docs/access-patterns.md has the table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from cloudcart.errors import StorefrontError
from orders.models import Order

PAGE_SIZE = 10


class OrderNotFound(StorefrontError):
    """There is no order of this number, or not for this person: the two read the same."""

    code = "order-not-found"
    status_code = HTTPStatus.NOT_FOUND

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__("We cannot find this order.")


@dataclass(frozen=True)
class OrderPage:
    """Some of a customer's orders, newest first; ``older_than`` leads to the next page, if there is one."""

    orders: Sequence[Order]
    older_than: datetime | None


def get_order(number: str) -> Order:
    """Read an order by its number, consistently: one GetItem.

    :raises OrderNotFound: if there is no such order.
    """
    try:
        return Order.get(number, consistent_read=True)
    except Order.DoesNotExist as error:
        raise OrderNotFound(number) from error


def list_orders_for_customer(customer_id: str, *, older_than: datetime | None = None) -> OrderPage:
    """List ten orders of a customer, newest first: one query of the index ``by_customer``.

    :param older_than: the time at which the last order of the page before was placed.
    """
    condition = Order.placed_at < older_than if older_than is not None else None
    # One more than the page holds tells whether another page follows.
    found = list(
        Order.by_customer.query(customer_id, condition, scan_index_forward=False, limit=PAGE_SIZE + 1, page_size=50)
    )
    orders = found[:PAGE_SIZE]
    return OrderPage(orders, orders[-1].placed_at if len(found) > PAGE_SIZE else None)


def list_orders_placed(*, since: datetime, until: datetime, status: str | None = None, limit: int) -> Iterator[Order]:
    """Walk through orders of a time, the oldest first: one query of ``by_placed``, or of ``by_status``, for each 100.

    :param since, until: the first moment that counts, and the first that does not any more.
    :param limit: how many at most.
    """
    condition = Order.placed_at.between(since, until - timedelta(microseconds=1))
    index: Any = Order.by_placed if status is None else Order.by_status
    found = index.query(status or "order", condition, limit=limit, page_size=min(limit, 100))
    return iter(found)


def list_numbers_for_email(email: str) -> list[str]:
    """List the numbers of all orders of an e-mail address, guests' as well: one query of ``by_email`` for each 100."""
    found = Order.by_email.query(email.casefold(), page_size=100, attributes_to_get=["number"])
    return [order.number for order in found]


def list_numbers_for_customer(customer_id: str) -> list[str]:
    """List the numbers of all orders of a customer: one query of ``by_customer`` for each 100."""
    found = Order.by_customer.query(customer_id, page_size=100, attributes_to_get=["number"])
    return [order.number for order in found]


def list_overdue_numbers(*, now: datetime, limit: int) -> list[str]:
    """List numbers of orders whose effects are overdue, the longest waiting first: one query of ``due``."""
    found = Order.due_index.query(Order.DUE, Order.due_at <= now, limit=limit, page_size=limit)
    return [order.number for order in found]


def list_unfinished_numbers(*, limit: int) -> list[str]:
    """List numbers of orders with effects still to happen, the most often postponed first: one query of ``due``."""
    found = Order.due_index.query(Order.DUE, limit=limit, page_size=limit, scan_index_forward=False)
    return [order.number for order in found]


def list_watched_numbers(*, now: datetime, limit: int) -> list[str]:
    """List numbers of orders whose payment is to be looked at, the longest waiting first: one query of ``watch``."""
    found = Order.watch_index.query(Order.WATCH, Order.watch_at <= now, limit=limit, page_size=limit)
    return [order.number for order in found]
