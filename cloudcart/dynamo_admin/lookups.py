"""Django's lookups as what DynamoDB can test, each beside the same test in Python.

Python tests what was read by key; DynamoDB tests what an index lists.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition

from cloudcart.dynamo_admin.errors import UnsupportedQuery


@dataclass(frozen=True)
class Test:
    """One lookup: a field, the lookup's name, the value; ``status``, ``exact``, ``draft``."""

    name: str
    lookup: str
    value: Any

    def holds(self, values: Callable[[str], Any]) -> bool:
        return bool(_pair(self.lookup)[1](values(self.name), self.value))

    def condition(self, attributes: dict[str, Attribute[Any]]) -> Condition:
        attribute = attributes.get(self.name)
        if attribute is None:
            raise UnsupportedQuery(f"{self.name} is no attribute of the items.")
        return _pair(self.lookup)[0](attribute, self.value)

    @property
    def names(self) -> set[str]:
        return {self.name}


@dataclass(frozen=True)
class Group:
    """Several tests of which all, or one, have to hold."""

    tests: Sequence["Test | Group"]
    is_any: bool

    def holds(self, values: Callable[[str], Any]) -> bool:
        results = (test.holds(values) for test in self.tests)
        return any(results) if self.is_any else all(results)

    def condition(self, attributes: dict[str, Attribute[Any]]) -> Condition:
        return reduce(or_ if self.is_any else and_, [test.condition(attributes) for test in self.tests])

    @property
    def names(self) -> set[str]:
        return {name for test in self.tests for name in test.names}


Pair = tuple[Callable[[Any, Any], Condition], Callable[[Any, Any], bool]]

PAIRS: dict[str, Pair] = {
    "exact": (lambda attribute, value: attribute == value, lambda stored, value: stored == value),
    "in": (lambda attribute, value: attribute.is_in(*value), lambda stored, value: stored in value),
    "startswith": (
        lambda attribute, value: attribute.startswith(value),
        lambda stored, value: str(stored or "").startswith(value),
    ),
    "contains": (lambda attribute, value: attribute.contains(value), lambda stored, value: value in (stored or "")),
    "gt": (lambda attribute, value: attribute > value, lambda stored, value: stored is not None and stored > value),
    "gte": (lambda attribute, value: attribute >= value, lambda stored, value: stored is not None and stored >= value),
    "lt": (lambda attribute, value: attribute < value, lambda stored, value: stored is not None and stored < value),
    "lte": (lambda attribute, value: attribute <= value, lambda stored, value: stored is not None and stored <= value),
    "isnull": (
        lambda attribute, value: attribute.does_not_exist() if value else attribute.exists(),
        lambda stored, value: (stored is None) == value,
    ),
}


def _pair(lookup: str) -> Pair:
    if lookup not in PAIRS:
        raise UnsupportedQuery(f"DynamoDB has no “{lookup}”; there are {', '.join(PAIRS)}.")
    return PAIRS[lookup]


def range_condition(attribute: Attribute[Any], tests: Sequence[Test]) -> Condition | None:
    """Make one condition on a range key of all tests on it: an index takes only one.

    :raises UnsupportedQuery: if one condition cannot say all of it.
    """
    bounds = {test.lookup: test.value for test in tests}
    if len(bounds) != len(tests):
        raise UnsupportedQuery("The same bound is asked for twice.")
    lower = bounds.get("gte", _shift(bounds["gt"], 1) if "gt" in bounds else None)
    upper = bounds.get("lte", _shift(bounds["lt"], -1) if "lt" in bounds else None)
    if lower is not None and upper is not None and len(tests) == 2:
        return attribute.between(lower, upper)
    if len(tests) > 1:
        raise UnsupportedQuery("A range key takes one condition.")
    return tests[0].condition({tests[0].name: attribute}) if tests else None


def _shift(value: Any, steps: int) -> Any:
    """Give the next value, so that bounds without themselves become bounds with themselves."""
    if isinstance(value, datetime):
        return value + steps * timedelta(microseconds=1)
    if isinstance(value, int):
        return value + steps
    raise UnsupportedQuery("Bounds without themselves are for numbers and times.")
