"""Walking through the checkout in a browser, as far as a test needs it."""

import re
from typing import Any

from django.test import Client

from catalog.models import Product
from orders.models import Order

CONTACT, SHIPPING, PAYMENT, REVIEW = (f"/checkout/{step}/" for step in ("contact", "shipping", "payment", "review"))

ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "Torstrasse 1",
    "postal_code": "10115",
    "city": "Berlin",
    "country_code": "DE",
    "shipping_method": "standard",
}
ANSWERS: dict[str, dict[str, str]] = {
    CONTACT: {"email": "ada@example.com"},
    SHIPPING: ADDRESS,
    PAYMENT: {"payment_method": "invoice"},
}


def fill_cart(client: Client, *products: Product, quantity: int = 1) -> None:
    for product in products:
        response = client.post("/cart/items/", {"sku": product.variants[0].sku, "quantity": str(quantity)})
        assert response.status_code in {200, 302}, response.content.decode()


def answer_until(client: Client, last: str) -> None:
    """Answer every step ahead of ``last``."""
    for url, answers in ANSWERS.items():
        if url == last:
            return
        response = client.post(url, answers)
        assert response.status_code in {204, 302}, response.content.decode()


def hidden_fields(page: Any) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.content.decode()))


def place(client: Client) -> Any:
    """Send the review form as the page has it."""
    return client.post(REVIEW, hidden_fields(client.get(REVIEW)))


def buy(client: Client, *products: Product, quantity: int = 1) -> Order:
    """Buy as a shopper does: cart, four steps, order."""
    fill_cart(client, *products, quantity=quantity)
    answer_until(client, REVIEW)
    response = place(client)
    return Order.get(response["Location"].split("/")[2])
