"""manage.py import_products: bring products in from a CSV file of the shop's own, Shopify's or WooCommerce's kind."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.spreadsheets.applying import apply_page, create_categories
from catalog.spreadsheets.attaching import attach_pictures
from catalog.spreadsheets.drafts import Draft, Issue
from catalog.spreadsheets.entries import Entry, Outcome
from catalog.spreadsheets.identity import identify
from catalog.spreadsheets.planning import plan_page, read_world
from catalog.spreadsheets.reading import read_file
from catalog.spreadsheets.running import PAGE_SIZE
from cloudcart.errors import StorefrontError
from cloudcart.progress import Progress, show_progress

Page = tuple[Sequence[Draft], list[Entry]]


class Command(BaseCommand):
    """Say what a file would change and, without --dry-run, change it.

    Exits with 1 if rows were left out; the others are in the shop.
    """

    help = "Bring products in from a CSV file: the shop's own, Shopify's or WooCommerce's. Twice changes nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--without-stock", action="store_true", help="leave the stock of the shop as it is")
        parser.add_argument("--without-pictures", action="store_true", help="fetch no pictures")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with show_progress(self.stdout) as progress:
                pages, issues = self._import(options, progress)
        except StorefrontError as error:
            raise CommandError(str(error)) from error
        entries = [entry for _, planned in pages for entry in planned]
        self._tell(entries, is_dry_run=options["dry_run"])
        issues += [issue for entry in entries for issue in entry.issues]
        for issue in sorted(issues, key=lambda each: each.row):
            place = f"Row {issue.row}, {issue.column}" if issue.column else f"Row {issue.row}"
            self.stderr.write(f"{place}: {issue.sentence}")
        failed = sum(entry.outcome == Outcome.FAILED for entry in entries)
        if failed:
            raise CommandError(f"{failed:,} of {len(entries):,} products were left out.")

    def _import(self, options: dict[str, Any], progress: Progress) -> tuple[list[Page], list[Issue]]:
        now, takes_stock = timezone.now(), not options["without_stock"]
        reading = read_file(_read(options["file"]), currency=settings.CURRENCY, today=timezone.localdate(now))
        self.stdout.write(f"{options['file']} is in {reading.kind}’s format.")
        for note in reading.notes:
            self.stdout.write(note)
        drafts = identify(reading)
        pages: list[Page] = []
        paths = []
        for page in _pages(drafts):
            plans = plan_page(page, read_world(page), takes_stock=takes_stock, now=now)
            paths += [plan.draft.fields["category"] for plan in plans if plan.categories and plan.product]
            pages.append((page, [plan.entry for plan in plans]))
            progress("Compared", sum(len(each) for each, _ in pages), len(drafts))
        if options["dry_run"]:
            return pages, []
        create_categories(paths)
        done = 0
        for number, (page, planned) in enumerate(pages):
            pages[number] = (page, apply_page(page, planned, takes_stock=takes_stock, now=now))
            done += len(page)
            progress("Imported", done, len(drafts))
        return pages, [] if options["without_pictures"] else _fetch(pages, progress)

    def _tell(self, entries: Sequence[Entry], *, is_dry_run: bool) -> None:
        for entry in entries:
            if is_dry_run and entry.changes:
                self.stdout.write(f"Row {entry.row}: {entry.name} would be {entry.outcome}.")
                for change in entry.changes:
                    self.stdout.write(f"    {change.label}: {change.old or '(nothing)'} → {change.new or '(nothing)'}")
        counts = Counter(entry.outcome for entry in entries)
        figures = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in Outcome)
        self.stdout.write(f"Products{' (dry run, nothing was written)' if is_dry_run else ''}: {figures}.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _pages(drafts: Sequence[Draft]) -> Iterator[Sequence[Draft]]:
    for start in range(0, len(drafts), PAGE_SIZE):
        yield drafts[start : start + PAGE_SIZE]


def _fetch(pages: Sequence[Page], progress: Progress) -> list[Issue]:
    issues: list[Issue] = []
    pairs = [
        (draft, entry)
        for page, results in pages
        for draft, entry in zip(page, results, strict=True)
        if entry.pictures and entry.outcome != Outcome.FAILED
    ]
    total, done = sum(len(entry.pictures) for _, entry in pairs), 0
    for draft, entry in pairs:
        while entry.pictures:
            before = len(entry.pictures)
            issues += attach_pictures(draft=draft, entry=entry, now=timezone.now()).issues
            done += before - len(entry.pictures)
            progress("Pictures", done, total)
    return issues
