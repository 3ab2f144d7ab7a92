from collections.abc import Iterator

import pytest
from django.urls import clear_script_prefix


@pytest.fixture(autouse=True)
def no_stage_in_addresses() -> Iterator[None]:
    """The function serves one request at a time and keeps its stage in the addresses of the thread: of this one too."""
    yield
    clear_script_prefix()
