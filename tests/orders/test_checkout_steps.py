from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import pairwise

import pytest
from django.test import Client

from cart.models import Cart
from catalog import services
from cloudcart.dynamo import CallLog
from tests.cast import Shopper
from tests.factories import LONG_AGO, make_product
from tests.orders.checkouts import ADDRESS, ANSWERS, CONTACT, PAYMENT, REVIEW, SHIPPING, answer_until, fill_cart

STEPS = [CONTACT, SHIPPING, PAYMENT, REVIEW]
FORMS = [CONTACT, SHIPPING, PAYMENT]


@pytest.fixture
def shopper(client: Client) -> Client:
    fill_cart(client, make_product(title="Blue mug", price=3600, stock=10), quantity=2)
    return client


@pytest.fixture
def htmx_shopper(htmx_client: Client) -> Client:
    fill_cart(htmx_client, make_product())
    return htmx_client


def stored_cart() -> Cart:
    [cart] = Cart.scan()
    return cart


def test_the_checkout_begins_with_contact(client: Client) -> None:
    assert client.get("/checkout/")["Location"] == CONTACT


def test_four_steps_lead_to_the_review(shopper: Client) -> None:
    for url, following in pairwise(STEPS):
        page = shopper.get(url)
        assert page.status_code == 200
        response = shopper.post(url, ANSWERS[url])
        assert (response.status_code, response["Location"]) == (302, following)
    details = stored_cart().checkout
    assert details.email == "ada@example.com"
    assert details.shipping_address.as_lines == ["Ada Lovelace", "Torstrasse 1", "10115 Berlin", "Germany"]
    assert (details.shipping_method, details.payment_method) == ("standard", "invoice")
    review = shopper.get(REVIEW).content.decode()
    assert "Torstrasse 1<br>10115 Berlin" in review
    assert "Pay on invoice" in review
    assert "Place order" in review


@pytest.mark.parametrize("url", FORMS)
def test_htmx_is_led_on_by_a_header(htmx_shopper: Client, url: str) -> None:
    answer_until(htmx_shopper, url)
    response = htmx_shopper.post(url, ANSWERS[url])
    assert response.status_code == 204
    assert response["HX-Redirect"] == STEPS[STEPS.index(url) + 1]


@pytest.mark.parametrize("url", FORMS)
def test_every_step_is_private_and_knows_its_two_bodies(shopper: Client, url: str) -> None:
    answer_until(shopper, url)
    response = shopper.get(url)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "HX-Request" in response["Vary"]


WRONG = [
    (CONTACT, {"email": ""}, "Enter your e-mail address."),
    (CONTACT, {"email": "ada@"}, "Enter an e-mail address like ada@example.com."),
    (CONTACT, {"email": "a" * 250 + "@b.example"}, "Enter an e-mail address of at most 254 characters."),
    (SHIPPING, ADDRESS | {"postal_code": "1011"}, "Enter a postal code, like 26133."),
    (SHIPPING, ADDRESS | {"country_code": "US"}, "Enter a state, like Alabama."),
    (SHIPPING, ADDRESS | {"line1": ""}, "Enter a street and house number."),
    (SHIPPING, ADDRESS | {"shipping_method": ""}, "Choose how we should ship."),
    (SHIPPING, ADDRESS | {"shipping_method": "balloon"}, "Choose one of the shipping methods in the list."),
    (PAYMENT, {}, "Choose how you would like to pay."),
    (PAYMENT, {"payment_method": "barter"}, "Choose one of the payment methods in the list."),
]


@pytest.mark.parametrize(("url", "answers", "sentence"), WRONG)
def test_a_wrong_answer_is_explained_on_the_page(
    shopper: Client, url: str, answers: dict[str, str], sentence: str
) -> None:
    answer_until(shopper, url)
    before = stored_cart().serialize()
    response = shopper.post(url, answers)
    page = response.content.decode()
    assert response.status_code == 422
    # Once in the summary, which takes the focus, and once at the field.
    assert page.count(sentence) == 2
    assert "data-error-summary" in page
    assert page.startswith("<!doctype html>")
    assert stored_cart().serialize() == before


@pytest.mark.parametrize(("url", "answers", "sentence"), WRONG)
def test_a_wrong_answer_is_explained_in_the_form_alone_for_htmx(
    htmx_shopper: Client, url: str, answers: dict[str, str], sentence: str
) -> None:
    answer_until(htmx_shopper, url)
    response = htmx_shopper.post(url, answers)
    form = response.content.decode().strip()
    assert response.status_code == 422
    assert form.startswith('<form class="form" id="checkout-form"')
    assert form.endswith("</form>")
    assert form.count(sentence) == 2


def test_what_was_typed_stays_after_an_error(shopper: Client) -> None:
    answer_until(shopper, SHIPPING)
    page = shopper.post(SHIPPING, ADDRESS | {"postal_code": "x", "name": 'Ada "<b>"'}).content.decode()
    assert 'value="Ada &quot;&lt;b&gt;&quot;"' in page
    assert 'value="Torstrasse 1"' in page


