from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.dispatch import receiver
from django.test import Client

from accounts import cognito
from accounts.errors import SignedOut
from cloudcart import signals
from cloudcart.sessions import StoredSession
from tests.accounts.autofill import text_of
from tests.accounts.conftest import session_of
from tests.cast import Shopper


def test_signing_out_ends_the_session_and_its_tokens(alice: Shopper) -> None:
    refresh_token = session_of(alice.client)["refresh_token"]
    response: Any = alice.client.post("/accounts/sign-out/", follow=True)
    assert response.redirect_chain == [("/accounts/sign-in/", 302)]
    assert "You are signed out." in text_of(response)
    assert alice.client.cookies[settings.SESSION_COOKIE_NAME].value == ""
    assert StoredSession.count() == 0
    with pytest.raises(SignedOut):
        cognito.refresh(refresh_token=refresh_token)


def test_signing_out_leaves_other_devices_alone(alice: Shopper) -> None:
    phone = alice.sign_in()
    alice.client.post("/accounts/sign-out/")
    assert phone.get("/accounts/profile/").status_code == 200
    assert cognito.refresh(refresh_token=session_of(phone)["refresh_token"]).access_token


def test_signing_out_works_while_cognito_does_not(alice: Shopper, unplug_cognito: Callable[[], None]) -> None:
    unplug_cognito()
    assert alice.client.post("/accounts/sign-out/").status_code == 302
    assert StoredSession.count() == 0


def test_signing_out_everywhere_ends_every_device(alice: Shopper, bob: Shopper) -> None:
    phone = alice.sign_in()
    refresh_tokens = [session_of(device)["refresh_token"] for device in (alice.client, phone)]
    response: Any = alice.client.post("/accounts/sign-out-everywhere/", follow=True)
    assert "You are signed out on all of your devices." in text_of(response)
    assert phone.get("/accounts/profile/").status_code == 302
    assert bob.client.get("/accounts/profile/").status_code == 200
    for token in refresh_tokens:
        with pytest.raises(SignedOut):
            cognito.refresh(refresh_token=token)


def test_signing_out_everywhere_ends_the_shops_sessions_while_cognito_is_away(
    alice: Shopper, unplug_cognito: Callable[[], None]
) -> None:
    phone = alice.sign_in()
    unplug_cognito()
    assert alice.client.post("/accounts/sign-out-everywhere/").status_code == 302
    assert phone.get("/accounts/profile/").status_code == 302
    assert StoredSession.count() == 0


@pytest.mark.parametrize("path", ["/accounts/sign-out/", "/accounts/sign-out-everywhere/"])
def test_a_guest_is_led_to_the_sign_in(client: Client, path: str) -> None:
    response = client.post(path)
    assert (response.status_code, response["Location"]) == (302, "/accounts/sign-in/")


@pytest.mark.parametrize("path", ["/accounts/sign-out/", "/accounts/sign-out-everywhere/"])
def test_a_link_signs_nobody_out(alice: Shopper, path: str) -> None:
    assert alice.client.get(path).status_code == 405
    assert alice.client.get("/accounts/profile/").status_code == 200


@pytest.mark.parametrize("path", ["/accounts/sign-out/", "/accounts/sign-out-everywhere/"])
def test_others_are_told_while_the_customer_is_still_known(alice: Shopper, path: str) -> None:
    told: list[tuple[str, str]] = []

    @receiver(signals.customer_signed_out)
    def listen(*, request: Any, customer_id: str, **_: Any) -> None:
        told.append((customer_id, request.find_identity().customer_id))

    try:
        alice.client.post(path)
    finally:
        signals.customer_signed_out.disconnect(listen)
    assert told == [(alice.customer_id, alice.customer_id)]
