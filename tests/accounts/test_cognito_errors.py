from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from accounts import errors
from accounts.errors import (
    RULES,
    AccountClosed,
    AccountError,
    AccountExists,
    AccountsUnavailable,
    AccountUnconfirmed,
    ChallengeExpired,
    CodeRefused,
    FactorCodeRefused,
    MailRefused,
    NothingToSend,
    PasswordCompromised,
    PasswordResetRequired,
    PasswordTooShort,
    PasswordUsedBefore,
    SignedOut,
    WrongCredentials,
    WrongPassword,
    translate,
)
from cloudcart.errors import StorefrontError, TooManyAttempts

# What Cognito says, by the function that asked, and what it means. The texts are those of the service.
CASES: list[tuple[str, str, str, type[StorefrontError]]] = [
    ("sign_in", "NotAuthorizedException", "Incorrect username or password.", WrongCredentials),
    ("sign_in", "NotAuthorizedException", "User is disabled.", WrongCredentials),
    ("sign_in", "NotAuthorizedException", "Password attempts exceeded", WrongCredentials),
    ("sign_in", "UserNotFoundException", "User does not exist.", WrongCredentials),
    ("sign_in", "UserNotConfirmedException", "User is not confirmed.", AccountUnconfirmed),
    ("sign_in", "PasswordResetRequiredException", "Password reset required for the user", PasswordResetRequired),
    ("sign_in", "TooManyRequestsException", "Too many requests", AccountsUnavailable),
    ("sign_in", "LimitExceededException", "Attempt limit exceeded, please try after some time.", TooManyAttempts),
    ("sign_in", "InternalErrorException", "", AccountsUnavailable),
    ("confirm", "CodeMismatchException", "Invalid verification code provided, please try again.", CodeRefused),
    ("confirm", "ExpiredCodeException", "Invalid code provided, please request a code again.", CodeRefused),
    ("confirm", "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED", CodeRefused),
    ("confirm", "UserNotFoundException", "Username/client id combination not found.", CodeRefused),
    ("confirm", "AliasExistsException", "An account with the email already exists.", CodeRefused),
    ("confirm", "TooManyFailedAttemptsException", "", TooManyAttempts),
    ("reset_password", "UserNotConfirmedException", "User is not confirmed.", CodeRefused),
    ("reset_password", "CodeMismatchException", "Invalid verification code provided.", CodeRefused),
    ("reset_password", "LimitExceededException", "Attempt limit exceeded.", TooManyAttempts),
    ("reset_password", "InvalidPasswordException", "Password did not conform with policy: too short", PasswordTooShort),
    ("reset_password", "InvalidPasswordException", "Provided password cannot be used.", PasswordCompromised),
    ("reset_password", "PasswordHistoryPolicyViolationException", "", PasswordUsedBefore),
    ("resend_code", "UserNotFoundException", "Username/client id combination not found.", NothingToSend),
    ("resend_code", "NotAuthorizedException", "Can't resend.", NothingToSend),
    ("resend_code", "InvalidParameterException", "User is already confirmed.", NothingToSend),
    ("forgot_password", "InvalidParameterException", "… no registered/verified email or phone_number", NothingToSend),
    ("forgot_password", "LimitExceededException", "Attempt limit exceeded.", TooManyAttempts),
    ("sign_up", "UsernameExistsException", "User already exists.", AccountExists),
    ("sign_up", "CodeDeliveryFailureException", "", MailRefused),
    ("sign_up", "InvalidParameterException", "Username should be an email.", MailRefused),
    ("sign_up", "InvalidParameterException", "Value at 'password' failed to satisfy constraint", PasswordTooShort),
    ("change_password", "NotAuthorizedException", "Incorrect username or password.", WrongPassword),
    ("change_password", "NotAuthorizedException", "Password attempts exceeded", TooManyAttempts),
    ("change_password", "NotAuthorizedException", "Access Token has expired", SignedOut),
    ("change_password", "NotAuthorizedException", "User is disabled.", AccountClosed),
    ("change_password", "PasswordResetRequiredException", "", SignedOut),
    ("change_name", "UserNotFoundException", "User does not exist.", AccountClosed),
    ("answer_challenge", "CodeMismatchException", "Invalid code received for user", FactorCodeRefused),
    ("answer_challenge", "ExpiredCodeException", "Your software token has already been used once.", FactorCodeRefused),
    (
        "answer_challenge",
        "NotAuthorizedException",
        "Invalid session for the user, session is expired.",
        ChallengeExpired,
    ),
    ("confirm_factor", "EnableSoftwareTokenMFAException", "Code mismatch", FactorCodeRefused),
    ("refresh", "NotAuthorizedException", "Refresh Token has been revoked", SignedOut),
    ("refresh", "NotAuthorizedException", "Refresh Token has expired", SignedOut),
    ("refresh", "NotAuthorizedException", "The user has been deleted for the associated token", AccountClosed),
    ("refresh", "NotAuthorizedException", "User is disabled.", AccountClosed),
]


@pytest.mark.parametrize(("operation", "code", "text", "meaning"), CASES)
def test_every_answer_of_cognito_has_one_meaning(
    operation: str, code: str, text: str, meaning: type[StorefrontError]
) -> None:
    told = translate(_client_error(code, text), operation=operation)
    assert type(told) is meaning
    assert text == "" or text not in str(told)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.code}-{rule.error.__name__}")
def test_every_rule_is_reached_by_one_of_the_cases(rule: errors.Rule) -> None:
    first_fits = [
        next((rule for rule in RULES if rule.fits(operation=operation, code=code, text=text)), None)
        for operation, code, text, _ in CASES
    ]
    assert rule in first_fits


def test_what_no_rule_knows_is_told_as_trouble_of_the_moment_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    told = translate(_client_error("ResourceNotFoundException", "Pool alice@example.com"), operation="sign_in")
    assert isinstance(told, AccountsUnavailable)
    assert "try again in a minute" in str(told)
    assert _events(caplog) == [("cognito.failed", "sign_in", "ResourceNotFoundException")]


@pytest.mark.parametrize(
    "error",
    [EndpointConnectionError(endpoint_url="https://x"), ConnectTimeoutError(endpoint_url="https://x")],
    ids=["refused", "timeout"],
)
def test_a_network_that_is_down_is_trouble_of_the_moment(error: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(translate(error, operation="refresh"), AccountsUnavailable)
    assert _events(caplog) == [("cognito.unreachable", "refresh", type(error).__name__)]


def test_sentences_are_whole_and_do_not_blame() -> None:
    sentences = {error.sentence for error in _all_account_errors()}
    assert len(sentences) >= 15
    assert [sentence for sentence in sentences if not sentence.endswith(".") or "!" in sentence] == []


def test_codes_for_programs_are_distinct() -> None:
    codes = [error.code for error in _all_account_errors()]
    assert len(codes) == len(set(codes))


def _all_account_errors(base: type[AccountError] = AccountError) -> list[type[AccountError]]:
    return [found for child in base.__subclasses__() for found in (child, *_all_account_errors(child))]


def _client_error(code: str, text: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": text}}, "Operation")


def _events(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    events: list[Any] = [record.msg for record in caplog.records if record.name == "accounts.errors"]
    return [(event["event"], event["operation"], event["reason"]) for event in events]
