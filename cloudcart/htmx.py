"""Answers for htmx, which takes a fragment, or is led on, where a browser alone gets a page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, so that only a region is wanted; the answer needs ``Vary: HX-Request``."""
    return bool(request.htmx)  # type: ignore[attr-defined]


def render_region(
    request: HttpRequest, template: str, region: str, context: Mapping[str, Any], *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Render a page, or for htmx one region of it: the partial of that name in the page's template."""
    name = f"{template}#{region}" if is_htmx(request) else template
    return render(request, name, dict(context), status=status)


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Lead on to another page: by a redirect, which htmx would follow by itself and so gets as a header."""
    if is_htmx(request):
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
