import re
from typing import Any

import pytest
from django.test import Client

from accounts import queries
from accounts.address_book import ADDRESS_LIMIT
from cloudcart.dynamo import count_calls
from tests.accounts.autofill import text_of
from tests.cast import Shopper

BOOK = "/accounts/addresses/"
NEW = "/accounts/addresses/new/"


def an_address(**changes: str) -> dict[str, str]:
    address = {"name": "Alice Keller", "country_code": "DE", "line1": "Invalidenstraße 1", "line2": ""}
    return address | {"postal_code": "10115", "city": "Berlin", "region": "", "phone": ""} | changes


def test_an_empty_book_says_what_it_is_good_for(alice: Shopper) -> None:
    page = text_of(alice.client.get(BOOK))
    assert "No addresses yet" in page
    assert "Add an address" in page


def test_the_first_address_is_the_default(alice: Shopper) -> None:
    response: Any = alice.client.post(NEW, an_address(), follow=True)
    assert response.redirect_chain == [(BOOK, 302)]
    assert "The address is saved." in text_of(response)
    assert "Alice Keller Invalidenstraße 1 10115 Berlin Germany Default" in text_of(response)


def test_the_form_begins_with_the_customers_name(alice: Shopper) -> None:
    assert f'value="{alice.name}"' in alice.client.get(NEW).content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"line1": ""}, "Enter a street and house number."),
        ({"postal_code": "1"}, "Enter a postal code, like"),
        ({"country_code": "XX"}, "Choose a country from the list."),
        ({"phone": "call me"}, "Enter a phone number"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(alice: Shopper, changes: dict[str, str], sentence: str) -> None:
    response = alice.client.post(NEW, an_address(**changes))
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert 'value="Berlin"' in response.content.decode()
    assert queries.list_addresses(alice.customer_id) == []


def test_the_same_address_is_not_saved_twice(alice: Shopper) -> None:
    for _ in range(2):
        assert alice.client.post(NEW, an_address()).status_code == 302
    assert _streets(alice) == ["Invalidenstraße 1"]


def test_a_full_book_says_so_and_keeps_the_input(alice: Shopper) -> None:
    for number in range(ADDRESS_LIMIT):
        alice.client.post(NEW, an_address(line1=f"Street {number}"))
    response = alice.client.post(NEW, an_address(line1="One too many"))
    assert response.status_code == 409
    assert "Your address book is full" in text_of(response)
    assert 'value="One too many"' in response.content.decode()
    assert len(_streets(alice)) == ADDRESS_LIMIT


def test_an_address_is_changed_in_its_place(alice: Shopper) -> None:
    first, _ = _two_addresses(alice)
    page = alice.client.get(f"{BOOK}{first}/").content.decode()
    assert 'value="Invalidenstraße 1"' in page
    response = alice.client.post(f"{BOOK}{first}/", an_address(line1="Torstraße 5"))
    assert (response.status_code, response["Location"]) == (302, BOOK)
    assert _streets(alice) == ["Torstraße 5", "Chausseestraße 22"]


def test_a_change_that_is_wrong_is_explained(alice: Shopper) -> None:
    first, _ = _two_addresses(alice)
    response = alice.client.post(f"{BOOK}{first}/", an_address(city=""))
    assert response.status_code == 422
    assert "Edit address" in text_of(response)
    assert _streets(alice)[0] == "Invalidenstraße 1"


def test_another_address_becomes_the_default(alice: Shopper) -> None:
    _, second = _two_addresses(alice)
    response: Any = alice.client.post(f"{BOOK}{second}/default/", follow=True)
    assert response.redirect_chain == [(BOOK, 302)]
    assert "This is your default address now." in text_of(response)
    assert _streets(alice) == ["Chausseestraße 22", "Invalidenstraße 1"]


def test_an_address_is_removed(alice: Shopper) -> None:
    first, _ = _two_addresses(alice)
    response: Any = alice.client.post(f"{BOOK}{first}/remove/", follow=True)
    assert "The address is removed." in text_of(response)
    assert _streets(alice) == ["Chausseestraße 22"]
    assert alice.client.post(f"{BOOK}{first}/remove/").status_code == 302


@pytest.mark.parametrize(
    ("act", "sentence", "left"),
    [
        ("default", "This is your default address now.", ["Chausseestraße 22", "Invalidenstraße 1"]),
        ("remove", "The address is removed.", ["Invalidenstraße 1"]),
    ],
)
def test_with_htmx_the_book_alone_comes_back_and_says_what_happened(
    alice: Shopper, act: str, sentence: str, left: list[str]
) -> None:
    _, second = _two_addresses(alice)
    response = alice.sign_in(htmx=True).post(f"{BOOK}{second}/{act}/")
    fragment = response.content.decode()
    assert response.status_code == 200
    assert "HX-Request" in response["Vary"]
    assert fragment.lstrip().startswith('<div class="address-book" id="address-book">')
    assert "<html" not in fragment
    assert re.search(rf'id="live-region" hx-swap-oob="innerHTML"><p[^>]*>{sentence}', fragment)
    assert _streets(alice) == left


def test_every_form_that_htmx_sends_is_a_form_without_it(alice: Shopper) -> None:
    _two_addresses(alice)
    page = alice.client.get(BOOK).content.decode()
    forms = re.findall(r"<form ([^>]*hx-post[^>]*)>", page)
    assert len(forms) == 3
    assert [form for form in forms if re.search(r'action="([^"]+)" hx-post="\1"', form) is None] == []


@pytest.mark.parametrize("act", ["", "default/"])
def test_what_is_not_there_is_not_found(alice: Shopper, act: str) -> None:
    assert alice.client.post(f"{BOOK}nothing/{act}", an_address()).status_code == 404


def test_nobody_sees_or_changes_the_addresses_of_another(alice: Shopper, bob: Shopper) -> None:
    first, second = _two_addresses(alice)
    assert "Invalidenstraße" not in text_of(bob.client.get(BOOK))
    assert bob.client.get(f"{BOOK}{first}/").status_code == 404
    assert bob.client.post(f"{BOOK}{first}/", an_address(line1="Bob was here 1")).status_code == 404
    assert bob.client.post(f"{BOOK}{second}/default/").status_code == 404
    bob.client.post(f"{BOOK}{first}/remove/")
    assert _streets(alice) == ["Invalidenstraße 1", "Chausseestraße 22"]


@pytest.mark.parametrize("path", ["", "new/", "some-id/"])
def test_a_guest_has_to_sign_in(client: Client, path: str) -> None:
    response = client.get(BOOK + path)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/sign-in/?next=%2Faccounts%2Faddresses%2F")


@pytest.mark.parametrize("act", ["remove/", "default/"])
def test_a_guest_with_htmx_is_sent_to_the_sign_in_and_back_to_the_page(htmx_client: Client, act: str) -> None:
    headers = {"HX-Current-URL": f"http://testserver{BOOK}"}
    response = htmx_client.post(f"{BOOK}some-id/{act}", headers=headers)
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/accounts/sign-in/?next=%2Faccounts%2Faddresses%2F"


@pytest.mark.parametrize("act", ["remove/", "default/"])
def test_a_link_changes_nothing(alice: Shopper, act: str) -> None:
    first, _ = _two_addresses(alice)
    assert alice.client.get(f"{BOOK}{first}/{act}").status_code == 405


def test_the_book_is_read_only_by_get(alice: Shopper) -> None:
    assert alice.client.post(BOOK).status_code == 405


def test_the_book_costs_two_reads(alice: Shopper) -> None:
    _two_addresses(alice)
    with count_calls() as log:
        alice.client.get(BOOK)
    assert log.calls == [("GetItem", "sessions"), ("GetItem", "customers")]


def _two_addresses(shopper: Shopper) -> list[str]:
    for street in ("Invalidenstraße 1", "Chausseestraße 22"):
        shopper.client.post(NEW, an_address(line1=street))
    return [saved.address_id for saved in queries.list_addresses(shopper.customer_id)]


def _streets(shopper: Shopper) -> list[str]:
    return [saved.address.line1 for saved in queries.list_addresses(shopper.customer_id)]
