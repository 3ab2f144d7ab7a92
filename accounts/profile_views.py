"""The signed-in customer's own pages: profile, password, address book."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import cognito, limits, queries, remembered, services, sessions
from accounts.access import redirect_to_sign_in, sign_in_required
from accounts.errors import AccountError, SignedOut
from accounts.forms import AccountForm, ChangePasswordForm, ProfileForm
from accounts.views import require_form_methods
from cloudcart.errors import StorefrontError
from cloudcart.identity import Identity


@never_cache
@require_form_methods
@sign_in_required
def profile(request: HttpRequest, identity: Identity) -> HttpResponse:
    if request.method != "POST":
        return _profile_page(request, identity, ProfileForm(initial={"name": identity.name}))
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, identity, form)
    name = form.cleaned_data["name"]
    try:
        token = sessions.get_access_token(request)
        services.rename_customer(customer_id=identity.customer_id, access_token=token, name=name)
    except SignedOut as error:
        return _sign_in_again(request, error)
    except AccountError as error:
        form.refuse(error)
        return _profile_page(request, identity, form)
    sessions.rename(request, name=name)
    messages.success(request, "Your name is saved.")
    return redirect("accounts:profile")


@never_cache
@sensitive_post_parameters()
@require_form_methods
@sign_in_required
def change_password(request: HttpRequest, identity: Identity) -> HttpResponse:
    if request.method != "POST":
        return _password_page(request, identity, ChangePasswordForm())
    form = ChangePasswordForm(request.POST)
    if not form.is_valid():
        return _password_page(request, identity, form)
    now, password = timezone.now(), form.cleaned_data["password"]
    limits.CHANGE_PASSWORD.check(request, subject=identity.customer_id, now=now)
    try:
        cognito.change_password(
            access_token=sessions.get_access_token(request),
            current_password=form.cleaned_data["current_password"],
            password=password,
        )
    except SignedOut as error:
        return _sign_in_again(request, error)
    except AccountError as error:
        form.refuse(error)
        return _password_page(request, identity, form)
    return _start_anew(request, identity, password=password)


def _start_anew(request: HttpRequest, identity: Identity, *, password: str) -> HttpResponse:
    try:
        sessions.take_over(request, email=identity.email, password=password, now=timezone.now())
    except StorefrontError:
        # The password is changed all the same.
        sessions.end_session(request)
        messages.success(request, "Your password is changed. Sign in with the new one.")
        response = redirect("accounts:sign-in")
        remembered.remember_email(response, identity.email)
        return response
    messages.success(request, "Your password is changed. Every other device is signed out.")
    return redirect("accounts:profile")


def _sign_in_again(request: HttpRequest, error: SignedOut) -> HttpResponse:
    sessions.end_session(request)
    messages.warning(request, str(error))
    return redirect_to_sign_in(request)


def _profile_page(request: HttpRequest, identity: Identity, form: AccountForm) -> HttpResponse:
    addresses = queries.list_addresses(identity.customer_id)
    default_address = ", ".join(addresses[0].address.as_lines) if addresses else ""
    context = {"identity": identity, "form": form, "default_address_line": default_address}
    return render(request, "accounts/profile.html", context, status=form.status_code)


def _password_page(request: HttpRequest, identity: Identity, form: AccountForm) -> HttpResponse:
    context = {"identity": identity, "form": form}
    return render(request, "accounts/change_password.html", context, status=form.status_code)
