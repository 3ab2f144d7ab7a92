"""The state table of docs/payments.md, cell by cell: what is found, and what an order of each status does about it."""

from dataclasses import replace
from typing import Any

import pytest

from orders.gateway import SessionState, SessionStatus
from orders.models import Order
from orders.payment_table import Finding, Step, classify, next_step
from orders.status import PaymentStatus

# The columns of the table.
STATUSES = ("new", "awaiting", "processing", "paid", "review", "part_refunded", "refunded", "canceled", "due")
TABLE = {
    "open": "stay stay stay stay stay stay stay close_page stay",
    "open_superseded": ("close_page close_page close_page close_page close_page close_page close_page close_page stay"),
    "paid": "pay pay pay stay stay stay stay revive stay",
    "paid_different": "review review review alert stay alert alert review stay",
    "paid_superseded": (
        "review review review refund_duplicate refund_duplicate refund_duplicate refund_duplicate review stay"
    ),
    "unpaid": "process process stay stay stay stay stay revive_processing stay",
    "unpaid_superseded": (
        "watch_page watch_page watch_page watch_page watch_page watch_page watch_page watch_page stay"
    ),
    "failed": "cancel_and_tell cancel_and_tell cancel_and_tell stay alert stay stay stay stay",
    "expired": "cancel cancel stay stay stay stay stay stay stay",
    "over": "stay stay stay stay stay stay stay stay stay",
}
CELLS = [
    (finding, status, step)
    for finding, row in TABLE.items()
    for status, step in zip(STATUSES, row.split(), strict=True)
]


def test_the_table_has_every_finding_and_every_status() -> None:
    assert set(TABLE) == set(Finding)
    assert set(STATUSES) == set(PaymentStatus)
    assert len(CELLS) == 90


@pytest.mark.parametrize(("finding", "status", "step"), CELLS)
def test_a_cell_of_the_table(finding: str, status: str, step: str) -> None:
    assert next_step(Finding(finding), PaymentStatus(status)) is Step(step)


ORDER: dict[str, Any] = {"total": 4490, "currency": "EUR", "payment_session_id": "cs_2", "former_session_ids": ["cs_1"]}
STATE = SessionState("cs_2", "LUSAB-MODIK-47", SessionStatus.COMPLETE, 4490, "EUR", payment_intent_id="pi_2")
PAID = replace(STATE, is_paid=True, received_amount=4490)


@pytest.mark.parametrize(
    ("state", "finding"),
    [
        (replace(STATE, status=SessionStatus.OPEN), Finding.OPEN),
        (replace(STATE, status=SessionStatus.OPEN, session_id="cs_1"), Finding.OPEN_SUPERSEDED),
        (PAID, Finding.PAID),
        (replace(PAID, received_amount=4489), Finding.PAID_DIFFERENT),
        (replace(PAID, received_amount=4491), Finding.PAID_DIFFERENT),
        (replace(PAID, amount=4491), Finding.PAID_DIFFERENT),
        (replace(PAID, currency="USD"), Finding.PAID_DIFFERENT),
        (replace(PAID, session_id="cs_1"), Finding.PAID_SUPERSEDED),
        (replace(PAID, session_id="cs_1", refunded_amount=4490), Finding.OVER),
        (STATE, Finding.UNPAID),
        (replace(STATE, has_failed=True), Finding.FAILED),
        (replace(STATE, status=SessionStatus.EXPIRED), Finding.EXPIRED),
        (replace(STATE, status=SessionStatus.EXPIRED, session_id="cs_1"), Finding.OVER),
        (replace(STATE, session_id="cs_1"), Finding.UNPAID_SUPERSEDED),
        (replace(STATE, session_id="cs_1", has_failed=True), Finding.OVER),
    ],
)
def test_a_session_is_classified_by_what_it_means_to_its_order(state: SessionState, finding: Finding) -> None:
    assert classify(Order("LUSAB-MODIK-47", **ORDER), state) is finding


def test_a_page_whose_making_was_not_noted_is_the_present_one() -> None:
    order = Order("LUSAB-MODIK-47", **ORDER | {"payment_session_id": None})
    assert classify(order, PAID) is Finding.PAID
    assert classify(order, replace(PAID, session_id="cs_1")) is Finding.PAID_SUPERSEDED
