import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from cloudcart.publishing import PublishFailed
from orders import queries
from orders.models import Order
from orders.outbox import GRACE, process_order
from orders.sweeper import find_longest_wait, sweep
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import make_line, place_order


@pytest.fixture
def order() -> Order:
    return place_order(make_line(make_product()))


def test_an_order_gets_its_time_before_the_sweeper_asks(order: Order) -> None:
    published: list[str] = []
    assert sweep(now=NOW + timedelta(seconds=29), publish=published.append) == 0
    assert published == []


def test_an_overdue_order_is_published_again_and_then_done(order: Order) -> None:
    published: list[str] = []
    assert sweep(now=NOW + GRACE, publish=published.append) == 1
    assert published == [order.number]
    process_order(number=order.number, now=NOW + GRACE)
    assert sweep(now=NOW + timedelta(days=1), publish=published.append) == 0


def test_the_sweeper_waits_twice_as_long_each_time_up_to_six_hours(order: Order) -> None:
    waits = []
    for _ in range(20):
        due_at = Order.get(order.number).due_at
        assert due_at is not None
        assert sweep(now=due_at, publish=list[str]().append) == 1
        next_due_at = Order.get(order.number).due_at
        assert next_due_at is not None
        waits.append((next_due_at - due_at) / timedelta(minutes=1))
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256] + [360] * 10
    assert timedelta(minutes=sum(waits)) == timedelta(days=2, hours=20.525)


def test_an_order_that_stays_undone_is_given_up_in_the_end(order: Order) -> None:
    order.reminders = 20
    order.save()
    published: list[str] = []
    assert sweep(now=NOW + GRACE, publish=published.append) == 0
    assert published == []
    assert Order.get(order.number).due is None


def test_two_sweepers_publish_an_order_once(order: Order) -> None:
    published: list[str] = []
    seen_by_both = queries.list_overdue_numbers(now=NOW + GRACE, limit=10)
    assert seen_by_both == [order.number]
    assert sweep(now=NOW + GRACE, publish=published.append) == 1
    assert sweep(now=NOW + GRACE, publish=published.append) == 0
    assert published == [order.number]


def test_a_pass_is_bounded_and_takes_the_longest_waiting_first() -> None:
    product = make_product(stock=10)
    orders = [place_order(make_line(product), now=NOW + timedelta(seconds=second)) for second in range(3)]
    published: list[str] = []
    now = NOW + timedelta(hours=1)
    assert sweep(now=now, publish=published.append, limit=2) == 2
    assert sorted(published) == sorted(order.number for order in orders[:2])
    assert sweep(now=now, publish=published.append, limit=2) == 1


def test_what_the_queue_does_not_take_comes_again(order: Order) -> None:
    def fail(number: str) -> None:
        raise PublishFailed

    with pytest.raises(PublishFailed):
        sweep(now=NOW + GRACE, publish=fail)
    published: list[str] = []
    assert sweep(now=NOW + GRACE * 2, publish=published.append) == 1
    assert published == [order.number]


def test_the_command_makes_one_pass_and_says_so() -> None:
    place_order(make_line(make_product()), now=timezone.now() - GRACE)
    out = StringIO()
    call_command("sweep_orders", stdout=out)
    assert out.getvalue() == "Published 1 order again.\n"
    call_command("sweep_orders", stdout=out)
    assert out.getvalue().endswith("Published 0 orders again.\n")


def test_without_unfinished_orders_nobody_has_been_waiting() -> None:
    assert find_longest_wait(now=NOW) == timedelta()


def test_the_longest_wait_counts_from_the_order_though_the_sweeper_has_postponed_it(order: Order) -> None:
    assert find_longest_wait(now=NOW + timedelta(seconds=10)) == timedelta(seconds=10)
    due_at = NOW
    for _ in range(12):
        due_at = Order.get(order.number).due_at or due_at
        sweep(now=due_at, publish=list[str]().append)
    assert find_longest_wait(now=due_at + timedelta(seconds=1)) == due_at + timedelta(seconds=1) - NOW
    process_order(number=order.number, now=due_at)
    assert find_longest_wait(now=due_at) == timedelta()


@pytest.mark.usefixtures("task_queue")
def test_the_sweeper_tells_how_long_an_order_has_been_waiting(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMIT_METRICS = True
    place_order(make_line(make_product()), now=timezone.now() - timedelta(hours=1))
    call_command("sweep_orders", stdout=StringIO())
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["OldestUnfinishedEffectSeconds"][0] == pytest.approx(3600, abs=300)
    assert told["service"] == "cloudcart-local"
