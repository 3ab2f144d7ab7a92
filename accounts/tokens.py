"""Verify Cognito's tokens: signature, issuer, audience, expiry and use."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import structlog
import urllib3
from django.conf import settings
from django_cognito_jwt.validator import TokenError, TokenValidator

from accounts import cognito

logger = structlog.get_logger(__name__)

# The keys of a pool practically never change; a day bounds how long one that was withdrawn is believed.
KEYS_MAX_AGE_SECONDS = 24 * 60 * 60
# Anyone can send a token with an invented key id, so an unknown one may not cause a request each time.
KEYS_RETRY_SECONDS = 10

_FETCH_TIMEOUT = urllib3.Timeout(connect=2, read=3)


@dataclass(frozen=True)
class IdClaims:
    """What an ID token says of the person."""

    customer_id: str
    email: str
    name: str


@dataclass(frozen=True)
class AccessClaims:
    """Whose an access token is, until when (Unix time), and which groups of staff they are in."""

    customer_id: str
    expires_at: int
    groups: tuple[str, ...] = ()


class SigningKeys:
    """The pool's public keys by their id, fetched when first needed and kept in the process.

    :param url: where they are, asked when they are fetched.
    :param clock: gives seconds that only ever grow.
    """

    def __init__(self, url: Callable[[], str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: dict[str, str] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._lock = threading.Lock()

    def get(self, key_id: str) -> str | None:
        """Give a key as JSON, or None if the pool has no such key.

        :raises TokenError: if the keys are not at hand and cannot be fetched.
        """
        with self._lock:
            now = self._clock()
            is_current = key_id in self._keys and now - self._fetched_at < KEYS_MAX_AGE_SECONDS
            if not is_current and now - self._tried_at >= KEYS_RETRY_SECONDS:
                self._tried_at = now
                self._fetch(now)
            if not self._keys:
                raise TokenError("The keys of the user pool could not be fetched.")
            return self._keys.get(key_id)

    def _fetch(self, now: float) -> None:
        try:
            answer = urllib3.request("GET", self._url(), timeout=_FETCH_TIMEOUT, retries=False)
            self._keys = {key["kid"]: json.dumps(key) for key in answer.json()["keys"]}
            self._fetched_at = now
        except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as error:
            # Keys that are known already go on being used.
            logger.warning("tokens.keys_unreachable", reason=type(error).__name__)


def pool_keys_url() -> str:
    """Give where the pool's keys are: beside Cognito's API, which on AWS is the issuer's own address."""
    return f"{cognito.client().meta.endpoint_url}/{settings.COGNITO_USER_POOL_ID}/.well-known/jwks.json"


signing_keys = SigningKeys(pool_keys_url)


class PoolTokenValidator(TokenValidator):  # type: ignore[misc]  # (the library has no types)
    """The library's validator, with keys that are kept, fetched with a timeout, and may come from the laptop."""

    def __init__(self, *, audience: str | None) -> None:
        super().__init__(settings.AWS_REGION, settings.COGNITO_USER_POOL_ID, audience)

    @property
    def _json_web_keys(self) -> SigningKeys:
        return signing_keys


def verify_id_token(token: str) -> IdClaims:
    """:raises TokenError: if the token is not a valid ID token of our pool, issued to our client."""
    claims = _validated(token, audience=settings.COGNITO_CLIENT_ID, use="id")
    return IdClaims(claims["sub"], claims["email"], claims.get("name", ""))


def verify_access_token(token: str) -> AccessClaims:
    """:raises TokenError: if the token is not a valid access token of our pool, issued to our client."""
    # Cognito's access tokens name the client in `client_id` and have no audience.
    claims = _validated(token, audience=None, use="access")
    if claims.get("client_id") != settings.COGNITO_CLIENT_ID:
        raise TokenError("The access token was issued to another client.")
    return AccessClaims(claims["sub"], claims["exp"], tuple(claims.get("cognito:groups", ())))


def _validated(token: str, *, audience: str | None, use: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = PoolTokenValidator(audience=audience).validate(token)
    except (jwt.PyJWTError, KeyError) as error:
        # The library lets through what is wrong with the header: no key id, or none that is a text.
        raise TokenError("The token's header is malformed.") from error
    if claims.get("token_use") != use:
        raise TokenError(f"This is not a token for the use as {use}.")
    # PyJWT checks the expiry only of tokens that have one.
    if not {"sub", "exp"} <= claims.keys():
        raise TokenError("The token does not say whose it is, or until when.")
    return claims
