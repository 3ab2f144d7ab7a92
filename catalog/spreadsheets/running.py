"""Carry an import on, step by step: any process may, after any kill, and two at once do no harm.

Every step ends with a conditional write that moves the import's position. A step that is repeated writes the
same; whoever comes second finds the position moved, and stops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.conf import settings
from django.utils.timezone import localdate
from pynamodb.exceptions import PutError

from catalog.spreadsheets import files, reports
from catalog.spreadsheets.applying import apply_page, create_categories
from catalog.spreadsheets.attaching import attach_pictures
from catalog.spreadsheets.decoding import UnreadableSheet
from catalog.spreadsheets.drafts import Draft, Issue
from catalog.spreadsheets.entries import Entry, Outcome
from catalog.spreadsheets.identity import identify
from catalog.spreadsheets.models import Counts, Import, ImportState, StoredIssue
from catalog.spreadsheets.planning import plan_page, read_world
from catalog.spreadsheets.queries import get_import
from catalog.spreadsheets.reading import read_file
from cloudcart.dynamo import is_condition_failure

logger = structlog.get_logger(__name__)

# Products of a page: what one step compares or writes, some three seconds of work.
PAGE_SIZE = 100
# So many problems are kept with the import itself; the report has all.
KEPT_ISSUES = 20


class Outrun(Exception):
    """Another process has taken this step."""


def file_key(import_id: str, name: str) -> str:
    """Where a file of an import lies; pages are called `drafts/3`, `plan/3`, `result/3`."""
    return f"imports/{import_id}/{name}"


def run_import(*, import_id: str, now: Callable[[], datetime], has_time: Callable[[], bool]) -> bool:
    """Go on with an import while there is time; True if more is to be done.

    :param has_time: asked before every step; a step takes some seconds, pictures up to forty.
    :raises UnknownTransfer: if there is no such import.
    :raises StorageUnavailable: if DynamoDB or S3 cannot be reached; doing it again goes on from there.
    """
    try:
        while has_time():
            job = get_import(import_id)
            step = _STEPS.get(job.status)
            if step is not None:
                step(job, now())
            elif job.reported != job.state and job.status in reports.REPORTED_STATES:
                _report(job)
            else:
                return False
    except Outrun:
        logger.info("import.outrun", import_id=import_id)
        return False
    return True


def _read(job: Import, now: datetime) -> None:
    body = files.read_bytes(file_key(job.import_id, "original.csv"))
    try:
        reading = read_file(body, currency=settings.CURRENCY, today=localdate(now))
    except UnreadableSheet as error:
        job.state, job.reason = ImportState.FAILED, str(error)
        _save(job, now)
        return
    drafts = identify(reading)
    pages = [drafts[start : start + PAGE_SIZE] for start in range(0, len(drafts), PAGE_SIZE)]
    for number, page in enumerate(pages):
        files.write_page(file_key(job.import_id, f"drafts/{number}"), page)
    job.kind, job.notes = reading.kind, reading.notes[:20]
    job.page_count, job.product_count, job.row_count = len(pages), len(drafts), reading.row_count
    job.state, job.position = ImportState.CHECKING, 0
    _save(job, now)
    logger.info("import.read", import_id=job.import_id, kind=job.kind, products=job.product_count)


def _check(job: Import, now: datetime) -> None:
    drafts = _drafts(job)
    plans = plan_page(drafts, read_world(drafts), takes_stock=job.takes_stock, now=now)
    entries = [plan.entry for plan in plans]
    files.write_page(file_key(job.import_id, f"plan/{job.position}"), entries)
    paths = [" > ".join(plan.draft.fields["category"]) for plan in plans if plan.categories and plan.product]
    job.new_categories = list(dict.fromkeys([*job.new_categories, *paths]))
    job.page_counts.append(_count(Counts(), entries))
    _count(job.planned, entries)
    job.position += 1
    if job.position >= job.page_count:
        job.state, job.position = ImportState.READY, 0
    _save(job, now)


def _apply(job: Import, now: datetime) -> None:
    if job.position == 0:
        create_categories([path.split(" > ") for path in job.new_categories])
    planned = _entries(job, "plan")
    entries = apply_page(_drafts(job), planned, takes_stock=job.takes_stock, now=now, actor=job.created_by)
    files.write_page(file_key(job.import_id, f"result/{job.position}"), entries)
    _count(job.applied, entries)
    job.picture_count += sum(len(entry.pictures) for entry in entries if entry.outcome != Outcome.FAILED)
    for before, after in zip(planned, entries, strict=True):
        _keep(job, [issue for issue in [*after.issues, *after.notes] if issue not in [*before.issues, *before.notes]])
    job.position += 1
    if job.position >= job.page_count:
        job.state = ImportState.FETCHING if job.picture_count else ImportState.DONE
        job.position, job.entry = 0, 0
    _save(job, now)


def _fetch(job: Import, now: datetime) -> None:
    """Fetch a few pictures of the next product that lacks any."""
    entries = _entries(job, "result")
    while job.entry < len(entries) and not _lacks_pictures(entries[job.entry]):
        job.entry += 1
    if job.entry < len(entries):
        entry = entries[job.entry]
        fetched = attach_pictures(draft=_drafts(job)[job.entry], entry=entry, now=now)
        job.fetched_count += fetched.count
        job.unfetched_count += len(fetched.issues)
        entry.notes.extend(fetched.issues)
        _keep(job, fetched.issues)
        files.write_page(file_key(job.import_id, f"result/{job.position}"), entries)
    else:
        job.position, job.entry = job.position + 1, 0
    if job.position >= job.page_count:
        job.state, job.position = ImportState.DONE, 0
    _save(job, now)


def _lacks_pictures(entry: Entry) -> bool:
    return bool(entry.pictures) and entry.outcome in {Outcome.CREATED, Outcome.CHANGED}


_STEPS: dict[ImportState, Callable[[Import, datetime], None]] = {
    ImportState.READING: _read,
    ImportState.CHECKING: _check,
    ImportState.APPLYING: _apply,
    ImportState.FETCHING: _fetch,
}


def _report(job: Import) -> None:
    reports.write_report(job)
    job.reported = job.state
    _save(job, job.updated_at)
    logger.info("import.reported", import_id=job.import_id, state=job.state)


def _drafts(job: Import) -> list[Draft]:
    return files.read_page(file_key(job.import_id, f"drafts/{job.position}"), Draft.from_json)


def _entries(job: Import, kind: str) -> list[Entry]:
    return files.read_page(file_key(job.import_id, f"{kind}/{job.position}"), Entry.from_json)


def _count(counts: Counts, entries: Sequence[Entry]) -> Counts:
    for entry in entries:
        setattr(counts, entry.outcome, counts.of(entry.outcome) + 1)
    return counts


def _keep(job: Import, issues: Sequence[Issue]) -> None:
    """Keep what went wrong after the dry run; what it found is in its pages."""
    for issue in issues[: max(0, KEPT_ISSUES - len(job.issues))]:
        job.issues.append(StoredIssue(**vars(issue)))


def _save(job: Import, now: datetime) -> None:
    """Move the import on, on condition that nobody else has; a cancellation meanwhile keeps what was counted."""
    job.updated_at = now
    try:
        job.save()
    except PutError as error:
        if not is_condition_failure(error):
            raise
        stored = get_import(job.import_id)
        if stored.state != ImportState.CANCELED or stored.version != (job.version or 0) + 1:
            raise Outrun from error
        # Canceled while this step was under way: what it wrote is counted, and it is the last one.
        job.state, job.version = ImportState.CANCELED, stored.version
        try:
            job.save()
        except PutError as late:
            raise Outrun from late
