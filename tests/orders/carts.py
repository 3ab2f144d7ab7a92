"""Carts that are ready to be ordered, and what a shopper would send for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from cart.models import Cart, CheckoutDetails, Line
from catalog.models import Product, Variant
from cloudcart.addresses import Address
from orders import checkout, idempotency, quotes
from orders.models import Order
from tests.clock import NOW


def make_address(**parts: str) -> Address:
    return Address(
        **{
            "name": "Ada Lovelace",
            "line1": "Torstrasse 1",
            "postal_code": "10115",
            "city": "Berlin",
            "country_code": "DE",
            **parts,
        }
    )


def make_details(**answers: Any) -> CheckoutDetails:
    return CheckoutDetails(
        **{
            "email": "ada@example.com",
            "shipping_address": make_address(),
            "shipping_method": "standard",
            "payment_method": "invoice",
            **answers,
        }
    )


def make_line(product: Product, quantity: int = 1, variant: Variant | None = None) -> Line:
    variant = variant or product.variants[0]
    return Line(
        sku=variant.sku,
        product_id=product.product_id,
        quantity=quantity,
        unit_amount=variant.unit_amount,
        title=product.title,
        variant_title=variant.title,
    )


def make_cart(*lines: Line, cart_id: str | None = None, now: datetime = NOW, **answers: Any) -> Cart:
    """Store a cart whose checkout is complete."""
    cart = Cart(cart_id or f"guest:{uuid4().hex}", lines=list(lines), checkout=make_details(**answers))
    cart.touch(now)
    cart.save()
    return cart


@dataclass(frozen=True)
class Submission:
    """What the review form of a cart sends."""

    cart_id: str
    idempotency_key: str
    expected_total: int
    reviewed: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, cart: Cart) -> "Submission":
        lines = tuple((line.product_id, line.sku) for line in cart.lines)
        return cls(cart.cart_id, idempotency.key_for(cart), quotes.quote_cart(cart).totals.total, lines)

    def place(self, **changes: Any) -> Order:
        return checkout.place_order(
            **{
                "cart_id": self.cart_id,
                "idempotency_key": self.idempotency_key,
                "expected_total": self.expected_total,
                "reviewed": self.reviewed,
                "customer_id": None,
                "now": NOW,
                "publish": list[str]().append,
                **changes,
            }
        )


def place_order(*lines: Line, **changes: Any) -> Order:
    """Store a cart and order it; the worker is not told."""
    answers = {name: changes.pop(name) for name in ("email", "shipping_address") if name in changes}
    return Submission.of(make_cart(*lines, now=changes.get("now", NOW), **answers)).place(**changes)
