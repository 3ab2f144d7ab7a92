"""The shop from outside, without a browser: by HTTP alone."""

from collections.abc import Iterator

import pytest

from cloudcart.local.shop import Shop
from tests.live_shop import running_shop


@pytest.fixture(scope="package")
def shop() -> Iterator[Shop]:
    with running_shop() as shop:
        yield shop
