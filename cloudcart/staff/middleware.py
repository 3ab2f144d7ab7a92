from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from cloudcart.identity import find_identity

View = Callable[[HttpRequest], HttpResponse]

PREFIX = "/admin/"

# What the admin's theme needs beyond the shop's policy, and no page outside /admin/ gets (docs/adr/0021-…):
# Alpine evaluates the expressions in its attributes, and some elements carry a style attribute.
POLICY = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src-attr": ["'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:"],
}


def open_admin(get_response: View) -> View:
    """Give requests for /admin/ the admin: its URLs, who works in it, its policy. All others pass untouched.

    The admin is loaded by the first such request, so that a process that only serves shoppers starts without it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return get_response(request)
        from cloudcart.staff import loading

        loading.load()
        request.urlconf = "cloudcart.staff.urls"
        request.user = SimpleLazyObject(lambda: _find_user(request))  # type: ignore[assignment]
        response = get_response(request)
        update = {**POLICY, **getattr(response, "_csp_update", {})}
        response._csp_update = update  # type: ignore[attr-defined]
        return response

    return middleware


def _find_user(request: HttpRequest) -> object:
    from django.contrib.auth.models import AnonymousUser

    from cloudcart.staff.models import StaffUser

    identity = find_identity(request)
    return AnonymousUser() if identity is None else StaffUser.of(identity)
