from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import cognito, directory, remembered
from tests.accounts.autofill import text_of
from tests.cast import PASSWORD, Shopper

Mails = Callable[[], list[dict[str, Any]]]
REFUSED = "This code is not right or no longer valid."


@pytest.fixture
def unconfirmed(new_email: Callable[[], str]) -> str:
    email = new_email()
    cognito.sign_up(email=email, password=PASSWORD, name="Carol Fuchs")
    return email


def test_the_right_code_confirms_and_leads_to_the_sign_in_with_the_address_filled_in(
    client: Client, unconfirmed: str
) -> None:
    response: Any = client.post("/accounts/confirm/", {"email": unconfirmed, "code": "123456"}, follow=True)
    assert response.redirect_chain == [("/accounts/sign-in/", 302)]
    assert f'value="{unconfirmed}"' in response.content.decode()
    assert directory.find_status(unconfirmed) == "CONFIRMED"


def test_the_way_on_is_kept(client: Client, unconfirmed: str) -> None:
    response = client.post("/accounts/confirm/?next=/cart/", {"email": unconfirmed, "code": "123456"})
    assert response["Location"] == "/accounts/sign-in/?next=%2Fcart%2F"


def test_a_code_may_be_written_in_groups(client: Client, unconfirmed: str) -> None:
    assert client.post("/accounts/confirm/", {"email": unconfirmed, "code": " 123 456 "}).status_code == 302


def test_a_wrong_code_is_said_at_its_field(client: Client, unconfirmed: str) -> None:
    response = client.post("/accounts/confirm/", {"email": unconfirmed, "code": "111111"})
    assert response.status_code == 422
    assert REFUSED in text_of(response)
    assert directory.find_status(unconfirmed) == "UNCONFIRMED"


def test_the_answer_does_not_tell_whether_there_is_an_account(
    client: Client, unconfirmed: str, alice: Shopper, new_email: Callable[[], str]
) -> None:
    emails = [unconfirmed, alice.email, new_email()]
    responses = [client.post("/accounts/confirm/", {"email": email, "code": "111111"}) for email in emails]
    pages = {
        (response.status_code, response.content.decode().replace(email, "…"))
        for email, response in zip(emails, responses, strict=True)
    }
    assert len(pages) == 1
    assert REFUSED in pages.pop()[1]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_is_not_asked_of_cognito(client: Client, unconfirmed: str, code: str) -> None:
    response = client.post("/accounts/confirm/", {"email": unconfirmed, "code": code})
    assert response.status_code == 422
    assert ("The code has six digits." if code else "Enter the code from the mail.") in text_of(response)


def test_without_a_remembered_address_the_page_asks_for_it(client: Client) -> None:
    page = client.get("/accounts/confirm/").content.decode()
    assert 'autocomplete="email"' in page
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page


def test_a_forged_cookie_is_no_remembered_address(client: Client) -> None:
    client.cookies["account_email"] = "mallory@example.com:1tq0aa:forged"
    assert "mallory@example.com" not in client.get("/accounts/confirm/").content.decode()


def test_a_new_code_is_mailed(client: Client, unconfirmed: str, sent_mails: Mails) -> None:
    response: Any = client.post("/accounts/confirm/resend/?next=/cart/", {"email": unconfirmed}, follow=True)
    assert response.redirect_chain == [("/accounts/confirm/?next=%2Fcart%2F", 302)]
    assert f"If {unconfirmed} is waiting for a code, we have sent a new one." in text_of(response)
    assert [mail["To"] for mail in sent_mails()] == [[unconfirmed]]


def test_asking_for_a_new_code_does_not_tell_whether_there_is_an_account(
    client: Client, new_email: Callable[[], str], sent_mails: Mails
) -> None:
    response = client.post("/accounts/confirm/resend/", {"email": new_email()})
    assert (response.status_code, response["Location"]) == (302, "/accounts/confirm/")
    assert sent_mails() == []


def test_asking_for_a_new_code_without_an_address_is_explained(client: Client) -> None:
    response = client.post("/accounts/confirm/resend/", {"email": "carol"})
    assert response.status_code == 422
    assert "Enter an e-mail address like name@example.com." in text_of(response)


def test_a_new_code_is_sent_by_post_only(client: Client) -> None:
    assert client.get("/accounts/confirm/resend/").status_code == 405


def test_the_remembered_address_stays_within_the_account_pages(client: Client, unconfirmed: str) -> None:
    client.post("/accounts/confirm/resend/", {"email": unconfirmed})
    cookie = client.cookies[remembered.COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        "/accounts/",
        True,
        "Lax",
        3600,
    )
