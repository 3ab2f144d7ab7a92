"""What Stripe answers when it does not do what it was asked for."""

from typing import Any


class StripeProblem(Exception):
    """An error as the SDK reads it.

    :param kind: Stripe's error type, from which the SDK chooses its exception.
    :param code: Stripe's error code, stable.
    :param param: the parameter that is at fault, like ``line_items[0][quantity]``.
    """

    def __init__(
        self, message: str, *, code: str = "", param: str = "", kind: str = "invalid_request_error", status: int = 400
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.param, self.kind, self.status = message, code, param, kind, status

    @property
    def body(self) -> dict[str, Any]:
        error = {"type": self.kind, "message": self.message, "code": self.code, "param": self.param}
        return {"error": {name: value for name, value in error.items() if value}}


def missing(kind: str, identifier: str, *, param: str = "id") -> StripeProblem:
    """Say that there is no such object."""
    return StripeProblem(f"No such {kind}: '{identifier}'", code="resource_missing", param=param, status=404)
