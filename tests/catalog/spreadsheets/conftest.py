from collections.abc import Iterator
from typing import Any

import pytest

from tests.catalog.spreadsheets.picture_host import PictureHost, serve_pictures


@pytest.fixture
def picture_host(settings: Any) -> Iterator[PictureHost]:
    """A host of pictures that imports may fetch from, although it is internal."""
    with serve_pictures() as host:
        settings.PICTURE_HOSTS_ALLOWED = frozenset({host.name})
        yield host
