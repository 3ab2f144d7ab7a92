from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import cognito
from accounts.models import Customer
from cloudcart.dynamo import count_calls
from tests.accounts.autofill import text_of
from tests.accounts.conftest import session_of
from tests.accounts.test_addresses import an_address
from tests.cast import Shopper


def test_the_profile_says_who_is_signed_in_and_leads_to_everything(alice: Shopper) -> None:
    response = alice.client.get("/accounts/profile/")
    page = response.content.decode()
    assert f"Signed in as {alice.email}" in text_of(response)
    ways = ["/orders/", "/accounts/addresses/", "/accounts/change-password/", "/accounts/sign-out-everywhere/"]
    assert [way for way in ways if f'"{way}"' not in page] == []
    assert f'value="{alice.name}"' in page


def test_the_default_address_is_shown(alice: Shopper) -> None:
    alice.client.post("/accounts/addresses/new/", an_address())
    assert "Alice Keller, Invalidenstraße 1, 10115 Berlin, Germany" in text_of(alice.client.get("/accounts/profile/"))


def test_the_page_costs_two_reads(alice: Shopper) -> None:
    with count_calls() as log:
        alice.client.get("/accounts/profile/")
    assert log.calls == [("GetItem", "sessions"), ("GetItem", "customers")]


def test_a_new_name_goes_to_cognito_the_item_and_the_session(carol: Shopper) -> None:
    response: Any = carol.client.post("/accounts/profile/", {"name": " Carola Fuchs "}, follow=True)
    assert response.redirect_chain == [("/accounts/profile/", 302)]
    assert "Your name is saved." in text_of(response)
    token = session_of(carol.client)["access_token"]
    attributes = {one["Name"]: one["Value"] for one in cognito.client().get_user(AccessToken=token)["UserAttributes"]}
    names = [attributes["name"], Customer.get(carol.customer_id).name, session_of(carol.client)["name"]]
    assert names == ["Carola Fuchs"] * 3


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "Enter your name."), ("x" * 101, "Shorten the name to 100 characters.")]
)
def test_a_name_that_will_not_do_is_explained(alice: Shopper, name: str, sentence: str) -> None:
    response = alice.client.post("/accounts/profile/", {"name": name})
    assert response.status_code == 422
    assert sentence in text_of(response)


def test_tokens_that_were_revoked_meanwhile_lead_to_the_sign_in(carol: Shopper) -> None:
    cognito.client().admin_user_global_sign_out(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=carol.email)
    response: Any = carol.client.post("/accounts/profile/", {"name": "Carola Fuchs"}, follow=True)
    assert response.redirect_chain[0][0].startswith("/accounts/sign-in/")
    assert Customer.get(carol.customer_id).name == carol.name


def test_cognito_out_of_reach_changes_nothing_and_is_told(alice: Shopper, unplug_cognito: Callable[[], None]) -> None:
    unplug_cognito()
    response = alice.client.post("/accounts/profile/", {"name": "Alicia"})
    assert response.status_code == 503
    assert 'value="Alicia"' in response.content.decode()
    assert Customer.get(alice.customer_id).name == alice.name


def test_a_guest_is_led_to_the_sign_in_and_back(client: Client, alice: Shopper) -> None:
    response = client.get("/accounts/profile/")
    assert response["Location"] == "/accounts/sign-in/?next=%2Faccounts%2Fprofile%2F"
    alice.sign_in(client)
    assert client.get(response["Location"])["Location"] == "/accounts/profile/"


def test_the_page_is_stored_nowhere(alice: Shopper) -> None:
    assert "no-store" in alice.client.get("/accounts/profile/")["Cache-Control"]


def test_other_methods_are_refused(alice: Shopper) -> None:
    assert alice.client.delete("/accounts/profile/").status_code == 405
