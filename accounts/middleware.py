from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse

from accounts import sessions
from cloudcart.identity import Identity

View = Callable[[HttpRequest], HttpResponse]


def attach_customer(get_response: View) -> View:
    """Let `cloudcart.identity.find_identity` answer, at the cost of a read only when it is asked."""

    def middleware(request: HttpRequest) -> HttpResponse:
        @cache
        def find() -> Identity | None:
            return sessions.find_identity(request)

        request.find_identity = find  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
