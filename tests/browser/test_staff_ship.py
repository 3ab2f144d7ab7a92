from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page, expect

from orders.models import Order
from orders.outbox import process_order
from orders.status import FulfillmentStatus
from tests.factories import make_product
from tests.orders.carts import make_line, place_order
from tests.staff.people import a_member_of


def test_staff_find_an_order_ship_part_of_it_and_note_why(open_browser: Callable[..., Page]) -> None:
    member = a_member_of("support")
    now = timezone.now()
    order = place_order(make_line(make_product(title="Blue mug", sku="MUG"), 3), now=now)
    process_order(number=order.number, now=now)
    page = open_browser(width=1280)
    page.goto("/accounts/sign-in/?next=/admin/orders/order/")
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password", exact=True).fill(member.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("An order number").fill(order.number.lower())
    page.keyboard.press("Enter")
    page.get_by_role("link", name=order.number).click()
    page.get_by_role("link", name="Ship", exact=True).click()
    page.get_by_label("Blue mug").fill("2")
    page.get_by_label("Carrier").select_option("DPD")
    page.get_by_label("Tracking number").fill("0150 1")
    page.get_by_role("button", name="Ship and tell the shopper").click()
    expect(page.get_by_text("The parcel is noted")).to_be_visible()
    expect(page.get_by_text("Partly shipped")).to_be_visible()
    tracking = page.get_by_role("link", name="0150 1")
    expect(tracking).to_have_attribute("href", "https://tracking.dpd.de/status/en_US/parcel/0150%201")
    page.get_by_label("Note for the staff").fill("One mug is still in the kiln.")
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("Support: One mug is still in the kiln.")).to_be_visible()
    stored = Order.get(order.number, consistent_read=True)
    assert stored.fulfillment_status == FulfillmentStatus.PART_SHIPPED
