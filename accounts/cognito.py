"""Every call to Cognito; its exceptions stop here (see `accounts.errors`)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from accounts.errors import PasswordChangeRequired, SecondFactorRequired, translate

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

# A person waits for the answer: two tries of a few seconds, then a sentence.
_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})

# Cognito's name of codes from an authenticator app.
_TOTP: Final = "SOFTWARE_TOKEN_MFA"

_client: "CognitoIdentityProviderClient | None" = None
_client_lock = threading.Lock()


@dataclass(frozen=True, repr=False)
class Tokens:
    """What Cognito hands out at a sign-in. No repr: a token must not get into a log."""

    access_token: str
    id_token: str
    refresh_token: str


def client() -> "CognitoIdentityProviderClient":
    """Give the process's client, built at its first use: building one costs some 40 ms and is not thread-safe."""
    global _client
    with _client_lock:
        if _client is None:
            # Pages that ask Cognito nothing start without it.
            import boto3

            _client = boto3.client("cognito-idp", region_name=settings.AWS_REGION, config=_CONFIG)
        return _client


def sign_up(*, email: str, password: str, name: str) -> None:
    """Create an unconfirmed account; Cognito mails a code.

    :raises AccountExists: if there is an account for the e-mail address, confirmed or not.
    :raises PasswordTooShort, PasswordCompromised: if the password will not do.
    :raises MailRefused: if the address is none, or takes no mail.
    """
    attributes: Any = [{"Name": "email", "Value": email}, {"Name": "name", "Value": name}]
    with _translated("sign_up"):
        client().sign_up(
            ClientId=settings.COGNITO_CLIENT_ID, Username=email, Password=password, UserAttributes=attributes
        )


def confirm(*, email: str, code: str) -> None:
    """Confirm the e-mail address with the mailed code.

    :raises CodeRefused: if the code is wrong, old or used, or there is nothing to confirm.
    """
    with _translated("confirm"):
        client().confirm_sign_up(ClientId=settings.COGNITO_CLIENT_ID, Username=email, ConfirmationCode=code)


def resend_code(*, email: str) -> None:
    """Mail a new code for a sign-up.

    :raises NothingToSend: if no sign-up is waiting for one (not every such case is told).
    """
    with _translated("resend_code"):
        client().resend_confirmation_code(ClientId=settings.COGNITO_CLIENT_ID, Username=email)


