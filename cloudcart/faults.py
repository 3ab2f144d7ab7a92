"""Named points between the steps of what must survive a crash; they do nothing in a shop.

A harness installs a function with `install`, which is then called with the name of each point that the
program comes by (``reconcile.fetched``). What it raises leaves the program as a crash would: derive it
from `BaseException`, since some steps catch `Exception` to go on with the others.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_visit: Callable[[str], None] | None = None


def point(name: str) -> None:
    """Come by a point: the step named so is done, and the next one not begun."""
    if _visit is not None:
        _visit(name)


@contextmanager
def install(visit: Callable[[str], None]) -> Iterator[None]:
    """Have a function called at every point, in all threads, until the block ends."""
    global _visit
    _visit = visit
    try:
        yield
    finally:
        _visit = None
