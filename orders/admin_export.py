"""Orders as a CSV file: written while they are read, so that a year takes no more memory than a day."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import cast
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from cloudcart.money import to_major
from cloudcart.staff.site import site
from orders import queries
from orders.models import Order
from orders.status import OrderStatus

# One file's worth: more is a longer time than a Lambda function has.
LIMIT = 10_000
_COLUMNS = (
    "Number",
    "Placed at",
    "Status",
    "Payment",
    "Shipping",
    "Buyer",
    "E-mail",
    "Currency",
    "Total",
)


class ExportForm(forms.Form):
    since = forms.DateField(label="From", widget=UnfoldAdminSingleDateWidget(attrs={"type": "date"}))
    until = forms.DateField(label="To and with", widget=UnfoldAdminSingleDateWidget(attrs={"type": "date"}))
    status = forms.ChoiceField(
        required=False,
        choices=[("", "All"), *((each.value, each.label) for each in OrderStatus)],
        widget=UnfoldAdminSelectWidget,
    )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError("The first day comes after the last one.")
        return cleaned


@site.page(
    "orders/export/",
    name="orders-export",
    title="Export orders",
    permission="orders.view_order",
    section="Orders",
    icon="download",
)
@require_http_methods(["GET", "HEAD"])
def export_orders(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    form = ExportForm(request.GET or None, initial={"since": today - timedelta(days=30), "until": today})
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        context = {"form": form, "limit": LIMIT}
        return site.render(request, "admin/orders/export.html", context, title="Export orders", status=status)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    found = queries.list_orders_placed(
        since=_midnight(since),
        until=_midnight(until + timedelta(days=1)),
        status=form.cleaned_data["status"] or None,
        limit=LIMIT,
    )
    response = StreamingHttpResponse(write_rows(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="orders-{since}-{until}.csv"'
    return cast("HttpResponse", response)


def write_rows(orders: Iterator[Order]) -> Iterator[str]:
    """Write the file line by line. It begins with a mark by which Excel knows that it is UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(_COLUMNS)
    for order in orders:
        yield writer.writerow(
            [
                order.number,
                order.placed_at.astimezone(UTC).isoformat(timespec="seconds"),
                order.status_label,
                order.payment_label,
                order.fulfillment_label,
                _harmless(order.buyer_name or ""),
                _harmless(order.email),
                order.currency,
                str(to_major(order.total, order.currency)),
            ]
        )


def _harmless(text: str) -> str:
    # A spreadsheet takes what begins like this for a formula (OWASP, CSV injection).
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line
