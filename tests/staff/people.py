"""The staff of the tests: one real Cognito account for each group, signed in by the shop's own form."""

import pytest

from accounts import directory
from tests.cast import Shopper


def a_member_of(*groups: str) -> Shopper:
    """Give somebody of the staff, signed in."""
    name = groups[0]
    directory.create_confirmed_account(
        email=f"{name}@staff.example", password="correct horse battery", name=name.capitalize(), groups=groups
    )
    return Shopper(f"{name}@staff.example", name.capitalize())


@pytest.fixture
def admin() -> Shopper:
    return a_member_of("admins")


@pytest.fixture
def merchandiser() -> Shopper:
    return a_member_of("merchandisers")


@pytest.fixture
def supporter() -> Shopper:
    return a_member_of("support")


@pytest.fixture
def viewer() -> Shopper:
    return a_member_of("viewers")
