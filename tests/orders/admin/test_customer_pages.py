import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from accounts import directory
from accounts.models import Customer
from cart.models import Cart
from orders import cancellation, customer_data, fulfillment
from orders.invoices import rendering
from orders.invoices.models import Invoice
from orders.models import Order
from orders.outbox import process_order
from tests.cast import Shopper
from tests.factories import make_product
from tests.orders.carts import make_line, place_order

PAGE = "/admin/customers/"
ACTS = ("disable", "enable", "reset-password", "export", "erase")


@pytest.fixture
def order(alice: Shopper) -> Order:
    """An order of alice's, with its invoice."""
    now = timezone.now()
    placed = place_order(make_line(make_product()), customer_id=alice.customer_id, email="Alice@Example.com", now=now)
    process_order(number=placed.number, now=now)
    return Order.get(placed.number)


def finish(shipped: Order, canceled: Order) -> None:
    now = timezone.now()
    fulfillment.ship_order(number=shipped.number, shipment_id="s1", carrier="dhl", now=now)
    cancellation.cancel_order(number=canceled.number, reason="Gone.", now=now)
    for order in (shipped, canceled):
        process_order(number=order.number, now=now)


def act(member: Shopper, name: str, email: str, **fields: str) -> str:
    response = member.client.post(f"{PAGE}{name}/", {"email": email, **fields}, follow=True)
    return str(response.content.decode())


def test_a_customer_is_found_by_e_mail_with_account_and_orders(viewer: Shopper, alice: Shopper, order: Order) -> None:
    page = viewer.client.get(PAGE, {"email": "ALICE@example.com"}).content.decode()
    assert alice.customer_id in page
    assert "Alice Keller" in page
    assert order.number in page
    assert "<form method=" not in page.partition('<div class="desk desk--two')[2]


def test_a_guest_is_found_by_their_orders_and_nobody_is_told(viewer: Shopper) -> None:
    guest = place_order(make_line(make_product()), email="guest@example.com", now=timezone.now())
    page = viewer.client.get(PAGE, {"email": "guest@example.com"}).content.decode()
    assert guest.number in page
    assert "A guest" in page
    assert "Nobody has ordered" in viewer.client.get(PAGE, {"email": "no@example.com"}).content.decode()
    assert viewer.client.get(PAGE, {"email": "no"}).status_code == 422


def test_a_disabled_account_is_signed_out_and_cannot_sign_in_until_it_is_enabled(
    supporter: Shopper, alice: Shopper, client: Client
) -> None:
    assert "is disabled" in act(supporter, "disable", alice.email)
    assert alice.client.get("/orders/").status_code == 302
    credentials = {"email": alice.email, "password": alice.password}
    assert client.post("/accounts/sign-in/", credentials).status_code != 302
    assert "enabled again" in act(supporter, "enable", alice.email)
    assert client.post("/accounts/sign-in/", credentials).status_code == 302


def test_a_reset_password_ends_the_sessions(supporter: Shopper, alice: Shopper) -> None:
    assert "The password is void" in act(supporter, "reset-password", alice.email)
    account = directory.find_account(alice.email)
    assert account is not None
    assert account.status == "RESET_REQUIRED"
    assert alice.client.get("/orders/").status_code == 302


def test_acts_on_a_guest_say_that_there_is_no_account(supporter: Shopper) -> None:
    assert "There is no account" in act(supporter, "disable", "guest@example.com")


def test_all_data_of_a_customer_come_in_one_zip(supporter: Shopper, alice: Shopper, order: Order) -> None:
    response = supporter.client.post(f"{PAGE}export/", {"email": alice.email})
    assert response["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(response.content)) as found:
        names = set(found.namelist())
        orders = json.loads(found.read("orders.json"))
        assert found.read(f"invoices/{order.invoice_number}.pdf").startswith(b"%PDF")
        assert json.loads(found.read("account.json"))["email"] == alice.email
        assert json.loads(found.read("customer.json"))["name"] == "Alice Keller"
    assert {"account.json", "customer.json", "orders.json", "invoices.json"} <= names
    assert [each["number"] for each in orders] == [order.number]
    assert orders[0]["shipping_address"]["line1"] == "Torstrasse 1"


def test_an_erased_customer_is_gone_and_the_orders_are_nobodys(
    supporter: Shopper, alice: Shopper, order: Order
) -> None:
    guest = place_order(make_line(make_product()), email=alice.email, now=timezone.now())
    assert f"{order.number}" in act(supporter, "erase", alice.email, typed=alice.email)
    assert Order.get(order.number).email == "Alice@Example.com"
    finish(order, guest)
    alice.client.post("/cart/items/", {"sku": order.lines[0].sku, "quantity": "1"})
    invoice = Invoice.get(order.invoice_number)
    before = rendering.render_pdf(invoice)
    assert "Nothing was erased" in act(supporter, "erase", alice.email, typed="alice")
    assert Customer.find(alice.customer_id) is not None
    assert "2 orders were made anonymous; invoices are kept by law" in act(
        supporter, "erase", alice.email, typed=alice.email
    )
    for number in (order.number, guest.number):
        stored = Order.get(number, consistent_read=True)
        assert (stored.email, stored.customer_id, stored.email_key) == ("erased@erased.invalid", None, None)
        assert stored.shipping_address.as_lines == ["Erased", "Germany"]
        assert "Alice" not in str(stored.to_simple_dict())
        assert stored.total == 4090
    assert directory.find_account(alice.email) is None
    assert Customer.find(alice.customer_id) is None
    assert Cart.find(f"customer:{alice.customer_id}") is None
    assert alice.client.get("/orders/").status_code == 302
    assert rendering.render_pdf(Invoice.get(order.invoice_number)) == before
    # After a crash halfway it is done again, without harm.
    assert customer_data.erase_customer(email=alice.email, account=None, now=timezone.now()) == 0


def test_viewers_shoppers_and_guests_do_nothing(viewer: Shopper, bob: Shopper, client: Client) -> None:
    urls = [f"{PAGE}{name}/" for name in ACTS]
    assert [viewer.client.post(url, {"email": bob.email}).status_code for url in urls] == [403] * len(urls)
    assert [bob.client.post(url, {"email": bob.email}).status_code for url in urls] == [403] * len(urls)
    assert [bob.client.get(url).status_code for url in (PAGE, *urls)] == [403] * 6
    assert [client.get(url).status_code for url in (PAGE, *urls)] == [302] * 6
    account = directory.find_account(bob.email)
    assert account is not None
    assert account.is_enabled
