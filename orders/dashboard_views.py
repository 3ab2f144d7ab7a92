"""The front page of the admin."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from cloudcart.staff.access import staff_user
from orders import dashboard
from orders.charts import HEIGHT, WIDTH, draw_bars
from orders.sales import Stage
from orders.status import FulfillmentStatus, OrderStatus, PaymentStatus

_OPEN = ",".join(status for status in OrderStatus if status is not OrderStatus.CANCELED)
_UNDISPUTED = ",".join(status for status in PaymentStatus if status is not PaymentStatus.REVIEW)
_UNPAID = (PaymentStatus.NEW, PaymentStatus.AWAITING, PaymentStatus.PROCESSING)


def _pending(*payments: PaymentStatus) -> dict[str, str]:
    return {"status__exact": OrderStatus.PENDING, "payment_status__in": ",".join(payments)}


def _confirmed(fulfillment: FulfillmentStatus) -> dict[str, str]:
    return {
        "status__exact": OrderStatus.CONFIRMED,
        "fulfillment_status__exact": fulfillment,
        "payment_status__in": _UNDISPUTED,
    }


# What the orders' list is asked for the orders of a stage (`sales.stage_of`).
STAGE_LOOKUPS: Mapping[Stage, Mapping[str, str]] = {
    Stage.UNPAID: _pending(*_UNPAID),
    Stage.NEW: _pending(*(each for each in PaymentStatus if each not in (*_UNPAID, PaymentStatus.REVIEW))),
    Stage.REVIEW: {"payment_status__exact": PaymentStatus.REVIEW, "status__in": _OPEN},
    Stage.TO_SHIP: _confirmed(FulfillmentStatus.UNFULFILLED),
    Stage.PART_SHIPPED: _confirmed(FulfillmentStatus.PART_SHIPPED),
    Stage.SHIPPED: _confirmed(FulfillmentStatus.SHIPPED),
    Stage.CANCELED: {"status__exact": OrderStatus.CANCELED},
}


def add_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Give the overview what the visitor may see of it; unfold calls this for the site's index."""
    user = staff_user(request)
    if user.has_perm("orders.view_order"):
        sales = dashboard.read_sales(today=timezone.localdate())
        bars = draw_bars([day.sum.amount for day in sales.days])
        context |= {
            "sales": sales,
            "chart": {"width": WIDTH, "height": HEIGHT, "bars": list(zip(bars, sales.days, strict=True))},
            "best_day": max(sales.days, key=lambda day: day.sum.amount),
            "stages": [
                (stage, count, urlencode(STAGE_LOOKUPS[stage], safe=","))
                for stage, count in sales.stages.items()
                if count
            ],
            "queues": dashboard.read_queues(),
        }
    if user.has_perm("catalog.view_stock"):
        context["low_stock"] = dashboard.read_low_stock()
    return context
