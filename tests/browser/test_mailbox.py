import re

from django.core.mail import EmailMultiAlternatives
from playwright.sync_api import Page, expect

from cloudcart.local.shop import Shop


def test_a_mail_appears_in_the_open_mailbox_by_itself_and_opens_framed(page: Page, shop: Shop, settings) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "cloudcart.mail.Backend"
    page.goto("/mailbox/?to=browser@mailbox.example")
    expect(page.get_by_text("No mail to this address")).to_be_visible()
    mail = EmailMultiAlternatives("Your code", "It is 123456.", to=["browser@mailbox.example"])
    mail.attach_alternative(
        f'<html><head></head><body><a href="{shop.url}/mailbox/">Back</a></body></html>', "text/html"
    )
    mail.send()
    page.get_by_role("link", name="Your code").click()
    expect(page.get_by_role("button", name="Copy 123456")).to_be_visible()
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Back").click()
    expect(opened.value).to_have_url(re.compile(r"/mailbox/$"))
