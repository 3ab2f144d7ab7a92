"""Who may see an order: whoever has the link's key, and the customer who placed it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cloudcart.identity import find_identity
from orders import links, queries
from orders.models import Order
from orders.numbers import parse_number
from orders.queries import OrderNotFound


def find_visible(request: HttpRequest, typed: str) -> Order | None:
    """Give the order if the key in the address opens it or it is the customer's own.

    Whoever may not see it learns nothing, not even whether it exists.
    """
    number = parse_number(typed)
    if number is None:
        return None
    has_key = links.is_valid_key(request.GET.get("key", ""), number)
    customer = None if has_key else find_identity(request)
    if not has_key and customer is None:
        return None
    try:
        found = queries.get_order(number)
    except OrderNotFound:
        return None
    return found if customer is None or found.customer_id == customer.customer_id else None


def not_found(request: HttpRequest) -> HttpResponse:
    """Answer for an order that does not exist, and in the same words for one that is somebody else's."""
    return render(request, "orders/order_not_found.html", status=HTTPStatus.NOT_FOUND)
