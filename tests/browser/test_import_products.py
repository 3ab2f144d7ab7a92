"""A merchant brings products in with a file: by keyboard, watching it, and finding them in the shop."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageMaker
from tests.cast import Shopper
from tests.catalog.spreadsheets.files import Rows, write
from tests.factories import make_product
from tests.staff.people import a_member_of

FILE: Rows = [
    {"slug": "mug", "title": "Mug by file", "sku": "MUG", "price": "12.50", "stock": 9, "status": "active"},
    {"slug": "cup", "title": "Cup by file", "sku": "CUP", "price": "8", "stock": 9, "status": "active"},
    {"slug": "bad", "title": "Bad", "sku": "BAD", "price": "cheap", "stock": 9, "status": "active"},
]


@pytest.fixture
def merchandiser() -> Shopper:
    return a_member_of("merchandisers")


def enter(page: Page, who: Shopper) -> None:
    page.goto("/accounts/sign-in/?next=/admin/catalog/import/")
    page.get_by_label("E-mail").fill(who.email)
    page.get_by_label("Password").fill(who.password)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("heading", name="Import products")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without"])
def test_a_file_is_compared_confirmed_and_watched(
    open_browser: PageMaker, merchandiser: Shopper, tmp_path: Path, has_script: bool
) -> None:
    make_product(slug="mug", title="Old mug", sku="MUG", price=900)
    file = tmp_path / "mugs.csv"
    file.write_bytes(write(FILE))
    page = open_browser(has_script=has_script)
    enter(page, merchandiser)

    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload and compare").press("Enter")
    look_until(page, "Ready to import", has_script=has_script)
    page.get_by_role("link", name="Problems · 1").press("Enter")
    expect(page.get_by_text("Row 4, price: “cheap” is not a price.")).to_be_visible()
    page.get_by_role("link", name="To be changed · 1").press("Enter")
    expect(page.get_by_text("Old mug")).to_be_visible()
    page.get_by_role("button", name="Import 2 products").press("Enter")
    look_until(page, "Imported", has_script=has_script)
    expect(page.get_by_text("1 created, 1 changed, 0 left as they are, 1 left out.")).to_be_visible()

    page.goto("/products/cup/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cup by file")


def look_until(page: Page, headline: str, *, has_script: bool) -> None:
    """Wait until the page says so by itself; without scripts, ask it again."""
    heading = page.get_by_role("status").filter(has_text=headline)
    again = page.get_by_role("link", name="Look again")
    if not has_script:
        # The page that was left has neither; the one that comes may be about a job that is done already.
        expect(heading.or_(again).first).to_be_visible()
        for _ in range(300):
            if heading.count():
                break
            with page.expect_navigation():
                again.click()
    expect(heading).to_be_visible()
