from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from cart import identity, offers, queries, regions, services, sign_in
from cart.forms import AddForm, PriceForm, QuantityForm
from cart.models import Cart
from cart.queries import CartOverview
from cart.regions import Trouble
from cloudcart.errors import StorefrontError
from cloudcart.htmx import is_htmx

View = Callable[..., HttpResponse]


def cart_view(view: View) -> View:
    """What all answers about a cart share: nobody keeps them, and a cart left behind comes along first."""

    @wraps(view)
    @cache_control(private=True, no_store=True)
    @vary_on_headers("HX-Request")
    def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponse:
        sign_in.adopt_left_behind(request)
        return view(request, **kwargs)

    return wrapped


@require_safe
@cart_view
def cart(request: HttpRequest) -> HttpResponse:
    return _show(request, queries.get_overview(identity.find_cart_id(request)))


@require_POST
@cart_view
def items(request: HttpRequest) -> HttpResponse:
    form = AddForm(request.POST)
    entered = request.POST.get("quantity", "")
    if not form.is_valid():
        trouble = Trouble(_sentence(form), form.cleaned_data.get("sku", ""), entered, is_addition=True)
        return _refuse(request, trouble, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    sku, quantity = form.cleaned_data["sku"], form.cleaned_data["quantity"]
    try:
        offer = offers.get_offer(sku, choice=request.POST)
    except StorefrontError as error:
        return _refuse(request, Trouble(str(error), sku), status=error.status_code)

    def add(cart_id: str) -> Cart:
        return services.add_offer(cart_id=cart_id, offer=offer, quantity=quantity, now=timezone.now())

    return _change(request, add, sku=offer.variant.sku, done="{name} is in your cart.")


@require_POST
@cart_view
def item(request: HttpRequest, sku: str) -> HttpResponse:
    form = QuantityForm(request.POST)
    if not form.is_valid():
        trouble = Trouble(_sentence(form), sku, request.POST.get("quantity", ""))
        return _refuse(request, trouble, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    quantity = form.cleaned_data["quantity"]

    def change(cart_id: str) -> Cart:
        return services.change_quantity(cart_id=cart_id, sku=sku, quantity=quantity, now=timezone.now())

    return _change(request, change, sku=sku, done=f"{{name}}: the quantity is {quantity} now.")


@require_POST
@cart_view
def item_remove(request: HttpRequest, sku: str) -> HttpResponse:
    def remove(cart_id: str) -> Cart:
        return services.remove_item(cart_id=cart_id, sku=sku, now=timezone.now())

    return _change(request, remove, sku=sku, done="{name} was removed.")


@require_POST
@cart_view
def item_restore(request: HttpRequest, sku: str) -> HttpResponse:
    def restore(cart_id: str) -> Cart:
        return services.restore_item(cart_id=cart_id, sku=sku, now=timezone.now())

    return _change(request, restore, sku=sku, done="{name} is back in your cart.")


@require_POST
@cart_view
def item_price(request: HttpRequest, sku: str) -> HttpResponse:
    form = PriceForm(request.POST)
    if not form.is_valid():
        return _refuse(request, Trouble(_sentence(form), sku), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    prices = {sku: form.cleaned_data["unit_amount"]}

    def accept(cart_id: str) -> Cart:
        return services.accept_prices(cart_id=cart_id, prices=prices, now=timezone.now())

    return _change(request, accept, sku=sku, done="{name}: the new price is noted.")


def _change(request: HttpRequest, change: Callable[[str], Cart], *, sku: str, done: str) -> HttpResponse:
    """Change the visitor's cart and answer; ``done`` is the sentence for it, with a place for the name."""
    cart_id = identity.find_cart_id(request) or identity.new_guest_cart_id()
    try:
        changed = change(cart_id)
    except StorefrontError as error:
        return _refuse(request, Trouble(str(error), sku), status=error.status_code)
    sentence = done.format(name=changed.name_of(sku))
    if is_htmx(request):
        response = _show(request, queries.price_cart(changed), announcement=sentence)
    else:
        messages.success(request, sentence)
        response = redirect("cart:cart")
        identity.set_count_cookie(response, changed.unit_count)
    if changed.is_stored:
        identity.remember_cart_id(response, cart_id)
    return response


def _refuse(request: HttpRequest, trouble: Trouble, *, status: int) -> HttpResponse:
    """Show the cart as it is now, with what could not be done."""
    overview = queries.get_overview(identity.find_cart_id(request))
    return _show(request, overview, trouble=trouble, status=status, announcement=trouble.sentence)


def _show(
    request: HttpRequest,
    overview: CartOverview,
    *,
    trouble: Trouble | None = None,
    status: int = HTTPStatus.OK,
    announcement: str = "",
) -> HttpResponse:
    region = regions.build_region(overview, now=timezone.now(), trouble=trouble)
    if is_htmx(request):
        context = {"region": region, "announcement": announcement}
        response = render(request, "cart/cart.html#cart-region", context, status=status)
    else:
        response = render(request, "cart/cart.html", {"region": region}, status=status)
    identity.set_count_cookie(response, overview.cart.unit_count)
    return response


def _sentence(form: forms.Form) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
