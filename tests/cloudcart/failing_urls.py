"""The shop's URLs, and some that go wrong in every way there is."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.urls import path

from cloudcart.errors import EditConflict, TooManyAttempts
from cloudcart.urls import urlpatterns as shop_urls


def conflict(request: HttpRequest) -> HttpResponse:
    raise EditConflict


def limit(request: HttpRequest) -> HttpResponse:
    raise TooManyAttempts(retry_after_seconds=600)


def crash(request: HttpRequest) -> HttpResponse:
    structlog.get_logger(__name__).info("crash.expected", order="K4", email="alice@example.com", code="123456")
    password = "correct horse"
    raise RuntimeError(len(password))


urlpatterns = [*shop_urls, path("conflict/", conflict), path("limit/", limit), path("crash/", crash)]
