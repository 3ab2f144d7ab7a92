"""Purchases by a program that fills forms by their autocomplete names and follows redirects, from the start page on."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4
from xml.etree.ElementTree import Element

import pytest

from cart.models import Cart
from cloudcart.local.shop import Shop
from orders.models import Order
from tests.cast import PASSWORD
from tests.factories import make_product
from tests.journeys.program import Program
from tests.live_shop import wait_until

ADDRESS = {
    "name": "Ada Lovelace",
    "address-line1": "Torstrasse 1",
    "postal-code": "10115",
    "address-level2": "Berlin",
    "country": "DE",
}

Mails = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def product() -> None:
    make_product(title="Kettle", options={"Color": ["Steel", "Black"]}, price=5900)


def test_a_program_buys_as_a_guest(shop: Shop, sent_mails: Mails) -> None:
    with Program(shop.url, ADDRESS | {"email": "ada@example.com"}) as program:
        put_the_first_product_into_the_cart(program)
        check_out(program)
        order = Order.get(program.path.split("/")[2])
        assert (order.email, order.shipping_address.city, order.total) == ("ada@example.com", "Berlin", 6390)
        wait_until(sent_mails)
        program.go(str(program.answer.url))
        assert "Confirmed" in program.text


def test_a_program_opens_an_account_and_buys(shop: Shop) -> None:
    email = f"ada-{uuid4().hex[:12]}@example.com"
    facts = ADDRESS | {"email": email, "username": email, "new-password": PASSWORD, "current-password": PASSWORD}
    with Program(shop.url, facts) as program:
        put_the_first_product_into_the_cart(program)
        program.follow("Checkout")
        program.follow("Sign in")
        program.follow("Create an account")
        program.submit()
        program.facts["one-time-code"] = read_code(program)
        program.submit()
        program.submit()
        while "/checkout/" in program.path:
            program.submit()
        number = program.path.split("/")[2]
        program.go("/")
        program.follow("Your orders")
        program.follow(number)
        assert number in program.text
    order = Order.get(number)
    assert order.email == email
    assert Cart.get(f"customer:{order.customer_id}").is_empty


def put_the_first_product_into_the_cart(program: Program) -> None:
    program.go(program.find_link(is_product))
    program.submit(button="Add to cart")


def is_product(link: Element) -> bool:
    return "Kettle" in "".join(link.itertext())


def check_out(program: Program) -> None:
    program.follow("Checkout")
    while "Place order" not in program.text:
        program.submit()
    program.submit(button="Place order")


def read_code(program: Program) -> str:
    """Look the code up in the mailbox and come back; the newest mail is on top."""
    way_back = str(program.answer.url)
    program.follow("open the mailbox")
    code = next(code.text for code in program.page.iter("code"))
    program.go(way_back)
    return code or ""
