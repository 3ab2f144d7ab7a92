"""The staff's pages of the category tree."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog import categories, queries
from catalog.admin_forms import category_choices
from catalog.models import Category
from catalog.tree import Tree
from catalog.validation import MAX_SLUG_LENGTH, MAX_TITLE_LENGTH
from cloudcart.errors import StorefrontError
from cloudcart.staff.access import staff_user
from cloudcart.staff.site import site

VIEW, ADD, CHANGE, DELETE = (f"catalog.{act}_category" for act in ("view", "add", "change", "delete"))


class PageForm(forms.Form):
    """What categories and collections have alike."""

    name = forms.CharField(max_length=MAX_TITLE_LENGTH, widget=UnfoldAdminTextInputWidget)
    slug = forms.CharField(
        label="Address",
        max_length=MAX_SLUG_LENGTH,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="The end of the page's address; made of the name if left empty. The former address leads on.",
    )
    description = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))
    seo_title = forms.CharField(label="Title for search engines", required=False, widget=UnfoldAdminTextInputWidget)
    seo_description = forms.CharField(
        label="Description for search engines", required=False, widget=UnfoldAdminTextInputWidget
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["slug"] = cleaned.get("slug") or slugify(cleaned.get("name", ""))[:MAX_SLUG_LENGTH].strip("-")
        return cleaned

    def copy_to(self, page: Any) -> None:
        """Put what was typed onto a category or collection."""
        for name in ("name", "description", "seo_title", "seo_description"):
            setattr(page, name, self.cleaned_data[name])


class CategoryForm(PageForm):
    parent_id = forms.ChoiceField(label="Below", required=False, widget=UnfoldAdminSelectWidget)
    field_order = ("name", "parent_id", "slug")

    def __init__(self, *args: Any, tree: Tree, category: Category | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        below = {part.category_id for part in tree.subtree_of(category.category_id)} if category else set()
        choices = [(key, path) for key, path in category_choices(tree) if key not in below]
        self.fields["parent_id"].choices = choices  # type: ignore[attr-defined]


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
        if _save(form, category):
            messages.success(request, f"“{category.name}” was added.")
            return redirect("admin:catalog-categories")
    return _form_page(request, form, "Add category")


@site.page("catalog/categories/<str:category_id>/", name="catalog-category", title="Category", permission=CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def change_category(request: HttpRequest, category_id: str) -> HttpResponse:
    tree = queries.get_tree()
    category = _get(tree, category_id)
    names = ("name", "slug", "description", "parent_id", "seo_title", "seo_description")
    initial = {name: getattr(category, name) for name in names}
    form = CategoryForm(request.POST or None, tree=tree, category=category, initial=initial)
    if form.is_valid():
        parent_id, former_parent = form.cleaned_data["parent_id"] or None, category.parent_id
        form.copy_to(category)
        category.slug = form.cleaned_data["slug"]
        if _save(form, category) and (parent_id == former_parent or _move(form, category_id, parent_id)):
            messages.success(request, f"“{category.name}” was saved.")
            return redirect("admin:catalog-categories")
    return _form_page(request, form, category.name, category=category)


@site.page("catalog/categories/<str:category_id>/shift/", name="catalog-category-shift", title="", permission=CHANGE)
@require_POST
def shift_category(request: HttpRequest, category_id: str) -> HttpResponse:
    """Move a category up or down among its siblings."""
    tree = queries.get_tree()
    category = _get(tree, category_id)
    ids = [sibling.category_id for sibling in _siblings(tree, category)]
    place = ids.index(category_id)
    target = place + (-1 if request.POST.get("to") == "up" else 1)
    if 0 <= target < len(ids):
        ids[place], ids[target] = ids[target], ids[place]
        categories.reorder_categories(parent_id=category.parent_id, category_ids=ids)
    return redirect("admin:catalog-categories")


@site.page("catalog/categories/<str:category_id>/delete/", name="catalog-category-delete", title="", permission=DELETE)
@require_POST
def delete_category(request: HttpRequest, category_id: str) -> HttpResponse:
    name = _get(queries.get_tree(), category_id).name
    try:
        categories.delete_category(category_id=category_id)
        messages.success(request, f"“{name}” was removed.")
    except StorefrontError as error:
        messages.error(request, str(error))
    return redirect("admin:catalog-categories")


def _save(form: forms.Form, category: Category) -> bool:
    try:
        categories.save_categories(categories=[category])
    except StorefrontError as error:
        form.add_error(None, str(error))
        return False
    return True


def _move(form: forms.Form, category_id: str, parent_id: str | None) -> bool:
    try:
        categories.move_category(category_id=category_id, parent_id=parent_id)
    except StorefrontError as error:
        form.add_error("parent_id", str(error))
        return False
    return True


def _get(tree: Tree, category_id: str) -> Category:
    category = tree.find(category_id)
    if category is None:
        raise Http404("There is no such category.")
    return category


def _siblings(tree: Tree, category: Category) -> list[Category]:
    path = tree.path_to(category.category_id)
    return list(tree.children_of(path[-2].category_id) if len(path) > 1 else tree.top)


def _form_page(request: HttpRequest, form: forms.Form, title: str, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    context |= {"form": form, "may_change": True, "back_url_name": "admin:catalog-categories"}
    return site.render(request, "admin/catalog/page_form.html", context, title=title, status=status)
