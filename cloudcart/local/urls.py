from django.urls import path

from cloudcart.local import views

app_name = "mailbox"

urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:mail_id>/", views.detail, name="detail"),
    path("<slug:mail_id>/body/", views.body, name="body"),
]
