"""System checks: a list that no index can serve is found when the project starts, not by a merchant."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.checks import ModelAdminChecks
from django.core.checks import Error
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field

from cloudcart.dynamo_admin.mapping import ListIndex, mapping_of


class DynamoAdminChecks(ModelAdminChecks):
    """Django's checks of a ModelAdmin, and what DynamoDB cannot do."""

    def check(self, admin_obj: Any, **kwargs: Any) -> list[Any]:
        found = super().check(admin_obj, **kwargs)
        for checks in (_check_listing, _check_ordering, _check_filters, _check_search, _check_columns):
            found.extend(checks(admin_obj))
        if admin_obj.date_hierarchy:
            found.append(_error(admin_obj, "date_hierarchy would need an index by day, month and year.", 6))
        return found


def _check_listing(admin_obj: Any) -> Iterator[Error]:
    if not _listing_indexes(admin_obj):
        yield _error(
            admin_obj, "no index lists all items; declare an attribute that all have alike in Dynamo.partitions.", 1
        )


def _check_ordering(admin_obj: Any) -> Iterator[Error]:
    ranges = {index.range_name for index in _listing_indexes(admin_obj)}
    names = [name.removeprefix("-") for name in admin_obj.ordering or admin_obj.model._meta.ordering or ()]
    for name in names:
        if name not in ranges and name not in {"pk", mapping_of(admin_obj.model).key}:
            yield _error(admin_obj, f"no index that lists all items sorts by “{name}”.", 2)


def _check_filters(admin_obj: Any) -> Iterator[Error]:
    for entry in admin_obj.list_filter:
        name = entry[0] if isinstance(entry, (list, tuple)) else entry
        if isinstance(name, str) and not _can_be_tested(admin_obj, name):
            yield _error(
                admin_obj,
                f"list_filter names “{name}”, which an index that lists has as its key, or does not project.",
                3,
            )


def _check_search(admin_obj: Any) -> Iterator[Error]:
    for entry in admin_obj.search_fields:
        name, _, lookup = entry.partition("__")
        if lookup not in {"contains", "startswith", "exact"}:
            yield _error(admin_obj, f"search_fields has “{entry}”; DynamoDB has __contains, __startswith, __exact.", 4)
        elif not _can_be_tested(admin_obj, name):
            yield _error(
                admin_obj,
                f"search_fields names “{name}”, which an index that lists has as its key, or does not project.",
                4,
            )


def _check_columns(admin_obj: Any) -> Iterator[Error]:
    # A column that is not projected would be read row by row.
    for name in admin_obj.list_display:
        if isinstance(name, str) and _is_stored_field(admin_obj, name):
            for index in _listing_indexes(admin_obj):
                if not index.has(name):
                    yield _error(admin_obj, f"list_display names “{name}”, which {index.name} does not project.", 5)


def _listing_indexes(admin_obj: Any) -> list[ListIndex]:
    mapping = mapping_of(admin_obj.model)
    return [index for index in mapping.indexes if index.hash_name in mapping.partitions]


def _can_be_tested(admin_obj: Any, name: str) -> bool:
    # DynamoDB tests no key of the index that it lists, but for bounds of the range key.
    return all(index.has(name) and name != index.range_name for index in _listing_indexes(admin_obj))


def _is_stored_field(admin_obj: Any, name: str) -> bool:
    try:
        field = admin_obj.model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return isinstance(field, Field) and name in mapping_of(admin_obj.model).attributes


def _error(admin_obj: Any, text: str, number: int) -> Error:
    return Error(f"{type(admin_obj).__name__}: {text}", obj=type(admin_obj), id=f"dynamo_admin.E00{number}")
