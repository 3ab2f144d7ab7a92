"""Choose what answers a question: keys, or one index. What neither can do is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cloudcart.dynamo_admin.django_internals import Question
from cloudcart.dynamo_admin.errors import UnsupportedQuery
from cloudcart.dynamo_admin.lookups import Group, Test
from cloudcart.dynamo_admin.mapping import ListIndex, Mapping

# What an index can be asked of its range key.
_RANGE_LOOKUPS = {"exact", "startswith", "gt", "gte", "lt", "lte"}


@dataclass(frozen=True)
class ByKeys:
    """Read these keys, and test and sort in Python."""

    keys: Sequence[Any]
    tests: Sequence[Test | Group]
    ordering: Sequence[tuple[str, bool]]

    def keep(self, values: Callable[[str], Any]) -> bool:
        return all(test.holds(values) for test in self.tests)


@dataclass(frozen=True)
class ByIndex:
    """List one partition of an index; ``rest`` is tested by DynamoDB on what it lists."""

    index: ListIndex
    partition: Any
    range_tests: Sequence[Test]
    rest: Sequence[Test | Group]
    is_descending: bool


def make_plan(question: Question, mapping: Mapping) -> ByKeys | ByIndex:
    """Give how to answer.

    :raises UnsupportedQuery: if no index serves; there is never a scan.
    """
    keys = _keys_of(question, mapping)
    if keys is not None:
        rest = [test for test in question.tests if not _is_about_key(test, mapping)]
        return ByKeys(keys, rest, question.ordering)
    if len(question.ordering) > 1:
        raise UnsupportedQuery("A list is sorted by one field.")
    plans = [plan for index in mapping.indexes if (plan := _try(index, question, mapping)) is not None]
    if not plans:
        names = sorted({name for test in question.tests for name in test.names})
        order = question.ordering[0][0] if question.ordering else "nothing"
        raise UnsupportedQuery(f"No index of {mapping.item.__name__} lists by {names or 'nothing'}, sorted by {order}.")
    # The fewer items DynamoDB reads in vain, the better.
    return min(plans, key=lambda plan: len(plan.rest) - len(plan.range_tests))


def _keys_of(question: Question, mapping: Mapping) -> list[Any] | None:
    found: list[Any] | None = None
    for test in question.tests:
        if isinstance(test, Test) and _is_about_key(test, mapping):
            keys = test.value if test.lookup == "in" else [test.value]
            found = list(keys) if found is None else [key for key in found if key in keys]
    return found


def _is_about_key(test: Test | Group, mapping: Mapping) -> bool:
    return isinstance(test, Test) and test.name == mapping.key and test.lookup in {"exact", "in"}


def _try(index: ListIndex, question: Question, mapping: Mapping) -> ByIndex | None:
    if question.ordering and question.ordering[0][0] != index.range_name:
        return None
    tests = list(question.tests)
    partition = mapping.partitions.get(index.hash_name)
    if partition is None:
        chosen = next((test for test in tests if _picks(test, index.hash_name)), None)
        if chosen is None:
            return None
        partition = chosen.value  # type: ignore[union-attr]
        tests.remove(chosen)
    range_tests = [
        test
        for test in tests
        if isinstance(test, Test) and test.name == index.range_name and test.lookup in _RANGE_LOOKUPS
    ]
    rest = [test for test in tests if test not in range_tests]
    if any(not index.has(name) or name in {index.hash_name, index.range_name} for test in rest for name in test.names):
        return None
    is_descending = bool(question.ordering and question.ordering[0][1])
    return ByIndex(index, partition, range_tests, rest, is_descending)


def _picks(test: Test | Group, name: str) -> bool:
    return isinstance(test, Test) and test.name == name and test.lookup == "exact"
