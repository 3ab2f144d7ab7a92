"""Pages for signed-in customers only, and the way back to them after a sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from cloudcart.htmx import go_to, is_htmx
from cloudcart.identity import Identity, find_identity

P = ParamSpec("P")

_SAFE_METHODS = {"GET", "HEAD"}


def sign_in_required(
    view: Callable[Concatenate[HttpRequest, Identity, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give the view the identity of who is signed in, as its second argument; send everyone else to sign in.

    A plain request is answered by a 302, htmx by 204 with ``HX-Redirect``, both with the way back.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        identity = find_identity(request)
        response = redirect_to_sign_in(request) if identity is None else view(request, identity, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return guarded


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the visitor to the sign-in page, from where they come back here."""
    way_back = _way_back(request)
    url = reverse("accounts:sign-in") + (f"?{urlencode({'next': way_back})}" if way_back else "")
    return go_to(request, url)


def find_next(request: HttpRequest) -> str:
    """Give where the URL's ``next`` leads if it is a page of this shop, else an empty text."""
    url = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_ours else ""


def _way_back(request: HttpRequest) -> str:
    if not is_htmx(request) and request.method in _SAFE_METHODS:
        return request.get_full_path()
    # A form's address answers no GET, and a fragment is no page: back to the page that holds them.
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return ""
    parts = urlsplit(page)
    return parts.path + (f"?{parts.query}" if parts.query else "")
