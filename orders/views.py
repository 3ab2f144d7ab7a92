from datetime import datetime, timedelta
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import sign_in_required
from cloudcart.htmx import render_region
from cloudcart.identity import Identity
from cloudcart.rate_limits import Guard, RateLimit
from orders import documents, queries, services, timeline
from orders.acts import list_acts
from orders.forms import FindForm
from orders.models import Order
from orders.visibility import find_visible, not_found

# A worker that is at work answers in seconds; when it is not, asking often helps nobody.
_BRISK, _PATIENT = 2, 15
_BRISK_FOR = timedelta(minutes=2)

# Each may send a mail to whoever ordered; a person who lost a link needs it once.
_HOUR = timedelta(hours=1)
FIND = Guard(RateLimit("find-order-address", 20, _HOUR), RateLimit("find-order-number", 4, _HOUR))


@require_safe
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request")
def order(request: HttpRequest, number: str) -> HttpResponse:
    found = find_visible(request, number)
    if found is None:
        return not_found(request)
    context = {
        "order": found,
        "milestones": timeline.list_milestones(found),
        "documents": documents.list_documents(found),
        "poll_seconds": _poll_seconds(found),
        "is_just_placed": "placed" in request.GET,
        "acts": list_acts(found, now=timezone.now()),
    }
    response = render_region(request, "orders/order.html", "order-status", context)
    # The address holds a guest's key, and no other page, not even of this shop, needs to know it.
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@cache_control(private=True, no_store=True)
@sign_in_required
def order_list(request: HttpRequest, customer: Identity) -> HttpResponse:
    older_than = _read_time(request.GET.get("before", ""))
    page = queries.list_orders_for_customer(customer.customer_id, older_than=older_than)
    cards = [(order, documents.list_documents(order)) for order in page.orders]
    context = {"cards": cards, "older_than": page.older_than, "is_first_page": older_than is None}
    return render(request, "orders/order_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request")
def order_find(request: HttpRequest) -> HttpResponse:
    form = FindForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return render_region(request, "orders/order_find.html", "find-form", {"form": form}, status=status)
    number, email = form.cleaned_data["number"], form.cleaned_data["email"]
    FIND.check(request, subject=number, now=timezone.now())
    services.send_link_again(number=number, email=email)
    # The same answer whether or not there is such an order, or it is somebody else's.
    return render_region(request, "orders/order_find.html", "find-form", {"email": email})


def _poll_seconds(order: Order) -> int:
    # Whoever is asked to pay has something to do here; the page only has to notice another tab.
    since = order.updated_at if order.payment_intent_id else order.placed_at
    is_brisk = timezone.now() - since < _BRISK_FOR and not order.is_payable
    return _BRISK if is_brisk else _PATIENT


def _read_time(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
