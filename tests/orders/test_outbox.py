from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest

from catalog.models import Availability, Product
from orders import outbox
from orders.models import Effect, Order
from orders.outbox import CLAIM, EffectsFailed, process_order
from orders.queries import OrderNotFound
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order

LATER = NOW + timedelta(seconds=1)


EFFECTS = ["confirmation_mail", "availability", "invoice"]


class Recorder:
    """Effects that note when they happen, and can be told to fail."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.failing: dict[str, BaseException] = {}

    @property
    def effects(self) -> outbox.Effects:
        return {name: self._effect(name) for name in EFFECTS}

    def _effect(self, name: str) -> Callable[[Order], None]:
        def happen(order: Order) -> None:
            if name in self.failing:
                raise self.failing[name]
            self.happened.append(name)

        return happen


@pytest.fixture
def order() -> Order:
    return place_order(make_line(make_product()))


def process(order: Order, recorder: Recorder, now: datetime = LATER) -> list[str]:
    return process_order(number=order.number, now=now, known=recorder.effects)


def test_an_order_is_confirmed_and_its_effects_happen_once(order: Order) -> None:
    recorder = Recorder()
    assert process(order, recorder) == EFFECTS
    stored = Order.get(order.number)
    assert stored.is_confirmed
    assert [(entry.event, entry.at) for entry in stored.timeline] == [("placed", NOW), ("confirmed", LATER)]
    assert [effect.done_at for effect in stored.effects] == [LATER] * 3
    assert (stored.due, stored.due_at) == (None, None)
    assert list(Order.due_index.query(Order.DUE)) == []


def test_a_second_delivery_does_nothing(order: Order) -> None:
    recorder = Recorder()
    process(order, recorder)
    before = Order.get(order.number).serialize()
    assert process(order, recorder, LATER + timedelta(days=1)) == []
    assert recorder.happened == EFFECTS
    assert Order.get(order.number).serialize() == before


def test_workers_that_hear_of_it_at_once_do_it_once(order: Order) -> None:
    recorder = Recorder()
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: process(order, recorder), range(8)))
    assert sorted(recorder.happened) == sorted(EFFECTS)
    assert sorted(name for names in done for name in names) == sorted(EFFECTS)
    stored = Order.get(order.number)
    assert stored.pending_effects == []
    assert stored.due is None
    assert len(stored.timeline) == 2


def test_an_effect_under_way_in_another_worker_is_left_alone(order: Order) -> None:
    under_way, may_end = Event(), Event()
    recorder = Recorder()

    def wait(order: Order) -> None:
        under_way.set()
        may_end.wait(10)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(
            process_order,
            number=order.number,
            now=LATER,
            known=dict(recorder.effects) | {"confirmation_mail": wait},
        )
        assert under_way.wait(10)
        assert process(order, recorder) == ["availability", "invoice"]
        may_end.set()
        assert slow.result() == ["confirmation_mail"]
    assert recorder.happened == ["availability", "invoice"]
    assert Order.get(order.number).due is None


def test_a_failing_effect_does_not_keep_the_others_from_happening(order: Order) -> None:
    recorder = Recorder()
    recorder.failing["confirmation_mail"] = OSError("the mail server is away")
    with pytest.raises(EffectsFailed) as caught:
        process(order, recorder)
    assert caught.value.names == ["confirmation_mail"]
    assert recorder.happened == ["availability", "invoice"]
    stored = Order.get(order.number)
    assert stored.is_confirmed
    assert stored.due == Order.DUE


def test_a_worker_that_dies_leaves_a_claim_that_lapses(order: Order) -> None:
    recorder = Recorder()
    recorder.failing["availability"] = SystemExit("killed")
    with pytest.raises(SystemExit):
        process(order, recorder)
    recorder.failing.clear()
    assert process(order, recorder, LATER + timedelta(seconds=90)) == ["invoice"]
    assert process(order, recorder, LATER + CLAIM) == ["availability"]
    assert recorder.happened == ["confirmation_mail", "invoice", "availability"]
    assert Order.get(order.number).due is None


def test_a_worker_that_dies_before_any_effect_leaves_all_of_them(order: Order) -> None:
    recorder = Recorder()
    recorder.failing["confirmation_mail"] = SystemExit("killed")
    with pytest.raises(SystemExit):
        process(order, recorder)
    recorder.failing.clear()
    assert process(order, recorder, LATER + CLAIM) == EFFECTS


def test_an_effect_of_a_newer_version_waits_for_it(order: Order) -> None:
    order.effects.append(Effect(name="loyalty_points"))
    order.save()
    recorder = Recorder()
    with pytest.raises(EffectsFailed) as caught:
        process(order, recorder)
    assert caught.value.names == ["loyalty_points"]
    assert [effect.name for effect in Order.get(order.number).pending_effects] == ["loyalty_points"]


def test_an_effect_is_given_what_follows_the_colon_of_its_name(order: Order) -> None:
    order.effects = [Effect(name="refund_mail:r-1"), Effect(name="refund_mail:r-2")]
    order.save()
    mailed: list[str] = []
    known: outbox.Effects = {
        "refund_mail": lambda order, refund_id: mailed.append(refund_id),
        "invoice": lambda order: None,
    }
    process_order(number=order.number, now=LATER, known=known)
    assert mailed == ["r-1", "r-2"]
    assert Order.get(order.number).pending_effects == []


def test_an_unknown_order_is_an_error_and_not_silence() -> None:
    with pytest.raises(OrderNotFound):
        process_order(number="LUSAB-MODIK-47", now=NOW)


def test_the_real_effects_send_one_mail_and_correct_the_cards(
    sent_mails: Callable[[], list[dict[str, Any]]],
) -> None:
    product = make_product(title="Last mug", stock=1)
    order = place_order(make_line(product))
    process_order(number=order.number, now=LATER)
    process_order(number=order.number, now=LATER)
    assert [mail["To"] for mail in sent_mails()] == [["ada@example.com"]]
    assert Product.get(product.product_id).availability == Availability.SOLD_OUT
