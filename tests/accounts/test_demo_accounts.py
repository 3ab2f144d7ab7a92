from io import StringIO

import boto3
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts import cognito, tokens
from accounts.errors import PASSWORD_MINIMUM_LENGTH

SHOPPER, MERCHANT = "shopper@cloudcart.example", "merchant@cloudcart.example"


def test_the_demo_accounts_can_sign_in_and_are_told_to_the_newcomer() -> None:
    told = _create()
    assert SHOPPER in told
    assert MERCHANT in told
    assert settings.DEMO_SHOPPER_PASSWORD in told
    assert cognito.sign_in(email=SHOPPER, password=settings.DEMO_SHOPPER_PASSWORD).access_token


def test_only_the_merchant_is_staff() -> None:
    _create()
    passwords = {SHOPPER: settings.DEMO_SHOPPER_PASSWORD, MERCHANT: settings.DEMO_MERCHANT_PASSWORD}
    groups = {
        email: tokens.verify_access_token(cognito.sign_in(email=email, password=password).access_token).groups
        for email, password in passwords.items()
    }
    assert groups == {SHOPPER: (), MERCHANT: ("admins",)}


def test_twice_changes_nothing_but_a_password_that_was_changed_meanwhile() -> None:
    _create()
    before = _subs()
    token = cognito.sign_in(email=SHOPPER, password=settings.DEMO_SHOPPER_PASSWORD).access_token
    cognito.change_password(
        access_token=token, current_password=settings.DEMO_SHOPPER_PASSWORD, password="something else"
    )
    _create()
    assert _subs() == before
    assert cognito.sign_in(email=SHOPPER, password=settings.DEMO_SHOPPER_PASSWORD).access_token


def test_a_real_pool_gets_no_known_passwords(settings: Settings) -> None:
    settings.IS_LOCAL = False
    with pytest.raises(CommandError):
        _create()


def test_the_pool_has_the_groups_of_staff_and_the_policy_that_the_forms_tell() -> None:
    client, pool = boto3.client("cognito-idp"), settings.COGNITO_USER_POOL_ID
    groups = {group["GroupName"] for group in client.list_groups(UserPoolId=pool)["Groups"]}
    assert groups == {"admins", "merchandisers", "support", "viewers"}
    policy = client.describe_user_pool(UserPoolId=pool)["UserPool"]["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == PASSWORD_MINIMUM_LENGTH


def _create() -> str:
    output = StringIO()
    call_command("create_demo_accounts", stdout=output)
    return output.getvalue()


def _subs() -> dict[str, str]:
    client, pool = boto3.client("cognito-idp"), settings.COGNITO_USER_POOL_ID
    return {email: client.admin_get_user(UserPoolId=pool, Username=email)["Username"] for email in (SHOPPER, MERCHANT)}
