from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from cloudcart.errors import StorageUnavailable
from orders import effects, services
from orders.invoices import archive, issuing
from orders.invoices.models import Invoice, InvoiceSeries
from orders.models import Order
from orders.outbox import process_order
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order
from tests.orders.invoices.documents import add_refund, make_order


def test_invoices_count_up_within_their_year() -> None:
    numbers = [issuing.issue_invoice(order=make_order_of_its_own(), now=NOW).number for _ in range(3)]
    assert numbers == ["INV-2099-000001", "INV-2099-000002", "INV-2099-000003"]
    later = issuing.issue_invoice(order=make_order_of_its_own(), now=NOW.replace(year=2100))
    assert later.number == "INV-2100-000001"


def test_the_year_is_the_one_of_the_shops_own_calendar() -> None:
    # Berlin is an hour ahead: there the new year has begun.
    almost = datetime(2099, 12, 31, 23, 30, tzinfo=UTC)
    assert issuing.issue_invoice(order=make_order(), now=almost).number == "INV-2100-000001"


def test_an_order_keeps_its_one_invoice_however_often_it_is_issued() -> None:
    order = make_order()
    first = issuing.issue_invoice(order=order, now=NOW)
    assert issuing.issue_invoice(order=Order.get(order.number), now=NOW.replace(month=5)).number == first.number
    assert Invoice.count() == 1
    stored = Order.get(order.number)
    assert (stored.invoice_number, stored.invoiced_at) == (first.number, NOW)
    assert [entry.note for entry in stored.timeline if entry.event == "invoice_issued"] == [first.number]


def test_two_workers_with_the_same_order_issue_one_invoice() -> None:
    order = make_order()
    stale = Order.get(order.number)
    first = issuing.issue_invoice(order=order, now=NOW)
    assert stale.invoice_number is None
    assert issuing.issue_invoice(order=stale, now=NOW).number == first.number
    assert InvoiceSeries.get("INV-2099").last == 1


def test_many_at_once_get_every_number_once_and_leave_no_gap() -> None:
    product = make_product(stock=100)
    orders = [place_order(make_line(product)) for _ in range(12)]

    def issue(order: Order) -> str:
        return issuing.issue_invoice(order=order, now=NOW).number

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(issue, orders))
    assert sorted(numbers) == [f"INV-2099-{position:06d}" for position in range(1, 13)]
    assert {invoice.number: invoice.order_number for invoice in Invoice.scan()} == {
        number: order.number for number, order in zip(numbers, orders, strict=True)
    }
    assert [Order.get(order.number).invoice_number for order in orders] == numbers


def test_a_worker_that_dies_while_printing_leaves_neither_a_gap_nor_a_second_invoice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dying, next_one = make_order_of_its_own(), make_order_of_its_own()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    archive._client.cache_clear()
    with pytest.raises(StorageUnavailable):
        effects.make_invoice(Order.get(dying.number))
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    archive._client.cache_clear()
    effects.make_invoice(Order.get(next_one.number))
    effects.make_invoice(Order.get(dying.number))
    documents = {invoice.order_number: invoice for invoice in Invoice.scan()}
    positions = [documents[order.number].number.rpartition("-")[2] for order in (dying, next_one)]
    assert positions == ["000001", "000002"]
    assert all(invoice.stored_at and invoice.sha256 for invoice in documents.values())


def test_an_order_on_invoice_gets_its_invoice_when_it_is_confirmed() -> None:
    order = make_order()
    assert "invoice" in process_order(number=order.number, now=NOW)
    stored = Order.get(order.number)
    assert stored.invoice_number is not None
    assert process_order(number=order.number, now=NOW) == []


def test_each_refund_gets_one_credit_note_of_a_series_of_its_own() -> None:
    order = make_order()
    issuing.issue_invoice(order=order, now=NOW)
    refunds = [add_refund(order, 1000), add_refund(order, 500)]
    numbers = [
        issuing.issue_credit_note(order=order, refund_id=refund.refund_id, now=NOW).number
        for refund in [*refunds, *refunds]
    ]
    assert numbers == ["CN-2099-000001", "CN-2099-000002"] * 2
    assert [(note.number, note.refund_id) for note in Order.get(order.number).credit_notes] == [
        ("CN-2099-000001", "r1"),
        ("CN-2099-000002", "r2"),
    ]


def test_a_credit_note_without_an_invoice_to_correct_issues_that_first() -> None:
    order = make_order()
    add_refund(order, 1000)
    note = issuing.issue_credit_note(order=order, refund_id="r1", now=NOW)
    assert note.corrects == "INV-2099-000001" == Order.get(order.number).invoice_number


def test_a_credit_note_for_a_refund_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no refund r9"):
        issuing.issue_credit_note(order=make_order(), refund_id="r9", now=NOW)
    assert InvoiceSeries.find("CN-2099") is None


def test_a_change_of_the_order_in_between_is_not_lost() -> None:
    order = make_order()
    stale = Order.get(order.number)
    services.confirm_order(number=order.number, now=NOW)
    issuing.issue_invoice(order=stale, now=NOW)
    stored = Order.get(order.number)
    assert stored.is_confirmed
    assert stored.invoice_number == "INV-2099-000001"


def make_order_of_its_own() -> Order:
    return place_order(make_line(make_product()))
