"""The catalog in the admin: products with their variants and pictures."""

from typing import Any, ClassVar

from csp.constants import SELF
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from catalog import category_views, collection_views, queries, services, stock_views, uploads
from catalog import models as stored
from catalog.admin_forms import ImageForm, PartFormSet, ProductForm, VariantForm, category_choices
from catalog.admin_models import Product, ProductImage, ProductVariant
from catalog.duplicating import copy_of
from catalog.history import ADDED, CHANGED
from catalog.tree import Tree
from cloudcart.dynamo import batch_get
from cloudcart.dynamo_admin.audit import Note
from cloudcart.money import format_amount
from cloudcart.staff.access import staff_user
from cloudcart.staff.model_admin import StaffModelAdmin, StaffTabularInline, display, told_to_staff
from cloudcart.staff.site import site

# These pages register themselves.
__all__ = ["ProductAdmin", "category_views", "collection_views", "stock_views"]

_NAMES_SECONDS = 60


class CategoryFilter(admin.SimpleListFilter):
    """Products filed under one category. Its names may be a minute old."""

    title = "category"
    parameter_name = "category_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return cache.get_or_set("admin-categories", lambda: category_choices(queries.get_tree())[1:], _NAMES_SECONDS)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(category_id=self.value()) if self.value() else queryset


