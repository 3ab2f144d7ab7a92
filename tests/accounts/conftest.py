from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from accounts import cognito
from cloudcart.local.emulator import find_free_port
from cloudcart.sessions import SessionStore
from tests.accounts.fakes import FakePool, client_for
from tests.cast import Shopper


@pytest.fixture
def new_email() -> Callable[[], str]:
    """Give addresses that have no account: Cognito's users outlive a test."""
    return lambda: f"carol-{uuid4().hex[:12]}@example.com"


@pytest.fixture
def carol(new_email: Callable[[], str]) -> Shopper:
    """A customer of one test, whose account may be spoiled."""
    return Shopper(new_email(), "Carol Fuchs")


@pytest.fixture
def fake_pool() -> Iterator[FakePool]:
    with FakePool().running() as pool:
        yield pool


@pytest.fixture
def refusing_cognito(fake_pool: FakePool, monkeypatch: pytest.MonkeyPatch) -> FakePool:
    """Cognito's API refuses every call, as the fake is told to."""
    monkeypatch.setattr(cognito, "_client", fake_pool.client)
    return fake_pool


@pytest.fixture
def unplug_cognito(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nobody answers where Cognito should be, from the call on."""
    dead = client_for(f"http://127.0.0.1:{find_free_port()}")
    return lambda: monkeypatch.setattr(cognito, "_client", dead)


def session_of(client: Client) -> SessionStore:
    return SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)


def let_access_token_expire(client: Client) -> None:
    session = session_of(client)
    session["refresh_at"] = 0
    session.save()
