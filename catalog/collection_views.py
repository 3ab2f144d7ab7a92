"""The staff's pages of collections: what they say, and which products are in them."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pynamodb.models import Model

from catalog import collections, queries, services
from catalog.admin_models import Collection as Noted
from catalog.admin_models import Product
from catalog.history import ADDED, CHANGED, show_history
from catalog.listings import collection_listing
from catalog.models import Collection, Stock
from catalog.models import Product as StoredProduct
from catalog.page_forms import SEEN, PageForm
from catalog.paging import Sort
from cloudcart.dynamo_admin.audit import Note
from cloudcart.errors import StorefrontError
from cloudcart.staff.access import require, staff_user
from cloudcart.staff.site import site

VIEW, ADD, CHANGE = (f"catalog.{act}_collection" for act in ("view", "add", "change"))


@site.page(
    "catalog/collections/",
    name="catalog-collections",
    title="Collections",
    permission=VIEW,
    section="Catalog",
    icon="collections_bookmark",
)
@require_safe
def collection_list(request: HttpRequest) -> HttpResponse:
    context = {
        "collections": queries.get_tree().collections,
        "may_change": staff_user(request).has_perm(CHANGE),
    }
    return site.render(request, "admin/catalog/collections.html", context, title="Collections")


@site.page("catalog/collections/add/", name="catalog-collection-add", title="Add collection", permission=ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def add_collection(request: HttpRequest) -> HttpResponse:
    form = PageForm(request.POST or None)
    if form.is_valid():
        collection = Collection(form.cleaned_data["slug"], collection_id=uuid4().hex)
        form.copy_to(collection)
        try:
            collections.save_collection(collection=collection, beside=[_entry(request, collection, ADDED, "Added.")])
        except StorefrontError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"“{collection.name}” was added. Put products into it.")
            return redirect("admin:catalog-collection", collection.slug)
    return _form_page(request, form, "Add collection")


@site.page("catalog/collections/<slug:slug>/", name="catalog-collection", title="Collection", permission=VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def change_collection(request: HttpRequest, slug: str) -> HttpResponse:
    collection = _get(slug)
    stored, title, key = str(collection.version), collection.name, str(collection.collection_id)
    names = ("name", "slug", "description", "seo_title", "seo_description")
    initial = {name: getattr(collection, name) for name in names} | {SEEN: stored}
    form = PageForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(request, CHANGE)
    if form.is_valid() and form.is_current(stored, label=Noted._meta.label_lower, key=key):
        form.copy_to(collection)
        entry = _entry(request, collection, CHANGED, form.change_message)
        try:
            collection = _store(collection, form.cleaned_data["slug"], entry)
        except StorefrontError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"“{collection.name}” was saved.")
            return redirect("admin:catalog-collection", collection.slug)
    page = queries.list_cards(collection_listing(key), sort=Sort.NEWEST)
    history_url = reverse("admin:catalog-collection-history", args=[slug])
    return _form_page(request, form, title, collection=collection, cards=page.cards, history_url=history_url)


@site.page("catalog/collections/<slug:slug>/history/", name="catalog-collection-history", title="", permission=VIEW)
@require_safe
def collection_history(request: HttpRequest, slug: str) -> HttpResponse:
    collection = _get(slug)
    noted = Noted(collection_id=collection.collection_id, name=collection.name)
    return show_history(request, noted, back_url=reverse("admin:catalog-collection", args=[slug]))


@site.page("catalog/collections/<slug:slug>/products/", name="catalog-collection-products", title="", permission=CHANGE)
@require_POST
def change_products(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a product into the collection, found by SKU or address, or take one out."""
    collection = _get(slug)
    term, is_removal = request.POST.get("product", "").strip(), "remove" in request.POST
    product = _find_product(term)
    if product is None:
        messages.error(request, f"There is no product with the SKU or address “{term}”.")
        return redirect("admin:catalog-collection", slug)
    others = [other for other in product.collection_ids if other != collection.collection_id]
    product.collection_ids = others if is_removal else [*others, str(collection.collection_id)]
    done = "taken out of" if is_removal else "put into"
    note = Note(staff_user(request), CHANGED, f"{done.capitalize()} the collection “{collection.name}”.")
    try:
        entry = note.entry_for(Product.from_item(product))
        services.save_product(product=product, now=timezone.now(), beside=[entry])
    except StorefrontError as error:
        messages.error(request, f"{product.title}: {error}")
    else:
        hint = "" if product.is_active else " It is shown there as soon as it is active."
        messages.success(request, f"“{product.title}” was {done} the collection.{hint}")
    return redirect("admin:catalog-collection", slug)


def _find_product(term: str) -> StoredProduct | None:
    if not term:
        return None
    found = next(iter(StoredProduct.by_slug.query(term, limit=1)), None)
    stock = None if found is not None else Stock.find(term)
    product_id = found.product_id if found is not None else (stock.product_id if stock is not None else None)
    return StoredProduct.find(product_id, consistent=True) if product_id else None


def _store(collection: Collection, slug: str, entry: Model) -> Collection:
    if slug != collection.slug:
        return collections.rename_collection(collection=collection, slug=slug, beside=[entry])
    collections.save_collection(collection=collection, beside=[entry])
    return collection


def _entry(request: HttpRequest, collection: Collection, action: int, message: str) -> Model:
    noted = Noted(collection_id=collection.collection_id, name=collection.name)
    return Note(staff_user(request), action, message).entry_for(noted)


def _get(slug: str) -> Collection:
    collection = Collection.find(slug, consistent=True)
    if collection is None or collection.moved_to:
        raise Http404("There is no such collection.")
    return collection


def _form_page(request: HttpRequest, form: PageForm, title: str, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    context["may_change"] = staff_user(request).has_perm(CHANGE)
    context |= {"form": form, "back_url_name": "admin:catalog-collections"}
    return site.render(request, "admin/catalog/page_form.html", context, title=title, status=status)
