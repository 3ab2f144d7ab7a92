from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from cloudcart import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("catalog.urls")),
    path("", include("cart.urls")),
    path("", include("orders.urls")),
    path("accounts/", include("accounts.urls")),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]

if settings.SERVE_MEDIA:
    urlpatterns.append(path("media/<path:key>", views.media, name="media"))

if settings.IS_LOCAL:
    urlpatterns.append(path("mailbox/", include("cloudcart.local.urls")))
