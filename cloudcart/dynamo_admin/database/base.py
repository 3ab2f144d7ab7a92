"""Django's ENGINE for a project without a SQL database: brackets are empty, and any SQL still raises."""

from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.dummy import base as dummy


def _refuse_sql(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
    raise ImproperlyConfigured("There is no SQL database; something has tried to use one.")


class DatabaseWrapper(dummy.DatabaseWrapper):
    """`transaction.atomic` opens and ends nothing, so that the admin's views can use it; a cursor is refused."""

    ensure_connection = _commit = _savepoint_commit = _set_autocommit = dummy.ignore
    _cursor = _refuse_sql
