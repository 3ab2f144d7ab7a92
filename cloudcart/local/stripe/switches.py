"""How the simulated Stripe behaves, for those who test a shop: chosen on its own page or by its own API."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from cloudcart.local.stripe.problems import StripeProblem
from cloudcart.local.stripe.store import Store


@dataclass(frozen=True)
class WebhookSwitches:
    """What becomes of webhooks.

    :param timing: ``soon`` races the shopper back to the shop, as at Stripe; ``before`` has the shopper wait
        for the shop's answer; ``after`` sends them some seconds later.
    :param delay: seconds that each waits.
    :param copies: how often each is sent.
    :param is_shuffled: in any order, over two seconds.
    :param is_dropped: never sent.
    :param is_held: kept until somebody asks for them.
    """

    timing: str = "soon"
    delay: float = 0.0
    copies: int = 1
    is_shuffled: bool = False
    is_dropped: bool = False
    is_held: bool = False

    @classmethod
    def read(cls, store: Store) -> "WebhookSwitches":
        return cls(**store.setting("webhooks", {}))

    def changed(self, values: dict[str, Any]) -> "WebhookSwitches":
        """:raises StripeProblem: if a value is unknown or makes no sense."""
        unknown = values.keys() - {field.name for field in fields(self)}
        if unknown:
            raise StripeProblem(f"There is no switch {', '.join(sorted(unknown))}.", code="parameter_unknown")
        changed = WebhookSwitches(**(asdict(self) | values))
        numbers = isinstance(changed.delay, int | float) and isinstance(changed.copies, int)
        if changed.timing not in {"soon", "before", "after"} or not numbers:
            raise StripeProblem("timing is soon, before or after; delay and copies are numbers.")
        return changed

    def write(self, store: Store) -> None:
        store.write_setting("webhooks", asdict(self))


@dataclass(frozen=True)
class Fault:
    """A request to the API that goes wrong.

    :param path: how the request's method and path begin, like ``POST /v1/refunds``.
    :param point: ``before`` it was done, or ``after``: done, and the answer is lost.
    :param count: for how many requests more.
    """

    path: str
    point: str = "before"
    count: int = 1


def set_fault(store: Store, values: dict[str, Any]) -> None:
    """:raises StripeProblem: if the fault makes no sense."""
    if values.keys() - {"path", "point", "count"} or "path" not in values:
        raise StripeProblem("A fault has a path, a point (before or after) and a count.")
    fault = Fault(**values)
    if fault.point not in {"before", "after"}:
        raise StripeProblem("A fault's point is before or after.")
    store.write_setting("fault", asdict(fault))


def take_fault(store: Store, call: str) -> Fault | None:
    """Give the fault that this request is to meet, and count it."""
    stored = store.setting("fault")
    if not stored or stored["count"] < 1 or not call.startswith(stored["path"]):
        return None
    store.write_setting("fault", stored | {"count": stored["count"] - 1})
    return Fault(**stored)
