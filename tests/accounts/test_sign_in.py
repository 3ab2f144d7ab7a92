from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.dispatch import receiver
from django.test import Client

from accounts import cognito, directory, tokens
from accounts.errors import SignedOut
from accounts.models import Customer
from accounts.tokens import SigningKeys
from cloudcart import signals
from cloudcart.dynamo import count_calls
from cloudcart.sessions import StoredSession
from tests.accounts.autofill import text_of
from tests.accounts.conftest import session_of
from tests.accounts.fakes import FakePool
from tests.cast import PASSWORD, Shopper

Mails = Callable[[], list[dict[str, Any]]]
WRONG = "The e-mail address or the password is not right."


def test_signing_in_keeps_who_it_is_and_the_tokens_in_the_session(alice: Shopper) -> None:
    session = session_of(alice.client)
    assert (session["customer_id"], session["email"], session["name"]) == (
        alice.customer_id,
        alice.email,
        alice.name,
    )
    assert tokens.verify_access_token(session["access_token"]).customer_id == alice.customer_id
    assert session["refresh_at"] == tokens.verify_access_token(session["access_token"]).expires_at - 60
    assert session["refresh_token"]


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(alice: Shopper) -> None:
    cookie = alice.client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_the_first_sign_in_makes_the_customers_item_and_the_next_leaves_it(alice: Shopper) -> None:
    customer = Customer.get(alice.customer_id)
    assert (customer.email, customer.name, list(customer.addresses)) == (alice.email, alice.name, [])
    alice.sign_in()
    assert Customer.get(alice.customer_id).created_at == customer.created_at
    assert Customer.count() == 1


def test_a_name_that_changed_in_cognito_is_taken_over(carol: Shopper) -> None:
    directory.create_confirmed_account(email=carol.email, password=carol.password, name="Carola Fuchs")
    carol.sign_in()
    assert Customer.get(carol.customer_id).name == "Carola Fuchs"


def test_without_a_wish_the_way_leads_to_the_profile(client: Client, alice: Shopper) -> None:
    response = _sign_in(client, alice.email, alice.password)
    assert (response.status_code, response["Location"]) == (302, "/accounts/profile/")


def test_capitals_in_the_address_do_not_matter(client: Client, alice: Shopper) -> None:
    assert _sign_in(client, alice.email.upper(), alice.password).status_code == 302


@pytest.mark.parametrize(
    ("wish", "way"),
    [
        ("/cart/", "/cart/"),
        ("/orders/?page=2", "/orders/?page=2"),
        ("https://evil.example/", "/accounts/profile/"),
        ("//evil.example/", "/accounts/profile/"),
        ("/\\evil.example", "/accounts/profile/"),
        ("javascript:alert(1)", "/accounts/profile/"),
        ("", "/accounts/profile/"),
    ],
)
def test_the_way_back_stays_within_the_shop(client: Client, alice: Shopper, wish: str, way: str) -> None:
    response = client.post(
        "/accounts/sign-in/",
        {"email": alice.email, "password": alice.password},
        query_params={"next": wish},
    )
    assert (response.status_code, response["Location"]) == (302, way)


def test_an_unknown_address_and_a_wrong_password_read_the_same(
    client: Client, alice: Shopper, new_email: Callable[[], str]
) -> None:
    pages, calls = [], []
    for email in (alice.email, new_email()):
        with count_calls() as log:
            response = _sign_in(client, email, "wrong password")
        pages.append((response.status_code, response.content.decode().replace(email, "…")))
        calls.append(log.calls)
    assert pages[0] == pages[1]
    assert (pages[0][0], WRONG in pages[0][1]) == (422, True)
    assert calls[0] == calls[1]


def test_a_disabled_account_reads_like_a_wrong_password(client: Client, carol: Shopper) -> None:
    cognito.client().admin_disable_user(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=carol.email)
    response = _sign_in(client, carol.email, carol.password)
    assert response.status_code == 422
    assert WRONG in text_of(response)


def test_the_address_is_kept_and_the_password_is_not(client: Client, alice: Shopper) -> None:
    page = _sign_in(client, alice.email, "wrong password").content.decode()
    assert f'value="{alice.email}"' in page
    assert "wrong password" not in page


def test_an_empty_form_says_what_is_missing(client: Client) -> None:
    response = _sign_in(client, "", "")
    assert response.status_code == 422
    assert "Enter your e-mail address." in text_of(response)
    assert "Enter your password." in text_of(response)


