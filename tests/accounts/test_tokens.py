import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django_cognito_jwt.validator import TokenError
from jwt.algorithms import RSAAlgorithm

from accounts import cognito, tokens
from accounts.tokens import KEYS_RETRY_SECONDS, SigningKeys, verify_access_token, verify_id_token
from cloudcart.local.emulator import find_free_port
from tests.accounts.fakes import FakePool
from tests.cast import Shopper

POOL_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def pool_signs(fake_pool: FakePool, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Our pool's keys are the test's; gives a function that signs claims with one of them."""
    fake_pool.keys = [_public(POOL_KEY, "k1")]
    monkeypatch.setattr(tokens, "signing_keys", SigningKeys(lambda: fake_pool.keys_url))

    def sign(key: Any = POOL_KEY, headers: dict[str, Any] | None = None, **changes: Any) -> str:
        claims = {name: value for name, value in (_id_claims() | changes).items() if value is not None}
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"} | (headers or {}))

    return sign


def test_the_tokens_of_a_real_sign_in_say_who_it_is(alice: Shopper) -> None:
    granted = cognito.sign_in(email=alice.email, password=alice.password)
    assert verify_id_token(granted.id_token) == tokens.IdClaims(alice.customer_id, alice.email, alice.name)
    access = verify_access_token(granted.access_token)
    assert access.customer_id == alice.customer_id
    assert 0 < access.expires_at - time.time() <= 3600


def test_one_use_of_token_is_not_taken_for_the_other(alice: Shopper) -> None:
    granted = cognito.sign_in(email=alice.email, password=alice.password)
    with pytest.raises(TokenError):
        verify_id_token(granted.access_token)
    with pytest.raises(TokenError):
        verify_access_token(granted.id_token)


def test_a_token_that_the_pool_signed_is_valid(pool_signs: Callable[..., str]) -> None:
    assert verify_id_token(pool_signs()).customer_id == "sub-1"
    access = pool_signs(aud=None, client_id=settings.COGNITO_CLIENT_ID, token_use="access")
    assert verify_access_token(access).customer_id == "sub-1"


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"key": OTHER_KEY}, "forged signature"),
        ({"iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_other"}, "other issuer"),
        ({"aud": "another-client"}, "other audience"),
        ({"aud": None}, "no audience"),
        ({"exp": 1_000_000_000}, "expired"),
        ({"exp": None}, "no expiry"),
        ({"sub": None}, "no subject"),
        ({"token_use": "access"}, "other use"),
        ({"token_use": None}, "no use"),
        ({"headers": {"kid": "invented"}}, "unknown key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_id_token_with_a_flaw_is_refused(pool_signs: Callable[..., str], changes: dict[str, Any], flaw: str) -> None:
    with pytest.raises(TokenError):
        verify_id_token(pool_signs(**changes))


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "another-client"}, {"client_id": None}, {"token_use": "id"}, {"aud": "anything"}, {"exp": 1}],
    ids=["other client", "no client", "other use", "an audience", "expired"],
)
def test_an_access_token_with_a_flaw_is_refused(pool_signs: Callable[..., str], changes: dict[str, Any]) -> None:
    good = {"aud": None, "client_id": settings.COGNITO_CLIENT_ID, "token_use": "access"}
    with pytest.raises(TokenError):
        verify_access_token(pool_signs(**(good | changes)))


@pytest.mark.parametrize("header", [{"alg": "RS256"}, {"alg": "RS256", "kid": 1}], ids=["none", "a number"])
def test_a_header_without_a_key_id_is_refused(pool_signs: Callable[..., str], header: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        verify_id_token(_by_hand(header, secret=b"any"))


def test_a_token_without_a_signature_is_refused(pool_signs: Callable[..., str]) -> None:
    header, claims, _ = _by_hand({"alg": "none", "kid": "k1"}, secret=b"any").split(".")
    with pytest.raises(TokenError):
        verify_id_token(f"{header}.{claims}.")


@pytest.mark.parametrize("encoding", [serialization.Encoding.DER, serialization.Encoding.PEM])
def test_the_public_key_does_not_serve_as_a_shared_secret(
    pool_signs: Callable[..., str], encoding: serialization.Encoding
) -> None:
    public = POOL_KEY.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(TokenError):
        verify_id_token(_by_hand({"alg": "HS256", "kid": "k1"}, secret=public))


@pytest.mark.parametrize("garbage", ["", "a", "a.b.c", "e30.e30.e30"])
def test_garbage_is_refused(pool_signs: Callable[..., str], garbage: str) -> None:
    with pytest.raises(TokenError):
        verify_id_token(garbage)


def test_keys_are_fetched_once_for_many_tokens(fake_pool: FakePool, pool_signs: Callable[..., str]) -> None:
    for _ in range(3):
        verify_id_token(pool_signs())
    assert fake_pool.key_requests == 1


def test_an_unknown_key_is_asked_for_now_and_then_and_not_each_time(fake_pool: FakePool) -> None:
    fake_pool.keys = [_public(POOL_KEY, "k1")]
    clock = Clock()
    keys = SigningKeys(lambda: fake_pool.keys_url, clock=clock)
    assert keys.get("k1") is not None
    assert [keys.get("k2"), keys.get("k3")] == [None, None]
    assert fake_pool.key_requests == 1
    fake_pool.keys.append(_public(OTHER_KEY, "k2"))
    clock.advance(KEYS_RETRY_SECONDS)
    assert keys.get("k2") is not None
    assert fake_pool.key_requests == 2


def test_known_keys_go_on_serving_while_the_pool_is_down(fake_pool: FakePool) -> None:
    fake_pool.keys = [_public(POOL_KEY, "k1")]
    clock = Clock()
    keys = SigningKeys(lambda: fake_pool.keys_url, clock=clock)
    keys.get("k1")
    fake_pool.break_keys()
    clock.advance(tokens.KEYS_MAX_AGE_SECONDS)
    assert keys.get("k1") is not None
    assert fake_pool.key_requests == 2


def test_keys_that_cannot_be_fetched_are_a_token_error_and_are_asked_for_again_later(fake_pool: FakePool) -> None:
    fake_pool.break_keys()
    clock = Clock()
    keys = SigningKeys(lambda: fake_pool.keys_url, clock=clock)
    for _ in range(3):
        with pytest.raises(TokenError):
            keys.get("k1")
    assert fake_pool.key_requests == 1
    fake_pool.keys = [_public(POOL_KEY, "k1")]
    clock.advance(KEYS_RETRY_SECONDS)
    assert keys.get("k1") is not None


def test_a_pool_that_does_not_answer_is_a_token_error() -> None:
    keys = SigningKeys(lambda: f"http://127.0.0.1:{find_free_port()}/jwks.json")
    with pytest.raises(TokenError):
        keys.get("k1")


def _by_hand(header: dict[str, Any], *, secret: bytes) -> str:
    parts = [_encoded(json.dumps(part).encode()) for part in (header, _id_claims())]
    signature = hmac.digest(secret, ".".join(parts).encode(), hashlib.sha256)
    return ".".join([*parts, _encoded(signature)])


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _public(key: rsa.RSAPrivateKey, key_id: str) -> dict[str, Any]:
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": key_id, "alg": "RS256", "use": "sig"}


def _id_claims() -> dict[str, Any]:
    return {
        "sub": "sub-1",
        "iss": f"https://cognito-idp.{settings.AWS_REGION}.amazonaws.com/{settings.COGNITO_USER_POOL_ID}",
        "aud": settings.COGNITO_CLIENT_ID,
        "token_use": "id",
        "email": "dora@example.com",
        "exp": int(time.time()) + 600,
    }
