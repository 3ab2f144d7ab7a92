"""A guest's purchase from the home page to the mail, with scripts and without."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Product, Stock
from cloudcart.local.shop import Shop
from orders.models import Order
from tests.browser import steps
from tests.browser.conftest import PageMaker
from tests.factories import make_product
from tests.live_shop import resting_worker, wait_until

EMAIL = "guest@example.com"

Mails = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def mug() -> Product:
    prices = {"MUG-Small": 1200, "MUG-Large": 1800}
    return make_product(title="Mug", sku="MUG", options={"Size": ["Small", "Large"]}, prices=prices)


def test_a_guest_fills_the_cart_in_the_drawer_and_changes_it_there(page: Page, mug: Product) -> None:
    steps.open_product(page, mug)
    steps.choose(page, "Large")
    expect(page.get_by_role("button", name="Add to cart")).to_contain_text("€18.00")
    steps.add_to_cart(page)
    drawer = steps.drawer(page)
    expect(drawer.get_by_role("listitem")).to_contain_text("Large")
    drawer.get_by_role("button", name="Increase quantity of Mug, Large").click(click_count=2)
    expect(drawer.get_by_role("link", name="Checkout")).to_contain_text("€54.00")
    drawer.get_by_role("button", name="Remove Mug, Large").click()
    expect(drawer).to_contain_text("Your cart is empty")
    drawer.get_by_role("button", name="Undo").click()
    expect(drawer.get_by_role("spinbutton", name="Quantity of Mug, Large")).to_have_value("3")
    page.keyboard.press("Escape")
    expect(steps.count_in_header(page)).to_have_accessible_name("Cart, 3 items")


def test_a_guest_sees_the_order_confirmed_without_a_reload_and_finds_its_mail(
    page: Page, shop: Shop, mug: Product, sent_mails: Mails
) -> None:
    steps.open_product(page, mug)
    steps.add_to_cart(page)
    steps.drawer(page).get_by_role("link", name="Checkout").click()
    with resting_worker(shop):
        number = steps.check_out(page, email=EMAIL)
        expect(steps.order_status(page)).to_contain_text("This page keeps itself up to date.")
        page.evaluate("document.body.dataset.stays = 'yes'")
    expect(steps.order_status(page)).not_to_contain_text("This page keeps itself up to date.")
    expect(steps.order_status(page)).to_contain_text("Confirmed")
    assert page.evaluate("document.body.dataset.stays") == "yes"
    assert Order.get(number).is_confirmed
    assert (Stock.get("MUG-Small").available, Stock.get("MUG-Small").reserved) == (9, 0)
    steps.open_mail(page, f"Your order {number}")
    assert [mail["To"] for mail in sent_mails()] == [[EMAIL]]


def test_a_guest_buys_without_scripts(open_browser: PageMaker, mug: Product, sent_mails: Mails) -> None:
    page = open_browser(has_script=False)
    steps.open_product(page, mug)
    steps.choose(page, "Large")
    page.get_by_role("spinbutton", name="Quantity of Mug").fill("2")
    steps.add_to_cart(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Cart")
    page.get_by_role("spinbutton", name="Quantity of Mug, Large").fill("3")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("main")).to_contain_text("Mug, Large: the quantity is 3 now.")
    page.get_by_role("button", name="Remove Mug, Large").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Checkout").click()
    number = steps.check_out(page, email=EMAIL)
    wait_until(sent_mails)
    page.reload()
    expect(steps.order_status(page)).to_contain_text("Confirmed")
    [line] = Order.get(number).lines
    assert (line.sku, line.quantity, line.amount) == ("MUG-Large", 3, 5400)
    steps.open_mail(page, f"Your order {number}")
    assert [mail["To"] for mail in sent_mails()] == [[EMAIL]]


def test_the_link_in_the_mail_opens_the_order_on_another_device(
    open_browser: PageMaker, shop: Shop, mug: Product, sent_mails: Mails
) -> None:
    page = open_browser()
    steps.open_product(page, mug)
    steps.add_to_cart(page)
    steps.drawer(page).get_by_role("link", name="Checkout").click()
    number = steps.check_out(page, email=EMAIL)
    expect(steps.order_status(page)).to_contain_text("Confirmed")
    steps.open_mail(page, f"Your order {number}")
    link = page.frame_locator("iframe").get_by_role("link", name="See your order").get_attribute("href")
    assert link is not None
    assert link.startswith(f"{shop.url}/orders/{number}/")
    other = open_browser(width=390)
    other.goto(link)
    expect(other.get_by_role("heading", level=1)).to_have_text(re.compile(number))
    other.goto(link.partition("?")[0])
    expect(other.get_by_role("heading", level=1)).to_have_text("We cannot find this order")
