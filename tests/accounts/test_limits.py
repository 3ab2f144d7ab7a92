from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from cloudcart.rate_limits import AttemptCounter
from tests.accounts.autofill import text_of
from tests.cast import PASSWORD, Shopper, a_browser

NewEmail = Callable[[], str]
# A window may begin in the middle of a test, so up to twice as many pass.


def test_guessing_a_password_is_stopped_and_the_account_is_not_told_by_it(
    client: Client, carol: Shopper, new_email: NewEmail
) -> None:
    for email in (carol.email, new_email()):
        responses = [_sign_in(client, email, "wrong password") for _ in range(11)]
        stopped = next(response for response in responses if response.status_code == 429)
        assert 5 <= responses.index(stopped) <= 10
        assert 1 <= int(stopped["Retry-After"]) <= 900
        assert "There were too many attempts." in text_of(stopped)
        assert "no-store" in stopped["Cache-Control"]


def test_the_right_password_does_not_help_once_the_limit_is_reached(client: Client, carol: Shopper) -> None:
    for _ in range(10):
        _sign_in(client, carol.email, "wrong password")
    assert _sign_in(client, carol.email, carol.password).status_code == 429


def test_the_limit_of_an_account_holds_in_every_browser(carol: Shopper) -> None:
    for _ in range(10):
        _sign_in(a_browser(), carol.email, "wrong password")
    assert _sign_in(a_browser(), carol.email.upper(), carol.password).status_code == 429


def test_the_right_password_makes_the_wrong_ones_forgotten(client: Client, carol: Shopper) -> None:
    for _ in range(3):
        for _ in range(4):
            assert _sign_in(client, carol.email, "wrong password").status_code == 422
        assert _sign_in(client, carol.email, carol.password).status_code == 302


def test_a_code_cannot_be_guessed_by_trying(client: Client, new_email: NewEmail) -> None:
    email = new_email()
    guesses = [_enter_code(client, email, f"{number:06}") for number in range(21)]
    assert 10 <= guesses.index(429) <= 20


def test_entering_codes_is_one_limit_for_both_pages(client: Client, new_email: NewEmail) -> None:
    email = new_email()
    for number in range(20):
        _enter_code(client, email, f"{number:06}")
    entered = {"email": email, "code": "654321", "password": PASSWORD}
    assert client.post("/accounts/reset-password/", entered).status_code == 429


@pytest.mark.parametrize(
    ("path", "first_stop"),
    [("/accounts/sign-up/", 5), ("/accounts/confirm/resend/", 5), ("/accounts/forgot-password/", 4)],
)
def test_nobodys_mailbox_is_flooded(client: Client, new_email: NewEmail, path: str, first_stop: int) -> None:
    entered = {"email": new_email(), "name": "Carol Fuchs", "password": PASSWORD}
    statuses = [client.post(path, entered).status_code for _ in range(2 * first_stop + 1)]
    assert first_stop <= statuses.index(429) <= 2 * first_stop
    assert set(statuses) == {302, 429}


def test_one_address_cannot_ask_for_many_accounts_whatever_it_says_of_itself(
    client: Client, new_email: NewEmail
) -> None:
    statuses = [_ask(client, new_email(), forwarded=f"203.0.113.{number}") for number in range(41)]
    assert 20 <= statuses.index(429) <= 40


def test_behind_a_proxy_only_what_the_proxy_says_counts(
    client: Client, new_email: NewEmail, settings: Settings
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    statuses = [_ask(client, new_email(), forwarded=f"203.0.113.{number}, 198.51.100.7") for number in range(41)]
    assert 20 <= statuses.index(429) <= 40
    assert _ask(client, new_email(), forwarded="203.0.113.1, 198.51.100.8") == 302


def test_who_is_stopped_by_address_uses_up_nobodys_account(client: Client, carol: Shopper, new_email: NewEmail) -> None:
    for _ in range(40):
        _ask(client, new_email(), forwarded="")
    before = AttemptCounter.count()
    assert _ask(client, carol.email, forwarded="") == 429
    assert AttemptCounter.count() == before


def _sign_in(client: Client, email: str, password: str) -> Any:
    return client.post("/accounts/sign-in/", {"email": email, "password": password})


def _enter_code(client: Client, email: str, code: str) -> int:
    return client.post("/accounts/confirm/", {"email": email, "code": code}).status_code


def _ask(client: Client, email: str, *, forwarded: str) -> int:
    headers = {"X-Forwarded-For": forwarded}
    return client.post("/accounts/forgot-password/", {"email": email}, headers=headers).status_code
