"""A little of the proof; `make prove` is the whole of it, and docs/reliability.md tells of it."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from django.conf import settings

from catalog.models import Stock
from orders.invoices import archive
from orders.invoices.models import Invoice
from orders.models import Order
from tests.payments.conftest import simulator_process
from tests.payments.simulator import KEY, SECRET, Simulator
from tests.prove import chaos, documents, every_step, invariants
from tests.prove.crashes import watched
from tests.prove.every_step import Case
from tests.prove.journeys import Plan, shop
from tests.prove.ledger import Ledger
from tests.prove.runs import Run
from tests.prove.world import World

__all__ = ["simulator_process"]

RUNS = 15


@pytest.fixture
def world(simulator_process: Simulator, settings: Any) -> Iterator[World]:
    settings.STRIPE_API_BASE = simulator_process.url
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
    settings.EMAIL_BACKEND = "cloudcart.mail.Backend"
    with ThreadPoolExecutor() as pool, watched():
        world = World(simulator_process, pool)
        world.open()
        yield world


def test_random_interleavings_lose_and_double_nothing(world: World) -> None:
    ledger = Ledger(world)
    found = {}
    deaths = 0
    for index in range(RUNS):
        made = chaos.run(world, f"suite:{index}", name=f"R{index}")
        found[index] = ledger.add(made, reference=f"R{index}-")
        deaths += made.deaths
    assert {index: problems for index, problems in found.items() if problems} == {}
    assert ledger.close() == []
    assert deaths > RUNS


def test_deaths_after_any_step_lose_and_double_nothing(world: World) -> None:
    ledger, found, deaths = Ledger(world), {}, 0
    for index, journey in enumerate(every_step.JOURNEYS):
        case = Case(journey, (3 + 5 * index) % 30, every_step.DISTURBANCES[index % 4])
        made = every_step.run(world, case, name=f"C{index}-0")
        deaths += made.deaths
        found[str(case)] = ledger.add(made, reference=f"C{index}-")
    assert {case: problems for case, problems in found.items() if problems} == {}
    assert ledger.close() == []
    # A journey may be over before.
    assert deaths > len(found) / 2


def test_a_seed_repeats_its_run(world: World) -> None:
    first = chaos.run(world, "again:1", name="A1")
    world.simulator.ask("reset", all=True)
    world.simulator.switch_webhooks(is_held=True)
    second = chaos.run(world, "again:1", name="B1")
    assert [line.replace("A1-", "B1-") for line in first.trace] == second.trace
    assert len(first.trace) > 10


def test_the_proof_notices_what_is_wrong(world: World) -> None:
    """Damage that a fault of the shop might do, done on purpose: none of it passes."""
    ledger = Ledger(world)
    made = every_step.run(world, Case("card", -1, "none"), name="D-0")
    assert ledger.add(made, reference="D-") == []
    [order] = made.orders()
    books = world.simulator.ask("books?reference=D-")
    sku = order.lines[0].sku

    def complaints() -> str:
        return " ".join(invariants.check(made.orders(), stock=world.stock, books=books))

    Stock(sku).update([Stock.available.add(1)])
    assert f"{sku}: 3 available" in complaints()
    assert any(sku in problem for problem in invariants.check_ledger())
    Stock(sku).update([Stock.available.add(-1)])
    assert complaints() == ""
    order.update([Order.refunded_amount.set(100)])
    assert "the order says" in complaints()
    order.update([Order.refunded_amount.set(0), Order.due.set(Order.DUE)])
    assert "It still owes" in complaints()
    assert "It was charged 2 times." in " ".join(
        invariants.check(made.orders(), stock=world.stock, books=[*books, {**books[0], "captured": 2 * order.total}])
    )
    Order("D-0-9", **{name: getattr(order, name) for name in _COPIED}).save()
    assert invariants.check_keys() == ["D-0-9: 0 keys, 1 orders."]
    assert invariants.check_mails([order], {}, again=Counter()) != []
    more = Counter({("D-0-1", "Your order …"): 2})
    assert invariants.check_mails([order], more, again=Counter()) != []
    assert invariants.check_mails([order], more, again=Counter({"D-0-1": 1})) == []
    assert invariants.check_events([order], []) != []


def test_the_proof_notices_what_is_wrong_with_documents_and_disputes(world: World) -> None:
    made = every_step.run(world, Case("two partial refunds", -1, "none"), name="D-0")
    [order] = made.orders()
    assert documents.check_documents([order]) == []
    invoice, notes = Invoice.get(str(order.invoice_number)), [note.number for note in order.credit_notes]
    assert len(notes) == 2
    assert documents.check_documents([]) == [
        f"{number} belongs to no order." for number in sorted([invoice.number, *notes])
    ]
    boto3.client("s3").delete_object(Bucket=settings.INVOICE_BUCKET, Key=archive.key_of(invoice))
    assert documents.check_documents([order]) == [f"{invoice.number} has no file."]
    archive.store_pdf(invoice=invoice, now=world.now)
    invoice.update([Invoice.sha256.set("0" * 64)])
    assert documents.check_documents([order]) == [f"The file of {invoice.number} is another one than was noted."]
    Invoice(notes[0]).delete()
    found = " ".join(documents.check_documents([order]))
    assert "The series CN-" in found
    assert f"{notes[0]} is not there." in found

    books = world.simulator.ask("books?reference=D-")
    complaints = invariants.check([order], stock=world.stock, books=books, disputes={order.number: "open"})
    assert complaints == [f"{order.number}: The dispute is open, and the order says False."]


def test_a_journey_without_people_is_seen_to_by_the_sweepers(world: World) -> None:
    world.stock_up([3, 3])
    made = Run(world)
    made.begin(shop(world, Plan(payments=(), is_patient=False, returns=""), name="L-0"))
    while made.ready:
        made.start(*made.ready.pop(0))
        made.kill(0) if made.alive[0][1].kind == "open_page" else _finish(made)
    made.settle()
    assert made.problems == []
    assert [order.payment_status for order in made.orders()] == ["canceled"]


_COPIED = (
    *("status", "email", "lines", "shipping_address", "shipping_method", "shipping_method_name", "payment_method"),
    *("currency", "subtotal", "shipping_total", "tax_total", "total", "placed_at", "updated_at"),
)


def _finish(run: Run) -> None:
    while run.alive:
        run.move(0)
