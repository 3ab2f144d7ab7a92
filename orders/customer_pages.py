"""Customers in the admin: found by e-mail, with or without an account; what staff can do for and about them."""

import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import UnfoldAdminEmailInputWidget

from accounts import directory
from accounts import queries as account_queries
from accounts.directory import Account
from cloudcart.dynamo_admin.audit import audit_model, object_key
from cloudcart.errors import StorefrontError
from cloudcart.staff.access import staff_user
from cloudcart.staff.site import site
from orders import customer_data

_LABEL = "accounts.customer"
Act = Callable[[str, Account], str]


class NoAccount(StorefrontError):
    """The e-mail address belongs to a guest, or to nobody."""

    code = "no-account"
    status_code = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__("There is no account with this e-mail address.")


class CustomerForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=UnfoldAdminEmailInputWidget,
        error_messages={"required": "Enter an e-mail address.", "invalid": "Enter a whole e-mail address."},
    )


@site.page(
    "customers/",
    name="customers",
    title="Customers",
    permission="accounts.view_customer",
    section="Orders",
    icon="group",
)
@require_http_methods(["GET", "HEAD"])
def customers(request: HttpRequest) -> HttpResponse:
    form = CustomerForm(request.GET or None)
    context: dict[str, Any] = {"form": form}
    status = HTTPStatus.OK
    if form.is_bound and form.is_valid():
        context |= _find(form.cleaned_data["email"])
        context["may_act"] = staff_user(request).has_perm("accounts.change_customer")
    elif form.is_bound:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return site.render(request, "admin/customers/customers.html", context, title="Customers", status=status)


@site.page("customers/export/", name="customer-export", title="Export", permission="accounts.change_customer")
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    email = _posted_email(request)
    account = directory.find_account(email)
    content = customer_data.export_customer(email=email, account=account)
    _log(request, account.customer_id if account else "guest", "Exported all data.")
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="customer.zip"'
    return response


@site.page("customers/erase/", name="customer-erase", title="Erase", permission="accounts.delete_customer")
@require_http_methods(["POST"])
def erase(request: HttpRequest) -> HttpResponse:
    email = _posted_email(request)
    if request.POST.get("typed", "").strip().casefold() != email.casefold():
        messages.error(request, "Nothing was erased: type the e-mail address exactly to confirm it.")
        return HttpResponseRedirect(_page_of(email))
    account = directory.find_account(email)
    try:
        count = customer_data.erase_customer(email=email, account=account, now=timezone.now())
    except customer_data.OpenOrders as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(_page_of(email))
    except StorefrontError as error:
        messages.error(request, f"{error} Please erase again: what is done stays done.")
        return HttpResponseRedirect(_page_of(email))
    _log(request, account.customer_id if account else "guest", f"Erased; {count} orders were made anonymous.")
    messages.success(
        request,
        f"Erased. {count} {'order was' if count == 1 else 'orders were'} made anonymous; invoices are kept by law.",
    )
    return HttpResponseRedirect(reverse("admin:customers"))


def _act(name: str, title: str) -> Callable[[Act], Act]:
    """Register an act on an account as ``POST /admin/customers/<name>/``; it gives the sentence that tells of it."""

    def register(function: Act) -> Act:
        @require_POST
        def view(request: HttpRequest) -> HttpResponse:
            email = _posted_email(request)
            try:
                account = directory.find_account(email)
                if account is None:
                    raise NoAccount
                done = function(email, account)
            except StorefrontError as error:
                messages.error(request, str(error))
            else:
                _log(request, account.customer_id, done)
                messages.success(request, done)
            return HttpResponseRedirect(_page_of(email))

        permission = "accounts.change_customer"
        site.page(f"customers/{name}/", name=f"customer-{name}", title=title, permission=permission)(view)
        return function

    return register


@_act("disable", "Disable")
def disable(email: str, account: Account) -> str:
    directory.disable_account(account)
    return "The account is disabled, and signed out everywhere."


@_act("enable", "Enable")
def enable(email: str, account: Account) -> str:
    directory.enable_account(account)
    return "The account is enabled again."


@_act("reset-password", "Reset the password")
def reset_password(email: str, account: Account) -> str:
    directory.reset_password(account)
    return "The password is void; a code to choose a new one was mailed to the customer."


def _find(email: str) -> dict[str, Any]:
    account = directory.find_account(email)
    customer = account_queries.find_customer(account.customer_id) if account else None
    orders = customer_data.list_orders(email=email, account=account)
    return {
        "email": email,
        "account": account,
        "addresses": [saved.address for saved in customer.addresses] if customer else [],
        "since": customer.created_at if customer else None,
        "orders": orders,
        "is_found": account is not None or bool(orders),
    }


def _posted_email(request: HttpRequest) -> str:
    return request.POST.get("email", "").strip()


def _page_of(email: str) -> str:
    return f"{reverse('admin:customers')}?{urlencode({'email': email})}"


def _log(request: HttpRequest, customer_id: str, sentence: str) -> None:
    """Note in the audit table who did it, by the customer's id: it must not keep the e-mail of who was erased."""
    now, user = timezone.now(), staff_user(request)
    audit_model()(
        object_key(_LABEL, customer_id),
        f"{now:%Y-%m-%dT%H:%M:%S.%f}#{secrets.token_hex(4)}",
        user_id=str(user.pk),
        user_name=str(user),
        model=_LABEL,
        object_id=customer_id,
        object_repr="Customer",
        action=CHANGE,
        message=sentence,
        acted_at=now,
    ).save()
