from typing import Any

import pytest

from cloudcart.staff.site import site
from tests.dynamo_admin.book_admin import BookAdmin
from tests.dynamo_admin.shelf import Book


def found(**attributes: Any) -> list[str]:
    admin_class = type("ChangedAdmin", (BookAdmin,), attributes)
    return [error.id for error in admin_class(Book, site).check()]


def test_an_admin_that_indexes_can_serve_has_no_errors() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("attributes", "number"),
    [
        ({"ordering": ("-state",)}, 2),
        ({"list_filter": ("blurb",)}, 3),
        ({"list_filter": ("pages",)}, 3),
        ({"search_fields": ("blurb__contains",)}, 4),
        ({"search_fields": ("search_text",)}, 4),
        ({"search_fields": ("title_key__contains",)}, 4),
        ({"list_display": ("title", "blurb"), "list_editable": ()}, 5),
    ],
)
def test_what_no_index_can_serve_is_found(attributes: dict[str, Any], number: int) -> None:
    assert f"dynamo_admin.E00{number}" in found(**attributes)


def test_a_model_that_no_index_lists_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from cloudcart.dynamo_admin.mapping import mapping_of

    monkeypatch.setattr(mapping_of(Book), "partitions", {})
    assert "dynamo_admin.E001" in found()
