"""The shop from outside, without a browser: by HTTP alone."""

from collections.abc import Iterator

import pytest

from cloudcart.local.shop import Shop
from tests.live_shop import running_shop, wait_until_settled


@pytest.fixture(scope="package")
def shop() -> Iterator[Shop]:
    with running_shop() as shop:
        yield shop


@pytest.fixture(autouse=True)
def settled(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the worker finish what a test's orders have set off, before the next test counts its mails.

    A test that runs a shop of its own has no worker here, and other files' tasks may wait for none.
    """
    yield
    if "shop" in request.fixturenames:
        wait_until_settled()
