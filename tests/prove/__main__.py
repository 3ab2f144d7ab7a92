"""`make prove`: every crash point, then random interleavings, in several processes; ends with 1 if anything fails."""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from cloudcart.local.console import console
from tests.prove.crew import Crew, processor_minutes

# Runs of one embedded AWS; then it begins anew, before its mailbox is heavy.
CHUNK = 250
_RUNS_A_LINE = 100


@dataclass
class Tally:
    """What was told of a kind of runs."""

    title: str
    total: int = 0
    runs: int = 0
    steps: int = 0
    deaths: int = 0
    violations: list[dict[str, Any]] = field(default_factory=list)

    def add(self, told: dict[str, Any]) -> None:
        if "run" in told:
            self.runs, self.steps = self.runs + 1, self.steps + told["steps"]
            self.deaths += told["deaths"]
            if self.runs % _RUNS_A_LINE == 0:
                console.print(self, highlight=False)
        if told.get("problems"):
            self.violations.append(told)
            console.print(f"[red]{told.get('run', 'All together')}[/]: {'; '.join(told['problems'])}", highlight=False)

    def __str__(self) -> str:
        return (
            f"{self.title}: {self.runs:,} of {self.total:,} runs, {self.steps:,} steps, {self.deaths:,} deaths, "
            f"{len(self.violations)} violations"
        )

    def __rich__(self) -> str:
        return str(self)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the random runs")
    parser.add_argument("--runs", type=int, default=10_000, help="how many random runs")
    parser.add_argument(
        "--first", type=int, default=0, help="the number of the first random run, to go on or repeat it"
    )
    parser.add_argument("--first-point", type=int, default=0, help="the first crash point, likewise")
    parser.add_argument("--points", type=int, default=sys.maxsize, help="how many crash points; all if left out")
    parser.add_argument("--workers", type=int, default=2, help="processes, each with an embedded AWS of its own")
    parser.add_argument("--skip-every-step", action="store_true", help="only the random runs")
    parser.add_argument("--near", action="store_true", help="reach the embedded AWS without sockets, which is cheaper")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Also of a shell's background job, which is born deaf to Ctrl-C.
        signal.signal(number, signal.default_int_handler)
    started = time.monotonic()
    points, chaos = Tally("Crash points"), Tally(f"Random interleavings, seed {options.seed}", options.runs)
    is_whole = True
    try:
        with Crew(options.workers, *(["--near"] if options.near else [])) as crew:
            if not options.skip_every_step:
                _prove_points(crew, points, first=options.first_point, count=options.points)
            _prove_chaos(crew, chaos, options.seed, range(options.first, options.first + options.runs))
    except KeyboardInterrupt:
        is_whole = False
        console.print("It was stopped. Of what ran last, mails, events and documents were not counted.")
    _show(points, chaos, seconds=time.monotonic() - started)
    return 1 if points.violations or chaos.violations or not is_whole else 0


def _prove_points(crew: Crew, tally: Tally, *, first: int, count: int) -> None:
    steps: dict[str, int] = {}
    for told in crew.run([["--seed", "0", "--every-step"]]):
        steps |= told.get("steps", {})
        tally.add(told)
    share = range(first, min(first + count, sum(steps.values())))
    tally.total = len(share)
    _tally(tally, crew.run([["--seed", "0", "--steps", json.dumps(steps), *each] for each in _chunks(share)]))


def _prove_chaos(crew: Crew, tally: Tally, seed: int, share: range) -> None:
    _tally(tally, crew.run([["--seed", str(seed), *each] for each in _chunks(share)]))


def _chunks(share: range) -> list[list[str]]:
    starts = range(share.start, share.stop, CHUNK)
    return [["--first", str(start), "--count", str(min(CHUNK, share.stop - start))] for start in starts]


def _tally(tally: Tally, told: Iterator[dict[str, Any]]) -> None:
    for each in told:
        tally.add(each)


def _show(points: Tally, chaos: Tally, *, seconds: float) -> None:
    table = Table("", "Runs", "Steps", "Deaths", "Violations")
    for tally in (points, chaos):
        numbers = (tally.runs, tally.steps, tally.deaths, len(tally.violations))
        table.add_row(tally.title, *(f"{number:,}" for number in numbers))
    console.print(table)
    console.print(
        f"{seconds / 60:.1f} minutes, {processor_minutes():.1f} minutes of processor time, commit {_find_commit()}"
    )
    for violation in (points.violations + chaos.violations)[:5]:
        console.print(f"\n{violation.get('run', 'All together')}: {'; '.join(violation['problems'])}")
        for line in violation.get("trace", []):
            console.print(f"  {line}", highlight=False)


def _find_commit() -> str:
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
