"""Django's QuerySet, with its execution replaced: Django builds the query, DynamoDB answers it."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from django.db import models
from pynamodb.models import Model

from cloudcart.dynamo_admin import django_internals, reading
from cloudcart.dynamo_admin.errors import UnsupportedQuery
from cloudcart.dynamo_admin.mapping import Mapping, mapping_of
from cloudcart.dynamo_admin.plans import ByIndex, ByKeys, make_plan

T = TypeVar("T", bound=models.Model)


@dataclass(frozen=True)
class Page:
    """One page of a list, with the tokens of its neighbors."""

    objects: Sequence[Any]
    next_token: str | None
    previous_token: str | None


class DynamoQuerySet(models.QuerySet[T]):
    """Objects by key, or a slice of what one index lists. All else raises `UnsupportedQuery`.

    `page` gives one page by token; a QuerySet without a slice is not run, since nobody knows how much it is.
    """

    def page(self, token: str | None, *, size: int) -> Page:
        """Read one page: one Query (see `reading.read_slice` about filters). A token that fits no more is the start."""
        mapping, plan = self._mapping, self._plan
        if isinstance(plan, ByKeys):
            return Page(self._read_keys(plan)[:size], None, None)
        is_backwards, start = _read_token(mapping, plan, token)
        part = reading.read_slice(mapping, plan, size=size, after=start, is_backwards=is_backwards)
        if is_backwards and part.more_from is None and len(part.items) < size:
            # The start was reached: a whole first page is of more use than a part of one.
            is_backwards, start = False, None
            part = reading.read_slice(mapping, plan, size=size)
        items = list(reversed(part.items)) if is_backwards else list(part.items)
        first = reading.key_of(mapping, plan, items[0]) if items else None
        last = reading.key_of(mapping, plan, items[-1]) if items else None
        following = last if is_backwards else part.more_from
        preceding = part.more_from if is_backwards else (start and (first or start))
        return Page(
            [self._build(item, plan) for item in items],
            _write_token("n", mapping, plan, following),
            _write_token("p", mapping, plan, preceding),
        )

    def count(self) -> int:
        """Count what was read already, or keys; how much an index lists, nobody knows without reading it."""
        if django_internals.is_filled(self) or isinstance(self._plan, ByKeys):
            return len(self)
        raise UnsupportedQuery("Counting would read all of it.")

    def exists(self) -> bool:
        return bool(self) if django_internals.is_filled(self) else bool(self[:1])

    def iterator(self, chunk_size: int | None = None) -> Iterator[T]:
        return iter(self)

    def _fetch_all(self) -> None:
        if not django_internals.is_filled(self):
            self._result_cache = self._answer()

    def _answer(self) -> list[Any]:
        if not django_internals.wants_whole_objects(self):
            raise UnsupportedQuery("Only whole objects can be read.")
        question = django_internals.read_question(self.query)
        if question.is_empty:
            return []
        plan = make_plan(question, self._mapping)
        if isinstance(plan, ByKeys):
            objects = self._read_keys(plan)
        elif question.limit is None:
            raise UnsupportedQuery("A list without an end is not read; slice it, or read it page by page.")
        else:
            wanted = question.offset + question.limit
            items = reading.read_slice(self._mapping, plan, size=wanted).items
            objects = [self._build(item, plan) for item in items]
        end = None if question.limit is None else question.offset + question.limit
        return objects[question.offset : end]

    def _read_keys(self, plan: ByKeys) -> list[Any]:
        items = [item for item in reading.read_keys(self._mapping, plan.keys) if plan.keep(_values(item))]
        for name, is_descending in reversed(plan.ordering):
            items.sort(key=lambda item: _sortable(getattr(item, name)), reverse=is_descending)
        return [self._build(item, plan) for item in items]

    def _build(self, item: Model, plan: ByKeys | ByIndex) -> Any:
        projected = plan.index.projected if isinstance(plan, ByIndex) else None
        return self.model.from_item(item, projected)  # type: ignore[attr-defined]

    @property
    def _mapping(self) -> Mapping:
        return mapping_of(self.model)

    @property
    def _plan(self) -> ByKeys | ByIndex:
        question = django_internals.read_question(self.query)
        return ByKeys([], [], []) if question.is_empty else make_plan(question, self._mapping)

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UnsupportedQuery("Objects are saved and deleted one by one, so that each one's version is seen.")

    update = delete = bulk_create = bulk_update = aggregate = dates = datetimes = _refuse


class EmbeddedQuerySet(models.QuerySet[T]):
    """Parts of a parent that was read: `filter(parent=product)` has its answer in the product."""

    def filter(self, *args: Any, **kwargs: Any) -> Any:
        parent = kwargs.get("parent")
        parts = parent.parts_of(self.model) if parent is not None else []
        return django_internals.fill(self, parts)

    def _fetch_all(self) -> None:
        if not django_internals.is_filled(self):
            self._result_cache = []

    def count(self) -> int:
        return len(self)


def _values(item: Model) -> Callable[[str], Any]:
    return lambda name: getattr(item, name)


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def _write_token(direction: str, mapping: Mapping, plan: ByIndex, key: reading.RawKey | None) -> str | None:
    if key is None:
        return None
    names = [mapping.key, *([plan.index.range_name] if plan.index.range_name else [])]
    parts = [direction, *(key[mapping.raw_name(name)] for name in names)]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_token(mapping: Mapping, plan: ByIndex, token: str | None) -> tuple[bool, reading.RawKey | None]:
    """Give the direction and the key; what is no token of this list means its start."""
    if not token:
        return False, None
    names = [mapping.key, *([plan.index.range_name] if plan.index.range_name else [])]
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if direction not in {"n", "p"} or len(values) != len(names):
            return False, None
        types = [mapping.attributes[name].attr_type for name in names]
        if any(
            list(value) != [kind] or not isinstance(value[kind], str) for value, kind in zip(values, types, strict=True)
        ):
            return False, None
    except (ValueError, TypeError):
        return False, None
    key = {mapping.raw_name(name): value for name, value in zip(names, values, strict=True)}
    key[mapping.raw_name(plan.index.hash_name)] = mapping.raw_value(plan.index.hash_name, plan.partition)
    return direction == "p", key
