"""What shoppers do in a browser, step by step: by what they see and read, not by how pages are made."""

import re

from playwright.sync_api import Locator, Page, expect

from catalog.models import Product

ADDRESS = {
    "Full name": "Ada Lovelace",
    "Street and house number": "Torstrasse 1",
    "Postal code": "10115",
    "City": "Berlin",
}


def open_product(page: Page, product: Product) -> None:
    """Find a product as a visitor does, from the home page."""
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=product.title, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(product.title)


def choose(page: Page, value: str) -> None:
    """Choose a value of an option, when the scripts are there; the radio button itself is drawn by its label."""
    page.wait_for_load_state()
    page.locator("label").filter(has=page.get_by_role("radio", name=value)).click()


def add_to_cart(page: Page) -> None:
    """Press the button when the scripts are there: who is faster gets the cart's page, and no drawer."""
    page.wait_for_load_state()
    page.get_by_role("button", name="Add to cart").click()


def drawer(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Cart")


def count_in_header(page: Page) -> Locator:
    """The link to the cart, whose name tells how many items are in it."""
    return page.get_by_role("banner").get_by_role("link", name=re.compile("^Cart"))


def answer_contact(page: Page, *, email: str | None = None) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Contact")
    if email is not None:
        page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Continue to shipping").click()


def answer_shipping(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Shipping")
    for label, answer in ADDRESS.items():
        page.get_by_label(label, exact=True).fill(answer)
    page.get_by_role("button", name="Continue to payment").click()


def answer_payment(page: Page, *, method: str = "") -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Payment")
    if method:
        page.locator("label").filter(has_text=method).click()
    page.get_by_role("button", name="Continue to review").click()


def place_order(page: Page) -> str:
    """Place the order from the review page; gives its number."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Review your order")
    page.get_by_role("button", name="Place order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
    return number_in(page.url)


def check_out(page: Page, *, email: str | None = None) -> str:
    """Answer every step, from the page of contact on, and place the order; gives its number."""
    answer_contact(page, email=email)
    answer_shipping(page)
    answer_payment(page)
    return place_order(page)


def number_in(url: str) -> str:
    found = re.search(r"/orders/([A-Z0-9-]+)/", url)
    assert found is not None, url
    return found[1]


def order_status(page: Page) -> Locator:
    return page.get_by_role("region", name="Status")


def open_mail(page: Page, subject: str) -> None:
    """Find a mail by clicking, from the foot of whatever page is open."""
    page.get_by_role("contentinfo").get_by_role("link", name="Local mailbox").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mailbox")
    page.get_by_role("link", name=subject).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)


def open_account(page: Page) -> None:
    page.get_by_role("banner").get_by_role("link", name="Account").click()


def sign_up(page: Page, *, name: str, email: str, password: str) -> None:
    """Open an account, from the sign-in page on, with the code that comes by mail; ends where one signs in."""
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    page.get_by_label("Code").fill(_code_in_mail(page, email))
    page.get_by_role("button", name="Confirm address").click()
    expect(page.get_by_role("main")).to_contain_text("Your e-mail address is confirmed.")


def sign_in(page: Page, *, password: str, email: str | None = None) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    if email is not None:
        page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")


def sign_out(page: Page) -> None:
    open_account(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("You are signed out.")


def _code_in_mail(page: Page, email: str) -> str:
    # In a second tab, as people do it: the first one waits for the code.
    link = page.get_by_role("main").get_by_role("link", name="open the mailbox").get_attribute("href")
    assert link is not None
    mailbox = page.context.new_page()
    mailbox.goto(link)
    row = mailbox.get_by_role("listitem").filter(has_text=email)
    code = row.locator("code").inner_text()
    mailbox.close()
    return code
