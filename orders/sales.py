"""What an order adds to the shop's figures, as it stands now. Pure: a change adds the difference of two of these.

An order is a sale once it is confirmed, on the day on which it was placed, in the shop's time zone; what was
refunded is taken off again. A canceled order is none.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from cloudcart.streams import Image
from orders.status import FulfillmentStatus, OrderStatus, PaymentStatus, RefundStatus

# The counter that has a part for each day and for each stage.
SUMS = "sums"


class Stage(StrEnum):
    """Where an order stands, in the one word that a merchant sorts by."""

    UNPAID = "unpaid"
    NEW = "new"
    REVIEW = "review"
    TO_SHIP = "to_ship"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    CANCELED = "canceled"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Stage.UNPAID: "Waiting for payment",
    Stage.NEW: "Being confirmed",
    Stage.REVIEW: "Payment being checked",
    Stage.TO_SHIP: "To be shipped",
    Stage.PART_SHIPPED: "Partly shipped",
    Stage.SHIPPED: "Shipped",
    Stage.CANCELED: "Canceled",
}

_UNPAID = {PaymentStatus.NEW, PaymentStatus.AWAITING, PaymentStatus.PROCESSING}


@dataclass(frozen=True)
class ProductShare:
    """What one product has of an order: units, their amount in minor units, the title they were sold by."""

    units: int
    amount: int
    title: str


@dataclass(frozen=True)
class Contribution:
    """What an order adds: one to its stage; if it is a sale, itself, its units and amount to its day."""

    day: str
    stage: Stage
    orders: int = 0
    units: int = 0
    amount: int = 0
    products: Mapping[str, ProductShare] = field(default_factory=dict)

    @property
    def month(self) -> str:
        return self.day[:7]


def contribution_of(order: Image, *, zone: ZoneInfo) -> Contribution:
    """Read an order's contribution off its item (plain values, as the stream gives them)."""
    day = read_time(order["placed_at"]).astimezone(zone).date().isoformat()
    stage = stage_of(order)
    if order["status"] != OrderStatus.CONFIRMED:
        return Contribution(day, stage)
    back = _refunded_units(order)
    return Contribution(
        day,
        stage,
        orders=1,
        units=sum(line["quantity"] for line in order["lines"]) - sum(back.values()),
        amount=order["total"] - order.get("refunded_amount", 0) - _waived(order),
        products=_shares(order, back),
    )


def stage_of(order: Image) -> Stage:
    """Give the stage of an order by its three statuses."""
    payment = order.get("payment_status", PaymentStatus.DUE)
    if order["status"] == OrderStatus.CANCELED:
        return Stage.CANCELED
    if payment == PaymentStatus.REVIEW:
        return Stage.REVIEW
    if order["status"] == OrderStatus.PENDING:
        return Stage.UNPAID if payment in _UNPAID else Stage.NEW
    return _BY_FULFILLMENT[FulfillmentStatus(order.get("fulfillment_status", FulfillmentStatus.UNFULFILLED))]


_BY_FULFILLMENT = {
    FulfillmentStatus.UNFULFILLED: Stage.TO_SHIP,
    FulfillmentStatus.PART_SHIPPED: Stage.PART_SHIPPED,
    FulfillmentStatus.SHIPPED: Stage.SHIPPED,
}


def read_time(text: str) -> datetime:
    """Read a time as PynamoDB stores it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


# Money that is back with the buyer, or is not asked for any more.
_OVER = {RefundStatus.SUCCEEDED, RefundStatus.WAIVED}


def _waived(order: Image) -> int:
    return sum(refund["amount"] for refund in order.get("refunds", []) if refund["status"] == RefundStatus.WAIVED)


def _refunded_units(order: Image) -> Counter[str]:
    back = Counter[str]()
    for refund in order.get("refunds", []):
        if refund["status"] in _OVER:
            for line in refund.get("lines", []):
                back[line["sku"]] += line["quantity"]
    return back


def _shares(order: Image, back: Counter[str]) -> dict[str, ProductShare]:
    units, amounts, titles = Counter[str](), Counter[str](), dict[str, str]()
    for line in order["lines"]:
        kept = line["quantity"] - back[line["sku"]]
        units[line["product_id"]] += kept
        amounts[line["product_id"]] += kept * line["unit_amount"]
        titles[line["product_id"]] = line["title"]
    return {each: ProductShare(units[each], amounts[each], titles[each]) for each in titles}


def differences(former: Contribution | None, present: Contribution | None) -> "dict[tuple[str, str], Delta]":
    """Give what changes, by the counter's two keys; `_parts` has them."""
    deltas: dict[tuple[str, str], Delta] = {}
    for contribution, sign in ((former, -1), (present, 1)):
        for key, delta in _parts(contribution) if contribution else ():
            deltas[key] = deltas.get(key, Delta()).plus(delta, sign)
    return {key: delta for key, delta in deltas.items() if delta.is_change}


@dataclass(frozen=True)
class Delta:
    """By how much a counter changes."""

    orders: int = 0
    units: int = 0
    amount: int = 0
    title: str = ""

    @property
    def is_change(self) -> bool:
        return bool(self.orders or self.units or self.amount)

    def plus(self, other: "Delta", sign: int) -> "Delta":
        return Delta(
            self.orders + sign * other.orders,
            self.units + sign * other.units,
            self.amount + sign * other.amount,
            other.title or self.title,
        )


def _parts(contribution: Contribution) -> list[tuple[tuple[str, str], Delta]]:
    day = Delta(contribution.orders, contribution.units, contribution.amount)
    products: list[tuple[tuple[str, str], Delta]] = [
        ((products_counter(contribution.month), product_id), Delta(0, share.units, share.amount, share.title))
        for product_id, share in contribution.products.items()
    ]
    return [
        ((SUMS, day_part(contribution.day)), day),
        ((SUMS, stage_part(contribution.stage)), Delta(orders=1)),
        *products,
    ]


def day_part(day: str) -> str:
    return f"day#{day}"


def stage_part(stage: str) -> str:
    # Behind all days, so that one query reads some days and all stages.
    return f"stage#{stage}"


def products_counter(month: str) -> str:
    return f"products:{month}"


def to_item(contribution: Contribution) -> dict[str, Any]:
    """Give a contribution as what a counted order's mark keeps of it; `from_item` reads it."""
    return {
        "day": contribution.day,
        "stage": str(contribution.stage),
        "orders": contribution.orders,
        "units": contribution.units,
        "amount": contribution.amount,
        "products": {
            product_id: [share.units, share.amount, share.title] for product_id, share in contribution.products.items()
        },
    }


def from_item(item: Mapping[str, Any]) -> Contribution:
    products = {
        product_id: ProductShare(int(units), int(amount), str(title))
        for product_id, (units, amount, title) in item["products"].items()
    }
    numbers = {name: int(item[name]) for name in ("orders", "units", "amount")}
    return Contribution(item["day"], Stage(item["stage"]), products=products, **numbers)
