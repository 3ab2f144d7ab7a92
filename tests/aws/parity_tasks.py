"""Tasks of every kind, run by a worker and by the bridge in processes of their own; each run is one line of a file."""

import os
import time
from pathlib import Path
from typing import Any

from celery import Task
from celery.exceptions import Ignore, Reject

from cloudcart.celery import app

__all__ = ["app"]

# The worker acknowledges late and sends what failed back to the queue, as in the shop; so does the bridge.
RUNS = Path(os.environ.get("PARITY_RUNS", os.devnull))


class Passing(Exception):
    """Gone with the next try."""


def note(text: str) -> None:
    with RUNS.open("a") as file:
        file.write(f"{text}\n")


@app.task(name="parity.success")
def success(word: str = "success") -> str:
    note(word)
    return word


@app.task(name="parity.failure")
def failure() -> None:
    note("failure")
    raise ValueError("always")


@app.task(name="parity.autoretry", autoretry_for=(Passing,), default_retry_delay=0, max_retries=3)
def autoretry() -> None:
    note("autoretry")
    raise Passing


@app.task(name="parity.manual_retry", bind=True, default_retry_delay=0)
def manual_retry(self: "Task[Any, Any]") -> None:
    note("manual retry")
    if self.request.retries < 2:
        raise self.retry()


@app.task(name="parity.reject")
def reject() -> None:
    note("reject")
    raise Reject("no", requeue=False)


@app.task(name="parity.ignore")
def ignore() -> None:
    note("ignore")
    raise Ignore


@app.task(name="parity.after")
def after(former: str, word: str) -> None:
    note(f"{word} after {former}")


@app.task(name="parity.slow", soft_time_limit=1)
def slow() -> None:
    note("slow")
    time.sleep(30)  # Ended by the soft time limit: nobody waits for it.
    note("slow, to its end")
