"""manage.py seed: put the demo store, or a list of products, into the shop."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from pynamodb.exceptions import PynamoDBException

from catalog.demo.store import read_demo_store
from catalog.imports import as_store
from catalog.product_list import BadRow, ProductList, read_product_list
from catalog.seeding import Outcome, Tally, is_interrupted, is_shop_empty, seed
from cloudcart.errors import StorageUnavailable, StorefrontError
from cloudcart.progress import show_progress

STOPPED_BY_A_PERSON = 130


class Command(BaseCommand):
    """Bring in the demo store or a list of products; what is there already is only brought up to date.

    Exits with 1 if rows of a list were left out (the others are in the shop), and with 130 after Ctrl-C.
    """

    help = (
        "Put the demo store into the shop, or with --file a list of products. "
        "Running it again changes nothing, and continues what was interrupted."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--file", type=Path, metavar="PATH", help="a YAML list of products instead of the demo store"
        )
        parser.add_argument("--if-empty", action="store_true", help="do nothing if the shop has products")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._seed(options["file"], only_if_empty=options["if_empty"])
        except (StorageUnavailable, BotoCoreError, ClientError, PynamoDBException) as error:
            reason = error.__cause__ or error
            raise CommandError(
                f"The shop's storage did not answer as it should ({reason}). Running this again continues."
            ) from error
        except StorefrontError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. Running it again continues.", returncode=STOPPED_BY_A_PERSON) from None

    def _seed(self, path: Path | None, *, only_if_empty: bool) -> None:
        now = timezone.now()
        products = read_product_list(path) if path else None
        content = as_store(products.rows, now=now) if products else read_demo_store()
        if only_if_empty and not is_shop_empty() and not is_interrupted(content):
            self.stdout.write("The shop has products already; nothing was changed.")
            return
        with show_progress(self.stdout) as progress:
            tally = seed(content, now=now, progress=progress)
        self._summarize(tally)
        if products:
            self._report(products, tally)
        elif tally.errors:
            raise CommandError(_first_reasons(tally))

    def _summarize(self, tally: Tally) -> None:
        for kind, counts in tally.outcomes.items():
            figures = [f"{counts[outcome]:,} {outcome.value}" for outcome in Outcome]
            self.stdout.write(f"{kind.capitalize()}: {', '.join(figures)}.")
        if not tally.has_changed_anything and not tally.errors:
            self.stdout.write("Nothing has changed: all of it was in the shop.")

    def _report(self, products: ProductList, tally: Tally) -> None:
        refused = [
            BadRow(row.line, str(tally.errors[row.product_id]))
            for row in products.rows
            if row.product_id in tally.errors
        ]
        bad_rows = sorted([*products.bad_rows, *refused], key=lambda row: row.line)
        for row in bad_rows:
            self.stderr.write(f"Line {row.line} was left out: {row.reason.removesuffix('.')}.")
        if bad_rows:
            count = f"{len(bad_rows):,} rows were" if len(bad_rows) > 1 else "1 row was"
            raise CommandError(f"{count} left out; the other {len(products.rows) - len(refused):,} are in the shop.")


def _first_reasons(tally: Tally) -> str:
    reasons = [f"{product_id}: {error}" for product_id, error in list(tally.errors.items())[:5]]
    return f"{len(tally.errors):,} products could not be stored. " + " ".join(reasons)
