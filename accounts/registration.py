"""Sign-up and forgotten passwords, so that nobody learns from them who has an account."""

import structlog

from accounts import cognito, tasks
from accounts.errors import AccountExists, NothingToSend

logger = structlog.get_logger(__name__)


def sign_up(*, email: str, password: str, name: str) -> None:
    """Create an account, or let the owner of an existing one know by mail; the caller cannot tell which.

    The mail to an owner is a task: the answer would take longer by it, and tell.

    :raises PasswordTooShort, PasswordCompromised, MailRefused: see `cognito.sign_up`.
    """
    try:
        cognito.sign_up(email=email, password=password, name=name)
    except AccountExists:
        logger.info("customer.sign_up_repeated")
        tasks.answer_repeated_sign_up.delay(email=email)


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
