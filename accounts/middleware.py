from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts import sessions

View = Callable[[HttpRequest], HttpResponse]


def attach_customer(get_response: View) -> View:
    """Let `cloudcart.identity.find_identity` answer, at the cost of a read only when it is asked."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.find_identity = partial(sessions.find_identity, request)  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
