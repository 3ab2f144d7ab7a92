"""The address book's pages."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import address_book, queries
from accounts.access import sign_in_required
from accounts.address_book import AddressBookFull, AddressGone
from accounts.views import require_form_methods
from cloudcart.address_form import AddressForm
from cloudcart.htmx import is_htmx
from cloudcart.identity import Identity


@never_cache
@require_safe
@sign_in_required
def addresses(request: HttpRequest, identity: Identity) -> HttpResponse:
    return _book(request, identity)


@never_cache
@require_form_methods
@sign_in_required
def address_add(request: HttpRequest, identity: Identity) -> HttpResponse:
    if request.method != "POST":
        return _form_page(request, AddressForm(initial={"name": identity.name}))
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    try:
        address_book.add_address(
            customer_id=identity.customer_id, address_id=secrets.token_urlsafe(9), address=form.address
        )
    except AddressBookFull as error:
        form.add_error(None, str(error))
        return _form_page(request, form, status=error.status_code)
    messages.success(request, "The address is saved.")
    return redirect("accounts:addresses")


@never_cache
@require_form_methods
@sign_in_required
def address(request: HttpRequest, identity: Identity, address_id: str) -> HttpResponse:
    saved = queries.find_address(identity.customer_id, address_id)
    if saved is None:
        raise Http404(AddressGone.sentence)
    if request.method != "POST":
        return _form_page(request, AddressForm(initial=AddressForm.initial_of(saved.address)), is_new=False)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, is_new=False, status=422)
    try:
        address_book.change_address(customer_id=identity.customer_id, address_id=address_id, address=form.address)
    except AddressGone as error:
        raise Http404(str(error)) from error
    messages.success(request, "The address is saved.")
    return redirect("accounts:addresses")


@never_cache
@require_POST
@sign_in_required
def address_remove(request: HttpRequest, identity: Identity, address_id: str) -> HttpResponse:
    address_book.remove_address(customer_id=identity.customer_id, address_id=address_id)
    return _changed(request, identity, "The address is removed.")


@never_cache
@require_POST
@sign_in_required
def address_make_default(request: HttpRequest, identity: Identity, address_id: str) -> HttpResponse:
    try:
        address_book.make_default(customer_id=identity.customer_id, address_id=address_id)
    except AddressGone as error:
        raise Http404(str(error)) from error
    return _changed(request, identity, "This is your default address now.")


def _changed(request: HttpRequest, identity: Identity, sentence: str) -> HttpResponse:
    if is_htmx(request):
        return _book(request, identity, announcement=sentence)
    messages.success(request, sentence)
    return redirect("accounts:addresses")


def _book(request: HttpRequest, identity: Identity, *, announcement: str = "") -> HttpResponse:
    template = "accounts/addresses.html" + ("#address-book" if announcement else "")
    context = {"addresses": queries.list_addresses(identity.customer_id), "announcement": announcement}
    return render(request, template, context)


def _form_page(request: HttpRequest, form: AddressForm, *, is_new: bool = True, status: int = 200) -> HttpResponse:
    return render(request, "accounts/address.html", {"form": form, "is_new": is_new}, status=status)
