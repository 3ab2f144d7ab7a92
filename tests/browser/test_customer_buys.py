"""A new customer's way: from the sign-up to the second visit."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from cart.models import Cart
from catalog.models import Product
from orders.models import Order
from tests.browser import steps
from tests.browser.conftest import PageMaker
from tests.cast import PASSWORD
from tests.factories import make_product
from tests.live_shop import wait_until

Mails = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def email() -> str:
    return f"dora-{uuid4().hex[:12]}@example.com"


@pytest.fixture
def products() -> list[Product]:
    return [make_product(title=title) for title in ("Teapot", "Tray")]


def test_a_new_customer_buys_comes_back_and_finds_everything(
    page: Page, email: str, products: list[Product], sent_mails: Mails
) -> None:
    teapot, tray = products
    put_into_cart(page, teapot)
    steps.open_account(page)
    steps.sign_up(page, name="Dora Maar", email=email, password=PASSWORD)
    steps.sign_in(page, password=PASSWORD)
    expect(steps.count_in_header(page)).to_have_accessible_name("Cart, 1 item")
    put_into_cart(page, tray)
    steps.count_in_header(page).click()
    steps.drawer(page).get_by_role("link", name="Checkout").click()
    expect(page.get_by_label("E-mail")).to_have_value(email)
    number = steps.check_out(page)
    assert [line.title for line in Order.get(number).lines] == ["Teapot", "Tray"]
    page.get_by_role("link", name="Your orders").click()
    page.get_by_role("link", name=number).click()
    expect(page).to_have_url(re.compile(rf"/orders/{number}/$"))
    wait_until(lambda: len(sent_mails()) == 2, otherwise=sent_mails)
    assert [mail["To"] for mail in sent_mails()] == [[email]] * 2


def test_a_cart_waits_for_its_customer_and_joins_what_they_gathered_as_a_guest(
    page: Page, email: str, products: list[Product]
) -> None:
    teapot, tray = products
    page.goto("/accounts/profile/")
    steps.sign_up(page, name="Dora Maar", email=email, password=PASSWORD)
    steps.sign_in(page, password=PASSWORD)
    put_into_cart(page, teapot)
    steps.sign_out(page)
    expect(steps.count_in_header(page)).to_have_accessible_name("Cart, empty")
    put_into_cart(page, tray)
    steps.open_account(page)
    steps.sign_in(page, email=email, password=PASSWORD)
    expect(page.get_by_role("main")).to_contain_text("Your cart from before was waiting with 1 item")
    expect(steps.count_in_header(page)).to_have_accessible_name("Cart, 2 items")
    [cart] = [cart for cart in Cart.scan() if cart.lines]
    assert [line.title for line in cart.lines] == ["Teapot", "Tray"]
    assert cart.cart_id.startswith("customer:")


def test_a_new_customer_buys_without_scripts(open_browser: PageMaker, email: str, products: list[Product]) -> None:
    page = open_browser(has_script=False)
    put_into_cart(page, products[0])
    page.get_by_role("link", name="Checkout").click()
    page.get_by_role("link", name="Sign in").click()
    steps.sign_up(page, name="Dora Maar", email=email, password=PASSWORD)
    steps.sign_in(page, password=PASSWORD)
    number = steps.check_out(page)
    customer_id = Order.get(number).customer_id
    assert customer_id is not None
    assert Cart.get(f"customer:{customer_id}").is_empty


def put_into_cart(page: Page, product: Product) -> None:
    steps.open_product(page, product)
    steps.add_to_cart(page)
    expect(page.get_by_role("link", name="Checkout")).to_be_visible()
    page.keyboard.press("Escape")
