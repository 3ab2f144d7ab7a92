"""Choices that are made while the scripts of a page are still on their way."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from catalog.models import Product
from tests.factories import make_product


@pytest.fixture
def mug() -> Product:
    prices = {"MUG-Small": 1200, "MUG-Large": 1800}
    return make_product(title="Mug", sku="MUG", options={"Size": ["Small", "Large"]}, prices=prices)


def test_an_option_chosen_before_the_scripts_are_there_brings_its_price(page: Page, mug: Product) -> None:
    let_scripts_come = hold_scripts_back(page)
    with page.expect_request("**/htmx.min*.js"):
        page.goto(f"/products/{mug.slug}/", wait_until="commit")
    page.locator("label").filter(has=page.get_by_role("radio", name="Large")).click()
    let_scripts_come()
    expect(page.get_by_role("button", name="Add to cart")).to_contain_text("€18.00")
    expect(page.get_by_role("radio", name="Large")).to_be_checked()


def test_an_order_chosen_before_the_scripts_are_there_is_the_order_of_the_list(page: Page) -> None:
    for title, price in [("Bowl", 2000), ("Cup", 500)]:
        make_product(title=title, price=price)
    let_scripts_come = hold_scripts_back(page)
    with page.expect_request("**/htmx.min*.js"):
        page.goto("/products/", wait_until="commit")
    page.get_by_label("Sort by").select_option(label="Price, high to low")
    let_scripts_come()
    expect(page).to_have_url(re.compile("sort=price-high"))
    expect(page.get_by_label("Sort by")).to_have_value("price-high")


def hold_scripts_back(page: Page) -> Callable[[], None]:
    """Keep htmx from arriving until the function that is given is called."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def release() -> None:
        for route in held:
            route.continue_()

    page.route("**/htmx.min*.js", hold)
    return release
