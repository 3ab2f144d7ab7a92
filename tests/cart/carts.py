"""Carts to test with."""

from datetime import datetime

from django.test import Client

from cart import services
from cart.models import Cart, Line


def stored_cart() -> Cart:
    """The one cart that there is."""
    [cart] = Cart.scan()
    return cart


def units(cart: Cart) -> dict[str, int]:
    """Quantities by SKU, in the order of the cart."""
    return {line.sku: line.quantity for line in cart.lines}


def fill(cart_id: str, quantities: dict[str, int], *, now: datetime) -> Cart:
    """Put products that exist into a cart."""
    for sku, quantity in quantities.items():
        services.add_item(cart_id=cart_id, sku=sku, quantity=quantity, now=now)
    return Cart.get(cart_id)


def save_long_cart(cart_id: str, count: int, *, now: datetime, prefix: str = "LONG") -> Cart:
    """Store a cart of many lines whose products do not exist."""
    cart = Cart(cart_id, lines=[make_line(f"{prefix}-{number}") for number in range(count)])
    cart.touch(now)
    cart.save()
    return cart


def make_line(sku: str, quantity: int = 1, *, unit_amount: int = 100) -> Line:
    return Line(sku=sku, product_id=f"p-{sku}", quantity=quantity, unit_amount=unit_amount, title=sku)


def add(client: Client, sku: str, quantity: int | str = 1) -> None:
    """Put something into the visitor's cart as their browser does."""
    response = client.post("/cart/items/", {"sku": sku, "quantity": quantity})
    assert response.status_code in {200, 302}, response.content.decode()
