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

# What each mail is about, with dots for the order's number.
_SUBJECTS = {
    "confirmation_mail": "Your order …",
    "cancellation_mail": "Your order … was canceled",
    "payment_failed_mail": "The payment for your order … did not go through",
    "apology_mail": "We cannot deliver your order …",
    "refund_mail": "Your refund for order …",
    "return_mail": "Your return for order …",
    "shipment_mail": "Your order … is on its way",
}
_PARTS = {"Your order … is on its way": "Part of your order … is on its way"}
_QUIET = {"due", "paid", "part_refunded", "refunded", "canceled", "review"}


def check(
    orders: Sequence[Order],
    *,
    stock: Mapping[str, int],
    books: Sequence[Mapping[str, Any]],
    disputes: Mapping[str, str] | None = None,
) -> list[str]:
    """List what does not hold, in sentences; ``stock`` is what there was, ``books`` are the simulator's.

    :param orders: all orders of the run.
    """
    by_order: dict[str, list[Mapping[str, Any]]] = {order.number: [] for order in orders}
    for entry in books:
        by_order.get(entry["client_reference_id"], []).append(entry)
    problems = [*_check_stock(orders, stock), *_check_disputes(orders, disputes or {})]
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
            # One that was paid late after all was called off, and taken on again.
            "OrderCanceled": sum(entry.event == "canceled" for entry in order.timeline),
        }
        problems += [
            f"{order.number}: {told[kind, order.number]} events {kind}, and {count} wanted."
            for kind, count in wanted.items()
            if told[kind, order.number] != count
        ]
    return problems


def _check_disputes(orders: Iterable[Order], disputes: Mapping[str, str]) -> list[str]:
    # An order is marked as long as its bank has not decided for the shop, and no other one is.
    return [
        f"{order.number}: The dispute is {disputes.get(order.number, 'none')}, and the order says {order.is_disputed}."
        for order in orders
        if bool(order.is_disputed) != (disputes.get(order.number) in {"open", "lost"})
    ]


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
    """Each mail that an order owed was sent once: to confirm, to cancel, about each refund, parcel and return.

    :param again: how often, by order, a process died after SES had taken a mail and before that was noted.
        That gap cannot be closed, and each such death may send the mail once more.
    """
    problems = []
    for order in orders:
        owed = Counter(subject for effect in order.effects if (subject := _SUBJECTS.get(effect.name.partition(":")[0])))
        sent = Counter[str]()
        for subject in _SUBJECTS.values():
            sent[subject] = sum(mails.get((order.number, each), 0) for each in (subject, _PARTS.get(subject, "")))
        more = sent - owed
        if owed - sent or more.total() > again[order.number]:
            problems.append(
                f"{order.number}: mails {dict(+sent)} sent, {dict(owed)} owed, "
                f"{again[order.number]} deaths after sending."
            )
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
    is_kept_for_staff = _is_kept_for_staff(order)
    if kept != order.paid_amount - order.refunded_amount:
        noted = f"{order.paid_amount} - {order.refunded_amount}"
        yield f"Stripe holds {captured} - {refunded}, and the order says {noted}."
    if status is PaymentStatus.PAID and (kept, order.is_confirmed) != (order.total, not is_kept_for_staff):
        yield f"It is paid, {order.status}, and Stripe holds {kept} of {order.total}."
    if order.is_canceled and kept and not is_kept_for_staff:
        yield f"It is called off, and Stripe keeps {kept}."
    # A second payment for the same order is none if all of it went back.
    charges = sum(entry["charges"] for entry in books if entry["captured"] != entry["refunded"])
    if charges > 1:
        yield f"It was charged {charges} times."


def _is_kept_for_staff(order: Order) -> bool:
    """Whether a canceled order keeps money that only staff can decide about, who were told of it."""
    is_promised = order.find_effect("apology_mail") is not None
    if order.payment_status == PaymentStatus.REVIEW:
        return not is_promised
    # A bank that disputes a payment has taken it back itself, and no refund of it is possible.
    is_told = any(entry.event == "alert" and "refused" in entry.note for entry in order.timeline)
    return bool(order.is_canceled and is_told and any(refund.has_failed for refund in order.refunds))
