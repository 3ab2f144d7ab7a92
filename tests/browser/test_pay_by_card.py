"""Paying on the provider's page, with a real browser that follows every redirect."""

import re

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Product, Stock
from orders.models import Order
from tests.browser import steps
from tests.browser.conftest import PageMaker
from tests.factories import make_product
from tests.live_shop import wait_until


@pytest.fixture
def mug() -> Product:
    return make_product(title="Mug", sku="MUG", price=1200, stock=10)


def go_to_pay(page: Page, mug: Product, payments_url: str) -> None:
    """Order by card, up to the page to pay on."""
    steps.open_product(page, mug)
    steps.add_to_cart(page)
    # In the drawer with scripts, on the cart's page without.
    page.get_by_role("link", name=re.compile("^Checkout")).first.click()
    steps.answer_contact(page, email="guest@example.com")
    steps.answer_shipping(page)
    steps.answer_payment(page, method="Card, PayPal and more")
    page.get_by_role("button", name="Place order").click()
    page.wait_for_url(f"{payments_url}/**")


def choose_and_pay(page: Page, method: str) -> None:
    page.locator("label.method").filter(has_text=method).click()
    page.get_by_role("button", name=re.compile("^Pay .*16.90")).click()


def test_a_card_that_asks_the_bank_pays_without_a_script(
    open_browser: PageMaker, mug: Product, payments_url: str
) -> None:
    page = open_browser(has_script=False)
    go_to_pay(page, mug, payments_url)
    choose_and_pay(page, "Card with 3-D Secure")
    page.get_by_role("button", name="Confirm the payment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
    expect(steps.order_status(page)).to_contain_text("Paid")
    order = Order.get(steps.number_in(page.url))
    assert (order.payment_status, order.paid_amount) == ("paid", 1690)
    wait_until(lambda: not Order.get(order.number).pending_effects)
    assert (Stock.get("MUG").available, Stock.get("MUG").reserved) == (9, 0)


def test_a_declined_card_an_interruption_and_then_a_payment(page: Page, mug: Product, payments_url: str) -> None:
    go_to_pay(page, mug, payments_url)
    choose_and_pay(page, "Card that is declined")
    expect(page.get_by_role("main")).to_contain_text("Your card was declined.")
    page.get_by_role("link", name="Cancel").click()
    expect(steps.order_status(page)).to_contain_text("This order is not paid yet")
    page.get_by_role("button", name="Pay now").click()
    page.wait_for_url(f"{payments_url}/**")
    choose_and_pay(page, "Card that pays")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
    order = Order.get(steps.number_in(page.url))
    assert (order.payment_status, order.payment_attempt) == ("paid", 1)
    # What was paid can be called off on the same page, and is sent back without a reload.
    page.locator("summary", has_text="Cancel this order").click()
    page.get_by_role("button", name="Cancel the order").click()
    expect(steps.order_status(page)).to_contain_text("€16.90 refunded")
    assert Order.get(order.number).payment_status == "refunded"
    assert (Stock.get("MUG").available, Stock.get("MUG").reserved) == (10, 0)
