"""The second factor of the staff: enrolling an authenticator app, and its code at a sign-in."""

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import cognito, limits, remembered, sessions
from accounts.access import find_next, sign_in_required
from accounts.errors import AccountError, ChallengeExpired
from accounts.forms import EnrollForm, FactorForm
from accounts.views import require_form_methods
from cloudcart.identity import Identity


@never_cache
@require_form_methods
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in; the first has left its challenge in the session."""
    waiting = sessions.find_challenge(request)
    if waiting is None:
        return _to_sign_in(request)
    if request.method != "POST":
        return _code_page(request, FactorForm())
    form = FactorForm(request.POST)
    if not form.is_valid():
        return _code_page(request, form)
    email, challenge = waiting
    now = timezone.now()
    limits.ENTER_CODE.check(request, subject=email, now=now)
    try:
        granted = cognito.answer_challenge(email=email, challenge=challenge, code=form.cleaned_data["code"])
        sessions.start_session(request, granted, now=now, has_second_factor=True)
    except ChallengeExpired as error:
        messages.warning(request, str(error))
        return _to_sign_in(request)
    except AccountError as error:
        form.refuse(error)
        return _code_page(request, form)
    limits.SIGN_IN.forgive(subject=email, now=now)
    limits.ENTER_CODE.forgive(subject=email, now=now)
    response = HttpResponseRedirect(find_next(request) or reverse("accounts:profile"))
    remembered.forget_email(response)
    return response


@never_cache
@require_form_methods
@csp_update({"img-src": [SELF, "data:"]})
@sign_in_required
def second_factor(request: HttpRequest, identity: Identity) -> HttpResponse:
    """Enroll an app, or see that there is one."""
    _require_staff(identity)
    token = sessions.get_access_token(request)
    if request.method != "POST":
        if cognito.has_factor(access_token=token) and (identity.has_second_factor or not settings.STAFF_MFA_REQUIRED):
            context = {"is_required": settings.STAFF_MFA_REQUIRED, "admin_url": "/admin/"}
            return render(request, "accounts/second_factor.html", context)
        secret = cognito.begin_factor(access_token=token)
        return _enroll_page(request, identity, EnrollForm(initial={"secret": secret}), secret)
    form = EnrollForm(request.POST)
    if not form.is_valid():
        return _enroll_page(request, identity, form, form.cleaned_data.get("secret", ""))
    limits.ENTER_CODE.check(request, subject=identity.email, now=timezone.now())
    try:
        cognito.confirm_factor(access_token=token, code=form.cleaned_data["code"])
    except AccountError as error:
        form.refuse(error)
        return _enroll_page(request, identity, form, form.cleaned_data["secret"])
    sessions.note_second_factor(request, identity, has_second_factor=True)
    messages.success(request, "Your app is the second factor now. From the next sign-in on, its code is asked for.")
    return redirect("accounts:second-factor")


@never_cache
@require_POST
@sign_in_required
def remove_second_factor(request: HttpRequest, identity: Identity) -> HttpResponse:
    _require_staff(identity)
    cognito.remove_factor(access_token=sessions.get_access_token(request))
    sessions.note_second_factor(request, identity, has_second_factor=False)
    messages.success(request, "The second factor is removed. The password alone is asked for from now on.")
    return redirect("accounts:profile")


def _require_staff(identity: Identity) -> None:
    if not identity.groups:
        raise Http404("Second factors are for the staff.")


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    url = find_next(request)
    return HttpResponseRedirect(reverse("accounts:sign-in") + (f"?{urlencode({'next': url})}" if url else ""))


def _code_page(request: HttpRequest, form: FactorForm) -> HttpResponse:
    return render(request, "accounts/sign_in_code.html", {"form": form}, status=form.status_code)


def _enroll_page(request: HttpRequest, identity: Identity, form: EnrollForm, secret: str) -> HttpResponse:
    import segno

    label = f"{settings.STORE_NAME}:{identity.email}"
    address = f"otpauth://totp/{_quoted(label)}?{urlencode({'secret': secret, 'issuer': settings.STORE_NAME})}"
    context: dict[str, Any] = {
        "form": form,
        "qr_code": segno.make(address, error="m").svg_data_uri(scale=4, border=2, light="white"),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "is_required": settings.STAFF_MFA_REQUIRED,
    }
    return render(request, "accounts/second_factor_enroll.html", context, status=form.status_code)


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe=":@")
