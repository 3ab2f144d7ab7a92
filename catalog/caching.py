"""Pages that are the same for every visitor, and may be kept by browsers and the CDN."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# A minute in the browser, five in the CDN, and stale for ten more while the CDN fetches anew: what the
# page says of stock and prices is checked again by the cart.
PAGE = "public, max-age=60, s-maxage=300, stale-while-revalidate=600"
# What is not there may be there soon: a merchant has just published it.
NOT_FOUND = "public, max-age=15, s-maxage=30"
# For machines that come once a day.
DAILY = "public, max-age=3600, s-maxage=86400"


def shared(cache_control: str = PAGE) -> Callable[[View[P]], View[P]]:
    """Let an answer be kept for everyone; "there is no such page" only shortly.

    The view must not look at cookies, the session or messages.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def keep(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
            except Http404:
                response = render(request, "404.html", status=404)
            response["Cache-Control"] = NOT_FOUND if response.status_code == 404 else cache_control
            return response

        return keep

    return decorate
