from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cloudcart.api import SignInRequired, api_view
from cloudcart.identity import find_identity
from orders import links
from orders.invoices import archive, queries
from orders.invoices.models import Invoice
from orders.invoices.queries import InvoiceNotFound
from orders.models import Order
from orders.visibility import find_visible


@require_safe
@cache_control(private=True, no_store=True)
def invoice(request: HttpRequest, number: str) -> HttpResponse:
    order = find_visible(request, number)
    if order is None:
        return render(request, "orders/order_not_found.html", status=HTTPStatus.NOT_FOUND)
    return _open(request, order, order.invoice_number)


@require_safe
@cache_control(private=True, no_store=True)
def document(request: HttpRequest, number: str, document: str) -> HttpResponse:
    order = find_visible(request, number)
    if order is None or document not in queries.document_numbers(order):
        return render(request, "orders/order_not_found.html", status=HTTPStatus.NOT_FOUND)
    return _open(request, order, document)


@require_safe
@api_view
def invoice_url(request: HttpRequest, number: str) -> HttpResponse:
    key, customer = request.GET.get("key", ""), find_identity(request)
    if not key and customer is None:
        raise SignInRequired
    found = queries.get_invoice(number)
    is_own = customer is not None and found.customer_id == customer.customer_id
    if not is_own and not links.is_valid_key(key, found.order_number):
        raise InvoiceNotFound(number)
    link = archive.make_link(found, now=timezone.now())
    return JsonResponse({"url": link.url, "expires_at": link.expires_at.isoformat()})


def _open(request: HttpRequest, order: Order, number: str | None) -> HttpResponse:
    """Lead on to the PDF by a fresh link, or tell that it is still being made."""
    found = Invoice.find(number, consistent=True) if number else None
    if found is None or found.stored_at is None:
        context = {"is_underway": number is not None, "order_path": links.order_path(order)}
        status = HTTPStatus.SERVICE_UNAVAILABLE if number else HTTPStatus.NOT_FOUND
        response = render(request, "orders/invoice_not_ready.html", context, status=status)
    else:
        response = HttpResponseRedirect(archive.make_link(found, now=timezone.now()).url)
    # The address holds a guest's key, which S3 does not need to know.
    response["Referrer-Policy"] = "no-referrer"
    return response
