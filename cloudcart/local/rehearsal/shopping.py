"""A customer in the deployed shop: looks at every kind of page, opens an account, buys on invoice and by card."""

import re
import urllib.request
from urllib.parse import urlsplit
from uuid import uuid4

import boto3

from cloudcart.local.rehearsal.stage import Stage
from cloudcart.local.rehearsal.steps import RehearsalFailed, expect
from cloudcart.local.rehearsal.visitor import Page, Visitor
from cloudcart.local.rehearsal.waiting import wait_until

ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "Torstrasse 1",
    "line2": "",
    "postal_code": "10115",
    "city": "Berlin",
    "region": "",
    "country_code": "DE",
    "phone": "",
    "shipping_method": "standard",
}
PASSWORD = "rehearse all day long"
# Every kind of page that a guest can open without knowing an address of the catalog.
GUEST_PAGES = ["/", "/products/", "/products/?sort=price-low", "/categories/", "/cart/", "/orders/find/"]
GUEST_PAGES += ["/accounts/sign-in/", "/accounts/sign-up/", "/accounts/forgot-password/", "/sitemap.xml"]
ACCOUNT_PAGES = ["/accounts/profile/", "/accounts/addresses/", "/accounts/addresses/new/", "/orders/"]
# What the catalog's own links lead to.
KINDS = ("/products/", "/categories/", "/collections/")


def look_around(visitor: Visitor) -> list[Page]:
    """Open every kind of page; gives them. The last one is a product.

    :raises RehearsalFailed: if a page is not there, or is there where nothing should be.
    """
    pages = [visitor.get(path) for path in GUEST_PAGES]
    visitor.get("/nowhere/", status=404)
    visitor.get("/admin/")
    links = [link for page in pages for link in page.links]
    for kind in reversed(KINDS):
        link = next((link for link in links if link.startswith(kind) and len(link) > len(kind)), None)
        if link is None:
            raise RehearsalFailed(f"No page leads to one under {kind}.")
        pages.append(visitor.get(link.partition("?")[0]))
    return pages


def check_assets(pages: list[Page], *, static_bucket: str, media_bucket: str) -> int:
    """Look for every style, script, font and picture of the pages where CloudFront looks; gives how many.

    :raises RehearsalFailed: if one is not there.
    """
    s3 = boto3.client("s3")
    paths = {urlsplit(asset).path for page in pages for asset in page.assets}
    places = {"/static/": static_bucket, "/media/": media_bucket}
    for path in sorted(paths):
        bucket = next((bucket for prefix, bucket in places.items() if path.startswith(prefix)), None)
        expect(bucket, f"Nobody serves {path}.")
        key = path.lstrip("/") if path.startswith("/static/") else path.removeprefix("/media/")
        try:
            s3.head_object(Bucket=str(bucket), Key=key)
        except s3.exceptions.ClientError as error:
            raise RehearsalFailed(f"{key} is not in {bucket}.") from error
    expect(len(paths) > 20, f"The pages have only {len(paths)} assets.")
    return len(paths)


def open_account(visitor: Visitor, stage: Stage) -> str:
    """Sign up with a code that Cognito mails, and sign in; gives the e-mail address."""
    email = f"ada-{uuid4().hex[:8]}@rehearsal.example"
    visitor.post("/accounts/sign-up/", {"name": "Ada Lovelace", "email": email, "password": PASSWORD})
    mail = next((mail for mail in reversed(stage.mails()) if email in str(mail["To"])), None)
    if mail is None:
        raise RehearsalFailed(f"Cognito sent no code to {email}.")
    code = re.search(r"\b\d{6}\b", f"{mail.get('BodyText')} {mail.get('BodyHtml')}")
    if code is None:
        raise RehearsalFailed(f"The mail to {email} has no code.")
    visitor.post("/accounts/confirm/", {"email": email, "code": code[0]})
    visitor.post("/accounts/sign-in/", {"email": email, "password": PASSWORD})
    for path in ACCOUNT_PAGES:
        page = visitor.get(path)
        expect(page.path == path, f"{path} leads to {page.path}: nobody is signed in.")
    return email


def buy(visitor: Visitor, product: Page, *, email: str) -> Page:
    """Put a product into the cart and order it on invoice; gives the order's page."""
    return visitor.post("/checkout/review/", _review(visitor, product, email=email, payment_method="invoice"))


def order_by_card(visitor: Visitor, product: Page, *, email: str) -> str:
    """Put a product into the cart and order it; gives the address of the page to pay on.

    :raises RehearsalFailed: if the shop leads nowhere to pay.
    """
    return visitor.leave("/checkout/review/", _review(visitor, product, email=email, payment_method="card"))


def _review(visitor: Visitor, product: Page, *, email: str, payment_method: str) -> dict[str, str]:
    visitor.post("/cart/items/", product.form("/cart/items/"))
    visitor.post("/checkout/contact/", {"email": email})
    visitor.post("/checkout/shipping/", ADDRESS)
    review = visitor.post("/checkout/payment/", {"payment_method": payment_method})
    return review.form("/checkout/review/")


def order_number(page: Page) -> str:
    """The number of the order that a page shows."""
    parts = page.path.split("/")
    expect(parts[1] == "orders", f"The purchase ended on {page.path} and not on the order's page.")
    return parts[2]


def wait_until_confirmed(visitor: Visitor, stage: Stage, order: Page, *, seconds: float = 60) -> None:
    """Wait until the worker function has confirmed the order and its mail is there."""
    number = order_number(order)
    wait_until(lambda: "Confirmed" in visitor.get(order.path).text, f"Order {number} stays unconfirmed.", seconds)
    subject = f"Your order {number}"
    wait_until(
        lambda: any(mail["Subject"] == subject for mail in stage.mails()), f"Order {number} has no mail.", seconds
    )


def wait_until_paid(visitor: Visitor, number: str) -> Page:
    """Wait until the order is told to be paid; gives its page."""
    path = f"/orders/{number}/"
    wait_until(lambda: _has_milestone(visitor.get(path), "Paid"), f"Order {number} stays unpaid.")
    return visitor.get(path)


def read_invoice(visitor: Visitor, number: str) -> bytes:
    """Download the invoice of an order, as soon as there is one.

    :raises RehearsalFailed: if there is none in time, or it is no PDF.
    """
    path = f"/orders/{number}/invoice/"
    wait_until(lambda: visitor.is_there(path), f"Order {number} has no invoice.")
    expect(path in visitor.get(f"/orders/{number}/").links, f"Order {number} does not lead to its invoice.")
    with urllib.request.urlopen(visitor.leave(path), timeout=30) as answer:
        pdf: bytes = answer.read()
    expect(pdf.startswith(b"%PDF"), f"The invoice of order {number} is no PDF.")
    return pdf


def _has_milestone(order: Page, title: str) -> bool:
    return f'timeline__title">{title}<' in order.text
