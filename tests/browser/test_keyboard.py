"""The shop without a mouse: everything is reached by Tab, seen when it is reached, and left again."""

import pytest
from playwright.sync_api import Locator, Page, expect

from catalog.models import Product
from orders.models import Order
from tests.browser import steps
from tests.browser.conftest import PageMaker
from tests.factories import make_product
from tests.site import fill_catalog

# Of the element that has the focus, or of the frame around it that stands for it: a ring of 2 px.
HAS_RING = """() => {
  for (let element = document.activeElement; element && element !== document.body; element = element.parentElement) {
    const style = getComputedStyle(element);
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return true;
  }
  return false;
}"""
FOCUSED = "document.activeElement.outerHTML.slice(0, 200)"
# How long anything on the page takes to move or to change, in seconds, if it is more than a millisecond.
MOVING = """() => [...document.querySelectorAll("*")]
  .flatMap((element) => [null, "::before", "::after", "::backdrop"].map((pseudo) => getComputedStyle(element, pseudo)))
  .flatMap((style) => `${style.transitionDuration},${style.animationDuration}`.split(","))
  .filter((duration) => parseFloat(duration) > 0.001)"""


@pytest.fixture(autouse=True)
def vase() -> Product:
    prices = {"VASE-Small": 1200, "VASE-Large": 1800}
    return make_product(title="Vase", sku="VASE", options={"Size": ["Small", "Large"]}, prices=prices)


def test_a_purchase_needs_no_mouse(page: Page) -> None:
    page.goto("/")
    press_on(page.get_by_role("main").get_by_role("link", name="Vase").first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vase")
    tab_to(page.get_by_role("radio", name="Small"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Add to cart")).to_contain_text("€18.00")
    expect(page.get_by_role("radio", name="Large")).to_be_focused()
    press_on(page.get_by_role("button", name="Add to cart"))
    press_on(steps.drawer(page).get_by_role("link", name="Checkout"))
    fill_in(page, {"E-mail": "ada@example.com"})
    fill_in(page, steps.ADDRESS)
    press_on(page.get_by_role("button", name="Continue to review"))
    press_on(page.get_by_role("button", name="Place order"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
    [line] = Order.get(steps.number_in(page.url)).lines
    assert (line.sku, line.quantity) == ("VASE-Large", 1)


def test_the_first_tab_offers_the_way_past_the_header(page: Page) -> None:
    page.goto("/products/")
    page.keyboard.press("Tab")
    skip_link = page.get_by_role("link", name="Skip to content")
    expect(skip_link).to_be_focused()
    expect(skip_link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("has_script", [True, False])
@pytest.mark.parametrize("path", ["/", "/products/", "/cart/", "/accounts/sign-in/", "/mailbox/", "/nowhere/"])
def test_the_focus_is_seen_wherever_it_is(open_browser: PageMaker, path: str, has_script: bool) -> None:
    page = open_browser(has_script=has_script)
    page.goto(path)
    last = page.get_by_role("contentinfo").get_by_role("link").last
    assert tab_to(last) > 5


def test_the_drawer_keeps_the_focus_and_gives_it_back(page: Page) -> None:
    page.goto("/")
    cart_link = steps.count_in_header(page)
    press_on(cart_link)
    expect(steps.drawer(page)).to_contain_text("Your cart is empty")
    for key in ["Tab"] * 4 + ["Shift+Tab"] * 6:
        page.keyboard.press(key)
        # Between the last stop and the first, the focus is the browser's own.
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(steps.drawer(page)).to_be_hidden()
    expect(cart_link).to_be_focused()


def test_the_focus_stays_with_the_line_that_is_changed(page: Page, vase: Product) -> None:
    steps.open_product(page, vase)
    steps.add_to_cart(page)
    drawer = steps.drawer(page)
    increase = drawer.get_by_role("button", name="Increase quantity")
    press_on(increase)
    expect(drawer.get_by_role("link", name="Checkout")).to_contain_text("€24.00")
    expect(increase).to_be_focused()
    press_on(drawer.get_by_role("button", name="Remove"))
    undo = drawer.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(drawer.get_by_role("button", name="Remove")).to_be_focused()


def test_the_menu_of_categories_opens_and_closes_by_keyboard(page: Page) -> None:
    page.goto("/")
    opener = page.get_by_role("button", name="Categories")
    press_on(opener)
    expect(page.get_by_role("navigation", name="Categories")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Categories")).to_be_hidden()
    expect(opener).to_be_focused()


def test_errors_take_the_focus_and_lead_to_their_fields(page: Page, vase: Product) -> None:
    page.goto("/accounts/sign-in/")
    press_on(page.get_by_role("button", name="Sign in"))
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    press_on(summary.get_by_role("link", name="Enter your e-mail address."))
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_accessible_description("Enter your e-mail address.")


def test_nothing_moves_for_those_who_asked_for_calm(page: Page) -> None:
    fill_catalog()
    page.goto("/categories/tea/")
    assert page.evaluate(MOVING) == []
    page.goto("/products/teapot/")
    steps.add_to_cart(page)
    expect(steps.drawer(page)).to_contain_text("Checkout")
    assert page.evaluate(MOVING) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) != []


def tab_to(target: Locator) -> int:
    """Press Tab until the target has the focus, seeing it at every stop; gives how many stops there were."""
    # A page whose styles are still on their way shows no ring yet.
    target.page.wait_for_load_state()
    for stops in range(1, 80):
        target.page.keyboard.press("Tab")
        assert target.page.evaluate(HAS_RING) or target.page.evaluate("document.activeElement === document.body"), (
            target.page.evaluate(FOCUSED)
        )
        if target.evaluate("element => element === document.activeElement"):
            return stops
    raise AssertionError(f"Tab does not lead to {target}.")


def press_on(target: Locator) -> None:
    target.wait_for()
    tab_to(target)
    target.page.keyboard.press("Enter")


def fill_in(page: Page, answers: dict[str, str]) -> None:
    """Type the answers and send the form by Enter."""
    for label, answer in answers.items():
        field = page.get_by_label(label, exact=True)
        field.wait_for()
        tab_to(field)
        page.keyboard.type(answer)
    page.keyboard.press("Enter")
