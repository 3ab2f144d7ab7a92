"""Signing up, in and out, and forgotten passwords."""

from collections.abc import Callable
from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import cognito, limits, registration, remembered, sessions
from accounts.access import find_next
from accounts.errors import AccountError, AccountUnconfirmed, PasswordResetRequired, SecondFactorRequired
from accounts.forms import (
    AccountForm,
    ConfirmForm,
    ForgotPasswordForm,
    ResendForm,
    ResetPasswordForm,
    SignInForm,
    SignUpForm,
)
from cloudcart.errors import StorefrontError, TooManyAttempts
from cloudcart.identity import find_identity
from cloudcart.rate_limits import Guard

require_form_methods = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters()
@require_form_methods
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _go_on(request) if find_identity(request) else _form_page(request, "sign_up", SignUpForm())
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return _form_page(request, "sign_up", form)
    email = form.cleaned_data["email"]
    limits.SIGN_UP.check(request, subject=email, now=timezone.now())
    try:
        registration.sign_up(email=email, password=form.cleaned_data["password"], name=form.cleaned_data["name"])
    except AccountError as error:
        form.refuse(error)
        return _form_page(request, "sign_up", form)
    return _lead_to(request, "accounts:confirm", email=email)


@never_cache
@require_form_methods
def confirm(request: HttpRequest) -> HttpResponse:
    known_email = remembered.find_email(request)
    if request.method != "POST":
        return _form_page(request, "confirm", ConfirmForm(known_email=known_email))
    form = ConfirmForm(request.POST, known_email=known_email)
    if not form.is_valid():
        return _form_page(request, "confirm", form)
    email = form.cleaned_data["email"]
    limits.ENTER_CODE.check(request, subject=email, now=timezone.now())
    try:
        cognito.confirm(email=email, code=form.cleaned_data["code"])
    except AccountError as error:
        form.refuse(error)
        return _form_page(request, "confirm", form)
    messages.success(request, "Your e-mail address is confirmed. Sign in to go on.")
    return _lead_to(request, "accounts:sign-in", email=email)


@never_cache
@require_POST
def confirm_resend(request: HttpRequest) -> HttpResponse:
    form = ResendForm(request.POST)
    if not form.is_valid():
        return _form_page(request, "confirm", ConfirmForm(request.POST))
    email = form.cleaned_data["email"]
    limits.RESEND.check(request, subject=email, now=timezone.now())
    registration.resend_code(email=email)
    messages.success(request, f"If {email} is waiting for a code, we have sent a new one.")
    return _lead_to(request, "accounts:confirm", email=email)


@never_cache
@sensitive_post_parameters()
@require_form_methods
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        initial = {"email": remembered.find_email(request)}
        return (
            _go_on(request) if find_identity(request) else _form_page(request, "sign_in", SignInForm(initial=initial))
        )
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _form_page(request, "sign_in", form)
    email, now = form.cleaned_data["email"], timezone.now()
    limits.SIGN_IN.check(request, subject=email, now=now)
    try:
        granted = cognito.sign_in(email=email, password=form.cleaned_data["password"])
        sessions.start_session(request, granted, now=now)
    except (SecondFactorRequired, AccountUnconfirmed, PasswordResetRequired) as step:
        return _take_step(request, step, email=email)
    except AccountError as error:
        form.refuse(error)
        return _form_page(request, "sign_in", form)
    limits.SIGN_IN.forgive(subject=email, now=now)
    response = _go_on(request)
    remembered.forget_email(response)
    return response


def _take_step(request: HttpRequest, step: AccountError, *, email: str) -> HttpResponse:
    """The password was right, but something has to come before the sign-in."""
    if isinstance(step, SecondFactorRequired):
        sessions.keep_challenge(request, email=email, challenge=step.challenge)
        return HttpResponseRedirect(reverse("accounts:second-factor-sign-in") + _next_query(request))
    messages.info(request, str(step))
    if isinstance(step, AccountUnconfirmed):
        _send_again(request, limits.RESEND, registration.resend_code, email=email)
        return _lead_to(request, "accounts:confirm", email=email)
    _send_again(request, limits.FORGOT_PASSWORD, registration.request_password_reset, email=email)
    return _lead_to(request, "accounts:reset-password", email=email)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.end_session(request)
    messages.success(request, "You are signed out.")
    return redirect("accounts:sign-in")


@never_cache
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    sessions.end_all_sessions(request)
    messages.success(request, "You are signed out on all of your devices.")
    return redirect("accounts:sign-in")


@never_cache
@require_form_methods
def forgot_password(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        initial = {"email": remembered.find_email(request)}
        return _form_page(request, "forgot_password", ForgotPasswordForm(initial=initial))
    form = ForgotPasswordForm(request.POST)
    if not form.is_valid():
        return _form_page(request, "forgot_password", form)
    email = form.cleaned_data["email"]
    limits.FORGOT_PASSWORD.check(request, subject=email, now=timezone.now())
    try:
        registration.request_password_reset(email=email)
    except AccountError as error:
        form.refuse(error)
        return _form_page(request, "forgot_password", form)
    return _lead_to(request, "accounts:reset-password", email=email)


@never_cache
@sensitive_post_parameters()
@require_form_methods
def reset_password(request: HttpRequest) -> HttpResponse:
    known_email = remembered.find_email(request)
    if request.method != "POST":
        return _form_page(request, "reset_password", ResetPasswordForm(known_email=known_email))
    form = ResetPasswordForm(request.POST, known_email=known_email)
    if not form.is_valid():
        return _form_page(request, "reset_password", form)
    email, password, now = form.cleaned_data["email"], form.cleaned_data["password"], timezone.now()
    limits.ENTER_CODE.check(request, subject=email, now=now)
    try:
        cognito.reset_password(email=email, code=form.cleaned_data["code"], password=password)
    except AccountError as error:
        form.refuse(error)
        return _form_page(request, "reset_password", form)
    try:
        sessions.take_over(request, email=email, password=password, now=now)
    except StorefrontError:
        # The password is set all the same; with it, the sign-in says what is in the way.
        messages.success(request, "Your new password is set. Sign in with it.")
        return _lead_to(request, "accounts:sign-in", email=email)
    messages.success(request, "Your new password is set. Every other device is signed out.")
    response = _go_on(request)
    remembered.forget_email(response)
    return response


def _form_page(request: HttpRequest, template: str, form: AccountForm) -> HttpResponse:
    context = {"form": form, "next_query": _next_query(request)}
    return render(request, f"accounts/{template}.html", context, status=form.status_code)


def _next_query(request: HttpRequest) -> str:
    url = find_next(request)
    return f"?{urlencode({'next': url})}" if url else ""


def _go_on(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(find_next(request) or reverse("accounts:profile"))


def _lead_to(request: HttpRequest, name: str, *, email: str) -> HttpResponse:
    """Go to another account page, which knows the e-mail address and where the visitor wants to go in the end."""
    response = HttpResponseRedirect(reverse(name) + _next_query(request))
    remembered.remember_email(response, email)
    return response


def _send_again(request: HttpRequest, limit: Guard, send: Callable[..., None], *, email: str) -> None:
    """Mail a fresh code, if not too many were mailed: then the newest of them still serves."""
    with suppress(TooManyAttempts):
        limit.check(request, subject=email, now=timezone.now())
        send(email=email)
