from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import cognito, directory, tasks
from accounts.errors import AccountUnconfirmed
from tests.accounts.autofill import text_of
from tests.accounts.fakes import FakePool
from tests.cast import PASSWORD, Shopper, a_browser

Mails = Callable[[], list[dict[str, Any]]]
NewEmail = Callable[[], str]


def test_the_form_says_what_its_fields_are_for(client: Client) -> None:
    page = client.get("/accounts/sign-up/").content.decode()
    assert 'name="name"' in page
    assert 'autocomplete="name"' in page
    assert 'autocomplete="email"' in page
    assert 'autocomplete="new-password"' in page


def test_signing_up_makes_an_unconfirmed_account_and_leads_to_the_code(
    client: Client, new_email: NewEmail, sent_mails: Mails
) -> None:
    email = new_email()
    response = _sign_up(client, email)
    assert (response.status_code, response["Location"]) == (302, "/accounts/confirm/")
    assert directory.find_status(email) == "UNCONFIRMED"
    with pytest.raises(AccountUnconfirmed):
        cognito.sign_in(email=email, password=PASSWORD)
    [mail] = sent_mails()
    assert mail["To"] == [email]
    assert "Here is your code" in mail["BodyHtml"]
    assert "CloudCart" in mail["BodyHtml"]
    assert "123456" in mail["BodyHtml"]


def test_the_next_page_knows_the_address_and_tells_where_local_mail_is(client: Client, new_email: NewEmail) -> None:
    email = new_email()
    page = client.get(_sign_up(client, email)["Location"])
    assert f"We have sent a mail to {email} ." in text_of(page)
    assert 'href="/mailbox/"' in page.content.decode()


def test_an_address_is_the_same_in_capitals(client: Client, new_email: NewEmail) -> None:
    email = new_email()
    _sign_up(client, email.upper())
    assert directory.find_status(email) == "UNCONFIRMED"


def test_an_existing_account_gets_the_same_answer_as_a_new_one(
    client: Client, alice: Shopper, new_email: NewEmail
) -> None:
    email = new_email()
    fresh, known = _sign_up(client, email), _sign_up(a_browser(), alice.email)
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    pages = [client.get("/accounts/confirm/").content.decode() for client in (fresh.client, known.client)]
    assert pages[0].replace(email, "…") == pages[1].replace(alice.email, "…")
    cognito.sign_in(email=alice.email, password=alice.password)


def test_the_owner_of_an_existing_account_is_told_by_a_task(
    client: Client, alice: Shopper, task_queue: Callable[[], int], sent_mails: Mails
) -> None:
    _sign_up(client, alice.email)
    assert task_queue() == 1
    assert sent_mails() == []
    tasks.answer_repeated_sign_up(email=alice.email)
    [mail] = sent_mails()
    assert (mail["To"], mail["Subject"]) == ([alice.email], "You already have an account at CloudCart")


def test_signing_up_again_before_the_confirmation_mails_a_new_code(
    client: Client, new_email: NewEmail, sent_mails: Mails
) -> None:
    email = new_email()
    _sign_up(client, email)
    _sign_up(client, email)
    tasks.answer_repeated_sign_up(email=email)
    assert [mail["Subject"] for mail in sent_mails()] == ["Your code for CloudCart"] * 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": ""}, "Enter your e-mail address."),
        ({"email": "carol"}, "Enter an e-mail address like name@example.com."),
        ({"email": "c@" + "x" * 250 + ".example"}, "An e-mail address has at most 254 characters."),
        ({"name": "  "}, "Enter your name."),
        ({"name": "x" * 101}, "Shorten the name to 100 characters."),
        ({"password": ""}, "Choose a password."),
        ({"password": "123456789"}, "Choose a password of at least 10 characters"),
        ({"password": " 1234567890"}, "with no space at its ends"),
        ({"password": "x" * 257}, "A password has at most 256 characters."),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept_but_never_the_password(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    entered = {"name": "Carol", "email": "carol@example.com", "password": PASSWORD} | changes
    response = client.post("/accounts/sign-up/", entered)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert entered["email"] in page
    assert 'type="password" name="password" autocomplete="new-password"' in page
    assert PASSWORD not in page


def test_a_password_that_cognito_refuses_is_explained_at_its_field(
    client: Client, refusing_cognito: FakePool, new_email: NewEmail
) -> None:
    refusing_cognito.refuse("InvalidPasswordException", "Provided password cannot be used for security reasons.")
    response = _sign_up(client, new_email())
    assert response.status_code == 422
    assert "This password is known from a theft at another site." in text_of(response)


def test_cognito_out_of_reach_is_told_with_the_input_kept(
    client: Client, unplug_cognito: Callable[[], None], new_email: NewEmail
) -> None:
    unplug_cognito()
    email = new_email()
    response = _sign_up(client, email)
    assert response.status_code == 503
    assert "Please try again in a minute." in text_of(response)
    assert email in response.content.decode()


def test_whoever_is_signed_in_has_no_use_for_the_form(alice: Shopper) -> None:
    response = alice.client.get("/accounts/sign-up/?next=/cart/")
    assert (response.status_code, response["Location"]) == (302, "/cart/")


def test_other_methods_are_refused(client: Client) -> None:
    assert client.put("/accounts/sign-up/").status_code == 405


def test_the_page_is_stored_nowhere(client: Client) -> None:
    assert "no-store" in client.get("/accounts/sign-up/")["Cache-Control"]


def _sign_up(client: Client, email: str) -> Any:
    return client.post("/accounts/sign-up/", {"name": "Carol Fuchs", "email": email, "password": PASSWORD})
