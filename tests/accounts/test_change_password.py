from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import cognito
from accounts.errors import SignedOut
from cloudcart.sessions import StoredSession
from tests.accounts.autofill import text_of
from tests.accounts.conftest import session_of
from tests.accounts.fakes import FakePool
from tests.cast import Shopper

NEW_PASSWORD = "another good password"


def test_changing_the_password_changes_the_session_id_and_signs_other_devices_out(carol: Shopper) -> None:
    phone = carol.sign_in()
    phone_token, old_key = session_of(phone)["refresh_token"], session_of(carol.client).session_key
    response: Any = _change(carol.client, carol.password, follow=True)
    assert response.redirect_chain == [("/accounts/profile/", 302)]
    assert "Your password is changed. Every other device is signed out." in text_of(response)
    assert session_of(carol.client).session_key != old_key
    assert StoredSession.count() == 1
    assert phone.get("/accounts/profile/").status_code == 302
    assert cognito.sign_in(email=carol.email, password=NEW_PASSWORD).access_token
    with pytest.raises(SignedOut):
        cognito.refresh(refresh_token=phone_token)


def test_a_wrong_present_password_is_said_at_its_field(carol: Shopper) -> None:
    response = _change(carol.client, "wrong password")
    page = response.content.decode()
    assert response.status_code == 422
    assert "This is not your present password." in text_of(response)
    assert "wrong password" not in page
    assert NEW_PASSWORD not in page
    assert cognito.sign_in(email=carol.email, password=carol.password).access_token


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"current_password": ""}, "Enter your present password."),
        ({"password": ""}, "Choose a password."),
        ({"password": "short"}, "Choose a password of at least 10 characters"),
    ],
)
def test_what_is_missing_is_said(alice: Shopper, changes: dict[str, str], sentence: str) -> None:
    entered = {"current_password": alice.password, "password": NEW_PASSWORD} | changes
    response = alice.client.post("/accounts/change-password/", entered)
    assert response.status_code == 422
    assert sentence in text_of(response)


def test_guessing_the_present_password_is_stopped(carol: Shopper) -> None:
    statuses = [_change(carol.client, f"guess number {number}").status_code for number in range(11)]
    assert 5 <= statuses.index(429) <= 10
    assert _change(carol.client, carol.password).status_code == 429


def test_a_password_that_cognito_has_seen_before_is_explained(alice: Shopper, refusing_cognito: FakePool) -> None:
    refusing_cognito.refuse("PasswordHistoryPolicyViolationException")
    response = _change(alice.client, alice.password)
    assert response.status_code == 422
    assert "You have used this password before." in text_of(response)


def test_tokens_that_were_revoked_meanwhile_lead_to_the_sign_in(carol: Shopper) -> None:
    cognito.client().admin_user_global_sign_out(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=carol.email)
    response: Any = _change(carol.client, carol.password, follow=True)
    assert response.redirect_chain[0][0].startswith("/accounts/sign-in/")
    assert "You have been signed out." in text_of(response)
    assert StoredSession.count() == 0


def test_cognito_out_of_reach_is_told(alice: Shopper, unplug_cognito: Callable[[], None]) -> None:
    unplug_cognito()
    response = _change(alice.client, alice.password)
    assert response.status_code == 503
    assert "Please try again in a minute." in text_of(response)


def test_a_guest_has_to_sign_in(client: Client) -> None:
    response = client.get("/accounts/change-password/")
    assert response["Location"] == "/accounts/sign-in/?next=%2Faccounts%2Fchange-password%2F"
    assert _change(client, "any password").status_code == 302


def test_password_managers_learn_whose_password_it_is(alice: Shopper) -> None:
    page = alice.client.get("/accounts/change-password/").content.decode()
    assert f'value="{alice.email}" autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in page


def test_other_methods_are_refused(alice: Shopper) -> None:
    assert alice.client.put("/accounts/change-password/").status_code == 405


def _change(client: Client, current: str, *, follow: bool = False) -> Any:
    entered = {"current_password": current, "password": NEW_PASSWORD}
    return client.post("/accounts/change-password/", entered, follow=follow)
