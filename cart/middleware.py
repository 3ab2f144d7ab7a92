from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from cart import identity

View = Callable[[HttpRequest], HttpResponse]


def set_cart_cookies(get_response: View) -> View:
    """Put the cookies on an answer that a sign-in or sign-out has changed; others pass as they are."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        identity.apply_planned_cookies(request, response)
        return response

    return middleware
