"""Everything that the bridge knows of Django's private parts, in one place to look at when Django changes.

Tried with Django 5.2 and 6.x: `make test-next` runs the same tests against the newest one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.sql.query import Query
from django.db.models.sql.where import OR, NothingNode, WhereNode

from cloudcart.dynamo_admin.errors import UnsupportedQuery
from cloudcart.dynamo_admin.lookups import Group, Test


@dataclass(frozen=True)
class Question:
    """What a QuerySet asks for, in our own terms."""

    tests: Sequence[Test | Group]
    # Field names with their direction, the key left out: it only breaks ties.
    ordering: Sequence[tuple[str, bool]]
    offset: int
    limit: int | None
    is_empty: bool


def read_question(query: Query) -> Question:
    """Read the query that Django has built.

    :raises UnsupportedQuery: if it negates, joins or computes.
    """
    tests: list[Test | Group] = []
    is_empty = query.is_empty()
    for child in query.where.children:
        if isinstance(child, NothingNode):
            is_empty = True
        else:
            tests.append(_read_node(child))
    if query.where.negated or (query.where.connector == OR and len(tests) > 1):
        tests = [_group(query.where, tests)]
    limit = None if query.high_mark is None else query.high_mark - query.low_mark
    return Question(tests, _ordering(query), query.low_mark, limit, is_empty)


def _read_node(node: Any) -> Test | Group:
    if isinstance(node, WhereNode):
        return _group(node, [_read_node(child) for child in node.children])
    target = getattr(node.lhs, "target", None)
    if target is None:
        raise UnsupportedQuery(f"{node.lhs} is no field.")
    value = node.rhs
    if isinstance(value, QuerySet):
        value = [obj.pk for obj in value]
    elif node.lookup_name == "in":
        value = list(value)
    return Test(target.name, node.lookup_name, value)


def _group(node: WhereNode, tests: Sequence[Test | Group]) -> Group:
    if node.negated:
        raise UnsupportedQuery("A list cannot leave out what fits; exclude() is not supported.")
    return Group(tests, is_any=node.connector == OR)


def _ordering(query: Query) -> list[tuple[str, bool]]:
    options = query.get_meta()
    names = query.order_by or (options.ordering if query.default_ordering else ())
    key = options.pk.name
    read = []
    for name in names or ():
        if not isinstance(name, str):
            raise UnsupportedQuery(f"{name} is no field to sort by.")
        field = name.removeprefix("-")
        if field not in {"pk", key}:
            read.append((field, name.startswith("-")))
    return read


def build_instance(model: type[Model], values: dict[str, Any]) -> Any:
    """Make an instance as if it came from a database; fields without a value are deferred."""
    fields = [field for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db("default", [field.attname for field in fields], [values[field.attname] for field in fields])


def fill(queryset: QuerySet[Any], objects: Iterable[Any]) -> Any:
    """Give a copy of the QuerySet that has its answer already."""
    filled = queryset._chain()  # type: ignore[attr-defined]
    filled._result_cache = list(objects)
    return filled


def is_filled(queryset: QuerySet[Any]) -> bool:
    return queryset._result_cache is not None


def wants_whole_objects(queryset: QuerySet[Any]) -> bool:
    """Whether the QuerySet is to give objects, and not what values() and the like would."""
    return queryset._fields is None  # type: ignore[attr-defined]
