import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from cloudcart.dynamo import CallLog
from tests.cast import Shopper
from tests.dynamo_admin.shelf import Book, StoredBook, store

Counter = Callable[[], AbstractContextManager[CallLog]]
LIST = "/admin/staff/book/"


@pytest.fixture
def five_books() -> None:
    for number in range(1, 6):
        store(f"isbn-{number}", f"Book {number}", pages=100 * (6 - number), state="used" if number % 2 else "new")


def shown(page: str) -> list[str]:
    return re.findall(r">\s*(Book \d|Stubborn)\s*</a>", page)


def link(page: str, rel: str) -> str:
    match = re.search(rf'<a href="([^"]*)" rel="{rel}"', page)
    assert match, f"no link to the {rel} page"
    return LIST + match[1].replace("&amp;", "&")


def test_a_page_of_the_list_is_one_query(admin: Shopper, five_books: None, dynamodb_calls: Counter) -> None:
    with dynamodb_calls() as log:
        response = admin.client.get(LIST)
    assert shown(response.content.decode()) == ["Book 1", "Book 2", "Book 3"]
    assert [operation for operation, tables in log.calls if tables != "sessions"] == ["Query"]


def test_pages_lead_on_and_back_and_keep_filter_and_sort(admin: Shopper, five_books: None) -> None:
    first = admin.client.get(f"{LIST}?o=3&state__exact=used").content.decode()
    assert shown(first) == ["Book 5", "Book 3", "Book 1"]
    everything = admin.client.get(f"{LIST}?o=3").content.decode()
    second = admin.client.get(link(everything, "next")).content.decode()
    assert (shown(everything), shown(second)) == (["Book 5", "Book 4", "Book 3"], ["Book 2", "Book 1"])
    assert shown(admin.client.get(link(second, "prev")).content.decode()) == ["Book 5", "Book 4", "Book 3"]


def test_a_header_sorts_by_its_column_alone(admin: Shopper, five_books: None) -> None:
    alone = admin.client.get(f"{LIST}?o=3")
    beside_another = admin.client.get(f"{LIST}?o=3.-1")
    assert beside_another.status_code == 200
    shown = [[book.pk for book in answer.context["cl"].result_list] for answer in (alone, beside_another)]
    assert shown[0] == shown[1] != []
    assert beside_another.context["cl"].get_ordering_field_columns() == {3: "asc"}


def test_only_columns_with_an_index_can_be_sorted_by(admin: Shopper, five_books: None) -> None:
    page = admin.client.get(LIST).content.decode()
    assert "o=3" in page
    assert "?o=2" not in page


def test_words_are_found_whatever_their_case(admin: Shopper, five_books: None) -> None:
    assert shown(admin.client.get(f"{LIST}?q=BOOK+4").content.decode()) == ["Book 4"]
    nothing = admin.client.get(f"{LIST}?q=zebra").content.decode()
    assert "No results found" in nothing


@pytest.mark.parametrize("query", ["blurb__contains=x", "state__iexact=new", "o=3&pages__gte=1&pages__gt=2"])
def test_a_list_that_no_index_serves_leads_back_with_a_word(admin: Shopper, five_books: None, query: str) -> None:
    page = admin.client.get(f"{LIST}?{query}", follow=True).content.decode()
    assert "The list cannot be shown this way" in page


def rows(**changes: str) -> dict[str, Any]:
    """The form of the list, as it is shown, with some pages changed."""
    books = list(Book.objects.all()[:3])
    data: dict[str, Any] = {"form-TOTAL_FORMS": 3, "form-INITIAL_FORMS": 3, "_save": "Save"}
    for number, book in enumerate(books):
        data |= {
            f"form-{number}-isbn": book.isbn,
            f"form-{number}-seen_version": book.stored_version,
            f"form-{number}-pages": changes.get(book.isbn.replace("-", "_"), book.pages),
        }
    return data


def test_the_list_is_edited_in_place(admin: Shopper, five_books: None) -> None:
    page = admin.client.get(LIST).content.decode()
    assert 'name="form-0-seen_version" value="1"' in page
    response = admin.client.post(LIST, rows(isbn_2="7"), follow=True)
    assert "1 book was changed" in response.content.decode()
    assert [StoredBook.get(f"isbn-{number}").pages for number in (1, 2, 3)] == [500, 7, 300]
    assert StoredBook.get("isbn-2").version == 2
    assert StoredBook.get("isbn-1").version == 1


def test_a_row_that_somebody_else_saved_is_told_and_the_input_kept(admin: Shopper, five_books: None) -> None:
    data = rows(isbn_1="11", isbn_2="22")
    theirs = Book.objects.get(pk="isbn-1")
    theirs.pages = 1
    theirs.save()
    page = admin.client.post(LIST, data).content.decode()
    assert "Somebody else changed this while you were editing" in page
    assert 'value="11"' in page
    assert [StoredBook.get(key).pages for key in ("isbn-1", "isbn-2")] == [1, 400]


def test_an_action_tells_what_was_done_and_what_was_not(admin: Shopper, five_books: None) -> None:
    store("isbn-6", "Stubborn")
    chosen = ["isbn-2", "isbn-4", "isbn-6"]
    response = admin.client.post(LIST, {"action": "mark_used", "_selected_action": chosen}, follow=True)
    page = response.content.decode()
    assert "2 books were marked as used." in page
    assert "1 could not be marked as used" in page
    assert "Stubborn: It stays new." in page
    assert StoredBook.get("isbn-2").state == "used"


def test_a_viewer_sees_the_list_and_can_change_nothing(viewer: Shopper, five_books: None) -> None:
    page = viewer.client.get(LIST).content.decode()
    assert shown(page) == ["Book 1", "Book 2", "Book 3"]
    assert "form-0-pages" not in page
    assert viewer.client.post(LIST, rows(isbn_2="7")).status_code == 403
    assert StoredBook.get("isbn-2").pages == 400
