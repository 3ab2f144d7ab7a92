from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest


class CartConfig(AppConfig):
    """Connects the cart to signing in and out, without accounts knowing of it."""

    name = "cart"

    def ready(self) -> None:
        from cloudcart.signals import customer_signed_in, customer_signed_out

        customer_signed_in.connect(_on_sign_in)
        customer_signed_out.connect(_on_sign_out)


# Models are not imported before the apps are ready, so the module with the rules is imported late.


def _on_sign_in(sender: object, *, request: HttpRequest, customer_id: str, **extra: Any) -> None:
    from cart import sign_in

    sign_in.adopt_guest_cart(request, customer_id=customer_id)


def _on_sign_out(sender: object, *, request: HttpRequest, **extra: Any) -> None:
    from cart import sign_in

    sign_in.forget_cart(request)
