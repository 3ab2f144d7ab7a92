from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import queries as account_queries
from accounts.models import SavedAddress
from cart import queries, services
from cart.identity import find_cart_id, set_count_cookie
from cart.models import CheckoutDetails
from cart.views import cart_view
from cloudcart.errors import StorefrontError
from cloudcart.htmx import go_to, render_region
from cloudcart.identity import find_identity
from orders import checkout, idempotency, limits, links, payments, quotes, steps
from orders.checkout import CartChanged, CartEmpty, CheckoutIncomplete
from orders.forms import ContactForm, PaymentForm, PlaceForm, ShippingForm
from orders.models import Order
from orders.quotes import Quote
from orders.steps import CONTACT, PAYMENT, REVIEW, SHIPPING, Step

Page = Callable[[HttpRequest], HttpResponse]
QuotePage = Callable[[HttpRequest, Quote], HttpResponse]

page = require_http_methods(["GET", "HEAD", "POST"])


def at_step(step: Step) -> Callable[[QuotePage], Page]:
    """Give a view the quote of the cart, and lead elsewhere whoever is not ready for its step."""

    def decorate(view: QuotePage) -> Page:
        @wraps(view)
        def wrapped(request: HttpRequest) -> HttpResponse:
            quote = quotes.quote_overview(queries.get_overview(find_cart_id(request)))
            if not quote.is_orderable:
                # An empty cart says so by itself.
                if quote.overview.lines:
                    messages.warning(request, quote.overview.checkout_obstacle)
                return go_to(request, reverse("cart:cart"))
            missing = steps.find_incomplete(quote.cart.checkout, before=step)
            if missing is None and step is REVIEW and not payments.can_pay(_chosen_method(quote), quote.totals):
                # It could be chosen when there was more, or less, in the cart.
                missing = PAYMENT
            return go_to(request, missing.url) if missing else view(request, quote)

        return wrapped

    return decorate


@page
@cart_view
@at_step(CONTACT)
def checkout_contact(request: HttpRequest, quote: Quote) -> HttpResponse:
    customer = find_identity(request)
    email = quote.cart.checkout.email or (customer.email if customer else "")
    form = ContactForm(_posted(request), initial={"email": email})
    if not form.is_valid():
        return _show(request, CONTACT, quote, form=form, is_guest=customer is None)

    def answer(details: CheckoutDetails) -> None:
        details.email = form.cleaned_data["email"]

    return _save(request, quote, answer)


@page
@cart_view
@at_step(SHIPPING)
def checkout_shipping(request: HttpRequest, quote: Quote) -> HttpResponse:
    saved = _list_saved_addresses(request)
    form = ShippingForm(_posted(request), initial=_shipping_answers(request, quote.cart.checkout, saved))
    if not form.is_valid():
        return _show(request, SHIPPING, quote, form=form, saved_addresses=saved)

    def answer(details: CheckoutDetails) -> None:
        details.shipping_address = form.address
        details.shipping_method = form.cleaned_data["shipping_method"]

    return _save(request, quote, answer)


@page
@cart_view
@at_step(PAYMENT)
def checkout_payment(request: HttpRequest, quote: Quote) -> HttpResponse:
    form = PaymentForm(quote.totals, _posted(request), initial={"payment_method": _chosen_method(quote)})
    if not form.is_valid():
        return _show(request, PAYMENT, quote, form=form)

    def answer(details: CheckoutDetails) -> None:
        details.payment_method = form.cleaned_data["payment_method"]

    return _save(request, quote, answer)


@page
@cart_view
def checkout_review(request: HttpRequest) -> HttpResponse:
    # A form that is sent twice has an empty cart by then, and is still answered by its order.
    return _place(request) if request.method == "POST" else _review(request)


@at_step(REVIEW)
def _review(request: HttpRequest, quote: Quote) -> HttpResponse:
    return _show(request, REVIEW, quote, **_review_parts(quote))


def _place(request: HttpRequest) -> HttpResponse:
    form, cart_id = PlaceForm(request.POST), find_cart_id(request)
    if cart_id is None or not form.is_valid():
        return _refuse(request, CartChanged())
    customer, now = find_identity(request), timezone.now()
    customer_id = customer.customer_id if customer else None
    try:
        order = checkout.place_order(
            cart_id=cart_id,
            idempotency_key=form.cleaned_data["idempotency_key"],
            expected_total=form.cleaned_data["total"],
            reviewed=form.cleaned_data["lines"],
            customer_id=customer_id,
            now=now,
            attempts_for=lambda quote: limits.attempts_to_order(request, quote, customer_id=customer_id),
        )
    except CartEmpty as error:
        messages.info(request, str(error))
        return go_to(request, reverse("cart:cart"))
    except CheckoutIncomplete as error:
        return go_to(request, steps.get_step(error.step).url)
    except StorefrontError as error:
        return _refuse(request, error)
    return _thank(request, order)


def _thank(request: HttpRequest, order: Order) -> HttpResponse:
    started = payments.start(order, now=timezone.now())
    response = go_to(request, started.redirect_url or links.order_path(order, placed="1"))
    set_count_cookie(response, 0)
    return response


def _refuse(request: HttpRequest, error: StorefrontError) -> HttpResponse:
    """Show the review as it is now, with the reason why nothing was ordered."""
    quote = quotes.quote_overview(queries.get_overview(find_cart_id(request)))
    if not quote.overview.lines:
        messages.info(request, str(CartEmpty()))
        return go_to(request, reverse("cart:cart"))
    return _show(request, REVIEW, quote, status=error.status_code, error=error, **_review_parts(quote))


def _review_parts(quote: Quote) -> dict[str, Any]:
    return {
        "idempotency_key": idempotency.key_for(quote.cart),
        "payment_method": payments.find_method(_chosen_method(quote)),
    }


def _chosen_method(quote: Quote) -> str:
    return str(quote.cart.checkout.payment_method)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _list_saved_addresses(request: HttpRequest) -> list[SavedAddress]:
    customer = find_identity(request)
    return account_queries.list_addresses(customer.customer_id) if customer else []


def _shipping_answers(request: HttpRequest, details: CheckoutDetails, saved: list[SavedAddress]) -> dict[str, str]:
    """Fill the form with the saved address that was asked for, else the last answer, else the default address."""
    chosen = next((each.address for each in saved if each.address_id == request.GET.get("address")), None)
    default = saved[0].address if saved and details.shipping_address.is_empty else details.shipping_address
    answers = ShippingForm.initial_of(chosen or default)
    if details.shipping_method:
        answers["shipping_method"] = details.shipping_method
    return answers


def _save(request: HttpRequest, quote: Quote, answer: Callable[[CheckoutDetails], None]) -> HttpResponse:
    saved = services.save_checkout(cart_id=quote.cart.cart_id, change=answer, now=timezone.now())
    return go_to(request, (steps.find_incomplete(saved.checkout) or REVIEW).url)


def _show(request: HttpRequest, step: Step, quote: Quote, *, status: int | None = None, **context: Any) -> HttpResponse:
    if status is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    context |= {"step": step, "quote": quote, "progress": steps.list_progress(step, quote.cart.checkout)}
    return render_region(request, f"orders/checkout_{step.name}.html", "checkout-form", context, status=status)
