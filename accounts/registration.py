"""Sign-up and forgotten passwords, so that nobody learns from them who has an account."""

import structlog

from accounts import cognito
from accounts.errors import AccountExists, NothingToSend
from cloudcart.publishing import PublishFailed, publish

logger = structlog.get_logger(__name__)


def sign_up(*, email: str, password: str, name: str) -> None:
    """Create an account, or let the owner of an existing one know by mail; the caller cannot tell which.

    :raises PasswordTooShort, PasswordCompromised, MailRefused: see `cognito.sign_up`.
    """
    try:
        cognito.sign_up(email=email, password=password, name=name)
    except AccountExists:
        logger.info("customer.sign_up_repeated")
        _answer_owner(email)


def resend_code(*, email: str) -> None:
    """Mail a new code if a sign-up waits for one; the caller cannot tell."""
    try:
        cognito.resend_code(email=email)
    except NothingToSend:
        logger.info("customer.nothing_to_resend")


def request_password_reset(*, email: str) -> None:
    """Mail a code for a new password if there is an account; the caller cannot tell."""
    try:
        cognito.forgot_password(email=email)
    except NothingToSend:
        logger.info("customer.nothing_to_reset")


def _answer_owner(email: str) -> None:
    # As a task: with the mail, this answer would take longer than the other one, and tell.
    try:
        publish("accounts.answer_repeated_sign_up", email=email)
    except PublishFailed as error:
        # The page has to be the same in this case too; the person can sign up once more.
        logger.warning("customer.repeated_sign_up_unanswered", reason=type(error.__cause__).__name__)
