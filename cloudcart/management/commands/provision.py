"""manage.py provision: bring a stage's AWS up to its template, after showing what will change."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError

from cloudcart.aws import change_sets, parameters, provisioning, stack
from cloudcart.aws.change_sets import ChangeSet, Event, StackFailed
from cloudcart.aws.names import Names
from cloudcart.aws.targets import Target, add_stage_argument, find_target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


class Command(BaseCommand):
    """Show the changes of one of a stage's two stacks, ask, apply them, and check what AWS made of them."""

    help = (
        "Create or update what a stage needs on AWS. base: tables, queues, buckets, accounts, roles; "
        "edge, after the functions are deployed: schedules, event sources, alarms, CloudFront; "
        "global, only for a domain or a firewall: what CloudFront wants in us-east-1."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_stage_argument(parser)
        parser.add_argument("--part", required=True, choices=("global", "base", "edge"))
        parser.add_argument(
            "--set", action="append", default=[], dest="values", metavar="NAME=VALUE", help="a parameter's value"
        )
        parser.add_argument("--yes", action="store_true", help="apply the changes without asking")
        parser.add_argument("--plan", action="store_true", help="only show the changes")
        parser.add_argument(
            "--allow-replacement", action="store_true", help="even if a table, bucket or user pool is made anew, empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = dict(_pair(text) for text in options["values"])
        try:
            target = find_target(options["stage"])
            self._provision(target, given, options)
        except StackFailed as error:
            raise CommandError(str(error)) from error
        except (ClientError, BotoCoreError) as error:
            raise CommandError(f"AWS refused: {error}") from error

    def _provision(self, target: Target, given: dict[str, str], options: dict[str, Any]) -> None:
        part, client = options["part"], stack.client_of(options["part"])
        name = Names(target.stage).stack_of(part)
        values = parameters.resolve(
            part,
            given=given,
            found=provisioning.find_values(target, part),
            deployed=stack.read_parameters(name, part=part),
        )
        tags = stack.tags_of(target.stage)
        change_set = change_sets.prepare(client, stack=name, part=part, parameters=values, tags=tags)
        self.stdout.write(f"Changes of {name} ({target}):\n\n{provisioning.as_table(change_set.changes)}\n")
        if options["plan"] or not self._is_wanted(client, change_set, options):
            if change_set.changes:
                change_sets.discard(client, change_set)
            return
        outputs = stack.finish(client, change_set, part=part, on_event=self._show)
        self._show_outputs(outputs, provisioning.find_left_out(part) if target.is_embedded else [])

    def _is_wanted(self, client: CloudFormationClient, change_set: ChangeSet, options: dict[str, Any]) -> bool:
        lost = [change for change in change_set.changes if change.may_lose_data]
        if lost and not options["allow_replacement"]:
            change_sets.discard(client, change_set)
            names = ", ".join(change.name for change in lost)
            raise CommandError(
                f"Refused, nothing was changed: {names} would be made anew or leave the stack, and the shop would "
                "go on without the data. If that is meant, run it with --allow-replacement."
            )
        if options["yes"] or not change_set.changes:
            return True
        if not sys.stdin.isatty():
            change_sets.discard(client, change_set)
            raise CommandError("Nothing was changed: there is nobody to ask. Run it with --yes.")
        return input("Apply them? [y/N] ").strip().lower() in {"y", "yes"}

    def _show(self, event: Event) -> None:
        reason = f"  {event.reason}" if event.reason and event.status.endswith("_FAILED") else ""
        self.stdout.write(f"  {event.status:<20} {event.name} ({event.type}){reason}")

    def _show_outputs(self, outputs: stack.Outputs, left_out: list[str]) -> None:
        self.stdout.write("\nOutputs:\n")
        for name, value in sorted(outputs.values.items()):
            self.stdout.write(f"  {name:<28} {value}")
        for sentence in left_out:
            self.stdout.write(self.style.WARNING(f"\n{sentence}"))


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise CommandError(f"--set takes NAME=VALUE, not {text!r}.")
    return name.strip(), value.strip()
