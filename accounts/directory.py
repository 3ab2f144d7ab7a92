"""The pool's directory, for tasks and commands: what asks Cognito as its administrator, never a visitor's request."""

from collections.abc import Sequence

import structlog
from botocore.exceptions import ClientError
from django.conf import settings

from accounts import cognito

logger = structlog.get_logger(__name__)


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


def _pool() -> str:
    return str(settings.COGNITO_USER_POOL_ID)
