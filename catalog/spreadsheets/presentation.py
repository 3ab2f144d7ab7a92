"""An import as its page shows it: in words, with how far it is and its lists. Pure, but for the list's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.spreadsheets.entries import Outcome
from catalog.spreadsheets.models import Counts, Import, ImportState
from catalog.spreadsheets.reports import EntryPage, list_entries

# A step takes seconds; who hears nothing for so long may ask the worker once more.
STALLED_AFTER = timedelta(minutes=2)

_HEADLINES = {
    ImportState.READING: "Reading the file",
    ImportState.CHECKING: "Comparing with the shop",
    ImportState.APPLYING: "Importing",
    ImportState.FETCHING: "Fetching pictures",
    ImportState.DONE: "Imported",
    ImportState.FAILED: "This file cannot be imported",
    ImportState.CANCELED: "Stopped",
}
_LABELS = {
    Outcome.CREATED: ("Created", "To be created"),
    Outcome.CHANGED: ("Changed", "To be changed"),
    Outcome.SKIPPED: ("Skipped", "Skipped"),
    Outcome.FAILED: ("Problems", "Problems"),
}


@dataclass(frozen=True)
class Tab:
    """One list of the dry run: how many products are in it, and whether it is the one that is shown."""

    outcome: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class ImportPage:
    """All that the page of one import shows."""

    job: Import
    headline: str
    percent: int | None
    is_stalled: bool
    tabs: Sequence[Tab]
    current: Tab | None
    entries: EntryPage | None

    @property
    def has_report(self) -> bool:
        return self.job.reported is not None and not self.job.is_running

    @property
    def due_count(self) -> int:
        """Products that a confirmation would write."""
        return self.job.planned.created + self.job.planned.changed

    @property
    def problem_count(self) -> int:
        """What went wrong after the dry run."""
        return max(0, self.job.applied.failed - self.job.planned.failed) + self.job.unfetched_count

    @property
    def more_problems(self) -> int:
        return max(0, self.problem_count - len(self.job.issues))


def present(job: Import, *, outcome: str, start: int, now: datetime) -> ImportPage:
    """Give the page of an import; the list only when the dry run is over.

    :param outcome: whose list to show; one that is not empty if it is unknown.
    """
    tabs = [] if job.status in {ImportState.READING, ImportState.CHECKING, ImportState.FAILED} else _tabs(job, outcome)
    current = next((tab for tab in tabs if tab.is_current), None)
    return ImportPage(
        job=job,
        headline=_headline(job),
        percent=_percent(job),
        is_stalled=is_stalled(is_running=job.is_running, updated_at=job.updated_at, now=now),
        tabs=tabs,
        current=current,
        entries=list_entries(job, outcome=current.outcome, start=start) if current and current.count else None,
    )


@dataclass(frozen=True)
class ImportRow:
    """One line of the list of imports."""

    job: Import

    @property
    def headline(self) -> str:
        return _headline(self.job)

    @property
    def counts(self) -> Counts:
        """What was done; what would be, as long as nothing is."""
        return self.job.applied if self.job.was_applied else self.job.planned


def is_stalled(*, is_running: bool, updated_at: datetime, now: datetime) -> bool:
    """Whether nothing has happened for so long that the worker may have been lost."""
    return is_running and now - updated_at > STALLED_AFTER


def _headline(job: Import) -> str:
    if job.state == ImportState.READY:
        return "Ready to import" if job.has_changes else "Nothing to import"
    return _HEADLINES[job.status]


def _percent(job: Import) -> int | None:
    """How far the present state is; None if nobody can tell."""
    done, total = job.position, job.page_count
    if job.state == ImportState.FETCHING:
        done, total = job.fetched_count + job.unfetched_count, job.picture_count
    return min(100, 100 * done // total) if total else None


def _tabs(job: Import, wanted: str) -> list[Tab]:
    counts = {outcome: job.planned.of(outcome) for outcome in Outcome}
    first = next((outcome for outcome in Outcome if counts[outcome]), Outcome.CREATED)
    current = wanted if wanted in counts else first
    return [
        Tab(outcome, _LABELS[outcome][job.state == ImportState.READY], count, outcome == current)
        for outcome, count in counts.items()
    ]
