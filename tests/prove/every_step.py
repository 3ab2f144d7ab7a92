"""Every crash point: the same journeys again and again, each time with a death one step later."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tests.prove.journeys import Plan, shop
from tests.prove.ledger import Ledger
from tests.prove.runs import Run
from tests.prove.world import World

DISTURBANCES = ("none", "duplicate", "reorder", "drop")

JOURNEYS = {
    "card": Plan(),
    "card after a refusal": Plan(payments=("card_declined", "card_3ds")),
    "double click": Plan(is_double_click=True),
    "impatient": Plan(is_patient=False, returns=""),
    "debit that arrives": Plan(payments=("debit",)),
    "debit that fails": Plan(payments=("debit_failed",)),
    "page that expires": Plan(payments=("expire",), returns="cancel"),
    "left alone": Plan(payments=(), returns=""),
    "canceled before paying": Plan(cancels="before", payments=("card",)),
    "canceled after paying": Plan(cancels="after"),
    "two partial refunds": Plan(refunds=(350, "unit")),
    "refunded whole": Plan(refunds=("all",)),
    "invoice": Plan(method="invoice"),
    "sent in two parcels, one unit returned": Plan(quantities=(2, 0), parcels=2, sends_back="refunded"),
    "invoice, sent, returned and not sold again": Plan(method="invoice", parcels=1, sends_back="used"),
    "return declined": Plan(parcels=1, sends_back="declined"),
    "dispute won": Plan(dispute="won", parcels=1),
    "dispute lost": Plan(dispute="lost"),
    "paid on another page first": Plan(other_page="first", refunds=("all",)),
    "paid on another page, then by debit": Plan(other_page="first", payments=("debit",), returns=""),
    "paid on another page too": Plan(other_page="last", refunds=("used",)),
}


@dataclass(frozen=True)
class Case:
    """A journey, the step after which the process dies (-1: never), and what happens to messages."""

    journey: str
    step: int
    disturbance: str

    def __str__(self) -> str:
        return f"{self.journey}, {self.disturbance}, dies after step {self.step}"


def run(world: World, case: Case, *, name: str) -> Run:
    """Make one run, up to where all is quiet again."""
    world.stock_up([3, 3])
    made = Run(world)
    made.begin(shop(world, JOURNEYS[case.journey], name=name))
    step = 0
    while _go_on(made, case):
        # One at a time, but for a double click: then the last one first.
        index = len(made.alive) - 1
        if step == case.step:
            made.kill(index)
        else:
            made.move(index)
        step += 1
    made.moves = step
    made.settle()
    return made


def count_steps(world: World, ledger: Ledger, *, name: str) -> dict[str, int]:
    """Say how many steps each journey has with each disturbance when nobody dies, as ``journey, disturbance``."""
    steps = {}
    for index, (journey, disturbance) in enumerate(product(JOURNEYS, DISTURBANCES)):
        made = run(world, Case(journey, -1, disturbance), name=f"{name}-{index}")
        problems = ledger.add(made, reference=f"{name}-{index}-")
        if problems:
            raise RuntimeError(f"Without any death, {journey}, {disturbance}: {problems}")
        steps[f"{journey}, {disturbance}"] = made.moves
    return steps


def list_cases(steps: dict[str, int]) -> Iterator[Case]:
    """List a case for each step of each journey with each disturbance."""
    for name, count in steps.items():
        journey, disturbance = name.rsplit(", ", 1)
        yield from (Case(journey, step, disturbance) for step in range(count))


def _go_on(run: Run, case: Case) -> bool:
    """Have somebody alive, if there is anything left to be done."""
    if run.alive:
        return True
    # Staff send what the worker has taken on.
    is_ahead = bool(run.ready) and run.ready[0][0].kind == "ship"
    if not run.ready or is_ahead:
        _take_in(run, case.disturbance)
    # Stripe tells before the shopper is back, when all is turned around.
    is_early = case.disturbance == "reorder" and bool(run.webhooks)
    if run.ready and not is_early and not (is_ahead and (run.webhooks or run.messages)):
        share = run.ready[0][1]
        for act, each in [pair for pair in run.ready if pair[1] is share]:
            run.start(act, each)
        run.ready = [pair for pair in run.ready if pair[1] is not share]
    elif run.webhooks:
        run.start_webhook(run.webhooks.pop(0 if case.disturbance != "reorder" else -1))
    elif run.messages:
        run.start_message(run.messages.pop(0 if case.disturbance != "reorder" else -1))
    return bool(run.alive)


def _take_in(run: Run, disturbance: str) -> None:
    messages, webhooks = run.take_in()
    copies = {"duplicate": 2, "drop": 0}.get(disturbance, 1)
    run.messages += messages * copies
    run.webhooks += webhooks * copies
