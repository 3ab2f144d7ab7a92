"""A key that CloudFront sends with each request, so that nobody comes to the functions past it.

The API's own address is open to the world. Whoever came by it would pass by the firewall, and could make up the
network address that limits count by. The function knows digests of the key and no key: comparing costs no call.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

HEADER = "x-origin-key"


def digest(key: str) -> str:
    """What a function may know of a key. Keys are long and random: nobody guesses one from it."""
    return hashlib.sha256(key.encode()).hexdigest()


def is_admitted(event: Mapping[str, Any], digests: Iterable[str]) -> bool:
    """Whether a request came with a key of these digests, or none is asked for."""
    known = list(digests)
    headers: Mapping[str, str] = event.get("headers") or {}
    given = digest(next((value for name, value in headers.items() if name.lower() == HEADER), ""))
    return not known or any(hmac.compare_digest(given, each) for each in known)


def refusal() -> dict[str, Any]:
    """The answer to a request without the key, for an API of either kind."""
    return {
        "statusCode": 403,
        "headers": {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"},
        "body": "This shop is open at its own address.\n",
        "isBase64Encoded": False,
    }