def test_an_unconfirmed_account_is_led_to_its_confirmation_with_a_fresh_code(
    client: Client, new_email: Callable[[], str], sent_mails: Mails
) -> None:
    email = new_email()
    cognito.sign_up(email=email, password=PASSWORD, name="Carol Fuchs")
    response: Any = client.post("/accounts/sign-in/?next=/cart/", {"email": email, "password": PASSWORD}, follow=True)
    assert response.redirect_chain == [("/accounts/confirm/?next=%2Fcart%2F", 302)]
    assert "Your e-mail address is not confirmed yet." in text_of(response)
    assert email in text_of(response)
    assert [mail["To"] for mail in sent_mails()] == [[email], [email]]


def test_a_password_that_has_to_be_set_anew_leads_there_with_a_code(
    client: Client, carol: Shopper, sent_mails: Mails
) -> None:
    cognito.client().admin_reset_user_password(UserPoolId=settings.COGNITO_USER_POOL_ID, Username=carol.email)
    response: Any = client.post("/accounts/sign-in/", {"email": carol.email, "password": carol.password}, follow=True)
    assert response.redirect_chain == [("/accounts/reset-password/", 302)]
    assert "Your password has to be set anew." in text_of(response)
    assert sent_mails()[-1]["To"] == [carol.email]


def test_a_temporary_password_is_explained(client: Client, new_email: Callable[[], str]) -> None:
    email = new_email()
    cognito.client().admin_create_user(
        UserPoolId=settings.COGNITO_USER_POOL_ID, Username=email, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS"
    )
    response = _sign_in(client, email, PASSWORD)
    assert response.status_code == 422
    assert "This account is not set up completely." in text_of(response)


def test_the_session_id_changes_at_the_sign_in(client: Client, alice: Shopper) -> None:
    before = alice.client.cookies[settings.SESSION_COOKIE_NAME].value
    alice.sign_in(alice.client)
    after = alice.client.cookies[settings.SESSION_COOKIE_NAME].value
    assert after != before
    client.cookies[settings.SESSION_COOKIE_NAME] = before
    assert client.get("/accounts/profile/").status_code == 302
    assert StoredSession.count() == 1


def test_an_id_that_was_slipped_to_the_browser_is_not_used(client: Client, alice: Shopper) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "chosen-by-the-attacker-0000000000"
    _sign_in(client, alice.email, alice.password)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != "chosen-by-the-attacker-0000000000"


def test_another_customer_in_the_same_browser_takes_nothing_over(alice: Shopper, bob: Shopper) -> None:
    browser = alice.sign_in()
    refresh_token = session_of(browser)["refresh_token"]
    bob.sign_in(browser)
    assert session_of(browser)["customer_id"] == bob.customer_id
    assert {session.customer_id for session in StoredSession.scan()} == {alice.customer_id, bob.customer_id}
    with pytest.raises(SignedOut):
        cognito.refresh(refresh_token=refresh_token)


def test_others_are_told_of_a_sign_in_and_their_trouble_keeps_nobody_out(client: Client, alice: Shopper) -> None:
    told: list[str] = []

    @receiver(signals.customer_signed_in)
    def listen(*, request: Any, customer_id: str, **_: Any) -> None:
        told.append(customer_id)
        assert request.find_identity().customer_id == customer_id
        raise RuntimeError("trouble")

    try:
        assert _sign_in(client, alice.email, alice.password).status_code == 302
    finally:
        signals.customer_signed_in.disconnect(listen)
    assert told == [alice.customer_id]
    assert client.get("/accounts/profile/").status_code == 200


def test_tokens_that_cannot_be_verified_sign_nobody_in(
    client: Client, alice: Shopper, fake_pool: FakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_pool.break_keys()
    monkeypatch.setattr(tokens, "signing_keys", SigningKeys(lambda: fake_pool.keys_url))
    response = _sign_in(client, alice.email, alice.password)
    assert response.status_code == 503
    assert "Please try again in a minute." in text_of(response)
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_cognito_out_of_reach_is_told(client: Client, unplug_cognito: Callable[[], None]) -> None:
    unplug_cognito()
    response = _sign_in(client, "alice@example.com", PASSWORD)
    assert response.status_code == 503
    assert "Please try again in a minute." in text_of(response)


def test_whoever_is_signed_in_goes_on(alice: Shopper) -> None:
    response = alice.client.get("/accounts/sign-in/?next=/cart/")
    assert (response.status_code, response["Location"]) == (302, "/cart/")


def test_a_form_of_another_site_signs_nobody_in(alice: Shopper) -> None:
    browser = Client(headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert _sign_in(browser, alice.email, alice.password).status_code == 403


def test_other_methods_are_refused(client: Client) -> None:
    assert client.delete("/accounts/sign-in/").status_code == 405


def _sign_in(client: Client, email: str, password: str) -> Any:
    return client.post("/accounts/sign-in/", {"email": email, "password": password})
