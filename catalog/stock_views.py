"""The admin's pages about the stock: levels by SKU, what runs low, and one SKU with its ledger."""

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from catalog import queries, services
from catalog.ledger import Reason
from catalog.models import Product, Stock
from catalog.queries import StockPage
from catalog.stock_forms import COUNT, StockForm
from cloudcart.dynamo import batch_get
from cloudcart.errors import StorefrontError
from cloudcart.staff import access
from cloudcart.staff.site import site

CHANGE = "catalog.change_stock"


@site.page(
    "stock/", name="stock-list", title="Levels", permission="catalog.view_stock", section="Stock", icon="inventory"
)
def stock_list(request: HttpRequest) -> HttpResponse:
    prefix = request.GET.get("q", "").strip()
    page = queries.list_stock(prefix=prefix, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    got = batch_get(
        {Stock: [item.sku for item in page.items], Product: [item.product_id for item in page.items]}, consistent=True
    )
    rows = [_row(got.find(Stock, item.sku) or item, got.find(Product, item.product_id)) for item in page.items]
    context = {"rows": rows, "page": page, "q": prefix}
    return site.render(request, "admin/catalog/stock_list.html", context, title="Stock levels")


@site.page(
    "stock/low/",
    name="stock-low",
    title="Running low",
    permission="catalog.view_stock",
    section="Stock",
    icon="production_quantity_limits",
)
def stock_low(request: HttpRequest) -> HttpResponse:
    page = queries.list_low_stock(after=_read_position(request.GET.get("after", "")))
    products = batch_get({Product: [item.product_id for item in page.items]})
    rows = [_row(item, products.find(Product, item.product_id)) for item in page.items]
    context = {"rows": rows, "page": page, "next": _position(page)}
    return site.render(request, "admin/catalog/stock_low.html", context, title="Running low")


@site.page("stock/levels/<str:sku>/", name="stock-level", title="Stock", permission="catalog.view_stock")
def stock_level(request: HttpRequest, sku: str) -> HttpResponse:
    if request.method == "POST":
        access.require(request, CHANGE)
        return _change(request, sku)
    return _show(request, sku, StockForm(initial={"token": uuid4().hex}))


def _change(request: HttpRequest, sku: str) -> HttpResponse:
    form = StockForm(request.POST)
    if not form.is_valid():
        return _show(request, sku, form, status=422)
    try:
        stock = _apply(sku, form, actor=access.staff_user(request).email)
    except StorefrontError as error:
        form.add_error(None, str(error))
        return _show(request, sku, form, status=409)
    messages.success(request, f"{sku} now has {stock.available} available and {stock.reserved} reserved.")
    return HttpResponseRedirect(reverse("admin:stock-level", args=[sku]))


def _apply(sku: str, form: StockForm, *, actor: str) -> Stock:
    given, now = form.cleaned_data, timezone.now()
    if given["kind"] == COUNT:
        services.set_stock(sku=sku, available=given["units"], now=now, note=given["note"], actor=actor)
        return services.get_stock(sku)
    return services.adjust_stock(
        sku=sku,
        change=form.change,
        reason=Reason(given["reason"]),
        now=now,
        note=given["note"],
        actor=actor,
        entry_id=f"adjusted:{given['token']}",
    )


def _show(request: HttpRequest, sku: str, form: StockForm, *, status: int = 200) -> HttpResponse:
    stock = Stock.find(sku, consistent=True)
    if stock is None:
        raise Http404(f"There is no SKU {sku}.")
    movements, has_more = queries.list_movements(sku, after=request.GET.get("after", ""))
    context = {
        "row": _row(stock, Product.find(stock.product_id)),
        "form": form,
        "can_change": access.staff_user(request).has_perm(CHANGE),
        "movements": movements,
        "sees_orders": access.staff_user(request).has_perm("orders.view_order"),
        "next": movements[-1].moved_key if has_more else "",
        "is_later_page": "after" in request.GET,
    }
    return site.render(request, "admin/catalog/stock_level.html", context, title=f"Stock of {sku}", status=status)


def _row(stock: Stock, product: Product | None) -> dict[str, object]:
    variant = product.find_variant(stock.sku) if product else None
    return {
        "stock": stock,
        "title": product.title if product else "No product",
        "variant_title": variant.title if variant else "",
        "is_low": stock.available <= settings.LOW_STOCK_THRESHOLD,
    }


def _position(page: StockPage) -> str:
    return f"{page.items[-1].available}:{page.last}" if page.has_next else ""


def _read_position(text: str) -> Stock | None:
    units, _, sku = text.partition(":")
    return Stock(sku, available=int(units)) if units.isdecimal() and sku else None
