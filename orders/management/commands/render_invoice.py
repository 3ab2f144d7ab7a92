import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cloudcart.errors import StorefrontError
from orders.invoices import queries, rendering


class Command(BaseCommand):
    """Print a stored invoice or credit note as PDF again, and compare it with the one in the bucket."""

    help = "Print a stored invoice or credit note as PDF again, and compare it with the one in the bucket."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="like INV-2026-000042")
        parser.add_argument("--out", type=Path, help="the file to write; <number>.pdf if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        number: str = options["number"]
        target: Path = options["out"] or Path(f"{number}.pdf")
        try:
            invoice = queries.get_invoice(number)
        except StorefrontError as error:
            raise CommandError(str(error)) from error
        pdf = rendering.render_pdf(invoice)
        try:
            target.write_bytes(pdf)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Wrote {target} ({len(pdf):,} bytes), {_comparison(invoice.sha256, pdf)}.")


def _comparison(stored: str | None, pdf: bytes) -> str:
    if stored is None:
        return "which is not in the bucket yet"
    is_same = hashlib.sha256(pdf).hexdigest() == stored
    return "the same bytes as in the bucket" if is_same else "printed otherwise than the one in the bucket"
