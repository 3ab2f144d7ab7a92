"""Questions about imports and exports; docs/access-patterns.md has a row for each of them."""

from __future__ import annotations

from http import HTTPStatus
from itertools import islice

from catalog.spreadsheets.models import Export, Import
from cloudcart.errors import StorefrontError

PAGE_SIZE = 25


class UnknownTransfer(StorefrontError):
    """There is no such import or export, or not any more."""

    code = "unknown-transfer"
    status_code = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__("This import or export is not there any more. They are kept for 90 days.")


def get_import(import_id: str) -> Import:
    """One consistent read.

    :raises UnknownTransfer: if there is none with this id.
    """
    found = Import.find(import_id, consistent=True)
    if found is None:
        raise UnknownTransfer
    return found


def list_imports() -> list[Import]:
    """The latest 25 imports, the newest first. One call: `imports.by_created`."""
    found = Import.by_created.query(Import.ALL, scan_index_forward=False, limit=PAGE_SIZE)
    return list(islice(found, PAGE_SIZE))


def get_export(export_id: str) -> Export:
    """One consistent read.

    :raises UnknownTransfer: if there is none with this id.
    """
    found = Export.find(export_id, consistent=True)
    if found is None:
        raise UnknownTransfer
    return found
