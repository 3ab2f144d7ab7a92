"""`make prove`: every crash point, then random interleavings, in several processes; ends with 1 if anything fails."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Queue
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.table import Table

from cloudcart.local.console import console
from cloudcart.local.folder import PROJECT_DIR

# Runs of one embedded AWS; then it begins anew, before its mailbox is heavy.
CHUNK = 250


@dataclass
class Tally:
    runs: int = 0
    steps: int = 0
    deaths: int = 0
    violations: list[dict[str, Any]] = field(default_factory=list)

    def add(self, told: dict[str, Any]) -> None:
        if "run" in told:
            self.runs, self.steps = self.runs + 1, self.steps + told["steps"]
            self.deaths += told["deaths"]
        if told.get("problems"):
            self.violations.append(told)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the random runs")
    parser.add_argument("--runs", type=int, default=10_000, help="how many random runs")
    parser.add_argument("--first", type=int, default=0, help="the number of the first random run, to repeat it")
    parser.add_argument("--workers", type=int, default=2, help="processes, each with an embedded AWS of its own")
    parser.add_argument("--skip-every-step", action="store_true", help="only the random runs")
    options = parser.parse_args()
    started = time.monotonic()
    crash_points, steps_of = Tally(), dict[str, int]()
    if not options.skip_every_step:
        shares = [
            ["--seed", "0", "--every-step", "--first", str(part), "--count", str(options.workers)]
            for part in range(options.workers)
        ]
        for told in _run_all(shares, "Every crash point", total=None, workers=options.workers):
            steps_of |= told.get("steps", {})
            crash_points.add(told)
    starts = range(options.first, options.first + options.runs, CHUNK)
    ends = options.first + options.runs
    shares = [
        ["--seed", str(options.seed), "--first", str(start), "--count", str(min(CHUNK, ends - start))]
        for start in starts
    ]
    chaos = Tally()
    for told in _run_all(shares, "Random interleavings", total=options.runs, workers=options.workers):
        chaos.add(told)
    _show(crash_points, steps_of, chaos, seed=options.seed, seconds=time.monotonic() - started)
    return 1 if crash_points.violations or chaos.violations else 0


def _run_all(shares: list[list[str]], title: str, *, total: int | None, workers: int) -> Iterator[dict[str, Any]]:
    """Give what the processes tell, as it comes."""
    told: Queue[dict[str, Any] | None] = Queue()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress, ThreadPoolExecutor(workers) as pool:
        bar = progress.add_task(title, total=total)
        for share in shares:
            pool.submit(_run_one, share, told)
        for _ in shares:
            while (line := told.get()) is not None:
                if "cases" in line:
                    progress.update(bar, total=line["cases"])
                if "run" in line:
                    progress.advance(bar)
                    _tell_plainly(progress.tasks[0])
                if line.get("problems"):
                    progress.console.print(f"[red]{line.get('run', 'all together')}[/]: {'; '.join(line['problems'])}")
                yield line


def _tell_plainly(task: Task) -> None:
    """Without a terminal there is no bar: a line now and then."""
    if not console.is_terminal and task.completed % 100 == 0:
        console.print(f"{task.description}: {task.completed:.0f} of {task.total or 0:.0f}")


def _run_one(share: list[str], told: "Queue[dict[str, Any] | None]") -> None:
    command = [sys.executable, "-m", "tests.prove.shift", *share]
    with subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("{"):
                    told.put(json.loads(line))
        finally:
            process.terminate()
    if process.returncode != 0:
        told.put({"problems": [f"The process {' '.join(share)} ended with {process.returncode}."]})
    told.put(None)


def _show(crash_points: Tally, steps_of: dict[str, int], chaos: Tally, *, seed: int, seconds: float) -> None:
    table = Table("", "Runs", "Steps", "Deaths", "Violations")
    points = f"{sum(steps_of.values()):,} crash points, with each disturbance"
    for name, tally in ((points, crash_points), (f"Random interleavings, seed {seed}", chaos)):
        table.add_row(
            name, *(f"{number:,}" for number in (tally.runs, tally.steps, tally.deaths)), str(len(tally.violations))
        )
    console.print(table)
    console.print(f"{seconds / 60:.1f} minutes")
    for violation in (crash_points.violations + chaos.violations)[:5]:
        console.print(f"\n{violation.get('run', 'All together')}: {'; '.join(violation['problems'])}")
        for line in violation.get("trace", []):
            console.print(f"  {line}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
