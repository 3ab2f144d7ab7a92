from django.urls import URLPattern, path

from cloudcart.late_views import LateViews

app_name = "accounts"

address_views = LateViews("accounts.address_views")
factor_views = LateViews("accounts.factor_views")
profile_views = LateViews("accounts.profile_views")
views = LateViews("accounts.views")

urlpatterns: list[URLPattern] = [
    path("sign-up/", views.sign_up, name="sign-up"),
    path("confirm/", views.confirm, name="confirm"),
    path("confirm/resend/", views.confirm_resend, name="confirm-resend"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/code/", factor_views.sign_in_code, name="second-factor-sign-in"),
    path("second-factor/", factor_views.second_factor, name="second-factor"),
    path("second-factor/remove/", factor_views.remove_second_factor, name="second-factor-remove"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-out-everywhere/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("forgot-password/", views.forgot_password, name="forgot-password"),
    path("reset-password/", views.reset_password, name="reset-password"),
    path("profile/", profile_views.profile, name="profile"),
    path("change-password/", profile_views.change_password, name="change-password"),
    path("addresses/", address_views.addresses, name="addresses"),
    path("addresses/new/", address_views.address_add, name="address-add"),
    path("addresses/<str:address_id>/", address_views.address, name="address"),
    path("addresses/<str:address_id>/remove/", address_views.address_remove, name="address-remove"),
    path("addresses/<str:address_id>/default/", address_views.address_make_default, name="address-make-default"),
]
