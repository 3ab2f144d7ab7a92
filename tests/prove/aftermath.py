"""What comes after the payment: parcels, returns, a bank that takes the money back, a second payment."""

import urllib.error
from collections.abc import Callable, Generator
from typing import Any

from orders import fulfillment, reconcile, returns
from orders.models import Order
from tests.prove.world import Act, World

# How a request ended: done, failed (it said no) or crashed (no answer came).
Journey = Generator[list[Act], list[str], None]
# Says whether all of it was done.
Part = Generator[list[Act], list[str], bool]

# Of a payment that the shop did not ask for: nothing else leads to it.
STRIPES_WORD = "hear_of_other_page"


def patiently(act: Act, *, is_patient: bool) -> Part:
    """Make a request, and once more if no answer came, should the one who asks be patient."""
    outcomes = yield [act]
    if is_patient and outcomes == ["crashed"]:
        outcomes = yield [act]
    return outcomes == ["done"]


def send(world: World, number: str, *, parcels: int, is_patient: bool) -> Journey:
    """Staff send an order, in so many parcels; the first of several holds one unit."""
    for index in range(parcels):
        sku = Order.get(number, consistent_read=True).lines[0].sku
        lines = None if index == parcels - 1 else {sku: 1}
        act = _staff(
            fulfillment.ship_order, world, number, shipment_id=f"{number}-s{index}", carrier="dhl", lines=lines
        )
        yield from patiently(Act("ship", number, act), is_patient=is_patient)


def send_back(world: World, number: str, *, ending: str, is_patient: bool) -> Journey:
    """The shopper asks to return a unit of the first line.

    :param ending: ``asked``, ``declined``, ``refunded``, or ``used``: refunded and not to be sold again.
    """
    sku, names = Order.get(number, consistent_read=True).lines[0].sku, {"return_id": f"{number}-b0"}
    acts = [("ask_return", _staff(returns.request_return, world, number, **names, lines={sku: 1}, reason="size"))]
    if ending == "declined":
        acts.append(("decline", _staff(returns.decline_return, world, number, **names, answer="No.")))
    elif ending != "asked":
        acts.append(("approve", _staff(returns.approve_return, world, number, **names, answer="To us.")))
        acts.append(("receive", _staff(returns.receive_return, world, number, **names)))
        is_sellable = ending == "refunded"
        acts.append(("refund_return", _staff(returns.refund_return, world, number, **names, is_restocked=is_sellable)))
    for kind, act in acts:
        is_done = yield from patiently(Act(kind, number, act), is_patient=is_patient)
        if not is_done:
            return


def dispute(world: World, number: str, *, ending: str, is_patient: bool) -> Journey:
    """The buyer's bank takes the money back, and decides: ``won`` or ``lost`` by the shop, or still ``open``."""
    intent = Order.get(number, consistent_read=True).payment_intent_id
    if intent is None:
        return
    try:
        begun = world.simulator.ask("disputes", payment_intent=intent)
    except urllib.error.HTTPError:
        # There is no payment to dispute.
        return
    world.is_stripe_changed, world.disputes[number] = True, "open"
    yield from patiently(Act("look", number, world.look(number)), is_patient=is_patient)
    if ending != "open":
        world.simulator.ask(f"disputes/{begun['id']}/close", status=ending)
        world.is_stripe_changed, world.disputes[number] = True, ending
        yield from patiently(Act("look", number, world.look(number)), is_patient=is_patient)


def pay_other_page(world: World, number: str) -> Journey:
    """Somebody pays the order on a page that it does not know as its present one."""
    order = Order.get(number, consistent_read=True)
    page = world.open_other_page(order)
    world.simulator.pay(page, "card")
    world.is_stripe_changed = True

    def hear() -> None:
        reconcile.reconcile(number=number, session_id=page, now=world.now)

    # Stripe tells of a payment for three days, until somebody has listened.
    outcomes: list[str] = []
    while outcomes != ["done"]:
        outcomes = yield [Act(STRIPES_WORD, number, hear)]


def _staff(act: Callable[..., Any], world: World, number: str, **what: Any) -> Callable[[], Any]:
    return lambda: act(number=number, now=world.now, **what)
