"""A purchase by a program that knows no page of this shop: it follows links and redirects, and fills
forms by what their fields call themselves in ``autocomplete``, as browsers and assistants do."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Order
from orders.outbox import process_order
from tests.cast import Shopper
from tests.factories import make_product

LIVES_IN_BERLIN = {
    "email": "ada@example.com",
    "name": "Ada Lovelace",
    "address-line1": "Torstrasse 1",
    "postal-code": "10115",
    "address-level2": "Berlin",
    "country": "DE",
}
LIVES_IN_CALIFORNIA = LIVES_IN_BERLIN | {
    "address-line1": "1600 Amphitheatre Parkway",
    "postal-code": "94043",
    "address-level2": "Mountain View",
    "address-level1": "California",
    "country": "US",
    "tel": "+1 650 253 0000",
}
LIVES_IN_CORK = {key: value for key, value in LIVES_IN_BERLIN.items() if key != "postal-code"} | {
    "address-level2": "Cork",
    "country": "IE",
}


class FormFiller:
    """A visitor with a browser and nothing but the facts about themselves."""

    def __init__(self, browser: Client, facts: dict[str, str]) -> None:
        self.browser = browser
        self.facts = facts
        self.url = "/"
        self.page = Element("html")

    def go(self, url: str) -> None:
        self._arrive(self.browser.get(url, follow=True), url)

    def follow(self, text: str) -> None:
        """Follow the first link that says this."""
        link = next(link for link in self.page.iter("a") if text in " ".join("".join(link.itertext()).split()))
        self.go(urljoin(self.url, link.get("href", "")))

    def submit(self) -> None:
        """Fill and send the form of the page's main part."""
        [main] = self.page.iter("main")
        form = next(form for form in main.iter("form") if form.get("method", "").lower() == "post")
        action = urljoin(self.url, form.get("action", ""))
        self._arrive(self.browser.post(action, dict(self._fill(form)), follow=True), action)

    def _fill(self, form: Element) -> Iterator[tuple[str, str]]:
        for control in form.iter():
            name, token = control.get("name"), control.get("autocomplete", "").split(" ")[-1]
            if name is None or control.tag not in {"input", "select"}:
                continue
            if control.get("type") == "radio":
                if "checked" in control.attrib:
                    yield name, control.get("value", "")
            else:
                yield name, self.facts.get(token, control.get("value", ""))

    def _arrive(self, response: Any, url: str) -> None:
        assert response.status_code == 200, f"{url}: {response.status_code}"
        self.url = urljoin(url, response.redirect_chain[-1][0]) if response.redirect_chain else url
        self.page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def buy(visitor: FormFiller) -> Order:
    visitor.go("/products/")
    visitor.follow("Blue mug")
    visitor.submit()
    visitor.go("/cart/")
    visitor.follow("Checkout")
    for _ in range(4):
        assert visitor.url.startswith("/checkout/")
        visitor.submit()
    return Order.get(visitor.url.split("/")[2])


@pytest.fixture(autouse=True)
def _the_shop(task_queue: Callable[[], int]) -> None:
    make_product(title="Blue mug", price=3600, stock=5, images=1)


@pytest.mark.parametrize("facts", [LIVES_IN_BERLIN, LIVES_IN_CALIFORNIA, LIVES_IN_CORK])
def test_a_guest_buys(facts: dict[str, str]) -> None:
    visitor = FormFiller(Client(), facts)
    order = buy(visitor)
    assert order.email == "ada@example.com"
    assert order.shipping_address.city == facts["address-level2"]
    assert order.total == 4090
    assert visitor.url.startswith(f"/orders/{order.number}/")
    process_order(number=order.number, now=timezone.now())
    visitor.go(visitor.url)
    assert "Confirmed" in "".join(visitor.page.itertext())


def test_a_customer_buys_and_finds_the_order_in_the_history(alice: Shopper) -> None:
    visitor = FormFiller(alice.client, LIVES_IN_BERLIN | {"email": alice.email})
    order = buy(visitor)
    assert order.customer_id == alice.customer_id
    visitor.go("/orders/")
    visitor.follow(order.number)
    assert visitor.url == f"/orders/{order.number}/"
