"""Orders in the admin: the list is Django's, the page of one order and its acts are ours."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import display

from cloudcart.money import format_amount
from cloudcart.staff.model_admin import StaffModelAdmin
from cloudcart.staff.site import site
from orders import admin_acts, admin_export, admin_pages, customer_pages
from orders.admin_models import Order
from orders.numbers import parse_number
from orders.status import FulfillmentStatus, OrderStatus, PaymentStatus

__all__ = ["OrderAdmin", "admin_acts", "admin_export", "customer_pages"]


class PlacedFilter(admin.SimpleListFilter):
    """Orders of the last days; a bound of the index's range key, so that nothing is read in vain."""

    title = "placed"
    parameter_name = "placed"
    _DAYS = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days", "365": "Last year"}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self._DAYS.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in self._DAYS:
            return queryset
        return queryset.filter(placed_at__gte=timezone.now() - timedelta(days=int(str(self.value()))))


@admin.register(Order, site=site)
class OrderAdmin(StaffModelAdmin):
    """The list of orders: one query of an index for each page, by status or by time."""

    section = "Orders"
    icon = "receipt_long"
    list_display = ("number", "placed_at", "buyer", "state", "payment", "shipping", "amount")
    list_display_links = ("number",)
    list_filter = ("status", PlacedFilter, "payment_status", "fulfillment_status")
    search_fields = ("email__exact",)
    search_help_text = "An order number, or a whole e-mail address"
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Orders are placed by shoppers."""
        return False

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Find by number or e-mail exactly: one read, or one query of ``by_email``."""
        term = search_term.strip()
        if not term:
            return queryset, False
        number = parse_number(term)
        if number is not None:
            return queryset.filter(pk__in=[number]), False
        if "@" not in term:
            messages.warning(
                request, "Search for a whole order number, like LUSAB-MODIK-47, or a whole e-mail address."
            )
            return queryset.filter(pk__in=[]), False
        return queryset.filter(email_key=term.casefold()), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return admin_pages.show_order(request, unquote(object_id))

    @display(description="Buyer", header=True)  # type: ignore[untyped-decorator]
    def buyer(self, order: Order) -> tuple[str, str]:
        return order.buyer_name, order.email

    @display(  # type: ignore[untyped-decorator]
        description="Status",
        label={
            OrderStatus.PENDING.label: "warning",
            OrderStatus.CONFIRMED.label: "success",
            OrderStatus.CANCELED.label: "danger",
        },
    )
    def state(self, order: Order) -> str:
        return OrderStatus(order.status).label

    @display(  # type: ignore[untyped-decorator]
        description="Payment",
        label={
            PaymentStatus.DUE.label: "info",
            PaymentStatus.PAID.label: "success",
            PaymentStatus.REVIEW.label: "danger",
        },
    )
    def payment(self, order: Order) -> str:
        return PaymentStatus(order.payment_status).label

    @display(  # type: ignore[untyped-decorator]
        description="Shipping",
        label={
            FulfillmentStatus.PART_SHIPPED.label: "warning",
            FulfillmentStatus.SHIPPED.label: "success",
        },
    )
    def shipping(self, order: Order) -> str:
        return FulfillmentStatus(order.fulfillment_status).label

    @admin.display(description="Total")
    def amount(self, order: Order) -> str:
        return format_amount(order.total, order.currency)
