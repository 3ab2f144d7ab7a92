"""What shoppers and staff do, one request after the other. A journey goes on when its request is over."""

import random
from dataclasses import dataclass
from typing import Any

from orders.models import Idempotency, Order
from orders.status import PaymentStatus
from tests.prove import aftermath
from tests.prove.aftermath import Journey, patiently
from tests.prove.world import Act, World

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
    :param refunds: minor units that staff pay back, or a unit of the first product, to be sold again or ``used``.
    :param other_page: when a page is paid that the order does not know: ``first``, ``last`` or never.
    :param parcels: in how many parcels staff send it.
    :param sends_back: how a return ends, if the shopper asks for one (`aftermath.send_back`).
    :param dispute: how the bank decides, if it takes the money back (`aftermath.dispute`).
    """

    quantities: tuple[int, ...] = (1, 0)
    method: str = "card"
    payments: tuple[str, ...] = ("card",)
    is_patient: bool = True
    is_double_click: bool = False
    returns: str = "success"
    cancels: str = ""
    refunds: tuple[int | str, ...] = ()
    other_page: str = ""
    parcels: int = 0
    sends_back: str = ""
    dispute: str = ""


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
        refunds=tuple(rng.choice((100, 350, "unit", "used", "all")) for _ in range(rng.choice((0, 0, 1, 2)))),
        other_page=rng.choices(("", "first", "last"), (14, 1, 1))[0],
        parcels=rng.choices((0, 1, 2), (3, 1, 1))[0],
        sends_back=rng.choices(("", "asked", "declined", "refunded", "used"), (5, 1, 1, 2, 1))[0],
        dispute=rng.choices(("", "open", "won", "lost"), (12, 1, 1, 1))[0],
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
    if plan.dispute:
        yield from aftermath.dispute(world, number, ending=plan.dispute, is_patient=plan.is_patient)
    yield from aftermath.send(world, number, parcels=plan.parcels, is_patient=plan.is_patient)
    if plan.parcels and plan.sends_back:
        yield from aftermath.send_back(world, number, ending=plan.sends_back, is_patient=plan.is_patient)
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
    page = ""
    if plan.other_page == "first":
        # The shopper has the order's own page before them, and pays there as well.
        page = world.session_of(number)
        yield from aftermath.pay_other_page(world, number)
    for way in plan.payments:
        if way == "expire":
            world.expire(number)
        elif way == "refused":
            world.pay(number, "card_3ds", page=page, is_approved=False)
        else:
            world.pay(number, way, page=page)
    if plan.returns:
        yield [Act(plan.returns, number, world.look(number))]
    if plan.other_page == "last":
        yield from aftermath.pay_other_page(world, number)


def _refund(world: World, plan: Plan, number: str, refund_id: str, what: int | str) -> Journey:
    order = Order.get(number, consistent_read=True)
    if order.payment_status not in _HOLDING:
        return
    if order.payment_status == PaymentStatus.REVIEW:
        # An order that was not taken on is paid back whole.
        what = "all"
    asked: dict[str, Any] = {"amount": what} if isinstance(what, int) else {}
    if what in {"unit", "used"}:
        asked = {"lines": {order.lines[0].sku: 1}, "is_restocked": what == "unit"}
    yield from _patiently(plan, Act("refund", number, world.refund(number, refund_id, **asked)))


def _patiently(plan: Plan, act: Act) -> Journey:
    yield from patiently(act, is_patient=plan.is_patient)
