"""A merchant keeps products in the admin, in a real browser."""

import io
import os
from typing import Any
from uuid import uuid4

import boto3
import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Page, expect

from accounts import directory
from cloudcart.local.shop import Shop
from tests.browser.conftest import PageMaker
from tests.factories import make_product

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def merchant() -> str:
    email = f"merchant-{uuid4().hex[:8]}@staff.example"
    directory.create_confirmed_account(email=email, password=PASSWORD, name="Mika", groups=("admins",))
    return email


@pytest.fixture
def uploads_allowed(shop: Shop) -> None:
    """The bucket takes uploads from the shop's pages, as the template says for the shop's own address."""
    rule: Any = {"AllowedMethods": ["POST"], "AllowedOrigins": [shop.url.rstrip("/")], "AllowedHeaders": ["*"]}
    boto3.client("s3").put_bucket_cors(Bucket=settings.MEDIA_BUCKET, CORSConfiguration={"CORSRules": [rule]})


def enter(page: Page, email: str, path: str) -> None:
    page.goto(path)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{path}")


def a_file(color: str) -> dict[str, object]:
    target = io.BytesIO()
    Image.new("RGB", (800, 1000), color).save(target, "PNG")
    return {"name": f"{color}.png", "mimeType": "image/png", "buffer": target.getvalue()}


def test_a_product_with_two_variants_and_three_pictures_gets_into_the_shop(
    open_browser: PageMaker, merchant: str, uploads_allowed: None
) -> None:
    page = open_browser()
    page.context.route(f"{os.environ['AWS_ENDPOINT_URL']}/**", lambda route: route.continue_())
    enter(page, merchant, "/admin/catalog/product/add/")
    page.locator("#id_title").fill("Lagoon mug")
    page.locator("#id_status").select_option("active")
    page.locator("#id_options_text").fill("Size: S, M")
    page.get_by_role("button", name="Add a row for every combination").click()
    for number, price in enumerate(("24.00", "28,50")):
        page.locator(f"#id_productvariant_set-{number}-unit_amount").fill(price)
        page.locator(f"#id_productvariant_set-{number}-units").fill("4")
    page.locator("[data-picture-input]").set_input_files([a_file("teal"), a_file("navy"), a_file("gold")])  # type: ignore[arg-type]
    expect(page.locator(".picture-row__image")).to_have_count(3)
    for number, (words, position) in enumerate((("Teal", "2"), ("Navy", "3"), ("Gold", "1"))):
        page.locator(f"#id_productimage_set-{number}-alt").fill(words)
        page.locator(f"#id_productimage_set-{number}-position").fill(position)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/catalog/product/")

    page.goto("/products/lagoon-mug/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lagoon mug")
    expect(page.locator("[data-gallery-main]")).to_have_attribute("alt", "Gold")
    expect(page.locator("[data-gallery-thumb]")).to_have_count(3)
    expect(page.get_by_role("radio", name="M")).to_be_attached()


def test_two_people_editing_the_same_product_are_told(open_browser: PageMaker, merchant: str) -> None:
    product = make_product(title="Shared bowl", slug="shared-bowl")
    path = f"/admin/catalog/product/{product.product_id}/change/"
    mine, theirs = open_browser(), open_browser(is_dark=True)
    enter(mine, merchant, path)
    enter(theirs, merchant, path)
    theirs.locator("#id_title").fill("Their bowl")
    theirs.get_by_role("button", name="Save", exact=True).click()
    theirs.wait_for_url("**/admin/catalog/product/")
    mine.locator("#id_title").fill("My bowl")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_text("changed this while you were editing")).to_be_visible()
    expect(mine.locator("#id_title")).to_have_value("My bowl")
    mine.get_by_role("button", name="Save", exact=True).click()
    mine.wait_for_url("**/admin/catalog/product/")
    expect(mine.get_by_text("My bowl").first).to_be_visible()
