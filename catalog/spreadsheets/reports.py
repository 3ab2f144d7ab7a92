"""What an import would change, or did, as pages for people and as a CSV file with everything."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.spreadsheets import files
from catalog.spreadsheets.cells import guard_formula
from catalog.spreadsheets.entries import Entry, Outcome
from catalog.spreadsheets.models import Import, ImportState

REPORTED_STATES = frozenset({ImportState.READY, ImportState.DONE, ImportState.CANCELED})
REPORT_COLUMNS = ("row", "product", "outcome", "column", "before", "after", "message")

# Entries of a page of the lists.
SHOWN_ENTRIES = 25


@dataclass(frozen=True)
class EntryPage:
    """Some products of one outcome, and where the next ones begin (None: nowhere)."""

    entries: list[Entry]
    next_start: int | None


def report_key(job: Import) -> str:
    return f"imports/{job.import_id}/report.csv"


def list_entries(job: Import, *, outcome: str, start: int = 0) -> EntryPage:
    """Products with this outcome of the dry run, from the `start`th on.

    Reads one or two files: the counts of each page tell which.
    """
    found: list[Entry] = []
    passed = 0
    for number, counts in enumerate(job.page_counts):
        here = counts.of(outcome)
        if here and passed + here > start:
            found += _of_page(job, number, outcome)[max(0, start - passed) :]
        passed += here
        if len(found) > SHOWN_ENTRIES:
            break
    is_more = len(found) > SHOWN_ENTRIES
    return EntryPage(found[:SHOWN_ENTRIES], start + SHOWN_ENTRIES if is_more else None)


def _of_page(job: Import, number: int, outcome: str) -> list[Entry]:
    planned = files.read_page(f"imports/{job.import_id}/plan/{number}", Entry.from_json)
    return [entry for entry in planned if entry.outcome == outcome]


def write_report(job: Import) -> None:
    """Write the file with everything that is known by now; one page at a time is in memory."""
    with tempfile.TemporaryFile() as target:
        text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow(REPORT_COLUMNS)
        for number in range(len(job.page_counts)):
            for entry in _latest(job, number):
                writer.writerows([guard_formula(cell) for cell in line] for line in _lines(entry))
        text.detach()
        target.seek(0)
        files.write_file(report_key(job), target)


def _latest(job: Import, number: int) -> list[Entry]:
    """What became of a page's products, or what would, if it was not applied."""
    is_applied = job.applied.total > sum(counts.total for counts in job.page_counts[:number])
    kind = "result" if is_applied else "plan"
    return files.read_page(f"imports/{job.import_id}/{kind}/{number}", Entry.from_json)


def _lines(entry: Entry) -> Iterator[tuple[str, ...]]:
    start = (str(entry.row), entry.name, str(entry.outcome))
    lines = [(*start, change.label, change.old, change.new, "") for change in entry.changes]
    lines += [
        (str(issue.row), entry.name, str(entry.outcome), issue.column, "", "", issue.sentence)
        for issue in [*entry.issues, *entry.notes]
    ]
    if not lines and entry.outcome == Outcome.SKIPPED:
        lines = [(*start, "", "", "", entry.reason or "Nothing to change.")]
    yield from lines
