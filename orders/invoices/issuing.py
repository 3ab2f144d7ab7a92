"""Give an order its invoice, and each refund its credit note: once, under the next number, without a gap.

The number is taken, the document stored and the order told of it in one transaction (docs/adr/0017), so
that a process that dies leaves neither a gap nor a second document.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from cloudcart.errors import EditConflict
from cloudcart.transactions import Transaction, TransactionRefused
from orders import writing
from orders.invoices import freezing, kinds, queries
from orders.invoices.kinds import Kind
from orders.invoices.models import Invoice, InvoiceSeries
from orders.models import CreditNote, Order, TimelineEntry

logger = structlog.get_logger(__name__)

# All invoices of a year count up one item, so that many at once have to stand in line.
_ATTEMPTS = 60
_LONGEST_PAUSE_SECONDS = 0.25

Freeze = Callable[[str], Invoice]


def issue_invoice(*, order: Order, now: datetime) -> Invoice:
    """Give the order's invoice, issuing it if there is none: two reads and a transaction.

    ``order`` is brought up to date with what is stored.

    :raises EditConflict: if others took the next number first again and again.
    """

    def find() -> str | None:
        return order.invoice_number

    def note(invoice: Invoice) -> None:
        order.invoice_number, order.invoiced_at = invoice.number, now

    return _issue(
        order,
        Kind.INVOICE,
        find=find,
        freeze=lambda number: freezing.freeze_invoice(order, number=number, now=now),
        note=note,
        now=now,
    )


def issue_credit_note(*, order: Order, refund_id: str, now: datetime) -> Invoice:
    """Give the credit note of a refund, issuing it if there is none; the invoice comes first.

    :raises ValueError: if the order has no such refund.
    :raises EditConflict: if others took the next number first again and again.
    """
    issue_invoice(order=order, now=now)

    def find() -> str | None:
        return next((each.number for each in order.credit_notes if each.refund_id == refund_id), None)

    def freeze(number: str) -> Invoice:
        refund = order.find_refund(refund_id)
        if refund is None:
            raise ValueError(f"Order {order.number} has no refund {refund_id}.")
        return freezing.freeze_credit_note(order, refund, number=number, now=now)

    def note(invoice: Invoice) -> None:
        order.credit_notes.append(CreditNote(number=invoice.number, refund_id=refund_id, issued_at=now))

    return _issue(order, Kind.CREDIT_NOTE, find=find, freeze=freeze, note=note, now=now)


def _issue(
    order: Order,
    kind: Kind,
    *,
    find: Callable[[], str | None],
    freeze: Freeze,
    note: Callable[[Invoice], None],
    now: datetime,
) -> Invoice:
    series = kinds.series_of(kind, at=now)
    for attempt in range(_ATTEMPTS):
        issued = find()
        if issued is not None:
            return queries.get_invoice(issued)
        stored = InvoiceSeries.find(series, consistent=True)
        position = stored.last + 1 if stored else 1
        invoice = freeze(kinds.number_of(series, position))
        note(invoice)
        order.timeline.append(TimelineEntry(at=now, event=f"{kind}_issued", note=invoice.number))
        try:
            _write(order, invoice, InvoiceSeries(series, last=position))
        except TransactionRefused:
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE_SECONDS, 0.005 * 2**attempt)))
            order.refresh(consistent_read=True)
        else:
            logger.info("invoice.issued", number=invoice.number, order=order.number)
            order.refresh(consistent_read=True)
            return invoice
    raise EditConflict


def _write(order: Order, invoice: Invoice, series: InvoiceSeries) -> None:
    transaction = Transaction()
    is_next = InvoiceSeries.series.does_not_exist() if series.last == 1 else InvoiceSeries.last == series.last - 1
    transaction.save("series", series, is_next)
    transaction.save("invoice", invoice, Invoice.number.does_not_exist())
    transaction.update("order", order, writing.changes_of(order))
    transaction.commit()
