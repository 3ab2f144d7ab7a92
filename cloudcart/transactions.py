"""Several writes that happen together or not at all, with failures told by name.

DynamoDB answers a refused transaction with one reason per action, in the order sent; PynamoDB sends
checks, deletes, puts and updates in that order, whatever the order of the calls. This module names
every action, so that a caller asks "which one failed" and never counts positions.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import CancellationReason, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from cloudcart.dynamo import StoreModel, shared_connection

# 100 actions a transaction is DynamoDB's limit.
ACTION_LIMIT = 100

_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_ATTEMPTS = 12


@dataclass(frozen=True)
class Refusal:
    """One action that stopped a transaction; ``item`` is what was stored, if it was asked for."""

    name: str
    code: str
    item: dict[str, Any] | None = None


class TransactionRefused(Exception):
    """A condition of the transaction did not hold; nothing was written."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(f"{refusal.name}: {refusal.code}" for refusal in self.refusals))

    def find(self, name: str) -> Refusal | None:
        return next((refusal for refusal in self.refusals if refusal.name == name), None)

    def starting_with(self, prefix: str) -> list[Refusal]:
        return [refusal for refusal in self.refusals if refusal.name.startswith(prefix)]


class Transaction:
    """Collect named writes and commit them as one TransactWriteItems.

    A collision with another transaction on the same item is tried again with a growing, random pause;
    a condition that does not hold is not.

    :param token: a ClientRequestToken (36 characters at most) under which DynamoDB answers a repeated
        request within ten minutes without writing again.
    """

    def __init__(self, *, token: str | None = None) -> None:
        self._token = token
        self._checks: list[tuple[str, tuple[Any, ...]]] = []
        self._deletes: list[tuple[str, tuple[StoreModel, Condition | None, bool]]] = []
        self._saves: list[tuple[str, tuple[StoreModel, Condition | None]]] = []
        self._updates: list[tuple[str, tuple[StoreModel, list[Action], Condition | None, bool]]] = []

    def __len__(self) -> int:
        return len(self._names)

    def check(
        self, name: str, model: type[StoreModel], key: str, condition: Condition, *, range_key: Any = None
    ) -> None:
        self._checks.append((name, (model, key, range_key, condition)))

    def delete(
        self, name: str, item: StoreModel, condition: Condition | None = None, *, versioned: bool = True
    ) -> None:
        self._deletes.append((name, (item, condition, versioned)))

    def save(self, name: str, item: StoreModel, condition: Condition | None = None) -> None:
        """Put the whole item; a versioned model's version is part of the condition."""
        self._saves.append((name, (item, condition)))

    def save_beside(self, items: Sequence[Model]) -> None:
        """Put items that are new and stand beside the change, such as the note of who of the staff made it."""
        for number, item in enumerate(items):
            self.save(f"beside:{number}", item)  # type: ignore[arg-type]

    def update(
        self,
        name: str,
        item: StoreModel,
        actions: Sequence[Action],
        condition: Condition | None = None,
        *,
        versioned: bool = True,
    ) -> None:
        """Change parts of an item. ``versioned=False`` neither checks its version nor needs it."""
        self._updates.append((name, (item, list(actions), condition, versioned)))

    def commit(self) -> None:
        """Write everything.

        :raises TransactionRefused: if a condition did not hold, or collisions did not end.
        :raises ValueError: if there are more than 100 actions.
        """
        if len(self) > ACTION_LIMIT:
            raise ValueError(f"A transaction takes {ACTION_LIMIT} actions, not {len(self)}.")
        for attempt in range(_ATTEMPTS):
            try:
                self._send()
                return
            except TransactWriteError as error:
                refusals = self._refusals(error.cancellation_reasons)
                if not refusals and error.cause_response_code != "TransactionInProgressException":
                    raise
                if attempt == _ATTEMPTS - 1 or any(refusal.code not in _PASSING for refusal in refusals):
                    raise TransactionRefused(refusals) from error
                time.sleep(random.uniform(0, min(0.5, 0.01 * 2**attempt)))

    @property
    def _names(self) -> list[str]:
        return [name for group in (self._checks, self._deletes, self._saves, self._updates) for name, _ in group]

    def _send(self) -> None:
        with TransactWrite(connection=shared_connection(), client_request_token=self._token) as write:
            for _, (model, key, range_key, condition) in self._checks:
                write.condition_check(model, key, range_key, condition=condition)
            for _, (item, condition, versioned) in self._deletes:
                write.delete(item, condition=condition, add_version_condition=versioned)
            for _, (item, condition) in self._saves:
                write.save(item, condition=condition, return_values="ALL_OLD")
            for _, (item, actions, condition, versioned) in self._updates:
                # A copy: PynamoDB appends the version's increment to the list it is given.
                write.update(item, list(actions), condition, return_values="ALL_OLD", add_version_condition=versioned)

    def _refusals(self, reasons: Sequence[CancellationReason | None]) -> list[Refusal]:
        return [
            Refusal(name, reason.code, reason.raw_item)
            for name, reason in zip(self._names, reasons, strict=False)
            if reason is not None
        ]
