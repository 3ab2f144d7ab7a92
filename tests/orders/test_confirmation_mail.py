import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from orders import emails
from orders.links import sign_number
from orders.models import Order
from tests.factories import make_product
from tests.orders.carts import make_address, make_line, place_order


@pytest.fixture
def order() -> Order:
    mug = make_product(title="Blue mug & saucer", price=3600, stock=10)
    shirt = make_product(title="Shirt", price=2000, options={"Size": ["S", "M"]})
    lines = [make_line(mug, 2), make_line(shirt, 1, shirt.variants[1])]
    return place_order(*lines, shipping_address=make_address(name="Ada <b>Lovelace</b>"))


def html_of(mail: EmailMultiAlternatives) -> str:
    return str(mail.alternatives[0][0])


def test_the_mail_says_what_was_bought_what_it_costs_and_where_it_goes(order: Order) -> None:
    text = str(emails.confirmation(order).body)
    assert f"Order {order.number}" in text
    assert "2 x Blue mug & saucer: €72.00" in text
    assert "1 x Shirt (M): €20.00" in text
    assert "Shipping: €4.90" in text
    assert "Total: €96.90\nIncludes €15.47 tax" in text
    assert "Torstrasse 1\n10115 Berlin\nGermany" in text
    assert "Payment: Pay on invoice" in text
    assert "\n\n\n" not in text


def test_the_html_says_the_same_and_escapes_what_people_typed(order: Order) -> None:
    mail = emails.confirmation(order)
    html = html_of(mail)
    amounts = re.findall(r"€\d+\.\d\d", str(mail.body))
    assert len(amounts) == 6
    assert all(amount in html for amount in amounts)
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in html
    assert "<b>" not in html


def test_a_guest_gets_a_link_that_opens_the_order_and_a_customer_one_without_a_key(order: Order) -> None:
    link = f"http://127.0.0.1:8000/orders/{order.number}/"
    assert f"{link}?key={sign_number(order.number)}" in str(emails.confirmation(order).body)
    assert f"{link}?key={sign_number(order.number)}" in html_of(emails.confirmation(order))
    order.customer_id = "alice"
    assert link in str(emails.confirmation(order).body)
    assert "key=" not in str(emails.confirmation(order).body)


def test_the_mail_arrives_as_text_and_html(order: Order, sent_mails: Callable[[], list[dict[str, Any]]]) -> None:
    emails.confirmation(order).send()
    [mail] = sent_mails()
    assert mail["To"] == ["ada@example.com"]
    assert mail["Subject"] == f"Your order {order.number}"
    assert mail["BodyText"].startswith("Thank you for your order.")
    assert mail["BodyHtml"].startswith("<!doctype html>")
