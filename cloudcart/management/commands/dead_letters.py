"""manage.py dead_letters: look at what failed too often, send it again, or give it up."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError

from cloudcart.aws import stack
from cloudcart.aws.change_sets import StackFailed
from cloudcart.aws.dead_letters import DeadLetter, DeadLetterQueue, to_consumers, to_queue
from cloudcart.aws.names import Names
from cloudcart.aws.targets import add_stage_argument, find_target

# What each action needs: the id of a message, "all", or nothing.
ACTIONS = ("list", "show", "redrive", "purge")


class Command(BaseCommand):
    """List, show, redrive or purge the messages of a stage's dead-letter queues."""

    help = (
        "Look after failed tasks: list; show ID; redrive ID or redrive all, which sends them to the queue again; "
        "purge ID, which gives one up. --queue streams looks at changes that no projection could take; sent again, "
        "they go to the projections of this process."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=ACTIONS)
        parser.add_argument("id", nargs="?", help="a message's id as `list` shows it (its first letters do), or all")
        add_stage_argument(parser)
        parser.add_argument("--queue", choices=("tasks", "streams"), default="tasks")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            target = find_target(options["stage"])
            name = Names(target.stage).stack
            queue = _open(stack.read_outputs(name), options["queue"], stack_name=name)
            letters = queue.look()
            try:
                self._act(queue, letters, options)
            finally:
                # What was redriven or purged is gone, and told so; the rest is to be seen again.
                queue.put_back([letter for letter in letters if letter not in self._done])
        except StackFailed as error:
            raise CommandError(str(error)) from error
        except (ClientError, BotoCoreError) as error:
            raise CommandError(f"AWS refused: {error}") from error

    def _act(self, queue: DeadLetterQueue, letters: list[DeadLetter], options: dict[str, Any]) -> None:
        self._done: list[DeadLetter] = []
        action = options["action"]
        if action == "list":
            self._list(queue, letters)
        elif action == "show":
            self._show(_choose(letters, options["id"]))
        elif action == "purge":
            self._purge(queue, _choose(letters, options["id"]), is_sure=options["yes"])
        else:
            chosen = letters if options["id"] == "all" else [_choose(letters, options["id"])]
            self._redrive(queue, chosen, is_sure=options["yes"])

    def _list(self, queue: DeadLetterQueue, letters: list[DeadLetter]) -> None:
        if not letters:
            self.stdout.write(f"{queue.name} is empty: nothing failed.")
        for letter in letters:
            self.stdout.write(
                f"{letter.id[:8]}  {letter.sent_at:%Y-%m-%d %H:%M:%S}Z  {letter.subject}  {letter.arguments}"
            )

    def _show(self, letter: DeadLetter) -> None:
        self.stdout.write(f"Id        {letter.id}")
        self.stdout.write(f"Sent      {letter.sent_at:%Y-%m-%d %H:%M:%S} UTC")
        self.stdout.write(f"About     {letter.subject}  {letter.arguments}")
        self.stdout.write(json.dumps(letter.content, indent=2) if letter.content else letter.body)

    def _redrive(self, queue: DeadLetterQueue, letters: list[DeadLetter], *, is_sure: bool) -> None:
        if not letters:
            self.stdout.write(f"{queue.name} is empty: there is nothing to send again.")
            return
        self._confirm(f"Send {_count(letters)} to the queue again?", is_sure=is_sure)
        for letter in letters:
            queue.redrive(letter)
            self._done.append(letter)
        self.stdout.write(f"Sent {_count(letters)} again. `list` tells whether any of them came back.")

    def _purge(self, queue: DeadLetterQueue, letter: DeadLetter, *, is_sure: bool) -> None:
        self._confirm(f"Give up {letter.subject} {letter.arguments} for good?", is_sure=is_sure)
        queue.purge(letter)
        self._done.append(letter)
        self.stdout.write(f"Gave up {letter.id}.")

    def _confirm(self, question: str, *, is_sure: bool) -> None:
        if is_sure:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nothing was changed: there is nobody to ask. Run it with --yes.")
        if input(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
            raise CommandError("Nothing was changed.")


def _open(outputs: stack.Outputs, kind: str, *, stack_name: str) -> DeadLetterQueue:
    if kind == "streams":
        return DeadLetterQueue(outputs["StreamDeadLettersUrl"], send_again=to_consumers(stack_name))
    return DeadLetterQueue(outputs["TaskDeadLettersUrl"], send_again=to_queue(outputs["TaskQueueUrl"]))


def _choose(letters: list[DeadLetter], beginning: str | None) -> DeadLetter:
    if not beginning:
        raise CommandError("Say which one: `list` shows the ids.")
    found = [letter for letter in letters if letter.id.startswith(beginning)]
    if len(found) != 1:
        number = "No message has" if not found else "Several messages have"
        raise CommandError(f"{number} an id that begins with {beginning}; `list` shows the ids.")
    return found[0]


def _count(letters: list[DeadLetter]) -> str:
    return "1 message" if len(letters) == 1 else f"{len(letters)} messages"
