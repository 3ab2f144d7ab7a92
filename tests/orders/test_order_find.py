from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from orders import tasks
from orders.links import sign_number
from orders.models import Order
from orders.services import send_link_again
from tests.factories import make_product
from tests.orders.carts import make_line, place_order

URL = "/orders/find/"


@pytest.fixture
def order(task_queue: Callable[[], int]) -> Order:
    return place_order(make_line(make_product()))


def test_the_link_is_mailed_to_the_buyer(
    client: Client, order: Order, task_queue: Callable[[], int], sent_mails: Callable[[], list[dict[str, Any]]]
) -> None:
    assert "Send the link" in client.get(URL).content.decode()
    typed = {"number": order.number.lower().replace("-", " "), "email": "Ada@Example.com"}
    response = client.post(URL, typed)
    assert response.status_code == 200
    assert "If there is such an order, its link is on the way to Ada@Example.com" in response.content.decode()
    assert task_queue() == 1
    tasks.send_link(order.number)
    [mail] = sent_mails()
    assert mail["To"] == ["ada@example.com"]
    assert f"/orders/{order.number}/?key={sign_number(order.number)}" in mail["BodyText"]
    assert f"/orders/{order.number}/?key={sign_number(order.number)}" in mail["BodyHtml"]


def test_a_stranger_gets_the_same_answer_and_nobody_a_mail(client: Client, order: Order) -> None:
    email = {"email": "eve@example.com"}
    right_number = client.post(URL, email | {"number": order.number})
    unknown_number = client.post(URL, email | {"number": "LUSAB-MODIK-47"})
    assert right_number.content == unknown_number.content
    published: list[str] = []
    send_link_again(number=order.number, email="eve@example.com", publish=published.append)
    send_link_again(number="LUSAB-MODIK-47", email="ada@example.com", publish=published.append)
    assert published == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"number": ""}, "Enter the number of your order."),
        ({"number": "12345"}, "Enter a number of two words and two digits, like LUSAB-MODIK-47."),
        ({"email": "ada"}, "Enter an e-mail address like ada@example.com."),
    ],
)
def test_what_cannot_be_a_number_or_an_address_is_explained(
    client: Client, htmx_client: Client, changes: dict[str, str], sentence: str
) -> None:
    answers = {"number": "LUSAB-MODIK-47", "email": "ada@example.com"} | changes
    response = client.post(URL, answers)
    assert response.status_code == 422
    assert response.content.decode().count(sentence) == 2
    fragment = htmx_client.post(URL, answers)
    assert fragment.status_code == 422
    assert fragment.content.decode().strip().startswith('<div class="stack stack--loose" id="find-form">')


def test_htmx_gets_the_answer_alone(htmx_client: Client, order: Order) -> None:
    fragment = htmx_client.post(URL, {"number": order.number, "email": order.email}).content.decode().strip()
    assert fragment.startswith('<div class="stack stack--loose" id="find-form">')
    assert "Look into your mailbox" in fragment


def test_nobody_can_fill_the_mailbox_of_a_buyer(client: Client, order: Order) -> None:
    answers = {"number": order.number, "email": order.email}
    assert [client.post(URL, answers).status_code for _ in range(5)] == [200, 200, 200, 200, 429]


def test_other_methods_are_refused(client: Client) -> None:
    assert client.delete(URL).status_code == 405
