from django.urls import path, register_converter

from catalog.validation import SKU
from cloudcart.late_views import LateViews

app_name = "cart"

views = LateViews("cart.views")


class SkuConverter:
    """What the catalog takes as a SKU: no slash, no leading dot, so no part of an address is lost."""

    regex = SKU.pattern

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SkuConverter, "sku")

urlpatterns = [
    path("cart/", views.cart, name="cart"),
    path("cart/items/", views.items, name="items"),
    path("cart/items/<sku:sku>/", views.item, name="item"),
    path("cart/items/<sku:sku>/remove/", views.item_remove, name="item-remove"),
    path("cart/items/<sku:sku>/restore/", views.item_restore, name="item-restore"),
    path("cart/items/<sku:sku>/price/", views.item_price, name="item-price"),
]
