from http import HTTPStatus
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from cart import identity, services
from cart.models import Line
from cloudcart.errors import StorefrontError
from cloudcart.htmx import go_to, render_region
from orders import cancellation, links, returns
from orders.forms import ReturnForm
from orders.models import Order
from orders.visibility import find_visible, not_found


@require_POST
@cache_control(private=True, no_store=True)
def cancellation_create(request: HttpRequest, number: str) -> HttpResponse:
    order = find_visible(request, number)
    if order is None:
        return not_found(request)
    try:
        cancellation.cancel_order(number=order.number, reason=cancellation.BY_SHOPPER, now=timezone.now())
    except StorefrontError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Your order is canceled.")
    return go_to(request, links.order_path(order))


@require_POST
@cache_control(private=True, no_store=True)
def cart_refill(request: HttpRequest, number: str) -> HttpResponse:
    order = find_visible(request, number)
    if order is None or not order.is_canceled:
        return not_found(request)
    cart_id = identity.find_cart_id(request) or identity.new_guest_cart_id()
    report = services.add_lines(cart_id=cart_id, lines=_lines_of(order), now=timezone.now())
    for loss in report.losses:
        messages.warning(request, str(loss))
    messages.success(request, "The items are in your cart again.")
    response = go_to(request, reverse("cart:cart"))
    identity.remember_cart_id(response, cart_id)
    identity.set_count_cookie(response, report.cart.unit_count)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request")
def return_create(request: HttpRequest, number: str) -> HttpResponse:
    order, now = find_visible(request, number), timezone.now()
    if order is None:
        return not_found(request)
    quantities = returns.returnable_quantities(order, now=now)
    if not quantities:
        messages.info(request, "Nothing of this order can be returned (any more).")
        return go_to(request, links.order_path(order))
    posted = request.POST if request.method == "POST" else None
    form = ReturnForm(order, posted, quantities=quantities, initial={"return_id": uuid4().hex})
    if not form.is_valid():
        return _show_form(request, order, form)
    try:
        returns.request_return(
            number=order.number,
            return_id=form.cleaned_data["return_id"],
            lines=form.quantities,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            now=now,
        )
    except StorefrontError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "We have your wish to return it, and answer by e-mail soon.")
    return go_to(request, links.order_path(order))


def _show_form(request: HttpRequest, order: Order, form: ReturnForm) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"order": order, "form": form, "order_path": links.order_path(order)}
    response = render_region(request, "orders/return_create.html", "return-form", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _lines_of(order: Order) -> list[Line]:
    return [
        Line(
            sku=line.sku,
            product_id=line.product_id,
            quantity=line.quantity,
            unit_amount=line.unit_amount,
            title=line.title,
            variant_title=line.variant_title,
        )
        for line in order.lines
    ]
