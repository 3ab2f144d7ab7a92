from collections.abc import Iterator
from importlib import import_module, reload

import pytest
from django.urls import clear_url_caches

from cloudcart.staff import loading
from tests.staff.people import admin, viewer

loading.load()

# What follows are Django models, which want the admin loaded.
from cloudcart.dynamo_admin.content_types import number_content_types  # noqa: E402
from cloudcart.staff.site import site  # noqa: E402
from tests.dynamo_admin.book_admin import BookAdmin  # noqa: E402
from tests.dynamo_admin.shelf import Book, StoredBook  # noqa: E402

__all__ = ["admin", "viewer"]


@pytest.fixture(scope="package", autouse=True)
def book_table() -> Iterator[None]:
    """The table, and the books' pages at /admin/staff/book/."""
    StoredBook.create_table(wait=True)
    number_content_types()
    site.register(Book, BookAdmin)
    _renew_urls()
    yield
    site.unregister(Book)
    _renew_urls()
    StoredBook.delete_table()


@pytest.fixture(autouse=True)
def empty_shelf(book_table: None) -> Iterator[None]:
    yield
    with StoredBook.batch_write() as batch:
        for book in StoredBook.scan():
            batch.delete(book)


def _renew_urls() -> None:
    reload(import_module("cloudcart.staff.urls"))
    clear_url_caches()
