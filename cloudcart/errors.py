"""The one base of everything that can go wrong in the shop and that a person should hear of."""

from http import HTTPStatus
from typing import Any, ClassVar


class StorefrontError(Exception):
    """A named state of the world that stops what a shopper or merchant wanted.

    Subclasses live in the module that raises them and carry data; ``code`` is stable for programs,
    ``str(error)`` is one sentence for a person, ``extra`` is data for the API. ``retry_after_seconds`` is
    when trying again may help, or None if waiting does not.
    """

    code: ClassVar[str] = "storefront-error"
    status_code: ClassVar[int] = HTTPStatus.CONFLICT
    retry_after_seconds: int | None = None

    @property
    def extra(self) -> dict[str, Any]:
        return {}


class TooManyAttempts(StorefrontError):
    """A limit on repeated attempts was reached."""

    code = "too-many-attempts"
    status_code = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, *, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        minutes = max(1, round(retry_after_seconds / 60))
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"There were too many attempts. Please wait {wait} and try again.")


class EditConflict(StorefrontError):
    """Somebody else changed the same thing first, several times in a row."""

    code = "edit-conflict"

    def __init__(self) -> None:
        super().__init__("This was changed somewhere else at the same moment. Please try again.")


class StorageUnavailable(StorefrontError):
    """DynamoDB or S3 cannot be reached, or did not do what was asked however often; trying later may help."""

    code = "storage-unavailable"
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_seconds = 30

    def __init__(self) -> None:
        super().__init__("The shop cannot look this up at the moment. Please try again in a minute.")
