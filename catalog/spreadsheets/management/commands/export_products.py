"""manage.py export_products: write all products into a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.spreadsheets.exporting import export_all, write_header
from cloudcart.errors import StorefrontError
from cloudcart.progress import show_progress


class Command(BaseCommand):
    """Write every product, drafts and archived ones too, in the shop's own format; `-` is the standard output."""

    help = "Write all products into a CSV file that `import_products` takes again; - is the standard output."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["file"] == "-":
                self.stdout.write(write_header(), ending="")
                for page in export_all():
                    self.stdout.write(page.lines, ending="")
            else:
                self._write(Path(options["file"]))
        except StorefrontError as error:
            raise CommandError(str(error)) from error

    def _write(self, path: Path) -> None:
        # Beside its place, so that a file of that name is replaced by a whole one or not at all.
        unfinished = path.with_name(f"{path.name}.part")
        count = 0
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as target, show_progress(self.stdout) as progress:
                target.write(write_header())
                for page in export_all():
                    target.write(page.lines)
                    count += page.product_count
                    progress("Products", count, count if page.next_key is None else None)
            unfinished.replace(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        finally:
            unfinished.unlink(missing_ok=True)
        self.stdout.write(f"{count:,} products are in {path}.")
