"""What the front page of the admin tells: figures read from counters, lists and queues, with nothing added up.

Four requests to DynamoDB for the sales and two for the stock, however many orders and products there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import structlog
from botocore.exceptions import BotoCoreError, ClientError

from catalog.models import Product, Stock
from catalog.queries import list_low_stock
from cloudcart import queues
from cloudcart.dynamo import batch_get
from orders import counters, sales
from orders.counters import SalesCounter
from orders.sales import Stage

logger = structlog.get_logger(__name__)

DAYS = 30
BEST_SHOWN = 8
LOW_SHOWN = 8


@dataclass(frozen=True)
class Sum:
    """Orders, units and minor units of some days."""

    orders: int = 0
    units: int = 0
    amount: int = 0


@dataclass(frozen=True)
class Period:
    """Some days up to today, and as many before them."""

    label: str
    before_label: str
    present: Sum
    before: Sum
    # Part of a day says little beside a whole one.
    is_running: bool = False

    @property
    def change(self) -> int | None:
        """By how many percent the amount differs from the period before; None if there was nothing."""
        if not self.before.amount:
            return None
        return round(100 * (self.present.amount - self.before.amount) / self.before.amount)


@dataclass(frozen=True)
class Day:
    """One day's sales."""

    day: date
    sum: Sum


@dataclass(frozen=True)
class LowStock:
    """A SKU that runs low; without a product if that was deleted meanwhile."""

    stock: Stock
    product: Product | None

    @property
    def title(self) -> str:
        if self.product is None:
            return self.stock.sku
        variant = self.product.find_variant(self.stock.sku)
        return f"{self.product.title}, {variant.title}" if variant and variant.title else self.product.title


@dataclass(frozen=True)
class Sales:
    """The figures of orders: ``days`` are the last 30, the oldest first; ``best`` the products of the month."""

    today: date
    periods: Sequence[Period]
    days: Sequence[Day]
    stages: Mapping[Stage, int]
    best: Sequence[SalesCounter]

    @property
    def is_empty(self) -> bool:
        return not any(self.stages.values())

    @property
    def order_count(self) -> int:
        return sum(self.stages.values())


def read_sales(*, today: date) -> Sales:
    """Read the figures as of ``today``, a day in the shop's time zone. Three requests."""
    generation, _ = counters.find_generations()
    first = today - timedelta(days=2 * DAYS - 1)
    found = {item.part: item for item in counters.list_sums(generation, since=first)}
    days = [Day(day, _sum_of(found.get(sales.day_part(day.isoformat())))) for day in _days(first, today)]
    stages = {stage: found[part].orders for stage in Stage if (part := sales.stage_part(stage)) in found}
    return Sales(
        today=today,
        periods=[
            replace(_period(days, 1, "Today", "yesterday"), is_running=True),
            _period(days, 7, "Last 7 days", "the 7 days before"),
            _period(days, 30, "Last 30 days", "the 30 days before"),
        ],
        days=days[-DAYS:],
        stages={stage: stages.get(stage, 0) for stage in Stage},
        best=counters.list_best(generation, month=today.isoformat()[:7], limit=BEST_SHOWN),
    )


def read_low_stock() -> list[LowStock]:
    """Give what has the fewest units left: one query, one batch read."""
    levels = list_low_stock(limit=LOW_SHOWN).items
    products = batch_get({Product: [item.product_id for item in levels]})
    return [LowStock(item, products.find(Product, item.product_id)) for item in levels]


def read_queues() -> queues.Depths | None:
    """Give how much waits in the queues; None if SQS does not answer."""
    try:
        return queues.read_depths()
    except (BotoCoreError, ClientError) as error:
        logger.warning("dashboard.queues_unknown", reason=str(error))
        return None


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _sum_of(item: SalesCounter | None) -> Sum:
    return Sum(item.orders, item.units, item.amount) if item else Sum()


def _period(days: Sequence[Day], length: int, label: str, before_label: str) -> Period:
    return Period(label, before_label, _total(days[-length:]), _total(days[-2 * length : -length]))


def _total(days: Sequence[Day]) -> Sum:
    return Sum(
        sum(day.sum.orders for day in days), sum(day.sum.units for day in days), sum(day.sum.amount for day in days)
    )
