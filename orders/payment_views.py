import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from cloudcart.errors import StorefrontError
from cloudcart.htmx import go_to
from orders import limits, links, payment_pages
from orders.models import Order
from orders.reconcile import reconcile
from orders.visibility import find_visible, not_found

logger = structlog.get_logger(__name__)


@require_POST
@cache_control(private=True, no_store=True)
def payment(request: HttpRequest, number: str) -> HttpResponse:
    order = find_visible(request, number)
    if order is None:
        return not_found(request)
    now = timezone.now()
    try:
        limits.check_payment(order.number, now=now)
        url = payment_pages.start_or_resume(number=order.number, now=now)
    except StorefrontError as error:
        messages.error(request, str(error))
        url = ""
    return go_to(request, url or links.order_path(order))


@require_safe
@cache_control(private=True, no_store=True)
def payment_success(request: HttpRequest, number: str) -> HttpResponse:
    order = find_visible(request, number)
    if order is None:
        return not_found(request)
    _look(order)
    return go_to(request, links.order_path(order, placed="1"))


@require_safe
@cache_control(private=True, no_store=True)
def payment_cancel(request: HttpRequest, number: str) -> HttpResponse:
    order = find_visible(request, number)
    if order is None:
        return not_found(request)
    _look(order)
    return go_to(request, links.order_path(order))


def _look(order: Order) -> None:
    """See what became of the payment. If the provider does not answer, the order's page tells it later."""
    try:
        reconcile(number=order.number, now=timezone.now())
    except StorefrontError as error:
        logger.warning("payment.not_looked_at", number=order.number, code=error.code)
