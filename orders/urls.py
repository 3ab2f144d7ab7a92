from django.urls import URLPattern, path
from django.views.generic import RedirectView

from cloudcart.late_views import LateViews

app_name = "orders"

act_views = LateViews("orders.act_views")
checkout_views = LateViews("orders.checkout_views")
invoice_views = LateViews("orders.invoice_views")
payment_views = LateViews("orders.payment_views")
views = LateViews("orders.views")
webhook_views = LateViews("orders.webhook_views")

urlpatterns: list[URLPattern] = [
    path("checkout/", RedirectView.as_view(pattern_name="orders:checkout-contact"), name="checkout"),
    path("checkout/contact/", checkout_views.checkout_contact, name="checkout-contact"),
    path("checkout/shipping/", checkout_views.checkout_shipping, name="checkout-shipping"),
    path("checkout/payment/", checkout_views.checkout_payment, name="checkout-payment"),
    path("checkout/review/", checkout_views.checkout_review, name="checkout-review"),
    path("orders/", views.order_list, name="orders"),
    path("orders/find/", views.order_find, name="order-find"),
    path("orders/<str:number>/", views.order, name="order"),
    path("orders/<str:number>/payment/", payment_views.payment, name="payment"),
    path("orders/<str:number>/payment/success/", payment_views.payment_success, name="payment-success"),
    path("orders/<str:number>/payment/cancel/", payment_views.payment_cancel, name="payment-cancel"),
    path("orders/<str:number>/cancellation/", act_views.cancellation_create, name="cancellation-create"),
    path("orders/<str:number>/cart/", act_views.cart_refill, name="cart-refill"),
    path("orders/<str:number>/returns/", act_views.return_create, name="return-create"),
    path("webhooks/stripe/", webhook_views.stripe, name="webhook-stripe"),
    path("orders/<str:number>/invoice/", invoice_views.invoice, name="invoice"),
    path("orders/<str:number>/invoice/<str:document>/", invoice_views.document, name="document"),
    path("api/invoices/<str:number>/url", invoice_views.invoice_url, name="api-invoice-url"),
]
