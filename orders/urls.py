from django.urls import URLPattern, path

from orders import views

app_name = "orders"

urlpatterns: list[URLPattern] = [
    path("orders/<str:number>/", views.order, name="order"),
]
