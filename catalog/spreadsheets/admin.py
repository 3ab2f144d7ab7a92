"""The admin's pages for imports and exports."""

from catalog.spreadsheets import admin_views

__all__ = ["admin_views"]
