"""The front page of the admin."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from cloudcart.staff.access import staff_user
from orders import dashboard
from orders.charts import HEIGHT, WIDTH, draw_bars


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
            "stages": [(stage, count) for stage, count in sales.stages.items() if count],
            "queues": dashboard.read_queues(),
        }
    if user.has_perm("catalog.view_stock"):
        context["low_stock"] = dashboard.read_low_stock()
    return context
