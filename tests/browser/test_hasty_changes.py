"""Changes to a cart that come faster than its answers."""

import time

import pytest
from playwright.sync_api import Page, Route, expect

from catalog.models import Product
from tests.browser import steps
from tests.factories import make_product


@pytest.fixture
def products() -> list[Product]:
    return [make_product(title="Bowl", price=1000), make_product(title="Spoon", price=300)]


def test_two_lines_changed_within_half_a_second_are_both_kept(page: Page, products: list[Product]) -> None:
    fill_cart(page, products)
    page.get_by_role("button", name="Increase quantity of Bowl").click()
    # The first is on its way when the second is pressed again; what it answers must not take the second back.
    for _ in range(3):
        page.get_by_role("button", name="Increase quantity of Spoon").click()
        page.wait_for_timeout(170)
    expect(page.get_by_role("link", name="Checkout")).to_contain_text("€32.00")
    expect(page.get_by_role("spinbutton", name="Quantity of Bowl")).to_have_value("2")
    expect(page.get_by_role("spinbutton", name="Quantity of Spoon")).to_have_value("4")
    page.reload()
    expect(page.get_by_role("link", name="Checkout")).to_contain_text("€32.00")


def test_a_change_during_a_slow_answer_waits_for_it(page: Page, products: list[Product]) -> None:
    fill_cart(page, products)
    page.route("**/cart/items/*/", answer_slowly)
    page.get_by_role("button", name="Increase quantity of Bowl").click()
    with page.expect_request("**/cart/items/*/"):
        pass
    page.get_by_role("button", name="Increase quantity of Spoon").click()
    page.get_by_role("button", name="Increase quantity of Bowl").click()
    expect(page.get_by_role("link", name="Checkout")).to_contain_text("€36.00")
    expect(page.get_by_role("spinbutton", name="Quantity of Bowl")).to_have_value("3")
    expect(page.get_by_role("spinbutton", name="Quantity of Spoon")).to_have_value("2")


def fill_cart(page: Page, products: list[Product]) -> None:
    for product in products:
        page.goto(f"/products/{product.slug}/")
        steps.add_to_cart(page)
        expect(steps.drawer(page).get_by_role("listitem").filter(has_text=product.title)).to_be_visible()
    page.goto("/cart/")


def answer_slowly(route: Route) -> None:
    time.sleep(0.6)
    route.continue_()
