"""How often somebody may try to order and to pay: an order holds stock for half an hour, and a page tries cards."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from cloudcart.network import client_address, network_of
from cloudcart.rate_limits import Attempts, RateLimit
from orders.quotes import Quote

_HOUR = timedelta(hours=1)


# Stock, order and counters share one transaction of 100 actions, and an order has up to 50 lines.
_MOST_PRODUCTS = 40


def attempts_to_order(request: HttpRequest, quote: Quote, *, customer_id: str | None) -> Attempts:
    """Give what placing an order counts: by network address, by account, and by each product from that address.

    A guest's account is the e-mail address. The counters are written by the transaction that places the order.
    """
    network = network_of(client_address(request))
    account, product = customer_id or quote.cart.checkout.email, _limit("product")
    products = tuple((product, f"{network} {line.sku}") for line in quote.overview.lines[:_MOST_PRODUCTS])
    return Attempts(((_limit("address"), network), (_limit("account"), account), *products))


def check_payment(number: str, *, now: datetime) -> None:
    """Count an attempt to begin to pay for an order. One conditional write.

    :raises TooManyAttempts: if the order's limit is used up.
    """
    _limit("payment").check(number, now=now)


def _limit(name: str) -> RateLimit:
    return RateLimit(f"order-{name}", settings.ORDER_LIMITS[name], _HOUR)
