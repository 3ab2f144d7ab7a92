"""The URLs of requests to /admin/: the shop's, so that pages can link to it, and the admin's."""

from django.urls import URLPattern, URLResolver, path

from cloudcart.staff.site import site
from cloudcart.urls import urlpatterns as shop_urlpatterns

urlpatterns: list[URLPattern | URLResolver] = [path("admin/", site.urls), *shop_urlpatterns]
