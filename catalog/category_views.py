"""The staff's pages of the category tree."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pynamodb.models import Model

from catalog import categories, queries
from catalog.admin_forms import category_choices
from catalog.admin_models import Category as Noted
from catalog.history import ADDED, CHANGED, DELETED, show_history
from catalog.models import Category
from catalog.page_forms import SEEN, CategoryForm
from catalog.publishing import read_tree
from catalog.tree import Tree
from cloudcart.dynamo_admin.audit import Note
from cloudcart.errors import StorefrontError
from cloudcart.staff.access import staff_user
from cloudcart.staff.site import site

VIEW, ADD, CHANGE, DELETE = (f"catalog.{act}_category" for act in ("view", "add", "change", "delete"))


@site.page(
    "catalog/categories/",
    name="catalog-categories",
    title="Categories",
    permission=VIEW,
    section="Catalog",
    icon="account_tree",
)
@require_safe
def category_tree(request: HttpRequest) -> HttpResponse:
    tree = queries.get_tree()
    rows = [
        {"category": category, "depth": len(tree.path_to(category_id)) - 1, "siblings": _siblings(tree, category)}
        for category_id, _ in category_choices(tree)[1:]
        if (category := tree.find(category_id)) is not None
    ]
    return site.render(
        request,
        "admin/catalog/categories.html",
        {"rows": rows, "may_change": staff_user(request).has_perm(CHANGE)},
        title="Categories",
    )


@site.page("catalog/categories/add/", name="catalog-category-add", title="Add category", permission=ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def add_category(request: HttpRequest) -> HttpResponse:
    tree = queries.get_tree()
    form = CategoryForm(request.POST or None, tree=tree, initial={"parent_id": request.GET.get("below", "")})
    if form.is_valid():
        category = Category(category_id=uuid4().hex, slug=form.cleaned_data["slug"])
        category.parent_id = form.cleaned_data["parent_id"] or None
        form.copy_to(category)
        try:
            categories.save_categories(categories=[category], beside=[_entry(request, category, ADDED, "Added.")])
        except StorefrontError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"“{category.name}” was added.")
            return redirect("admin:catalog-categories")
    return _form_page(request, form, "Add category")


@site.page("catalog/categories/<str:category_id>/", name="catalog-category", title="Category", permission=CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def change_category(request: HttpRequest, category_id: str) -> HttpResponse:
    tree = _tree_to_change()
    category = _get(tree, category_id)
    stored, name = category.fingerprint, category.name
    names = ("name", "slug", "description", "parent_id", "seo_title", "seo_description")
    initial = {field: getattr(category, field) for field in names} | {SEEN: stored}
    form = CategoryForm(request.POST or None, tree=tree, category=category, initial=initial)
    if form.is_valid() and form.is_current(stored, label=Noted._meta.label_lower, key=category_id):
        form.copy_to(category)
        category.slug = form.cleaned_data["slug"]
        category.parent_id = form.cleaned_data["parent_id"] or None
        entry = _entry(request, category, CHANGED, form.change_message)
        try:
            categories.edit_category(category=category, seen=stored, beside=[entry])
        except StorefrontError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"“{category.name}” was saved.")
            return redirect("admin:catalog-categories")
    history_url = reverse("admin:catalog-category-history", args=[category_id])
    return _form_page(request, form, name, history_url=history_url)


@site.page("catalog/categories/<str:category_id>/shift/", name="catalog-category-shift", title="", permission=CHANGE)
@require_POST
def shift_category(request: HttpRequest, category_id: str) -> HttpResponse:
    """Move a category up or down among its siblings."""
    tree = _tree_to_change()
    category = _get(tree, category_id)
    ids = [sibling.category_id for sibling in _siblings(tree, category)]
    place = ids.index(category_id)
    direction = "up" if request.POST.get("to") == "up" else "down"
    target = place + (-1 if direction == "up" else 1)
    if 0 <= target < len(ids):
        ids[place], ids[target] = ids[target], ids[place]
        entry = _entry(request, category, CHANGED, f"Moved {direction}.")
        try:
            categories.reorder_categories(parent_id=category.parent_id, category_ids=ids, beside=[entry])
        except StorefrontError as error:
            messages.error(request, str(error))
    return redirect("admin:catalog-categories")


@site.page("catalog/categories/<str:category_id>/delete/", name="catalog-category-delete", title="", permission=DELETE)
@require_POST
def delete_category(request: HttpRequest, category_id: str) -> HttpResponse:
    category = _get(_tree_to_change(), category_id)
    entry = _entry(request, category, DELETED, "Removed.")
    try:
        categories.delete_category(category_id=category_id, beside=[entry])
        messages.success(request, f"“{category.name}” was removed.")
    except StorefrontError as error:
        messages.error(request, str(error))
    return redirect("admin:catalog-categories")


@site.page("catalog/categories/<str:category_id>/history/", name="catalog-category-history", title="", permission=VIEW)
@require_safe
def category_history(request: HttpRequest, category_id: str) -> HttpResponse:
    """Who did what to a category, one that was removed as well."""
    category = queries.get_tree().find(category_id)
    noted = Noted(category_id=category_id, name=category.name if category else "")
    return show_history(request, noted, back_url=reverse("admin:catalog-categories"))


def _entry(request: HttpRequest, category: Category, action: int, message: str) -> Model:
    noted = Noted(category_id=category.category_id, name=category.name)
    return Note(staff_user(request), action, message).entry_for(noted)


def _tree_to_change() -> Tree:
    stored = read_tree()
    return Tree(stored.categories, stored.collections)


def _get(tree: Tree, category_id: str) -> Category:
    category = tree.find(category_id)
    if category is None:
        raise Http404("There is no such category.")
    return category


def _siblings(tree: Tree, category: Category) -> list[Category]:
    path = tree.path_to(category.category_id)
    return list(tree.children_of(path[-2].category_id) if len(path) > 1 else tree.top)


def _form_page(request: HttpRequest, form: CategoryForm, title: str, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    context |= {"form": form, "may_change": True, "back_url_name": "admin:catalog-categories"}
    return site.render(request, "admin/catalog/page_form.html", context, title=title, status=status)
