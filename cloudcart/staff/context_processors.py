from typing import Any

from django.http import HttpRequest


def staff(request: HttpRequest) -> dict[str, Any]:
    """Give the admin's templates who works there; a shop page has no user and reads no session for it."""
    user = getattr(request, "user", None)
    return {} if user is None else {"user": user}
