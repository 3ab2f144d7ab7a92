"""What can go wrong with an account, in words for the person, and Cognito's exceptions in these terms.

Sentences must not tell whether an account exists: what Cognito answers for an unknown, a disabled
and a confirmed account differs in places, so those answers share one class and one sentence here.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

import structlog
from botocore.exceptions import BotoCoreError, ClientError

from cloudcart.errors import StorefrontError, TooManyAttempts

logger = structlog.get_logger(__name__)

# Cognito does not say how long its own limits last; its documentation speaks of up to 15 minutes.
COGNITO_PAUSE_SECONDS = 15 * 60
# As in the user pool's policy (cloudcart/aws/base.yaml); length helps, rules about characters do not.
PASSWORD_MINIMUM_LENGTH = 10


class AccountError(StorefrontError):
    """Base of what stops an act on an account; ``field`` is the form field that it is about."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    field: ClassVar[str | None] = None
    sentence: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__(self.sentence)


class WrongCredentials(AccountError):
    code = "wrong-credentials"
    sentence = "The e-mail address or the password is not right. Please try again, or set a new password."


class WrongPassword(AccountError):
    """The present password of somebody who is signed in, as asked for before a change."""

    code = "wrong-password"
    field = "current_password"
    sentence = "This is not your present password. Please try again, or sign out and set a new one."


class AccountUnconfirmed(AccountError):
    code = "account-unconfirmed"
    sentence = "Your e-mail address is not confirmed yet. Enter the code from our newest mail."


class PasswordResetRequired(AccountError):
    code = "password-reset-required"
    sentence = "Your password has to be set anew. Enter the code from our newest mail and choose a new password."


class PasswordChangeRequired(AccountError):
    """Staff invited with a temporary password; Cognito wants it replaced before the first sign-in."""

    code = "password-change-required"
    sentence = "This account is not set up completely. Please ask the person who invited you for a new password."


class SecondFactorRequired(AccountError):
    """The password was right, and the account has a second factor, which Cognito asks for now."""

    code = "second-factor-required"
    sentence = "Enter the code that your authenticator app shows."

    def __init__(self, challenge: str = "") -> None:
        # What Cognito wants back with the code; it is good for three minutes.
        self.challenge = challenge
        super().__init__()


class FactorCodeRefused(AccountError):
    """A code of an authenticator app that is wrong, old or used."""

    code = "factor-code-refused"
    field = "code"
    sentence = "This code is not right. Wait until your app shows the next one, and enter that."


class ChallengeExpired(AccountError):
    """More than three minutes went by between the password and the code."""

    code = "challenge-expired"
    sentence = "That took too long. Please sign in again."


class CodeRefused(AccountError):
    """One sentence for a wrong, an old and a used code: the difference tells who has an account."""

    code = "code-refused"
    field = "code"
    sentence = "This code is not right or no longer valid. Look into our newest mail, or ask for a new code."


class AccountExists(AccountError):
    code = "account-exists"
    field = "email"
    sentence = "There is an account for this e-mail address. Please sign in."


class NothingToSend(AccountError):
    """No code can be sent for this address: it has no account, or none that is waiting for a code."""

    code = "nothing-to-send"
    field = "email"
    sentence = "No code can be sent to this address."


class MailRefused(AccountError):
    code = "mail-refused"
    field = "email"
    sentence = "We cannot send mail to this address. Please check it for mistakes."


class PasswordTooShort(AccountError):
    code = "password-too-short"
    field = "password"
    sentence = f"Choose a password of at least {PASSWORD_MINIMUM_LENGTH} characters, with no space at its ends."


class PasswordCompromised(AccountError):
    code = "password-compromised"
    field = "password"
    sentence = "This password is known from a theft at another site. Please choose another one."


class PasswordUsedBefore(AccountError):
    code = "password-used-before"
    field = "password"
    sentence = "You have used this password before. Please choose another one."


class SignedOut(AccountError):
    """Cognito no longer accepts the session's tokens: they expired or were revoked."""

    code = "signed-out"
    status_code = HTTPStatus.UNAUTHORIZED
    sentence = "You have been signed out. Please sign in again."


class AccountClosed(SignedOut):
    """The account of a signed-in customer was disabled or deleted."""

    code = "account-closed"
    sentence = "This account is closed. If that surprises you, please write to us."


class AccountsUnavailable(AccountError):
    code = "accounts-unavailable"
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_seconds = 30
    sentence = "We cannot reach your account at the moment. Please try again in a minute."


@dataclass(frozen=True)
class Rule:
    """When ``operation`` fails with ``code`` and a text holding ``text``, it means ``error``."""

    code: str
    error: type[AccountError | TooManyAttempts]
    operations: frozenset[str] = frozenset()
    text: str = ""

    def fits(self, *, operation: str, code: str, text: str) -> bool:
        return code == self.code and (not self.operations or operation in self.operations) and self.text in text


