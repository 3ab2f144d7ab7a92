"""Who the visitor is, for every app that has to know; accounts find it out."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Identity:
    """A signed-in customer: Cognito's sub, the confirmed e-mail, the name if one was given, and groups of staff."""

    customer_id: str
    email: str
    name: str = ""
    groups: tuple[str, ...] = ()
    # Whether this sign-in was completed by a code of an authenticator app.
    has_second_factor: bool = False


def find_identity(request: HttpRequest) -> Identity | None:
    """Give who is signed in, or None for a guest.

    Lazy: the first call reads the session (one DynamoDB read, only if the visitor has a session
    cookie); a page that never asks reads nothing and may be cached for everyone.
    """
    find: Callable[[], Identity | None] = request.find_identity  # type: ignore[attr-defined]
    return find()
