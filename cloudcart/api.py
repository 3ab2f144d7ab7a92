"""What the HTTP API answers, for programs: JSON, and every error as ``{"code", "detail", "extra"}``."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse

from cloudcart.errors import StorefrontError

P = ParamSpec("P")


class SignInRequired(StorefrontError):
    """The caller has neither a session nor a key, and both open what was asked for."""

    code = "sign-in-required"
    status_code = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("Sign in, or send the key of the order's link.")


def api_view(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Answer a StorefrontError of the view in JSON, and let no cache keep what it answers."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except StorefrontError as error:
            response = _error_response(error)
        response["Cache-Control"] = "private, no-store"
        return response

    return wrapped


def _error_response(error: StorefrontError) -> HttpResponse:
    body = {"code": error.code, "detail": str(error), "extra": error.extra}
    response = JsonResponse(body, status=error.status_code)
    if error.retry_after_seconds is not None:
        response["Retry-After"] = str(error.retry_after_seconds)
    return response
