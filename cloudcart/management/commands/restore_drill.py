"""manage.py restore_drill: bring the tables back under other names, and prove that nothing is missing."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError

from cloudcart.aws import restoring, stack
from cloudcart.aws.change_sets import StackFailed
from cloudcart.aws.names import Names
from cloudcart.aws.restoring import Drill
from cloudcart.aws.targets import add_stage_argument, find_target


class Command(BaseCommand):
    """Restore each table to its latest moment, compare counts and checksums, tell the time, clean up."""

    help = (
        "Rehearse the loss of a table: restores tables under other names, compares them with the shop's own, "
        "and removes them again. The shop is not touched. Every item is read twice, which costs."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_stage_argument(parser)
        parser.add_argument(
            "--tables", nargs="+", metavar="NAME", choices=restoring.recoverable_tables(), help="only these"
        )
        parser.add_argument(
            "--tolerate",
            type=int,
            default=0,
            metavar="ITEMS",
            help="how many items of a table may differ, because the shop is open (AWS restores some minutes behind)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            target = find_target(options["stage"])
            name = Names(target.stage).stack
            stack.read_outputs(name)
            drills = [self._rehearse(name, table) for table in options["tables"] or restoring.recoverable_tables()]
        except StackFailed as error:
            raise CommandError(str(error)) from error
        except (ClientError, BotoCoreError) as error:
            raise CommandError(f"AWS refused: {error}") from error
        self._conclude(drills, tolerated=options["tolerate"])

    def _rehearse(self, stack_name: str, table: str) -> Drill:
        drill = restoring.rehearse(stack_name, table)
        outcome = "same" if not drill.differences else f"{drill.missing} missing, {drill.surplus} surplus or older"
        self.stdout.write(
            f"  {table:<20} {drill.items:>8} items  {drill.restored_items:>8} restored  "
            f"{drill.checksum} {drill.restored_checksum}  {outcome}  {drill.seconds:.1f} s"
        )
        return drill

    def _conclude(self, drills: list[Drill], *, tolerated: int) -> None:
        bad = [drill.table for drill in drills if drill.differences > tolerated]
        if bad:
            raise CommandError(
                f"Not everything came back: {', '.join(bad)}. If the shop is open, these may be changes since the "
                "moment that was restored; run it again with --tolerate, or while nobody shops."
            )
        longest = max(drill.seconds for drill in drills)
        self.stdout.write(f"Everything came back. The slowest table took {longest:.1f} s.")
