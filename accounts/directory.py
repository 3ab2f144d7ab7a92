"""The pool's directory, for tasks and commands: what asks Cognito as its administrator, never a visitor's request."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from accounts import cognito
from cloudcart.errors import StorefrontError
from cloudcart.sessions import revoke_sessions

logger = structlog.get_logger(__name__)


class DirectoryUnavailable(StorefrontError):
    """Cognito cannot be asked now, or does not do what was asked."""

    code = "directory-unavailable"
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_seconds = 30

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            "The accounts' service did not do it. Please try again in a minute." + (f" ({reason})" if reason else "")
        )


@dataclass(frozen=True)
class Account:
    """An account as Cognito has it; ``status`` is Cognito's ("CONFIRMED", "RESET_REQUIRED", …)."""

    customer_id: str
    email: str
    name: str
    status: str
    is_enabled: bool


def find_account(email_or_id: str) -> Account | None:
    """Give the account of an e-mail address, or of a customer's id; None if there is none. One call of Cognito.

    :raises DirectoryUnavailable: if Cognito does not answer.
    """
    with _translated():
        try:
            user = cognito.client().admin_get_user(UserPoolId=_pool(), Username=email_or_id)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"UserNotFoundException", "InvalidParameterException"}:
                raise
            # The pool does not mind capitals; an emulated one may.
            plain = email_or_id.casefold()
            return None if plain == email_or_id else find_account(plain)
    found: dict[str, Any] = {each["Name"]: each.get("Value", "") for each in user["UserAttributes"]}
    return Account(
        customer_id=found["sub"],
        email=found.get("email", ""),
        name=found.get("name", ""),
        status=str(user["UserStatus"]),
        is_enabled=bool(user["Enabled"]),
    )


def disable_account(account: Account) -> None:
    """Keep somebody from signing in, and end their sessions.

    :raises DirectoryUnavailable: if Cognito does not do it.
    """
    with _translated():
        cognito.client().admin_disable_user(UserPoolId=_pool(), Username=account.email)
    revoke_sessions(customer_id=account.customer_id)
    logger.info("account.disabled", customer_id=account.customer_id)


def enable_account(account: Account) -> None:
    """Let somebody sign in again.

    :raises DirectoryUnavailable: if Cognito does not do it.
    """
    with _translated():
        cognito.client().admin_enable_user(UserPoolId=_pool(), Username=account.email)
    logger.info("account.enabled", customer_id=account.customer_id)


def reset_password(account: Account) -> None:
    """Have Cognito mail a code for a new password; the old one is void, and all sessions are ended.

    :raises DirectoryUnavailable: if Cognito does not do it.
    """
    with _translated():
        cognito.client().admin_reset_user_password(UserPoolId=_pool(), Username=account.email)
    revoke_sessions(customer_id=account.customer_id)
    logger.info("account.password_reset", customer_id=account.customer_id)


def delete_account(account: Account) -> None:
    """Delete an account for good, and end its sessions; one that is gone already is no error.

    :raises DirectoryUnavailable: if Cognito does not do it.
    """
    with _translated():
        client = cognito.client()
        with suppress(client.exceptions.UserNotFoundException):
            client.admin_delete_user(UserPoolId=_pool(), Username=account.email)
    revoke_sessions(customer_id=account.customer_id)
    logger.info("account.deleted", customer_id=account.customer_id)


def find_status(email: str) -> str | None:
    """Give Cognito's status of an account ("CONFIRMED", "UNCONFIRMED", …), or None if there is none."""
    try:
        return str(cognito.client().admin_get_user(UserPoolId=_pool(), Username=email)["UserStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "UserNotFoundException":
            return None
        raise


def create_confirmed_account(*, email: str, password: str, name: str, groups: Sequence[str] = ()) -> str:
    """Make an account that needs no confirmation, or bring one to this password, name and groups.

    Meant for demo accounts and tests: no mail is sent. Gives the customer's id (Cognito's ``sub``).

    :raises ClientError: if a group does not exist, or the password will not do.
    """
    attributes = {"email": email, "email_verified": "true", "name": name}
    listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
    client = cognito.client()
    try:
        client.admin_create_user(
            UserPoolId=_pool(),
            Username=email,
            UserAttributes=listed,  # type: ignore[arg-type]  # (a list of exactly these dicts)
            MessageAction="SUPPRESS",
        )
        logger.info("account.created", groups=list(groups))
    except client.exceptions.UsernameExistsException:
        client.admin_update_user_attributes(UserPoolId=_pool(), Username=email, UserAttributes=listed)  # type: ignore[arg-type]
    client.admin_set_user_password(UserPoolId=_pool(), Username=email, Password=password, Permanent=True)
    for group in groups:
        client.admin_add_user_to_group(UserPoolId=_pool(), Username=email, GroupName=group)
    user = client.admin_get_user(UserPoolId=_pool(), Username=email)
    return next(attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] == "sub")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise DirectoryUnavailable(error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise DirectoryUnavailable from error


def _pool() -> str:
    return str(settings.COGNITO_USER_POOL_ID)
