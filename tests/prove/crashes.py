"""Every request that leaves the shop is a step, and after every step the shop may die or be overtaken."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import botocore.client
import stripe

from cloudcart import faults


class Crash(BaseException):
    """The process is gone. Nothing catches it but the harness; what it had in memory is lost."""


class Actor:
    """One process at work: a request, a task or a sweep. It rests after each step until it is told to go on.

    Only one actor moves at a time, so a run is the same each time it is repeated.
    """

    _here = threading.local()

    def __init__(self, name: str, work: Callable[[], Any], pool: ThreadPoolExecutor) -> None:
        self.name = name
        self.label = "start"
        self.steps = 0
        # done, crashed or failed, once it is over; then `error` says why it failed.
        self.outcome = ""
        self.error: Exception | None = None
        self._work = work
        self._is_doomed = False
        # Given by one thread, taken by the other; a plain lock is the cheapest way to hand over.
        self._go, self._rests = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._rests.acquire()
        pool.submit(self._run)

    @property
    def is_over(self) -> bool:
        return bool(self.outcome)

    def move(self) -> None:
        """Let it do one step more."""
        self._go.release()
        self._rests.acquire()

    def kill(self) -> None:
        """Let it die where it rests."""
        self._is_doomed = True
        self.move()

    @classmethod
    def visit(cls, label: str) -> None:
        """Called by the shop's code, through the hooks, whenever a step is done."""
        actor = getattr(cls._here, "actor", None)
        if actor is not None:
            actor._rest(label)

    def _run(self) -> None:
        Actor._here.actor = self
        try:
            self._wait()
            self._work()
            self.outcome = "done"
        except Crash:
            self.outcome = "crashed"
        except Exception as error:  # noqa: BLE001 - whatever it is, the run judges it
            self.outcome, self.error = "failed", error
        finally:
            Actor._here.actor = None
            self._rests.release()

    def _rest(self, label: str) -> None:
        if not self._is_doomed:
            self.label = label
            self.steps += 1
            self._rests.release()
        self._wait()

    def _wait(self) -> None:
        if not self._is_doomed:
            self._go.acquire()
        if self._is_doomed:
            raise Crash


@contextmanager
def watched() -> Iterator[None]:
    """Have every answered request to AWS and to Stripe, and every point of `cloudcart.faults`, be a step."""
    call_aws = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
    call_stripe = stripe.RequestsClient.request

    def watch_aws(client: Any, operation: str, parameters: Any) -> Any:
        answer = call_aws(client, operation, parameters)
        Actor.visit(f"{client.meta.service_model.service_name}.{operation}")
        return answer

    def watch_stripe(client: Any, method: str, url: str, *rest: Any, **more: Any) -> Any:
        answer = call_stripe(client, method, url, *rest, **more)
        Actor.visit(f"stripe.{method}")
        return answer

    botocore.client.BaseClient._make_api_call = watch_aws  # type: ignore[attr-defined]
    stripe.RequestsClient.request = watch_stripe  # type: ignore[method-assign,assignment]
    try:
        with faults.install(Actor.visit):
            yield
    finally:
        botocore.client.BaseClient._make_api_call = call_aws  # type: ignore[attr-defined]
        stripe.RequestsClient.request = call_stripe  # type: ignore[method-assign]
