"""What has to hold when all is quiet again, whatever happened before."""

import json
import os
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from catalog import verification
from catalog.models import Stock
from cloudcart.dynamo import batch_get
from cloudcart.streams import StreamRecord
from orders.events import events_of
from orders.models import Idempotency, Order
from orders.status import PaymentStatus, StockState

_QUIET = {"due", "paid", "part_refunded", "refunded", "canceled", "review"}


def check(orders: Sequence[Order], *, stock: Mapping[str, int], books: Sequence[Mapping[str, Any]]) -> list[str]:
    """List what does not hold, in sentences; ``stock`` is what there was, ``books`` are the simulator's.

    :param orders: all orders of the run.
    """
    by_order: dict[str, list[Mapping[str, Any]]] = {order.number: [] for order in orders}
    for entry in books:
        by_order.get(entry["client_reference_id"], []).append(entry)
    problems = _check_stock(orders, stock)
    for order in orders:
        problems += [f"{order.number}: {problem}" for problem in _check_order(order, by_order[order.number])]
    return problems


def check_keys() -> list[str]:
    """Each key has placed one order, and each order that there is was placed by one key."""
    placed = Counter(item.order_number for item in Idempotency.scan())
    there = Counter(order.number for order in Order.scan())
    return [
        f"{number}: {placed[number]} keys, {there[number]} orders."
        for number in placed | there
        if (placed[number], there[number]) != (1, 1)
    ]


def check_ledger() -> list[str]:
    """The sum of the stock's ledger is its level."""
    return [str(difference) for difference in verification.verify_stock().differences]


def check_events(orders: Sequence[Order], records: Iterable[StreamRecord]) -> list[str]:
    """The changes of the orders, as DynamoDB's stream tells them, amount to each event once."""
    told = Counter((event.type, event.key) for record in records for event in events_of(record))
    problems = []
    for order in orders:
        wanted = {
            "OrderPlaced": 1,
            "OrderPaid": int(order.find_event("paid") is not None),
            "OrderCanceled": int(order.is_canceled),
        }
        problems += [
            f"{order.number}: {told[kind, order.number]} events {kind}, and {count} wanted."
            for kind, count in wanted.items()
            if told[kind, order.number] != count
        ]
    return problems


def check_invoices(orders: Sequence[Order]) -> list[str]:
    """Whoever is owed an invoice has one, with a number of its own."""
    owed = [order for order in orders if order.find_effect("invoice") is not None]
    problems = [f"{order.number}: no invoice." for order in owed if order.invoice_number is None]
    numbers = Counter(order.invoice_number for order in owed if order.invoice_number is not None)
    return problems + [f"{count} orders have the invoice {number}." for number, count in numbers.items() if count > 1]


def count_mails() -> Counter[tuple[str, str]]:
    """Count the mails that SES took, by order and what they are about."""
    with urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_ministack/ses/messages", timeout=60) as answer:
        accounts = json.loads(answer.read())["messages"].values()
    subjects = (mail["Subject"] for mails in accounts for mail in mails)
    counted = Counter[tuple[str, str]]()
    for subject in subjects:
        number = next((word for word in subject.split() if word.count("-") == 2), "")
        counted[number, subject.replace(number, "…")] += 1
    return counted


def check_mails(orders: Sequence[Order], mails: Mapping[tuple[str, str], int], *, again: Counter[str]) -> list[str]:
    """Each order that was paid (or taken on, on invoice) was confirmed by one mail.

    :param again: how often, by order, a process died after SES had taken a mail and before that was noted.
        That gap cannot be closed, and each such death may send the mail once more.
    """
    problems = []
    for order in orders:
        count = mails.get((order.number, "Your order …"), 0)
        wanted = 1 if order.find_effect("confirmation_mail") is not None else 0
        if not wanted <= count <= wanted + again[order.number]:
            problems.append(f"{order.number}: {count} confirmations, and {again[order.number]} deaths after sending.")
    return problems


def _check_stock(orders: Sequence[Order], stock: Mapping[str, int]) -> list[str]:
    sold, reserved = Counter[str](), Counter[str]()
    for order in orders:
        back = order.restocked_quantities
        for line in order.lines:
            if order.stock_state == StockState.SOLD:
                sold[line.sku] += line.quantity - back[line.sku]
            elif order.stock_state == StockState.RESERVED:
                reserved[line.sku] += line.quantity
    problems, levels = [], batch_get({Stock: list(stock)}, consistent=True).all_of(Stock)
    for sku, units in stock.items():
        level = levels[sku]
        found = (level.available, level.reserved, level.available + level.reserved + sold[sku])
        if min(found[:2]) < 0 or found[1:] != (reserved[sku], units):
            problems.append(
                f"{sku}: {level.available} available, {level.reserved} reserved ({reserved[sku]} by orders), "
                f"{sold[sku]} sold; there were {units}."
            )
    return problems


def _check_order(order: Order, books: Sequence[Mapping[str, Any]]) -> list[str]:
    return [*_check_rest(order), *_check_goods(order), *_check_money(order, books)]


def _check_rest(order: Order) -> Iterator[str]:
    if order.payment_status not in _QUIET:
        yield f"It is still {order.payment_status}."
    if order.pending_effects or order.due is not None:
        yield f"It still owes {[effect.name for effect in order.pending_effects]}."
    if any(refund.is_pending for refund in order.refunds):
        yield "A refund is still on its way."


def _check_goods(order: Order) -> Iterator[str]:
    wanted = {"confirmed": StockState.SOLD, "canceled": StockState.RELEASED}.get(order.status)
    if wanted is not None and order.stock_state != wanted:
        yield f"It is {order.status}, and its goods are {order.stock_state}."


def _check_money(order: Order, books: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    captured = sum(entry["captured"] for entry in books)
    refunded = sum(entry["refunded"] for entry in books)
    kept, status = captured - refunded, PaymentStatus(order.payment_status)
    if kept != order.paid_amount - order.refunded_amount:
        noted = f"{order.paid_amount} - {order.refunded_amount}"
        yield f"Stripe holds {captured} - {refunded}, and the order says {noted}."
    if status is PaymentStatus.PAID and (kept, order.is_confirmed) != (order.total, True):
        yield f"It is paid, {order.status}, and Stripe holds {kept} of {order.total}."
    if order.is_canceled and kept:
        yield f"It is called off, and Stripe keeps {kept}."
    # A second payment for the same order is none if all of it went back.
    charges = sum(entry["charges"] for entry in books if entry["captured"] != entry["refunded"])
    if charges > 1:
        yield f"It was charged {charges} times."