@pytest.mark.parametrize("url", STEPS)
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(shopper: Client, url: str, method: str) -> None:
    assert getattr(shopper, method)(url).status_code == 405


@pytest.mark.parametrize("url", STEPS)
def test_an_empty_cart_leads_back_to_the_cart(client: Client, url: str) -> None:
    response = client.get(url, follow=True)
    assert response.redirect_chain == [("/cart/", 302)]
    assert "Your cart is empty" in response.content.decode()


@pytest.mark.parametrize("url", STEPS[1:])
def test_skipping_ahead_leads_to_the_first_open_step(shopper: Client, url: str) -> None:
    assert shopper.get(url)["Location"] == CONTACT
    answer_until(shopper, SHIPPING)
    assert shopper.get(REVIEW)["Location"] == SHIPPING
    if url in FORMS:
        # Nor can a form be sent ahead of its turn.
        assert Client(cookies=None).post(url, ANSWERS[url])["Location"] == "/cart/"


def test_a_cart_with_a_problem_is_put_right_first(shopper: Client) -> None:
    sku = stored_cart().lines[0].sku
    services.set_stock(sku=sku, available=1, now=LONG_AGO)
    response = shopper.get(CONTACT, follow=True)
    page = response.content.decode()
    assert response.redirect_chain == [("/cart/", 302)]
    assert "Before you check out, please change or remove the items that are marked." in page
    assert "Only 1 is left." in page


def test_going_back_to_change_one_answer_returns_to_the_review(shopper: Client) -> None:
    answer_until(shopper, REVIEW)
    assert 'value="ada@example.com"' in shopper.get(CONTACT).content.decode()
    response = shopper.post(CONTACT, {"email": "lovelace@example.com"})
    assert response["Location"] == REVIEW
    assert "lovelace@example.com" in shopper.get(REVIEW).content.decode()


def test_express_delivery_changes_the_total_everywhere(shopper: Client) -> None:
    assert shopper.get(CONTACT).content.decode().count("€76.90") == 3
    answer_until(shopper, SHIPPING)
    shopper.post(SHIPPING, ADDRESS | {"shipping_method": "express"})
    page = shopper.get(PAYMENT).content.decode()
    assert "Express delivery" in page
    assert page.count("€84.90") == 3


def test_an_answer_that_is_no_longer_offered_is_asked_again(shopper: Client, settings: object) -> None:
    answer_until(shopper, REVIEW)
    settings.SHIPPING_COUNTRIES = ["AT"]  # type: ignore[attr-defined]
    assert shopper.get(REVIEW)["Location"] == SHIPPING


def test_the_fields_say_what_they_are_to_browsers(shopper: Client) -> None:
    assert 'autocomplete="email"' in shopper.get(CONTACT).content.decode()
    answer_until(shopper, SHIPPING)
    page = shopper.get(SHIPPING).content.decode()
    tokens = ["name", "country", "address-line1", "address-line2", "postal-code", "address-level2", "address-level1"]
    assert [token for token in [*tokens, "tel"] if f'autocomplete="{token}"' not in page] == []
    assert page.count(" checked") == 1


def test_a_customer_finds_their_email_and_default_address(alice: Shopper) -> None:
    fill_cart(alice.client, make_product())
    alice.client.post(
        "/accounts/addresses/new/", {key: value for key, value in ADDRESS.items() if key != "shipping_method"}
    )
    alice.client.post(
        "/accounts/addresses/new/",
        {"name": "Alice", "line1": "Quay 5", "city": "Cork", "country_code": "IE"},
    )
    page = alice.client.get(CONTACT).content.decode()
    assert 'value="alice@example.com"' in page
    assert "Sign in" not in page
    alice.client.post(CONTACT, {"email": "alice@example.com"})
    page = alice.client.get(SHIPPING).content.decode()
    assert 'value="Torstrasse 1"' in page
    assert "Alice, Quay 5, Cork" in page
    link = page.split("Alice, Quay 5, Cork")[0].rpartition('href="')[2].partition('"')[0]
    assert 'value="Quay 5"' in alice.client.get(link.replace("&amp;", "&")).content.decode()


def test_a_guest_is_offered_to_sign_in_and_come_back(shopper: Client) -> None:
    assert 'href="/accounts/sign-in/?next=/checkout/contact/"' in shopper.get(CONTACT).content.decode()


def test_a_step_reads_a_guests_cart_in_two_calls_and_a_customers_in_four(
    shopper: Client, alice: Shopper, dynamodb_calls: Callable[[], AbstractContextManager[CallLog]]
) -> None:
    fill_cart(alice.client, make_product())
    answer_until(shopper, REVIEW)
    answer_until(alice.client, REVIEW)
    for url in STEPS:
        with dynamodb_calls() as log:
            assert shopper.get(url).status_code == 200
        assert log.count == 2, f"{url}: {log}"
        with dynamodb_calls() as log:
            assert alice.client.get(url).status_code == 200
        # The session, and for the address book the customer.
        assert log.count == (4 if url == SHIPPING else 3), f"{url}: {log}"
