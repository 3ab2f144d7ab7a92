"""Ask DynamoDB: items by key, or one page of an index, from a key on, forwards or backwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from cloudcart.dynamo_admin.errors import UnsupportedQuery
from cloudcart.dynamo_admin.lookups import range_condition
from cloudcart.dynamo_admin.mapping import Mapping
from cloudcart.dynamo_admin.plans import ByIndex

# A page that filters what an index lists reads at most so many times a megabyte, and offers to go on from there.
REQUESTS_FOR_A_FILTERED_PAGE = 5

RawKey = dict[str, Any]


@dataclass(frozen=True)
class Slice:
    """Items in the order they were asked for; ``more_from`` is where the next ones begin, if there are any."""

    items: Sequence[Model]
    more_from: RawKey | None


def read_keys(mapping: Mapping, keys: Sequence[Any]) -> list[Model]:
    """Read items by key, consistently: a GetItem for one, a BatchGetItem for each hundred."""
    if not keys:
        return []
    if len(keys) == 1:
        try:
            return [mapping.item.get(keys[0], consistent_read=True)]
        except mapping.item.DoesNotExist:
            return []
    return list(mapping.item.batch_get(list(dict.fromkeys(keys)), consistent_read=True))


def read_slice(
    mapping: Mapping, plan: ByIndex, *, size: int, after: RawKey | None = None, is_backwards: bool = False
) -> Slice:
    """Read up to ``size`` items of the plan's partition that follow a key, or precede it.

    One Query without tests in the plan; with tests, one for each megabyte that is read, 5 at most.
    """
    items: list[Model] = []
    start = after
    for _ in range(REQUESTS_FOR_A_FILTERED_PAGE if plan.rest else 1):
        answer = _query(mapping, plan, start, limit=None if plan.rest else size + 1, is_backwards=is_backwards)
        items += [mapping.item.from_raw_data(raw) for raw in answer["Items"]]
        start = answer.get("LastEvaluatedKey")
        if start is None or len(items) > size:
            break
    if len(items) > size:
        return Slice(items[:size], key_of(mapping, plan, items[size - 1]))
    return Slice(items, start)


def key_of(mapping: Mapping, plan: ByIndex, item: Model) -> RawKey:
    """Give where an item is in the plan's index: the key to read on from."""
    names = [mapping.key, plan.index.hash_name, *([plan.index.range_name] if plan.index.range_name else [])]
    return {mapping.raw_name(name): mapping.raw_value(name, getattr(item, name)) for name in names}


def _query(
    mapping: Mapping, plan: ByIndex, start: RawKey | None, *, limit: int | None, is_backwards: bool
) -> dict[str, Any]:
    hash_attribute = mapping.attributes[plan.index.hash_name]
    answer: dict[str, Any] = mapping.item._get_connection().query(
        hash_attribute.serialize(plan.partition),
        range_key_condition=_range_condition(mapping, plan),
        filter_condition=_filter_condition(mapping, plan),
        exclusive_start_key=start,
        index_name=plan.index.name,
        limit=limit,
        scan_index_forward=plan.is_descending == is_backwards,
    )
    return answer


def _range_condition(mapping: Mapping, plan: ByIndex) -> Condition | None:
    if not plan.range_tests:
        return None
    if plan.index.range_name is None:
        raise UnsupportedQuery(f"{plan.index.name} has no range key.")
    return range_condition(mapping.attributes[plan.index.range_name], plan.range_tests)


def _filter_condition(mapping: Mapping, plan: ByIndex) -> Condition | None:
    return reduce(and_, [test.condition(mapping.attributes) for test in plan.rest]) if plan.rest else None