class VariantInline(StaffTabularInline):
    model = ProductVariant
    form = VariantForm
    formset = PartFormSet
    fields = ("values", "sku", "unit_amount", "compare_at_amount", "image_key", "units", "stock", "position")
    readonly_fields = ("stock",)
    ordering_field = "position"
    hide_title = True

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Lead to the stock only those who may see it."""
        may_see = staff_user(request).has_perm("catalog.view_stock")
        return [name for name in self.fields if name != "stock" or may_see]

    @display(description="Stock")
    def stock(self, obj: ProductVariant) -> str:
        if obj.part is None:
            return ""
        url = reverse("admin:stock-level", args=[obj.part.sku])
        return format_html('<a class="admin-link" href="{}" aria-label="Levels of {}">Levels</a>', url, obj.part.sku)


class ImageInline(StaffTabularInline):
    model = ProductImage
    form = ImageForm
    formset = PartFormSet
    fields = ("preview", "alt", "position", "picture")
    readonly_fields = ("preview",)
    ordering_field = "position"
    hide_title = True
    template_before = "admin/catalog/_picture_upload.html"

    @display(description="Picture")
    def preview(self, obj: ProductImage) -> str:
        if obj.part is None:
            return ""
        return format_html(
            '<img class="picture-row__image" src="{}" alt="" width="64" height="64">', obj.part.small_url
        )


@admin.register(Product, site=site)
class ProductAdmin(StaffModelAdmin):
    section = "Catalog"
    icon = "inventory_2"
    form = ProductForm
    list_display = ("product", "status_label", "availability_label", "price", "updated_at")
    list_filter = ("status", "availability", CategoryFilter)
    list_filter_sheet = True
    search_fields = ("search_text__contains",)
    search_help_text = "Words of the title, a SKU, the address"
    inlines: ClassVar[list[Any]] = [VariantInline, ImageInline]
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ("title",)}
    actions = ("publish", "unpublish", "archive", "change_prices", "duplicate")
    change_form_template = "admin/catalog/product_form.html"
    fieldsets = (
        (None, {"fields": ("title", "subtitle", "slug", "status", "description")}),
        ("Where it is sold", {"fields": ("category_id", "collection_ids", "featured_rank")}),
        ("Options and facts", {"fields": ("options_text", "facts_text")}),
        ("Search engines", {"fields": ("seo_title", "seo_description"), "classes": ("collapse",)}),
    )

    @display(description="Product", ordering="title_key", header=True)
    def product(self, obj: Product) -> list[Any]:
        picture = {"path": f"{settings.MEDIA_URL}{obj.thumbnail}", "squared": True, "width": 40, "height": 40}
        return [obj.title, obj.slug, obj.title[:1], picture if obj.thumbnail else None]

    @display(description="Status", label={"Active": "success", "Draft": "info", "Archived": "warning"})
    def status_label(self, obj: Product) -> str:
        return str(obj.get_status_display())  # type: ignore[attr-defined]

    @display(description="Stock", label={"In stock": "success", "Low": "warning", "Sold out": "danger"})
    def availability_label(self, obj: Product) -> str:
        return str(obj.get_availability_display())  # type: ignore[attr-defined]

    @display(description="Price from")
    def price(self, obj: Product) -> str:
        return format_amount(obj.from_amount, obj.currency) if obj.from_amount is not None else "–"

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Product | None:
        """Read the product and the tree of categories, which its form offers, in one request."""
        got = batch_get({stored.Product: [object_id], stored.CategoryTree: [stored.CategoryTree.MAIN]}, consistent=True)
        item = got.find(stored.Product, object_id)
        found = got.find(stored.CategoryTree, stored.CategoryTree.MAIN)
        request._tree = Tree(found.categories, found.collections) if found else Tree()  # type: ignore[attr-defined]
        return Product.from_item(item) if item is not None else None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"tree": getattr(request, "_tree", None)})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().changeform_view(request, *args, **kwargs)
        # Pictures go from the browser straight to the shop's bucket.
        response._csp_update = {"connect-src": [SELF, uploads.upload_origin()]}
        return response

    def set_parts(self, obj: Any, part_model: Any, parts: Any) -> None:
        super().set_parts(obj, part_model, parts)
        if part_model is ProductVariant:
            known = {variant.sku for variant in (obj.read_item.variants if obj.read_item else ())}
            obj.new_stock = {part.sku: part.units or 0 for part in parts if part.sku not in known and part.units}
        else:
            # A picture that was taken away is no variant's picture any more.
            for variant in obj.item.variants:
                if obj.item.find_image(variant.image_key) is None:
                    variant.image_key = None

    def store(self, request: HttpRequest, obj: Any, *, change: bool, note: Note) -> None:
        product = obj.to_item()
        with told_to_staff():
            services.save_product(
                product=product, stock=obj.new_stock, now=timezone.now(), beside=[note.entry_for(obj)]
            )
        obj.item = obj.read_item = product

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: Any) -> None:
        self._set_status(request, queryset, stored.Status.ACTIVE, done="published")

    @admin.action(description="Unpublish (back to draft)", permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: Any) -> None:
        self._set_status(request, queryset, stored.Status.DRAFT, done="unpublished")

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, queryset: Any) -> None:
        self._set_status(request, queryset, stored.Status.ARCHIVED, done="archived")

    @admin.action(description="Change prices …", permissions=["change"])
    def change_prices(self, request: HttpRequest, queryset: Any) -> Any:
        return _go_to("admin:catalog-prices", [obj.pk for obj in queryset])

    @admin.action(description="Duplicate as drafts", permissions=["add"])
    def duplicate(self, request: HttpRequest, queryset: Any) -> None:
        def act(obj: Product) -> None:
            self.store_copy(request, obj)

        self.act_on_each(request, queryset, act, done="duplicated")

    def store_copy(self, request: HttpRequest, obj: Product) -> Product:
        """Store a draft like this product.

        :raises SaveRefused: if it cannot be.
        """
        copy = Product.from_item(copy_of(obj.to_item()))
        self.store(request, copy, change=False, note=Note(staff_user(request), ADDED, f"Copied from “{obj.title}”."))
        return copy

    def _set_status(self, request: HttpRequest, queryset: Any, status: str, *, done: str) -> None:
        def act(obj: Product) -> None:
            if obj.status != status:
                obj.status = status
                self.store(request, obj, change=True, note=Note(staff_user(request), CHANGED, f"{done.capitalize()}."))

        self.act_on_each(request, queryset, act, done=done)


def _go_to(name: str, product_ids: list[str]) -> HttpResponseRedirect:
    query = "&".join(f"product={product_id}" for product_id in product_ids)
    return HttpResponseRedirect(f"{reverse(name)}?{query}")
