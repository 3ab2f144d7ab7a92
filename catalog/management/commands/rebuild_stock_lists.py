from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import low_stock
from cloudcart.errors import StorefrontError


class Command(BaseCommand):
    """Make the lists of what runs low and of movements by SKU anew, from the levels and the ledger."""

    help = "Make the lists of what runs low and of movements by SKU anew, from the levels and the ledger."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed, movements = low_stock.rebuild_lists()
        except StorefrontError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{changed} SKUs were listed wrongly before. {movements} movements are filed.")
