from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes import FakeGateway
from tests.staff.people import admin, merchandiser, supporter, viewer

__all__ = ["admin", "merchandiser", "supporter", "viewer"]


@pytest.fixture
def gateway(settings: Any) -> Iterator[FakeGateway]:
    """A payment provider that the whole shop of this test uses; paying by card is offered."""
    settings.PAYMENT_GATEWAY = "tests.fakes.current_gateway"
    settings.STRIPE_SECRET_KEY = "sk_test_fake"
    fake = FakeGateway()
    with fake.in_use():
        yield fake
