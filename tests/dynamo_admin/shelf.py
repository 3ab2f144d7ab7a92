"""A small application of its own, to try the bridge on: books with editions, in tables of their own."""

from typing import Any, ClassVar

from django.db import models
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, VersionAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from cloudcart.dynamo import StoredMap, StoreModel
from cloudcart.dynamo_admin.models import DynamoModel, EmbeddedModel
from cloudcart.item_reading import ListOfMaps
from cloudcart.settings import AWS_REGION, TABLE_PREFIX

LISTED = ["title", "state", "pages", "version", "kind", "title_key", "search_text"]


class BooksByTitle(GlobalSecondaryIndex["StoredBook"]):
    class Meta:
        index_name = "by_title"
        projection = IncludeProjection(LISTED)

    kind = UnicodeAttribute(hash_key=True)
    title_key = UnicodeAttribute(range_key=True)


class BooksByPages(GlobalSecondaryIndex["StoredBook"]):
    class Meta:
        index_name = "by_pages"
        projection = IncludeProjection(LISTED)

    kind = UnicodeAttribute(hash_key=True)
    pages = NumberAttribute(range_key=True)


class BooksByState(GlobalSecondaryIndex["StoredBook"]):
    class Meta:
        index_name = "by_state"
        projection = IncludeProjection(LISTED)

    state = UnicodeAttribute(hash_key=True)
    title_key = UnicodeAttribute(range_key=True)


class StoredEdition(StoredMap):
    name = UnicodeAttribute()
    year = NumberAttribute()


class StoredBook(StoreModel):
    # No `Meta.table`: the shop's tables are not to know of it.
    class Meta:
        table_name = f"{TABLE_PREFIX}books"
        region = AWS_REGION
        billing_mode = "PAY_PER_REQUEST"

    isbn = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute(default="book")
    title = UnicodeAttribute()
    title_key = UnicodeAttribute()
    search_text = UnicodeAttribute(default="")
    state = UnicodeAttribute(default="new")
    pages = NumberAttribute(default=0)
    blurb = UnicodeAttribute(default="")
    editions: ListOfMaps[StoredEdition] = ListOfMaps(of=StoredEdition, default=list)
    version = VersionAttribute()
    by_title = BooksByTitle()
    by_pages = BooksByPages()
    by_state = BooksByState()


class Book(DynamoModel):
    isbn = models.CharField("ISBN", primary_key=True, max_length=20)
    title = models.CharField(max_length=100)
    title_key = models.CharField(max_length=100, editable=False)
    search_text = models.CharField(max_length=100, editable=False)
    state = models.CharField(max_length=10, choices=[("new", "New"), ("used", "Used")], default="new")
    pages = models.IntegerField(default=0)
    blurb = models.TextField(blank=True)

    class Meta:
        managed = False
        app_label = "staff"
        ordering: ClassVar[list[str]] = ["title_key"]

    class Dynamo:
        item = StoredBook
        partitions: ClassVar[dict[str, Any]] = {"kind": "book"}

    def __str__(self) -> str:
        return self.title

    def write_value(self, name: str, item: Any) -> None:
        super().write_value(name, item)
        item.title_key = item.search_text = self.title.casefold()


class Edition(EmbeddedModel):
    parent = models.ForeignKey(Book, on_delete=models.DO_NOTHING)
    name = models.CharField(max_length=30)
    year = models.IntegerField()

    class Meta(EmbeddedModel.Meta):
        abstract = False
        app_label = "staff"

    class Dynamo:
        attribute = "editions"
        part = StoredEdition


def store(isbn: str, title: str, **attributes: Any) -> StoredBook:
    book = StoredBook(isbn, title=title, title_key=title.casefold(), search_text=title.casefold(), **attributes)
    book.save()
    return book


def an_edition(name: str, year: int) -> StoredEdition:
    return StoredEdition(name=name, year=year)
