from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import cognito
from accounts.errors import SignedOut, WrongCredentials
from cloudcart.sessions import StoredSession
from tests.accounts.autofill import text_of
from tests.accounts.conftest import session_of
from tests.accounts.fakes import FakePool
from tests.cast import Shopper

Mails = Callable[[], list[dict[str, Any]]]
NEW_PASSWORD = "another good password"


def test_asking_mails_a_code_and_leads_to_where_it_is_entered(
    client: Client, carol: Shopper, sent_mails: Mails
) -> None:
    response: Any = client.post("/accounts/forgot-password/?next=/cart/", {"email": carol.email}, follow=True)
    assert response.redirect_chain == [("/accounts/reset-password/?next=%2Fcart%2F", 302)]
    assert f"If {carol.email} has an account, we have sent it a mail with a code." in text_of(response)
    assert [mail["To"] for mail in sent_mails()] == [[carol.email]]


def test_asking_does_not_tell_whether_there_is_an_account(
    client: Client, new_email: Callable[[], str], sent_mails: Mails
) -> None:
    email = new_email()
    response: Any = client.post("/accounts/forgot-password/", {"email": email}, follow=True)
    assert response.redirect_chain == [("/accounts/reset-password/", 302)]
    assert f"If {email} has an account" in text_of(response)
    assert sent_mails() == []


def test_an_account_that_takes_no_new_password_is_not_told_either(
    client: Client, carol: Shopper, refusing_cognito: FakePool
) -> None:
    refusing_cognito.refuse("NotAuthorizedException", "User password cannot be reset in the current state.")
    response = client.post("/accounts/forgot-password/", {"email": carol.email})
    assert (response.status_code, response["Location"]) == (302, "/accounts/reset-password/")
    assert refusing_cognito.calls == ["ForgotPassword"]


def test_the_address_of_the_last_page_is_filled_in(client: Client, carol: Shopper) -> None:
    client.post("/accounts/confirm/resend/", {"email": carol.email})
    assert f'value="{carol.email}"' in client.get("/accounts/forgot-password/").content.decode()


def test_asking_without_an_address_is_explained(client: Client) -> None:
    response = client.post("/accounts/forgot-password/", {"email": "carol"})
    assert response.status_code == 422
    assert "Enter an e-mail address like name@example.com." in text_of(response)


def test_cognito_out_of_reach_is_told(client: Client, unplug_cognito: Callable[[], None]) -> None:
    unplug_cognito()
    response = client.post("/accounts/forgot-password/", {"email": "carol@example.com"})
    assert response.status_code == 503
    assert "Please try again in a minute." in text_of(response)


def test_cognitos_own_limit_is_told_with_a_time(client: Client, refusing_cognito: FakePool) -> None:
    refusing_cognito.refuse("LimitExceededException", "Attempt limit exceeded, please try after some time.")
    response = client.post("/accounts/forgot-password/", {"email": "carol@example.com"})
    assert (response.status_code, response["Retry-After"]) == (429, "900")
    assert "Please wait 15 minutes and try again." in text_of(response)
    assert "no-store" in response["Cache-Control"]


def test_the_code_sets_the_password_and_signs_this_device_in_and_the_others_out(carol: Shopper) -> None:
    thief, browser = carol.client, _asked(carol)
    refresh_token = session_of(thief)["refresh_token"]
    response = _reset(browser, carol)
    assert (response.status_code, response["Location"]) == (302, "/accounts/profile/")
    assert session_of(browser)["customer_id"] == carol.customer_id
    assert StoredSession.count() == 1
    assert thief.get("/accounts/profile/").status_code == 302
    with pytest.raises(SignedOut):
        cognito.refresh(refresh_token=refresh_token)
    with pytest.raises(WrongCredentials):
        cognito.sign_in(email=carol.email, password=carol.password)


def test_a_code_serves_once(carol: Shopper) -> None:
    browser = _asked(carol)
    _reset(browser, carol)
    response = _reset(browser, carol)
    assert response.status_code == 422
    assert "This code is not right or no longer valid." in text_of(response)


def test_a_wrong_code_does_not_tell_whether_there_is_an_account(
    client: Client, carol: Shopper, new_email: Callable[[], str]
) -> None:
    browser = _asked(carol)
    cases = [(browser, carol.email), (client, carol.email), (client, new_email())]
    answers = [
        (response.status_code, "This code is not right or no longer valid." in text_of(response))
        for response in (_send(one, email, code="111111") for one, email in cases)
    ]
    assert answers == [(422, True)] * 3


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": ""}, "Enter the code from the mail."),
        ({"code": "12"}, "The code has six digits."),
        ({"password": ""}, "Choose a password."),
        ({"password": "short"}, "Choose a password of at least 10 characters"),
        ({"email": ""}, "Enter your e-mail address."),
    ],
)
def test_what_is_wrong_is_said_and_the_password_is_not_kept(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    entered = {"email": "carol@example.com", "code": "654321", "password": NEW_PASSWORD} | changes
    response = client.post("/accounts/reset-password/", entered)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert NEW_PASSWORD not in response.content.decode()


def test_a_disabled_account_gets_its_password_and_stays_out(client: Client, carol: Shopper) -> None:
    browser = _asked(carol)
    cognito.client().admin_disable_user(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=carol.email)
    response: Any = _reset(browser, carol)
    assert (response.status_code, response["Location"]) == (302, "/accounts/sign-in/")
    assert "Your new password is set. Sign in with it." in text_of(browser.get("/accounts/sign-in/"))


def test_without_a_remembered_address_the_page_asks_for_it(client: Client) -> None:
    page = client.get("/accounts/reset-password/").content.decode()
    assert 'type="email" name="email" autocomplete="username"' in page
    assert 'autocomplete="one-time-code"' in page
    assert 'autocomplete="new-password"' in page


@pytest.mark.parametrize("path", ["/accounts/forgot-password/", "/accounts/reset-password/"])
def test_other_methods_are_refused(client: Client, path: str) -> None:
    assert client.put(path).status_code == 405


def _asked(shopper: Shopper) -> Client:
    browser = Client(headers={"Sec-Fetch-Site": "same-origin"})
    browser.post("/accounts/forgot-password/", {"email": shopper.email})
    return browser


def _reset(client: Client, shopper: Shopper) -> Any:
    return _send(client, shopper.email, code="654321")


def _send(client: Client, email: str, *, code: str) -> Any:
    return client.post("/accounts/reset-password/", {"email": email, "code": code, "password": NEW_PASSWORD})
