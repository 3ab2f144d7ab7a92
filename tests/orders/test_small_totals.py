"""Orders that cost nothing, or less than a card takes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Stock
from orders import cancellation, checkout, outbox, payments
from orders.invoices.queries import get_invoice
from orders.models import Order
from tests.clock import NOW
from tests.factories import make_product
from tests.orders.carts import Submission, make_cart, make_line
from tests.orders.checkouts import PAYMENT, REVIEW, answer_until, fill_cart, place

CARD, INVOICE = "Card, PayPal and more", "Pay on invoice"


@pytest.fixture(autouse=True)
def free_delivery_and_cards(settings: Any) -> None:
    settings.SHIPPING_METHODS = [{"code": "standard", "name": "Free delivery", "detail": "", "unit_amount": 0}]
    settings.STRIPE_SECRET_KEY = "sk_test_of_the_tests"


def at_payment(client: Client, *, price: int) -> str:
    fill_cart(client, make_product(price=price))
    answer_until(client, PAYMENT)
    return client.get(PAYMENT).content.decode()


def test_what_costs_nothing_is_paid_and_confirmed_without_a_payment(
    client: Client, sent_mails: Callable[[], list[dict[str, str]]]
) -> None:
    page = at_payment(client, price=0)
    assert "Nothing to pay" in page
    assert (CARD in page, INVOICE in page) == (False, False)
    assert client.post(PAYMENT, {"payment_method": "nothing"})["Location"] == REVIEW
    response = place(client)
    order = Order.get(response["Location"].split("/")[2])
    assert response["Location"].startswith(f"/orders/{order.number}/")
    assert (order.total, order.payment_status, order.is_pending) == (0, "paid", True)

    assert set(outbox.process_order(number=order.number, now=NOW)) == {"confirmation_mail", "availability", "invoice"}
    order.refresh(consistent_read=True)
    assert (order.is_confirmed, order.stock_state, order.can_ship) == (True, "sold", True)
    assert [entry.event for entry in order.timeline][:3] == ["placed", "paid", "confirmed"]
    assert [mail["Subject"] for mail in sent_mails()] == [f"Your order {order.number}"]
    invoice = get_invoice(str(order.invoice_number))
    assert (invoice.total, invoice.due_at) == (0, None)


def test_what_costs_nothing_can_be_canceled_and_gives_its_stock_back() -> None:
    product = make_product(price=0, stock=3)
    order = Submission.of(make_cart(make_line(product, 2), payment_method="nothing")).place()
    outbox.process_order(number=order.number, now=NOW)
    canceled = cancellation.cancel_order(number=order.number, reason=cancellation.BY_SHOPPER, now=NOW)
    assert (canceled.is_canceled, canceled.payment_status, list(canceled.refunds)) == (True, "canceled", [])
    stock = Stock.get(product.variants[0].sku)
    assert (stock.available, stock.reserved) == (3, 0)


def test_a_card_is_not_offered_below_its_least_amount_and_the_page_says_why(client: Client) -> None:
    page = at_payment(client, price=49)
    sentence = (
        "This order is too small for some ways to pay (Card, PayPal and more: from €0.50). "
        "Please choose another way to pay."
    )
    assert sentence in page
    assert 'value="card"' not in page
    assert 'value="invoice"' in page
    refused = client.post(PAYMENT, {"payment_method": "card"})
    assert refused.status_code == 422
    assert refused.content.decode().count(sentence) == 2


def test_the_least_amount_itself_can_be_paid_by_card(client: Client) -> None:
    page = at_payment(client, price=50)
    assert 'value="card"' in page
    assert "too small" not in page


def test_without_another_way_to_pay_more_has_to_be_bought(client: Client, settings: Any) -> None:
    settings.PAYMENT_METHODS = ["card"]
    page = at_payment(client, price=49)
    assert "(Card, PayPal and more: from €0.50). Please add something to your cart." in page
    assert client.post(PAYMENT, {"payment_method": "card"}).status_code == 422


@pytest.mark.parametrize(("price", "method"), [(49, "card"), (0, "card"), (0, "invoice"), (100, "nothing")])
def test_a_way_to_pay_that_does_not_fit_the_total_leads_back_to_the_payment(
    client: Client, price: int, method: str
) -> None:
    submission = Submission.of(make_cart(make_line(make_product(price=price)), payment_method=method))
    with pytest.raises(checkout.CheckoutIncomplete) as caught:
        submission.place()
    assert caught.value.step == "payment"
    assert next(iter(Order.scan()), None) is None


def test_the_review_leads_back_when_the_total_no_longer_fits(client: Client) -> None:
    at_payment(client, price=100)
    assert client.post(PAYMENT, {"payment_method": "card"})["Location"] == REVIEW
    product = make_product(price=10)
    client.post("/cart/items/", {"sku": product.variants[0].sku, "quantity": "1"})
    assert client.get(REVIEW).status_code == 200
    first = client.get("/cart/").context["overview"].lines[0].sku
    client.post(f"/cart/items/{first}/remove/")
    assert client.get(REVIEW)["Location"] == PAYMENT


def test_the_least_amount_is_that_of_the_currency_and_one_where_it_is_not_known() -> None:
    least = payments.PayByCard().least_amount
    assert (least("EUR"), least("GBP"), least("JPY"), least("SEK"), least("ISK")) == (50, 30, 50, 300, 1)
