from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from cloudcart.dynamo import CallLog
from cloudcart.staff.audit import AuditEntry
from tests.cast import Shopper
from tests.dynamo_admin.shelf import Book, StoredBook, an_edition, store

Counter = Callable[[], AbstractContextManager[CallLog]]
LIST = "/admin/staff/book/"
FORM = f"{LIST}isbn-1/change/"


@pytest.fixture
def atlas() -> StoredBook:
    editions = [an_edition("First", 1990), an_edition("Second", 2000)]
    return store("isbn-1", "Atlas", pages=300, blurb="Maps", editions=editions)


def form_data(version: int | str = 1, *editions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"isbn": "isbn-1", "title": "Atlas", "state": "new", "pages": "300", "blurb": "Maps"}
    data |= {"seen_version": version, **fields}
    initial = sum("row" in edition for edition in editions)
    data |= {"edition_set-TOTAL_FORMS": len(editions), "edition_set-INITIAL_FORMS": initial}
    for number, edition in enumerate(editions):
        data |= {f"edition_set-{number}-{name}": value for name, value in edition.items()}
    return data


BOTH = (
    {"row": "0", "name": "First", "year": "1990", "position": "0"},
    {"row": "1", "name": "Second", "year": "2000", "position": "1"},
)


def test_the_form_is_one_read(admin: Shopper, atlas: StoredBook, dynamodb_calls: Counter) -> None:
    with dynamodb_calls() as log:
        page = admin.client.get(FORM).content.decode()
    assert 'value="Atlas"' in page
    assert 'value="Second"' in page
    assert 'name="seen_version" value="1"' in page
    assert [operation for operation, tables in log.calls if tables != "sessions"] == ["GetItem"]


def test_a_save_is_a_read_and_one_transaction_with_its_entry(
    admin: Shopper, atlas: StoredBook, dynamodb_calls: Counter
) -> None:
    with dynamodb_calls() as log:
        response = admin.client.post(FORM, form_data(1, *BOTH, title="Great Atlas"))
    assert response.status_code == 302, response.content.decode()
    assert [operation for operation, tables in log.calls if tables != "sessions"] == ["GetItem", "TransactWriteItems"]
    stored = StoredBook.get("isbn-1")
    assert (stored.title, stored.title_key, stored.version) == ("Great Atlas", "great atlas", 2)
    entry = next(iter(AuditEntry.query("staff.book#isbn-1")))
    assert (entry.user_name, entry.action) == ("admins@staff.example", 2)


def test_parts_are_changed_added_removed_and_sorted(admin: Shopper, atlas: StoredBook) -> None:
    editions = (
        {"row": "0", "name": "First", "year": "1990", "position": "2", "DELETE": "on"},
        {"row": "1", "name": "Second, revised", "year": "2001", "position": "3"},
        {"name": "Zeroth", "year": "1980", "position": "1"},
    )
    response = admin.client.post(FORM, form_data(1, *editions))
    assert response.status_code == 302, response.content.decode()
    stored = [(edition.name, edition.year) for edition in StoredBook.get("isbn-1").editions]
    assert stored == [("Zeroth", 1980), ("Second, revised", 2001)]


def test_a_wrong_part_is_told_beside_it(admin: Shopper, atlas: StoredBook) -> None:
    page = admin.client.post(FORM, form_data(1, {**BOTH[0], "year": "soon"}, BOTH[1])).content.decode()
    assert "Enter a whole number" in page
    assert 'value="soon"' in page
    assert StoredBook.get("isbn-1").version == 1


def test_two_people_editing_is_told_and_nothing_is_lost(admin: Shopper, atlas: StoredBook) -> None:
    assert admin.client.post(FORM, form_data(1, *BOTH, title="Theirs")).status_code == 302
    page = admin.client.post(FORM, form_data(1, *BOTH, title="Mine")).content.decode()
    assert "admins@staff.example changed this while you were editing" in page
    assert 'value="Mine"' in page
    assert 'name="seen_version" value="2"' in page
    assert StoredBook.get("isbn-1").title == "Theirs"
    assert admin.client.post(FORM, form_data(2, *BOTH, title="Mine")).status_code == 302
    assert StoredBook.get("isbn-1").title == "Mine"


def test_what_the_store_refuses_is_told_with_the_input_kept(admin: Shopper, atlas: StoredBook) -> None:
    page = admin.client.post(FORM, form_data(1, *BOTH, title="Forbidden")).content.decode()
    assert "This book is not allowed." in page
    assert 'value="Forbidden"' in page
    assert StoredBook.get("isbn-1").title == "Atlas"


def test_a_new_one_is_added_with_its_parts(admin: Shopper) -> None:
    new = {"name": "First", "year": "2024", "position": "1"}
    response = admin.client.post(f"{LIST}add/", form_data("", new, isbn="isbn-2", title="New"))
    assert response.status_code == 302, response.content.decode()
    stored = StoredBook.get("isbn-2")
    assert (stored.title, stored.kind, stored.editions[0].year) == ("New", "book", 2024)
    assert [entry.action for entry in AuditEntry.query("staff.book#isbn-2")] == [1]


def test_a_key_that_is_taken_is_told(admin: Shopper, atlas: StoredBook) -> None:
    page = admin.client.post(f"{LIST}add/", form_data("", title="Thief")).content.decode()
    assert "exists already" in page
    assert StoredBook.get("isbn-1").title == "Atlas"


def test_deleting_asks_first_and_leaves_an_entry(admin: Shopper, atlas: StoredBook) -> None:
    assert "Atlas" in admin.client.get(f"{LIST}isbn-1/delete/").content.decode()
    assert admin.client.post(f"{LIST}isbn-1/delete/", {"post": "yes"}).status_code == 302
    assert not Book.objects.filter(pk="isbn-1").exists()
    assert [entry.action for entry in AuditEntry.query("staff.book#isbn-1")] == [3]


def test_the_history_and_the_front_page_tell_who_did_what(admin: Shopper, atlas: StoredBook) -> None:
    admin.client.post(FORM, form_data(1, *BOTH, title="Great Atlas"))
    history = admin.client.get(f"{LIST}isbn-1/history/").content.decode()
    assert "Changed Title" in history
    assert "admins@staff.example" in history
    assert "Great Atlas" in admin.client.get("/admin/").content.decode()


def test_a_viewer_reads_the_form_and_can_send_nothing(viewer: Shopper, atlas: StoredBook) -> None:
    page = viewer.client.get(FORM).content.decode()
    assert "Atlas" in page
    assert 'name="title"' not in page
    assert viewer.client.post(FORM, form_data(1, *BOTH, title="Mine")).status_code == 403
    assert viewer.client.get(f"{LIST}add/").status_code == 403
    assert viewer.client.post(f"{LIST}isbn-1/delete/", {"post": "yes"}).status_code == 403
    assert StoredBook.get("isbn-1").title == "Atlas"


def test_what_is_not_there_leads_back_with_a_word(admin: Shopper) -> None:
    response = admin.client.get(f"{LIST}isbn-404/change/", follow=True)
    assert "doesn’t exist" in response.content.decode()
