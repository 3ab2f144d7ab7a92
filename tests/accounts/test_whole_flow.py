import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from tests.accounts.autofill import fill_in, text_of
from tests.accounts.conftest import session_of

PASSWORD = "correct horse battery"
SIGN_UP_CODE, RESET_CODE = "123456", "654321"

Mails = Callable[[], list[dict[str, Any]]]


def test_a_program_signs_up_confirms_and_signs_in_by_filling_in_forms(
    client: Client, new_email: Callable[[], str], sent_mails: Mails
) -> None:
    email = new_email()
    page = client.get("/accounts/profile/", follow=True)
    page = client.get(f"/accounts/sign-up/?{page.request['QUERY_STRING']}")
    page = fill_in(client, page, name="Carol Fuchs", email=email, new_password=PASSWORD)
    assert "Check your mail" in text_of(page)
    assert [(mail["To"], mail["Subject"]) for mail in sent_mails()] == [([email], "Your code for CloudCart")]
    page = fill_in(client, page, one_time_code=SIGN_UP_CODE)
    assert "Your e-mail address is confirmed." in text_of(page)
    page = fill_in(client, page, current_password=PASSWORD)
    assert page.request["PATH_INFO"] == "/accounts/profile/"
    assert f"Signed in as {email}" in text_of(page)
    assert [(customer.email, customer.name) for customer in Customer.scan()] == [(email, "Carol Fuchs")]


def test_a_forgotten_password_is_replaced_by_filling_in_forms(
    client: Client, new_email: Callable[[], str], sent_mails: Mails
) -> None:
    email = _sign_up(client, new_email())
    page = client.get("/accounts/forgot-password/")
    page = fill_in(client, page, username=email)
    assert sent_mails()[-1]["To"] == [email]
    page = fill_in(client, page, one_time_code=RESET_CODE, new_password="another good password")
    assert "Your new password is set." in text_of(page)
    assert session_of(client)["email"] == email


def test_no_password_code_token_or_address_gets_into_the_logs(
    client: Client, new_email: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    email = _sign_up(client, new_email())
    fill_in(client, client.get("/accounts/sign-in/"), username=email, current_password="wrong password")
    fill_in(client, client.get("/accounts/sign-in/"), username=email, current_password=PASSWORD)
    session = session_of(client)
    secrets = [session["access_token"], session["refresh_token"], str(session.session_key)]
    changed = {"current_password": PASSWORD, "password": "another good password"}
    client.post("/accounts/change-password/", changed)
    client.post("/accounts/sign-out-everywhere/")
    page = fill_in(client, client.get("/accounts/forgot-password/"), username=email)
    fill_in(client, page, one_time_code=RESET_CODE, new_password="third time lucky")
    client.post("/accounts/sign-up/", {"name": "Carol Fuchs", "email": email, "password": PASSWORD})
    secrets += [email, "Carol Fuchs", PASSWORD, "wrong password", "another good password", "third time lucky"]
    secrets += [SIGN_UP_CODE, RESET_CODE]
    lines = [logging.getLogger().handlers[0].format(record) for record in caplog.records]
    assert sum("customer.signed_in" in line for line in lines) == 3
    assert [(secret, line) for line in lines for secret in secrets if secret in line] == []


def _sign_up(client: Client, email: str) -> str:
    page = client.get("/accounts/sign-up/")
    page = fill_in(client, page, name="Carol Fuchs", email=email, new_password=PASSWORD)
    fill_in(client, page, one_time_code=SIGN_UP_CODE)
    return email
