"""Pages of the staff's catalog beside lists and forms: previews, copies, prices, uploads."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from catalog import delivery, offers, queries, repricing, uploads
from catalog.admin import ProductAdmin
from catalog.admin_models import Product
from catalog.history import CHANGED
from catalog.images import UPLOAD_BYTES
from catalog.repricing import AMOUNT, PERCENT, PriceChange
from cloudcart.dynamo_admin.audit import Note
from cloudcart.dynamo_admin.errors import SaveRefused
from cloudcart.errors import StorefrontError
from cloudcart.money import to_minor
from cloudcart.staff.access import require, staff_user
from cloudcart.staff.site import site

# As many as a list shows; each is a transaction of its own.
MAX_PRODUCTS = 100


@site.page(
    "catalog/product/<str:product_id>/preview/",
    name="catalog-preview",
    title="Preview",
    permission="catalog.view_product",
)
@require_safe
def preview(request: HttpRequest, product_id: str) -> HttpResponse:
    page = queries.find_preview(product_id)
    if page is None:
        raise Http404("There is no such product.")
    if not page.product.variants:
        messages.info(request, "There is nothing to preview yet: the product has no variant.")
        return redirect("admin:catalog_product_change", product_id)
    offer = offers.make_offer(
        page.product, page.available, sku=request.GET.get("sku"), low_below=settings.LOW_STOCK_THRESHOLD
    )
    context = {
        "page": page,
        "offer": offer,
        "prices_include_tax": settings.PRICES_INCLUDE_TAX,
        "delivery_amount": delivery.cheapest_amount(),
    }
    return render(request, "admin/catalog/preview.html", context)


@site.page(
    "catalog/product/<str:product_id>/duplicate/",
    name="catalog-duplicate",
    title="Duplicate",
    permission="catalog.add_product",
)
@require_POST
def duplicate(request: HttpRequest, product_id: str) -> HttpResponse:
    product_admin = _product_admin()
    original = product_admin.get_object(request, product_id)
    if original is None:
        raise Http404("There is no such product.")
    try:
        copy = product_admin.store_copy(request, original)
    except SaveRefused as refused:
        messages.error(request, str(refused))
        return redirect("admin:catalog_product_change", product_id)
    messages.success(request, "This is the copy, a draft with no stock yet. Change what differs, then publish it.")
    return redirect("admin:catalog_product_change", copy.pk)


class PriceForm(forms.Form):
    """By how much prices change."""

    kind = forms.ChoiceField(
        choices=[(PERCENT, "percent"), (AMOUNT, settings.CURRENCY)], label="In", widget=UnfoldAdminSelectWidget
    )
    value = forms.DecimalField(
        max_digits=9,
        decimal_places=2,
        label="Change by",
        localize=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "placeholder": "-10"}),
        help_text="Below zero makes everything cheaper.",
    )
    keeps_regular = forms.BooleanField(
        required=False, label="Show lower prices as reduced", widget=UnfoldBooleanSwitchWidget
    )

    def clean_value(self) -> Decimal:
        value: Decimal = self.cleaned_data["value"]
        if self.cleaned_data.get("kind") == PERCENT and not -100 < value <= 1000:
            raise forms.ValidationError("Percent are more than -100 and at most 1000.")
        return value

    def as_change(self) -> PriceChange:
        kind, value = self.cleaned_data["kind"], self.cleaned_data["value"]
        amount = Decimal(to_minor(value, settings.CURRENCY)) if kind == AMOUNT else value
        return PriceChange(kind, amount, self.cleaned_data["keeps_regular"])


@site.page("catalog/prices/", name="catalog-prices", title="Change prices", permission="catalog.change_product")
def prices(request: HttpRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else request.GET
    product_ids = list(dict.fromkeys(data.getlist("product")))[:MAX_PRODUCTS]
    found = queries.find_products(product_ids)
    products = [found[product_id] for product_id in product_ids if product_id in found]
    if not products:
        messages.info(request, "Select products in the list first.")
        return redirect("admin:catalog_product_changelist")
    form = PriceForm(data if "value" in data else None, initial={"kind": PERCENT})
    change = form.as_change() if form.is_bound and form.is_valid() else None
    if change is not None and request.method == "POST":
        return _apply_prices(request, product_ids, change)
    new_prices = list(repricing.preview(products, change)) if change else []
    versions = {product.product_id: product.version for product in products}
    context = {"form": form, "products": products, "new_prices": new_prices, "versions": versions}
    return site.render(request, "admin/catalog/prices.html", context, title="Change prices")


def _apply_prices(request: HttpRequest, product_ids: list[str], change: PriceChange) -> HttpResponse:
    product_admin = _product_admin()

    def act(obj: Product) -> None:
        seen = request.POST.get(f"version-{obj.pk}")
        if seen != str(obj.stored_version):
            raise SaveRefused(["Somebody else has changed it since the preview."])
        product = cast("Any", obj.to_item())
        if repricing.apply(product, change):
            obj.item = product
            product_admin.store(request, obj, change=True, note=Note(staff_user(request), CHANGED, "Changed prices."))

    objects = Product.objects.filter(pk__in=product_ids)
    product_admin.act_on_each(request, objects, act, done="repriced")
    return redirect("admin:catalog_product_changelist")


@site.page("catalog/uploads/", name="catalog-uploads", title="Upload", permission="catalog.view_product")
@require_POST
def allow_upload(request: HttpRequest) -> JsonResponse:
    _require_editing(request)
    try:
        form = uploads.allow_upload(content_type=request.POST.get("type", ""))
    except StorefrontError as error:
        return JsonResponse({"error": str(error)}, status=error.status_code)
    return JsonResponse({"url": form.url, "fields": form.fields, "key": form.key, "max_bytes": UPLOAD_BYTES})


@site.page("catalog/uploads/admit/", name="catalog-uploads-admit", title="Upload", permission="catalog.view_product")
@require_POST
def admit_upload(request: HttpRequest) -> JsonResponse:
    _require_editing(request)
    try:
        image = uploads.admit(request.POST.get("key", ""))
    except StorefrontError as error:
        return JsonResponse({"error": str(error)}, status=error.status_code)
    return JsonResponse({"picture": uploads.sign_picture(image), "url": image.small_url})


def _require_editing(request: HttpRequest) -> None:
    if not staff_user(request).has_perm("catalog.add_product"):
        require(request, "catalog.change_product")


def _product_admin() -> ProductAdmin:
    return cast("ProductAdmin", site.get_model_admin(Product))
