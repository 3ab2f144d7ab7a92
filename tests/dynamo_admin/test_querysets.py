from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from cloudcart.dynamo import CallLog
from cloudcart.dynamo_admin.errors import AlreadyExists, StaleObject, UnsupportedQuery
from tests.dynamo_admin.shelf import Book, StoredBook, store

Counter = Callable[[], AbstractContextManager[CallLog]]


@pytest.fixture
def seven_books() -> None:
    for number in range(1, 8):
        store(f"isbn-{number}", f"Book {number}", pages=100 * number, state="used" if number % 2 else "new")


def titles(objects: object) -> list[str]:
    return [book.title for book in objects]  # type: ignore[attr-defined]


def test_a_key_is_one_read(seven_books: None, dynamodb_calls: Counter) -> None:
    with dynamodb_calls() as log:
        book = Book.objects.get(pk="isbn-3")
    assert book.title == "Book 3"
    assert [operation for operation, _ in log.calls] == ["GetItem"]


def test_an_absent_key_is_no_object(seven_books: None) -> None:
    with pytest.raises(Book.DoesNotExist):
        Book.objects.get(pk="isbn-99")


def test_several_keys_are_one_batch_tested_and_sorted(seven_books: None, dynamodb_calls: Counter) -> None:
    with dynamodb_calls() as log:
        found = Book.objects.filter(pk__in=["isbn-1", "isbn-5", "isbn-2"], state="used").order_by("-pages")
        assert titles(found) == ["Book 5", "Book 1"]
    assert [operation for operation, _ in log.calls] == ["BatchGetItem"]


def test_pages_follow_each_other_in_both_directions(seven_books: None, dynamodb_calls: Counter) -> None:
    books = Book.objects.order_by("-pages")
    with dynamodb_calls() as log:
        first = books.page(None, size=3)
    assert log.count == 1
    second = books.page(first.next_token, size=3)
    third = books.page(second.next_token, size=3)
    back = books.page(third.previous_token, size=3)
    assert [titles(page.objects) for page in (first, second, third, back)] == [
        ["Book 7", "Book 6", "Book 5"],
        ["Book 4", "Book 3", "Book 2"],
        ["Book 1"],
        ["Book 4", "Book 3", "Book 2"],
    ]
    assert first.previous_token is None
    assert third.next_token is None
    assert titles(books.page(back.previous_token, size=3).objects) == ["Book 7", "Book 6", "Book 5"]


def test_a_page_that_reaches_the_start_backwards_is_a_whole_one(seven_books: None) -> None:
    books = Book.objects.order_by("pages")
    second = books.page(books.page(None, size=2).next_token, size=2)
    page = books.page(second.previous_token, size=5)
    assert titles(page.objects) == ["Book 1", "Book 2", "Book 3", "Book 4", "Book 5"]
    assert page.previous_token is None


@pytest.mark.parametrize(
    "token", ["", "nonsense", "W10", "WyJuIiwxLDJd", "eyJhIjoxfQ", "WyJuIix7IlMiOiJhIn0seyJTIjoiYiJ9XQ"]
)
def test_a_token_that_is_none_means_the_start(seven_books: None, token: str) -> None:
    assert titles(Book.objects.order_by("pages").page(token, size=1).objects) == ["Book 1"]


def test_a_filter_takes_the_index_that_has_it_as_its_key(seven_books: None, dynamodb_calls: Counter) -> None:
    with dynamodb_calls() as log:
        page = Book.objects.filter(state="new").page(None, size=2)
    assert titles(page.objects) == ["Book 2", "Book 4"]
    assert page.next_token
    assert log.count == 1


def test_a_filter_beside_another_sort_is_tested_by_dynamodb(seven_books: None) -> None:
    books = Book.objects.filter(state="new").order_by("-pages")
    first = books.page(None, size=2)
    second = books.page(first.next_token, size=2)
    assert (titles(first.objects), titles(second.objects)) == (["Book 6", "Book 4"], ["Book 2"])
    assert titles(books.page(second.previous_token, size=2).objects) == ["Book 6", "Book 4"]


def test_bounds_of_the_sorted_field_are_the_keys_condition(seven_books: None) -> None:
    found = Book.objects.filter(pages__gte=200, pages__lt=500).order_by("pages")[:10]
    assert titles(found) == ["Book 2", "Book 3", "Book 4"]


def test_words_are_searched_in_any_of_several_fields(seven_books: None) -> None:
    from django.db.models import Q

    store("isbn-8", "Atlas", state="used")
    found = Book.objects.filter(Q(state__contains="new") | Q(title__contains="tla")).order_by("-pages")[:10]
    assert titles(found) == ["Book 6", "Book 4", "Book 2", "Atlas"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: list(Book.objects.all()),
        lambda: Book.objects.order_by("blurb")[:5],
        lambda: Book.objects.filter(blurb="x")[:5],
        lambda: Book.objects.exclude(state="new")[:5],
        lambda: Book.objects.filter(title__iregex="x")[:5],
        lambda: Book.objects.order_by("pages", "title_key")[:5],
        Book.objects.count,
        lambda: Book.objects.all().delete(),
        lambda: Book.objects.update(state="new"),
        lambda: list(Book.objects.values("title")[:3]),
    ],
)
def test_what_no_index_serves_is_refused(ask: Callable[[], object], dynamodb_calls: Counter) -> None:
    with dynamodb_calls() as log, pytest.raises(UnsupportedQuery):
        list(ask())  # type: ignore[call-overload]
    assert log.count == 0


def test_nothing_asks_nothing(dynamodb_calls: Counter) -> None:
    with dynamodb_calls() as log:
        assert list(Book.objects.none()) == []
        assert list(Book.objects.filter(pk__in=[])) == []
        assert Book.objects.none().page(None, size=5).objects == []
    assert log.count == 0


def test_what_an_index_does_not_project_is_read_when_asked_for_and_never_wiped(seven_books: None) -> None:
    store("isbn-9", "Ninth", blurb="A long text", pages=900)
    book = Book.objects.filter(pages=900).order_by("pages")[:1][0]
    assert "blurb" in book.get_deferred_fields()
    assert book.blurb == "A long text"
    book = Book.objects.get(pk="isbn-9")
    book.title = "Changed"
    book.save()
    assert StoredBook.get("isbn-9").blurb == "A long text"
    assert StoredBook.get("isbn-9").title_key == "changed"


def test_a_save_over_another_one_is_refused(seven_books: None) -> None:
    mine, theirs = Book.objects.get(pk="isbn-1"), Book.objects.get(pk="isbn-1")
    theirs.title = "Theirs"
    theirs.save()
    mine.title = "Mine"
    with pytest.raises(StaleObject):
        mine.save()
    with pytest.raises(StaleObject):
        mine.delete()
    assert StoredBook.get("isbn-1").title == "Theirs"


def test_a_new_object_does_not_replace_one_that_is_there(seven_books: None) -> None:
    with pytest.raises(AlreadyExists):
        Book(isbn="isbn-1", title="Thief").save()
    Book(isbn="isbn-10", title="Tenth").save()
    assert StoredBook.get("isbn-10").kind == "book"


def test_an_object_from_a_list_can_be_deleted(seven_books: None) -> None:
    Book.objects.order_by("pages")[:1][0].delete()
    assert not Book.objects.filter(pk="isbn-1").exists()
