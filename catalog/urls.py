from django.urls import URLPattern, path, register_converter

from catalog import views
from catalog.converters import SlugConverter
from cloudcart.late_views import LateViews

register_converter(SlugConverter, "catalog-slug")

app_name = "catalog"

sitemaps = LateViews("catalog.sitemaps")

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("products/", views.products, name="products"),
    path("products/<catalog-slug:slug>/", views.product, name="product"),
    path("categories/", views.categories, name="categories"),
    path("categories/menu/", views.category_menu, name="category-menu"),
    path("categories/<catalog-slug:slug>/", views.category, name="category"),
    path("collections/<catalog-slug:slug>/", views.collection, name="collection"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-pages.xml", sitemaps.sitemap_pages, name="sitemap-pages"),
    path("sitemap-products.xml", sitemaps.sitemap_products, name="sitemap-products"),
    path("robots.txt", sitemaps.robots, name="robots"),
]
