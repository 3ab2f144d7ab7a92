"""The link to an order that opens it without an account: its number with a key that only we can make."""

from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from orders.models import Order

_SIGNER_SALT = "orders.link"


def sign_number(number: str) -> str:
    """Give the key that opens the order of this number."""
    return signing.Signer(salt=_SIGNER_SALT).signature(number)


def is_valid_key(key: str, number: str) -> bool:
    """Whether the key is the one that `sign_number` gives; how long it takes tells nothing of how near it is."""
    return constant_time_compare(key, sign_number(number))


def order_path(order: Order, **query: str) -> str:
    """Give the order's path; a guest's carries the key, a customer's asks for the session instead."""
    return path_to(order, "orders:order", **query)


def path_to(order: Order, name: str, **query: str) -> str:
    """Give the path of one of the order's pages or acts, by the name of its URL; a guest's carries the key."""
    if order.customer_id is None:
        query["key"] = sign_number(order.number)
    path = reverse(name, args=[order.number])
    return f"{path}?{urlencode(query)}" if query else path


def document_path(order: Order, document: str | None = None) -> str:
    """Give the path that leads to an order's invoice, or to one of its documents by number."""
    if document is None:
        path = reverse("orders:invoice", args=[order.number])
    else:
        path = reverse("orders:document", args=[order.number, document])
    return path if order.customer_id else f"{path}?{urlencode({'key': sign_number(order.number)})}"


def invoice_url(order: Order) -> str:
    """Give the address that leads to an order's invoice, for a mail; it opens the PDF of that moment."""
    return settings.STORE_URL.rstrip("/") + document_path(order)


def order_url(order: Order) -> str:
    """Give the address of the order for a mail, which no request is at hand for."""
    return settings.STORE_URL.rstrip("/") + order_path(order)
