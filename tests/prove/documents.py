"""Invoices and credit notes: whoever is owed one has it, under numbers without gaps, printed and stored once."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
from django.conf import settings

from orders.invoices import archive
from orders.invoices.models import Invoice, InvoiceSeries
from orders.models import Order

# So many files are read and compared with what their documents say of them; of all, it is looked whether they exist.
_READ = 20


def check_documents(orders: Sequence[Order]) -> list[str]:
    """List what does not hold; all documents that there are have to be those of the orders.

    Some 2 requests for each 1,000 documents, and 20 for their files.
    """
    found = {invoice.number: invoice for invoice in Invoice.scan()}
    problems = [*_check_numbers(found), *_check_owed(orders, found), *_check_files(found)]
    wanted = Counter(number for order in orders for number in _numbers_of(order))
    problems += [f"{count} orders have {number}." for number, count in wanted.items() if count > 1]
    problems += [f"{number} belongs to no order." for number in sorted(found.keys() - wanted.keys())]
    return problems + [f"{number} is not there." for number in sorted(wanted.keys() - found.keys())]


def _check_numbers(found: dict[str, Invoice]) -> Iterator[str]:
    for series in InvoiceSeries.scan():
        given = sorted(int(number.rpartition("-")[2]) for number in found if number.startswith(f"{series.series}-"))
        if given != list(range(1, series.last + 1)):
            yield f"The series {series.series} is at {series.last} and has {len(given)} numbers."


def _check_owed(orders: Sequence[Order], found: dict[str, Invoice]) -> Iterator[str]:
    for order in orders:
        if (order.find_effect("invoice") is not None) > (order.invoice_number is not None):
            yield f"{order.number}: no invoice."
        owed = sorted(
            effect.name.partition(":")[2] for effect in order.effects if effect.name.startswith("credit_note:")
        )
        noted = sorted(note.refund_id for note in order.credit_notes)
        if owed != noted:
            yield f"{order.number}: credit notes for {noted}, owed for {owed}."
        for number in _numbers_of(order):
            if number in found and found[number].order_number != order.number:
                yield f"{number} is of {found[number].order_number}, and {order.number} has it."


def _check_files(found: dict[str, Invoice]) -> Iterator[str]:
    s3: Any = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=settings.INVOICE_BUCKET)
    stored = {item["Key"] for page in pages for item in page.get("Contents", [])}
    yield from (f"{each.number} has no file." for each in found.values() if archive.key_of(each) not in stored)
    there = [each for each in found.values() if archive.key_of(each) in stored]
    for invoice in there[:_READ]:
        if hashlib.sha256(archive.read_pdf(invoice)).hexdigest() != invoice.sha256:
            yield f"The file of {invoice.number} is another one than was noted."


def _numbers_of(order: Order) -> list[str]:
    return [*filter(None, [order.invoice_number]), *(note.number for note in order.credit_notes)]
