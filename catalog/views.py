from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog import delivery, queries
from catalog.browsing import browse
from catalog.caching import shared
from catalog.listings import ALL, category_listing, collection_listing
from catalog.offers import chosen_variant, is_choice, make_offer
from catalog.structured_data import product_script

CARDS_ON_HOME = 8
TILES_ON_HOME = 8
# So long a product carries the badge "New".
NEW_FOR = timedelta(days=14)


@require_safe
@shared()
def home(request: HttpRequest) -> HttpResponse:
    page = queries.find_home(cards=CARDS_ON_HOME, tiles=TILES_ON_HOME)
    return render(request, "catalog/home.html", {"home": page, **_page_context()})


@require_safe
@shared()
def products(request: HttpRequest) -> HttpResponse:
    return _render_listing(request, ALL, "catalog/products.html")


@require_safe
@shared()
def categories(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/categories.html", {"tree": queries.get_tree(), **_page_context()})


@require_safe
@shared()
def category_menu(request: HttpRequest) -> HttpResponse:
    response = render(request, "catalog/category_menu.html", {"tree": queries.get_tree()})
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@shared()
def category(request: HttpRequest, slug: str) -> HttpResponse:
    tree = queries.get_tree()
    found = tree.find_by_slug(slug)
    if found is None:
        moved = tree.find_by_former_slug(slug)
        return _moved(request, "catalog:category", moved.slug if moved else None)
    return _render_listing(
        request,
        category_listing(found.category_id),
        "catalog/category.html",
        category=found,
        path=tree.path_to(found.category_id)[:-1],
        children=tree.children_of(found.category_id),
    )


@require_safe
@shared()
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.find_collection(slug)
    if found is None or not found.collection_id:
        raise Http404("There is no such collection.")
    if found.moved_to:
        return _moved(request, "catalog:collection", found.moved_to)
    listing = collection_listing(found.collection_id)
    return _render_listing(request, listing, "catalog/collection.html", collection=found)


@require_safe
@shared()
def product(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.find_product_page(slug)
    if found is None:
        return _moved(request, "catalog:product", queries.find_moved_slug(slug))
    fields = request.GET.dict()
    if is_choice(found.product, fields):
        variant = chosen_variant(found.product, current_sku=fields.get("sku"), fields=fields)
        return redirect(f"{request.path}?sku={variant.sku}")
    offer = make_offer(found.product, found.available, sku=fields.get("sku"), low_below=settings.LOW_STOCK_THRESHOLD)
    script = product_script(found.product, found.available, path=found.path, origin=settings.STORE_URL)
    context = {"page": found, "offer": offer, "structured_data": script, **_page_context()}
    return render(request, "catalog/product.html", context)


def _render_listing(request: HttpRequest, listing: str, template: str, **context: Any) -> HttpResponse:
    found = browse(request, listing)
    if found.page.is_cut_short:
        return redirect(found.first_url)
    return render(request, template, {"browse": found, **context, **_page_context()})


def _moved(request: HttpRequest, name: str, slug: str | None) -> HttpResponse:
    if slug is None:
        raise Http404("There is no such page.")
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(reverse(name, args=[slug]) + (f"?{query}" if query else ""))


def _page_context() -> dict[str, Any]:
    return {
        "origin": settings.STORE_URL,
        "new_since": timezone.now() - NEW_FOR,
        "prices_include_tax": settings.PRICES_INCLUDE_TAX,
        "delivery_amount": delivery.cheapest_amount(),
    }