_SIGN_IN = frozenset({"sign_in"})
_REFRESH = frozenset({"refresh"})
_WITH_CODE = frozenset({"confirm", "reset_password"})
_SENDING = frozenset({"resend_code", "forgot_password"})
_FACTOR = frozenset({"answer_challenge", "confirm_factor"})
_SIGN_UP = frozenset({"sign_up"})
_CHANGE = frozenset({"change_password"})
_PASSWORD_SETTING = frozenset({"sign_up", "reset_password", "change_password"})

# The first rule that fits counts. The texts are Cognito's and are needed only where one exception
# stands for several states.
RULES: tuple[Rule, ...] = (
    # Cognito says that a user is disabled before it looks at the password, so at sign-in nobody hears it.
    Rule("NotAuthorizedException", WrongCredentials, _SIGN_IN),
    Rule("UserNotFoundException", WrongCredentials, _SIGN_IN),
    Rule("UserNotConfirmedException", AccountUnconfirmed, _SIGN_IN),
    Rule("PasswordResetRequiredException", PasswordResetRequired, _SIGN_IN),
    Rule("CodeMismatchException", FactorCodeRefused, _FACTOR),
    Rule("ExpiredCodeException", FactorCodeRefused, _FACTOR),
    Rule("EnableSoftwareTokenMFAException", FactorCodeRefused),
    Rule("NotAuthorizedException", ChallengeExpired, frozenset({"answer_challenge"})),
    Rule("CodeMismatchException", CodeRefused),
    Rule("ExpiredCodeException", CodeRefused),
    # "User cannot be confirmed. Current status is CONFIRMED" and the like.
    Rule("NotAuthorizedException", CodeRefused, _WITH_CODE),
    Rule("UserNotFoundException", CodeRefused, _WITH_CODE),
    Rule("UserNotConfirmedException", CodeRefused, _WITH_CODE),
    Rule("AliasExistsException", CodeRefused, _WITH_CODE),
    Rule("UserNotFoundException", NothingToSend, _SENDING),
    Rule("NotAuthorizedException", NothingToSend, _SENDING),
    # "User is already confirmed." and "… there is no registered/verified email or phone_number".
    Rule("InvalidParameterException", NothingToSend, _SENDING),
    Rule("UsernameExistsException", AccountExists, _SIGN_UP),
    Rule("CodeDeliveryFailureException", MailRefused),
    Rule("InvalidPasswordException", PasswordTooShort, text="policy"),
    Rule("InvalidPasswordException", PasswordCompromised),
    Rule("PasswordHistoryPolicyViolationException", PasswordUsedBefore),
    Rule("InvalidParameterException", PasswordTooShort, _PASSWORD_SETTING, text="assword"),
    Rule("InvalidParameterException", MailRefused, _SIGN_UP),
    Rule("NotAuthorizedException", WrongPassword, _CHANGE, text="Incorrect username or password"),
    Rule("NotAuthorizedException", TooManyAttempts, _CHANGE, text="attempts exceeded"),
    Rule("NotAuthorizedException", AccountClosed, text="disabled"),
    Rule("NotAuthorizedException", AccountClosed, _REFRESH, text="deleted"),
    Rule("UserNotFoundException", AccountClosed),
    Rule("NotAuthorizedException", SignedOut),
    Rule("PasswordResetRequiredException", SignedOut),
    Rule("LimitExceededException", TooManyAttempts),
    Rule("TooManyFailedAttemptsException", TooManyAttempts),
    Rule("TooManyRequestsException", AccountsUnavailable),
    Rule("InternalErrorException", AccountsUnavailable),
)


def translate(error: ClientError | BotoCoreError, *, operation: str) -> StorefrontError:
    """Give what an exception of boto3 means for the person; ``operation`` is a function of cognito.py.

    What no rule fits is told as "try again in a minute" and logged, with Cognito's code and without
    its text, which may name the person.
    """
    if isinstance(error, BotoCoreError):
        logger.warning("cognito.unreachable", operation=operation, reason=type(error).__name__)
        return AccountsUnavailable()
    code, text = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    rule = next((rule for rule in RULES if rule.fits(operation=operation, code=code, text=text)), None)
    if rule is None or issubclass(rule.error, AccountsUnavailable):
        logger.error("cognito.failed", operation=operation, reason=code)
        return AccountsUnavailable()
    if issubclass(rule.error, TooManyAttempts):
        return TooManyAttempts(retry_after_seconds=COGNITO_PAUSE_SECONDS)
    return rule.error()
