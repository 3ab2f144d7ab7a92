"""Orders that are paid by card, at each stage of that."""

from datetime import datetime
from typing import Any

from catalog.models import Product, Stock
from orders import payment_pages
from orders.models import Order
from orders.outbox import process_order
from orders.reconcile import reconcile
from tests.clock import NOW
from tests.fakes import FakeGateway
from tests.orders.carts import Submission, make_cart, make_line


def place_card_order(product: Product, quantity: int = 1, **changes: Any) -> Order:
    """Order by card; the worker is not told, and no page to pay on is made yet."""
    cart = make_cart(make_line(product, quantity), payment_method="card", now=changes.get("now", NOW))
    return Submission.of(cart).place(**changes)


def open_page(order: Order, gateway: FakeGateway, *, now: datetime = NOW) -> str:
    """Lead the buyer to the page to pay on; gives the session's id."""
    payment_pages.start_or_resume(number=order.number, now=now, gateway=gateway, publish=_nobody)
    return Order.get(order.number).payment_session_id or ""


def settle(order: Order, gateway: FakeGateway, *, now: datetime = NOW, **more: Any) -> Order:
    return reconcile(number=order.number, now=now, gateway=gateway, publish=_nobody, **more)


def place_paid_order(product: Product, gateway: FakeGateway, quantity: int = 1) -> Order:
    """Order and pay; the effects are still to be done."""
    order = place_card_order(product, quantity)
    gateway.pay(open_page(order, gateway))
    return settle(order, gateway)


def work(order: Order, *, now: datetime = NOW) -> Order:
    """Let the worker do what an order owes."""
    process_order(number=order.number, now=now)
    return Order.get(order.number)


def stock_of(product: Product) -> tuple[int, int]:
    """Units available and reserved."""
    stock = Stock.get(product.variants[0].sku, consistent_read=True)
    return stock.available, stock.reserved


def alerts_of(order: Order) -> list[str]:
    return [entry.note for entry in order.timeline if entry.event == "alert"]


def _nobody(number: str) -> None:
    pass
