"""What every request passes: its id and log line, compression, cross-site posts, named errors."""

import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from cloudcart.dynamo import count_calls
from cloudcart.errors import StorefrontError

View = Callable[[HttpRequest], HttpResponse]

logger = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# Pages for errors that no page of the shop is the right one for.
_ERROR_PAGES: dict[int, str] = {HTTPStatus.TOO_MANY_REQUESTS: "429.html", HTTPStatus.SERVICE_UNAVAILABLE: "503.html"}


def request_context(get_response: View) -> View:
    """Give the request an id, log one line when it ends, and tell what it asked of DynamoDB."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = _request_id(request)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        with count_calls() as log:
            response = get_response(request)
        milliseconds = (time.perf_counter() - started) * 1000
        response["X-Request-ID"] = request_id
        if settings.IS_LOCAL:
            response["Server-Timing"] = f'app;dur={milliseconds:.1f}, dynamodb;desc="{log.count} calls"'
        logger.info(
            "request.finished",
            method=request.method,
            # The path alone: a query string may carry the key of a guest's order.
            path=request.path,
            status=response.status_code,
            milliseconds=round(milliseconds, 1),
            dynamodb_calls=log.count,
        )
        return response

    return middleware


def _request_id(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class _DeterministicGZip(GZipMiddleware):
    # Pages without a secret need no random padding, and a cache wants the same bytes each time.
    max_random_bytes = 0


def compress(get_response: View) -> View:
    """Compress answers; those that a cache may share are the same bytes for every visitor."""
    padded, deterministic = GZipMiddleware(get_response), _DeterministicGZip(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Files: pictures and fonts are compressed in themselves, the rest when they are collected.
        if response.streaming:
            return response
        is_shared = "public" in response.get("Cache-Control", "")
        chosen: Any = deterministic if is_shared else padded
        compressed: HttpResponse = chosen.process_response(request, response)
        return compressed

    return middleware


def refuse_cross_site_posts(get_response: View) -> View:
    """Refuse a form posted from another site, told by the headers that browsers send themselves.

    The shop's pages carry no token, so that one copy serves every visitor. Every browser in use
    sends Sec-Fetch-Site or, before that, Origin with a POST; a client that sends neither is no
    browser and has no one's cookies to misuse.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in _SAFE_METHODS or _is_own_origin(request):
            return get_response(request)
        logger.warning("request.cross_site_refused", path=request.path)
        return render(request, "403.html", {"reason": "cross-site"}, status=403)

    return middleware


def _is_own_origin(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc == request.get_host()


def translate_storefront_errors(get_response: View) -> View:
    """Turn a StorefrontError that a view let through into a page that says what to do."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, StorefrontError):
            return None
        template = _ERROR_PAGES.get(error.status_code, "storefront_error.html")
        response = render(request, template, {"error": error}, status=error.status_code)
        if error.retry_after_seconds is not None:
            response["Retry-After"] = str(error.retry_after_seconds)
        patch_vary_headers(response, ["HX-Request"])
        # What is true of this visitor and this moment must not answer the next one from a cache.
        add_never_cache_headers(response)
        return response

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
