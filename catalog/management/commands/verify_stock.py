from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from catalog import verification
from cloudcart.errors import StorefrontError


class Command(BaseCommand):
    """Check that every level of the stock is the sum of its ledger; exit code 1 if one is not."""

    help = "Check that every level of the stock is the sum of its ledger; exit code 1 if one is not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--correct",
            metavar="NOTE",
            help="add entries to the ledger until it agrees with the levels, with this note as the explanation",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = verification.verify_stock()
            if options["correct"] and found.differences:
                verification.correct_ledger(found.differences, now=timezone.now(), note=options["correct"])
        except StorefrontError as error:
            raise CommandError(str(error)) from error
        for difference in found.differences:
            self.stdout.write(str(difference))
        self._conclude(found, is_corrected=bool(options["correct"]))

    def _conclude(self, found: verification.Verification, *, is_corrected: bool) -> None:
        number = len(found.differences)
        if found.unsettled:
            raise CommandError(
                f"Not verified, because it kept changing: {', '.join(found.unsettled)}. "
                "Try again when fewer orders come in."
            )
        if number and not is_corrected:
            raise CommandError(
                f"{number} of {found.skus} SKUs {'differs' if number == 1 else 'differ'} from the ledger. Something "
                "has changed levels without an entry; find it, then run this with --correct “what it was”."
            )
        if number:
            self.stdout.write(f"The ledger was corrected for {number} {'SKU' if number == 1 else 'SKUs'}.")
            return
        self.stdout.write(f"All {found.skus} SKUs agree with the {found.entries} entries of the ledger.")
