"""What is checked of many runs at once, because asking for it costs the same for one as for all."""

from collections import Counter
from typing import Any

from cloudcart.streams import StreamRecord
from orders.models import Order
from tests.prove import documents, invariants
from tests.prove.runs import Run
from tests.prove.world import World
from tests.stream import follow

# Of the stream, which keeps what happened meanwhile.
_RUNS_A_LOOK = 10


class Ledger:
    """The orders of many runs, and what they left in the mailbox, in the stream and on the shelves."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._orders: list[Order] = []
        self._again = Counter[str]()
        self._changes = follow("orders")
        self._records: list[StreamRecord] = []
        self._mails_before = invariants.count_mails()
        self._runs = 0

    def add(self, run: Run, *, reference: str) -> list[str]:
        """Judge a run at its end; gives what does not hold.

        :param reference: how the numbers of its orders begin.
        """
        books: list[dict[str, Any]] = self._world.simulator.ask(f"books?reference={reference}")
        self._orders += run.judge(books)
        self._again += run.mails_again
        self._runs += 1
        if self._runs % _RUNS_A_LOOK == 0:
            self._listen()
        return run.problems

    def close(self) -> list[str]:
        """Judge all of them; gives what does not hold."""
        self._listen()
        mails = invariants.count_mails()
        mails.subtract(self._mails_before)
        problems = invariants.check_keys() + invariants.check_ledger() + documents.check_documents(self._orders)
        problems += invariants.check_mails(self._orders, mails, again=self._again)
        return problems + invariants.check_events(self._orders, self._records)

    def _listen(self) -> None:
        while records := self._changes():
            self._records += records
