"""What `make run` tells: steps with their time, notices, and the panel with the addresses."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

console = Console(highlight=False)


@contextmanager
def step(title: str, *, done: str = "") -> Iterator[None]:
    """Show that something is under way and, when it is ``done``, how long it took."""
    started = time.monotonic()
    if console.is_terminal:
        with console.status(f"{title} …"):
            yield
    else:
        yield
    console.print(Text.assemble(("✓", "green"), f" {done or title} ", (f"{time.monotonic() - started:.1f} s", "dim")))


def heading(title: str) -> None:
    console.print(f"  {title}")


def notice(text: str) -> None:
    console.print(Text.assemble(("!", "yellow"), f" {text}"), soft_wrap=True)


def failure(text: str) -> None:
    console.print(Text(text, "red"), soft_wrap=True)


def panel(title: str, rows: list[tuple[str, str]]) -> None:
    """Show what a newcomer needs next; without a terminal, the same in plain lines."""
    if not console.is_terminal:
        console.print(title)
        for name, value in rows:
            console.print(Text(f"  {name:<9} {value}"), soft_wrap=True)
        return
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(name, "dim"), Text(value))
    console.print(Panel(table, title=title, title_align="left", expand=False, padding=(1, 2), border_style="dim"))
