import html
import re
from datetime import date, timedelta
from itertools import product as combinations
from typing import Any

import pytest
from django.utils import timezone

from cloudcart import streams
from orders import counters, dashboard, sales
from orders.charts import HEIGHT, draw_bars
from orders.dashboard_views import STAGE_LOOKUPS
from orders.sales import Contribution, ProductShare, Stage
from orders.status import FulfillmentStatus, OrderStatus, PaymentStatus
from tests.cast import Shopper
from tests.factories import make_product
from tests.orders.carts import make_line, place_order
from tests.staff.people import a_member_of
from tests.stream import follow

TODAY = date(2026, 11, 26)


def sell(number: str, day: date, amount: int, *, stage: Stage = Stage.TO_SHIP, product: str = "mug") -> None:
    """Count one order of one unit."""
    share = {product: ProductShare(1, amount, product.capitalize())}
    order = Contribution(day.isoformat(), stage, orders=1, units=1, amount=amount, products=share)
    counters.count(counters.FIRST_GENERATION, number, 1, order)


def test_periods_are_compared_with_as_many_days_before() -> None:
    for number, (days_ago, amount) in enumerate(
        [(0, 100), (1, 40), (6, 20), (7, 7), (13, 3), (29, 500), (30, 5), (60, 9)]
    ):
        sell(f"CC-{number}", TODAY - timedelta(days=days_ago), amount)
    found = dashboard.read_sales(today=TODAY)
    assert [(each.present.amount, each.before.amount, each.change) for each in found.periods] == [
        (100, 40, 150),
        (160, 10, 1500),
        (670, 5, 13300),
    ]
    assert [day.sum.amount for day in found.days][-2:] == [40, 100]
    assert len(found.days) == 30
    assert found.days[0].day == date(2026, 10, 28)


def test_without_sales_before_there_is_no_percentage() -> None:
    sell("CC-1", TODAY, 100)
    assert [each.change for each in dashboard.read_sales(today=TODAY).periods] == [None, None, None]


def test_stages_and_the_best_products_of_the_month_are_listed() -> None:
    sell("CC-1", TODAY, 100, product="mug")
    sell("CC-2", TODAY, 900, product="pot", stage=Stage.SHIPPED)
    sell("CC-3", TODAY - timedelta(days=30), 5000, product="old", stage=Stage.SHIPPED)
    found = dashboard.read_sales(today=TODAY)
    assert {stage: count for stage, count in found.stages.items() if count} == {Stage.TO_SHIP: 1, Stage.SHIPPED: 2}
    assert [(each.title, each.amount) for each in found.best] == [("Pot", 900), ("Mug", 100)]


@pytest.mark.parametrize(
    ("values", "heights"),
    [([0, 50, 100], [0, HEIGHT // 2, HEIGHT]), ([0, 0], [0, 0]), ([1, 1000], [2, HEIGHT]), ([-5, 10], [0, HEIGHT])],
)
def test_bars_are_as_high_as_their_values(values: list[int], heights: list[int]) -> None:
    bars = draw_bars(values)
    assert [bar.height for bar in bars] == heights
    assert all(bar.y + bar.height == HEIGHT for bar in bars)


def fill() -> None:
    today = timezone.localdate()
    for number in range(3):
        sell(f"CC-{number}", today - timedelta(days=number), 1000 + number)
    changes = follow("stock")
    for sku, units in (("FEW", 2), ("NONE", 0), ("PLENTY", 50)):
        make_product(title=sku.capitalize(), sku=sku, stock=units)
    assert streams.dispatch(changes()) == []


def test_the_front_page_tells_all_in_few_requests(admin: Shopper, dynamodb_calls: Any) -> None:
    fill()
    admin.client.get("/admin/")
    with dynamodb_calls() as log:
        response = admin.client.get("/admin/")
    page = response.content.decode()
    assert response.status_code == 200
    # The session, the recent actions; the generation, the sums, the best products; what runs low, its products.
    assert log.count == 7, log
    assert "€10.00" in page
    assert "3 orders, 3 units" in page
    assert page.count('class="figures-chart__bar"') == 30
    assert "To be shipped" in page
    assert "Few" in page
    assert "Sold out" in page
    assert "Plenty" not in page
    assert "Tasks that wait" in page
    assert '<script src="http' not in page


def test_an_empty_shop_says_so_and_what_comes_next(admin: Shopper) -> None:
    page = admin.client.get("/admin/").content.decode()
    assert "No orders yet. The first one shows up here" in page
    assert "Nothing runs low." in page
    assert "figures-chart" not in page


@pytest.mark.parametrize(
    ("group", "sees_sales", "sees_stock"),
    [("viewers", True, True), ("support", True, False), ("merchandisers", False, True)],
)
def test_everybody_sees_what_is_theirs(group: str, sees_sales: bool, sees_stock: bool) -> None:
    fill()
    page = a_member_of(group).client.get("/admin/").content.decode()
    assert ("Orders by status" in page) == sees_sales
    assert ("Background work" in page) == sees_sales
    assert ("Low stock" in page) == sees_stock


def test_the_list_behind_a_stage_has_exactly_its_orders() -> None:
    for status, payment, shipped in combinations(OrderStatus, PaymentStatus, FulfillmentStatus):
        order = {"status": status, "payment_status": payment, "fulfillment_status": shipped}
        lists = [
            stage
            for stage, lookups in STAGE_LOOKUPS.items()
            if all(order[name.partition("__")[0]] in value.split(",") for name, value in lookups.items())
        ]
        assert lists == [sales.stage_of(order)], order


def test_each_stage_leads_to_its_orders(admin: Shopper) -> None:
    placed = place_order(make_line(make_product()))
    for stage in Stage:
        sell(f"CC-{stage}", TODAY, 100, stage=stage)
    queries = re.findall(r'href="(/admin/orders/order/\?[^"]*)"', admin.client.get("/admin/").content.decode())
    assert len(queries) == len(Stage)
    found = []
    for stage, url in zip(Stage, queries, strict=True):
        response = admin.client.get(html.unescape(url))
        assert response.status_code == 200, url
        if f"/admin/orders/order/{placed.number}/change/" in response.content.decode():
            found.append(stage)
    assert found == [Stage.NEW]


def test_queues_that_do_not_answer_do_not_take_the_page_down(admin: Shopper, settings: Any) -> None:
    settings.TASK_QUEUE_URL = settings.TASK_QUEUE_URL.replace("-tasks", "-nowhere")
    response = admin.client.get("/admin/")
    assert response.status_code == 200
    assert "The queues do not answer right now" in response.content.decode()


def test_the_sums_key_covers_days_and_stages_in_one_query() -> None:
    assert sales.day_part("9999-12-31") < sales.stage_part("a")
