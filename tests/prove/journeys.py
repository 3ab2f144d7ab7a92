"""What shoppers and staff do, one request after the other. A journey goes on when its request is over."""

import random
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from orders.models import Idempotency, Order
from orders.status import PaymentStatus
from tests.prove.world import Act, World

# How a request ended: done, failed (it said no) or crashed (no answer came).
Journey = Generator[list[Act], list[str], None]

_WAYS = ("card", "card_3ds", "paypal", "debit", "debit_failed")
_HOLDING = {PaymentStatus.PAID, PaymentStatus.PART_REFUNDED, PaymentStatus.REVIEW}


@dataclass(frozen=True)
class Plan:
    """One order's life as its people mean it.

    :param quantities: units of each product.
    :param payments: what is tried on the page to pay on, one after the other; ``expire`` lets it expire.
    :param is_patient: whether the shopper tries again what got no answer.
    :param returns: by which page they come back to the shop: ``success``, ``cancel`` or none.
    :param cancels: at which point they call it off: ``before`` paying, ``after``, or not.
    :param refunds: minor units that staff pay back, or units of the first product, to be sold again.
    """

    quantities: tuple[int, ...] = (1, 0)
    method: str = "card"
    payments: tuple[str, ...] = ("card",)
    is_patient: bool = True
    is_double_click: bool = False
    returns: str = "success"
    cancels: str = ""
    refunds: tuple[int | str, ...] = ()

    def with_refunds(self, *refunds: int | str) -> "Plan":
        return replace(self, refunds=refunds)


def random_plan(rng: random.Random) -> Plan:
    tries = [rng.choice(("card_declined", "card_insufficient", "refused")) for _ in range(rng.choice((0, 0, 1)))]
    ends = rng.choices(("pay", "leave", "expire"), (8, 1, 1))[0]
    last = [rng.choice(_WAYS)] if ends == "pay" else ["expire"] if ends == "expire" else []
    return Plan(
        quantities=rng.choice(((1, 0), (0, 1), (1, 1), (2, 1))),
        method=rng.choices(("card", "invoice"), (5, 1))[0],
        payments=(*tries, *last),
        is_patient=rng.random() < 0.7,
        is_double_click=rng.random() < 0.25,
        returns=rng.choice(("success", "success", "cancel", "")),
        cancels=rng.choices(("", "before", "after"), (6, 1, 1))[0],
        refunds=tuple(rng.choice((100, 350, "unit", "all")) for _ in range(rng.choice((0, 0, 1, 2)))),
    )


def shop(world: World, plan: Plan, *, name: str) -> Journey:
    """Order, pay and perhaps call it off; gives the requests to make, and is told how they ended."""
    attempt = world.fill_cart(list(plan.quantities), name=name, method=plan.method)
    yield from _place(world, plan, attempt)
    placed = Idempotency.find(attempt.submission.idempotency_key, consistent=True)
    if placed is None:
        return
    number = placed.order_number
    if plan.method == "card":
        yield from _pay(world, plan, number)
    if plan.cancels == "after":
        yield from _patiently(plan, Act("cancel", number, world.cancel(number)))
    for index, what in enumerate(plan.refunds):
        yield from _refund(world, plan, number, f"{number}-r{index}", what)


def _place(world: World, plan: Plan, attempt: Any) -> Journey:
    act = Act("place", attempt.name, world.place(attempt))
    outcomes = yield [act, act] if plan.is_double_click else [act]
    if plan.is_patient and "done" not in outcomes and "crashed" in outcomes:
        yield [act]


def _pay(world: World, plan: Plan, number: str) -> Journey:
    yield from _patiently(plan, Act("open_page", number, world.open_page(number)))
    if plan.cancels == "before":
        yield from _patiently(plan, Act("cancel", number, world.cancel(number)))
    for way in plan.payments:
        if way == "expire":
            world.expire(number)
        elif way == "refused":
            world.pay(number, "card_3ds", is_approved=False)
        else:
            world.pay(number, way)
    if plan.returns:
        yield [Act(plan.returns, number, world.look(number))]


def _refund(world: World, plan: Plan, number: str, refund_id: str, what: int | str) -> Journey:
    order = Order.get(number, consistent_read=True)
    if order.payment_status not in _HOLDING:
        return
    asked: dict[str, Any] = {"amount": what} if isinstance(what, int) else {}
    if what == "unit":
        asked = {"lines": {order.lines[0].sku: 1}, "is_restocked": True}
    yield from _patiently(plan, Act("refund", number, world.refund(number, refund_id, **asked)))


def _patiently(plan: Plan, act: Act) -> Journey:
    outcomes = yield [act]
    if plan.is_patient and outcomes == ["crashed"]:
        yield [act]
