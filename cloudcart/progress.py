"""How far a command is: a bar where a person looks on, a few lines where a file does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import OutputWrapper

# Called with the name of a step, how much of it is done, and how much there is (None: nobody knows yet).
Progress = Callable[[str, int, int | None], None]


@contextmanager
def show_progress(stdout: OutputWrapper) -> Iterator[Progress]:
    """Give what a command calls while it works; one bar for each step that it names."""
    if not stdout.isatty():
        yield lambda step, done, total: _write_line(stdout, step, done, total)
        return
    # Not installed on Lambda, where nobody looks on.
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    with Bars(TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as bars:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


def _write_line(stdout: OutputWrapper, step: str, done: int, total: int | None) -> None:
    if total and (done == total or done * 5 // total > max(0, done - 1) * 5 // total):
        stdout.write(f"{step}: {done:,} of {total:,}")