def sign_in(*, email: str, password: str) -> Tokens:
    """Exchange the password for tokens.

    :raises WrongCredentials: if the two do not belong together, there is no such account, or it is disabled.
    :raises AccountUnconfirmed: if the e-mail address was never confirmed.
    :raises PasswordResetRequired, PasswordChangeRequired: if Cognito wants a new password first.
    :raises SecondFactorRequired: if a code has to follow: `answer_challenge`.
    """
    with _translated("sign_in"):
        answer = client().initiate_auth(
            ClientId=settings.COGNITO_CLIENT_ID,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
    granted = answer.get("AuthenticationResult")
    if not granted and answer.get("ChallengeName") == _TOTP:
        raise SecondFactorRequired(answer["Session"])
    if not granted:
        raise PasswordChangeRequired
    return Tokens(granted["AccessToken"], granted["IdToken"], granted["RefreshToken"])


def answer_challenge(*, email: str, challenge: str, code: str) -> Tokens:
    """Finish a sign-in with the code of the authenticator app.

    :raises FactorCodeRefused: if the code is wrong, old or used.
    :raises ChallengeExpired: if the challenge is older than three minutes.
    """
    with _translated("answer_challenge"):
        answer = client().respond_to_auth_challenge(
            ClientId=settings.COGNITO_CLIENT_ID,
            ChallengeName=_TOTP,
            Session=challenge,
            ChallengeResponses={"USERNAME": email, f"{_TOTP}_CODE": code},
        )
    granted = answer["AuthenticationResult"]
    return Tokens(granted["AccessToken"], granted["IdToken"], granted["RefreshToken"])


def begin_factor(*, access_token: str) -> str:
    """Give a new secret (base32) for an authenticator app; it counts when `confirm_factor` has seen a code of it.

    :raises SignedOut: if the access token is no longer accepted.
    """
    with _translated("begin_factor"):
        return client().associate_software_token(AccessToken=access_token)["SecretCode"]


def confirm_factor(*, access_token: str, code: str) -> None:
    """Take the newest secret as the account's second factor, from the next sign-in on.

    :raises FactorCodeRefused: if the code does not come of that secret.
    """
    with _translated("confirm_factor"):
        client().verify_software_token(AccessToken=access_token, UserCode=code)
        client().set_user_mfa_preference(
            AccessToken=access_token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
        )


def remove_factor(*, access_token: str) -> None:
    """Ask for the password alone again."""
    with _translated("remove_factor"):
        client().set_user_mfa_preference(
            AccessToken=access_token, SoftwareTokenMfaSettings={"Enabled": False, "PreferredMfa": False}
        )


def has_factor(*, access_token: str) -> bool:
    """Whether the account has a second factor.

    :raises SignedOut: if the access token is no longer accepted.
    """
    with _translated("has_factor"):
        return _TOTP in client().get_user(AccessToken=access_token).get("UserMFASettingList", [])


def refresh(*, refresh_token: str) -> Tokens:
    """Get new access and ID tokens; the refresh token stays the same.

    :raises SignedOut: if the refresh token expired or was revoked.
    :raises AccountClosed: if the account was disabled or deleted.
    """
    with _translated("refresh"):
        answer = client().initiate_auth(
            ClientId=settings.COGNITO_CLIENT_ID,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": refresh_token},
        )
    granted = answer["AuthenticationResult"]
    return Tokens(granted["AccessToken"], granted["IdToken"], refresh_token)


def revoke(*, refresh_token: str) -> None:
    """End one sign-in: its refresh token and what came of it are worth nothing any more."""
    with _translated("revoke"):
        client().revoke_token(ClientId=settings.COGNITO_CLIENT_ID, Token=refresh_token)


def sign_out_everywhere(*, access_token: str) -> None:
    """Revoke every token of the account (GlobalSignOut), wherever it was issued.

    :raises SignedOut: if the access token is no longer accepted.
    """
    with _translated("sign_out_everywhere"):
        client().global_sign_out(AccessToken=access_token)


def forgot_password(*, email: str) -> None:
    """Mail a code with which a new password can be set.

    :raises NothingToSend: if there is no confirmed account (Cognito hides most such cases itself).
    """
    with _translated("forgot_password"):
        client().forgot_password(ClientId=settings.COGNITO_CLIENT_ID, Username=email)


def reset_password(*, email: str, code: str, password: str) -> None:
    """Set a new password with the mailed code. Tokens that were issued before stay valid: sign out everywhere.

    :raises CodeRefused: if the code is wrong, old or used, or there is no such account.
    :raises PasswordTooShort, PasswordCompromised, PasswordUsedBefore: if the password will not do.
    """
    with _translated("reset_password"):
        client().confirm_forgot_password(
            ClientId=settings.COGNITO_CLIENT_ID, Username=email, ConfirmationCode=code, Password=password
        )


def change_password(*, access_token: str, current_password: str, password: str) -> None:
    """Replace the password of somebody who is signed in.

    :raises WrongPassword: if the present one is not right.
    :raises PasswordTooShort, PasswordCompromised, PasswordUsedBefore: if the new one will not do.
    :raises SignedOut: if the access token is no longer accepted.
    """
    with _translated("change_password"):
        client().change_password(AccessToken=access_token, PreviousPassword=current_password, ProposedPassword=password)


def change_name(*, access_token: str, name: str) -> None:
    """:raises SignedOut: if the access token is no longer accepted."""
    with _translated("change_name"):
        client().update_user_attributes(AccessToken=access_token, UserAttributes=[{"Name": "name", "Value": name}])


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translate(error, operation=operation) from error
