"""Files as other shops write them, made up for the tests, and the shortest way to bring one in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from catalog.spreadsheets.applying import apply_page, create_categories
from catalog.spreadsheets.entries import Entry
from catalog.spreadsheets.exporting import export_all, write_header
from catalog.spreadsheets.identity import identify
from catalog.spreadsheets.planning import plan_page, read_world
from catalog.spreadsheets.reading import Reading, read_file

TODAY = date(2026, 3, 2)
# Later than any clock says: what expires after 90 days is deleted by the time of the real one.
NOW = datetime(2100, 3, 2, 9, tzinfo=UTC)

Rows = Sequence[Mapping[str, object]]


def write(rows: Rows, *, delimiter: str = ",", columns: Sequence[str] = ()) -> bytes:
    """A CSV file of these rows; its columns are all that a row names."""
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return target.getvalue().encode()


def read(body: bytes, *, currency: str = "EUR") -> Reading:
    return read_file(body, currency=currency, today=TODAY)


def dry_run(body: bytes, *, takes_stock: bool = True) -> list[Entry]:
    drafts = identify(read(body))
    return [plan.entry for plan in plan_page(drafts, read_world(drafts), takes_stock=takes_stock, now=NOW)]


def bring_in(body: bytes, *, takes_stock: bool = True) -> list[Entry]:
    """Dry run and import, as one page."""
    drafts = identify(read(body))
    planned = [plan.entry for plan in plan_page(drafts, read_world(drafts), takes_stock=takes_stock, now=NOW)]
    create_categories([draft.fields["category"] for draft in drafts if draft.fields.get("category")])
    return apply_page(drafts, planned, takes_stock=takes_stock, now=NOW)


def export() -> bytes:
    return (write_header() + "".join(page.lines for page in export_all())).encode()


def outcomes(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    return [(entry.name, str(entry.outcome)) for entry in entries]


def problems(entries: Sequence[Entry]) -> list[tuple[int, str, str]]:
    return [(issue.row, issue.column, issue.sentence) for entry in entries for issue in entry.issues]


def changes(entries: Sequence[Entry]) -> list[tuple[str, str, str]]:
    return [(change.label, change.old, change.new) for entry in entries for change in entry.changes]
