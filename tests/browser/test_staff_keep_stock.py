from collections.abc import Callable

from playwright.sync_api import Page, expect

from catalog.models import Stock
from tests.factories import make_product
from tests.staff.people import a_member_of


def sign_in(page: Page, group: str, way: str) -> None:
    person = a_member_of(group)
    page.goto(f"/accounts/sign-in/?next={way}")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_label("Password", exact=True).press("Enter")
    page.wait_for_url(f"**{way}")


def test_stock_is_counted_by_keyboard_on_a_phone_in_the_dark(open_browser: Callable[..., Page]) -> None:
    make_product(title="Oak board", sku="OAK", stock=4)
    page = open_browser(width=390, is_dark=True)
    sign_in(page, "merchandisers", "/admin/")
    expect(page.get_by_role("heading", name="Low stock")).to_be_visible()
    page.goto("/admin/stock/")
    expect(page.get_by_role("link", name="OAK")).to_be_visible()
    page.get_by_role("link", name="OAK").press("Enter")
    # A key finds nothing before the page is shown.
    expect(page.get_by_label("Set to what was counted")).to_be_visible()
    page.get_by_label("Set to what was counted").press("Space")
    page.get_by_role("spinbutton", name="Units").fill("11")
    page.get_by_label("Note").fill("Shelf 3")
    page.get_by_label("Note").press("Enter")
    expect(page.get_by_text("OAK now has 11 available and 0 reserved.")).to_be_visible()
    assert Stock.get("OAK").available == 11
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_stock_is_changed_without_javascript_and_a_mistake_is_explained(open_browser: Callable[..., Page]) -> None:
    make_product(title="Oak board", sku="OAK", stock=4)
    page = open_browser(has_script=False)
    sign_in(page, "admins", "/admin/stock/levels/OAK/")
    page.get_by_label("Take units away").check()
    page.get_by_role("spinbutton", name="Units").fill("5")
    page.get_by_label("Reason").select_option("Damaged")
    page.get_by_role("button", name="Change the stock").click()
    expect(page.get_by_role("alert")).to_contain_text("5 cannot be taken from OAK: only 4 units are available.")
    page.get_by_role("spinbutton", name="Units").fill("4")
    page.get_by_role("button", name="Change the stock").click()
    expect(page.get_by_text("OAK now has 0 available")).to_be_visible()
    assert Stock.get("OAK").available == 0
