"""Visitors in the middle of something, by the cookies that their browsers have."""

from uuid import uuid4

from django.test import Client

from accounts import address_book
from tests.cast import Shopper, a_browser
from tests.factories import make_product
from tests.orders.carts import make_address
from tests.orders.checkouts import REVIEW, answer_until, fill_cart


def guest() -> dict[str, str]:
    """Somebody with a mug in the cart who has answered every question of the checkout."""
    mug = make_product(title="Mug", sku="MUG", options={"Size": ["Small", "Large"]}, stock=1000)
    browser = a_browser()
    fill_cart(browser, mug)
    answer_until(browser, REVIEW)
    return cookies_of(browser)


def customer() -> dict[str, str]:
    """Somebody with an account of their own and one address, of id ``home``."""
    dora = Shopper(f"dora-{uuid4().hex[:12]}@example.com", "Dora Maar")
    address_book.add_address(customer_id=dora.customer_id, address_id="home", address=make_address())
    return cookies_of(dora.client)


def cookies_of(browser: Client) -> dict[str, str]:
    return {name: cookie.value for name, cookie in browser.cookies.items()}
