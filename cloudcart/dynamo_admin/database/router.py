"""No model has a table, so nothing is ever migrated."""

from typing import Any


class NoMigrations:
    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return False
