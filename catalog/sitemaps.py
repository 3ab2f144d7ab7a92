"""What search engines are told: robots.txt, and a sitemap in parts."""

from collections.abc import Iterable
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog import queries
from catalog.caching import DAILY, shared
from catalog.paging import Position, Sort, UnknownPosition

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@require_safe
@shared(DAILY)
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/robots.txt", {"origin": settings.STORE_URL}, content_type="text/plain")


@require_safe
@shared(DAILY)
def sitemap(request: HttpRequest) -> HttpResponse:
    products = reverse("catalog:sitemap-products")
    parts = [reverse("catalog:sitemap-pages")]
    for position in queries.list_sitemap_positions():
        token = position.to_token() if position else ""
        parts.append(f"{products}?{urlencode({'page': token})}" if token else products)
    return _xml("sitemapindex", "sitemap", parts)


@require_safe
@shared(DAILY)
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    tree = queries.get_tree()
    paths = [reverse("catalog:home"), reverse("catalog:products"), reverse("catalog:categories")]
    paths += [reverse("catalog:category", args=[category.slug]) for category in tree]
    paths += [reverse("catalog:collection", args=[collection.slug]) for collection in tree.collections]
    return _xml("urlset", "url", paths)


@require_safe
@shared(DAILY)
def sitemap_products(request: HttpRequest) -> HttpResponse:
    token = request.GET.get("page", "")
    try:
        position = Position.from_token(token, Sort.NEWEST) if token else None
    except UnknownPosition as error:
        raise Http404("There is no such part of the sitemap.") from error
    slugs = queries.list_sitemap_slugs(position)
    return _xml("urlset", "url", [reverse("catalog:product", args=[slug]) for slug in slugs])


def _xml(root: str, element: str, paths: Iterable[str]) -> HttpResponse:
    entries = "".join(f"<{element}><loc>{escape(settings.STORE_URL + path)}</loc></{element}>\n" for path in paths)
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{entries}</{root}>\n'
    return HttpResponse(body, content_type="application/xml")
