"""Imports and exports as they are stored: where they stand, so that any process can go on with them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from pynamodb.attributes import (
    BooleanAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from cloudcart.dynamo import IntegerAttribute, StoredMap, StoreModel, list_of_texts
from cloudcart.item_reading import ListOfMaps

# Past imports, with their files and reports, are kept so long; the bucket's rule says the same.
LIFETIME = timedelta(days=90)


class ImportState(StrEnum):
    """Reading and checking are the dry run; after it the merchant decides."""

    READING = "reading"
    CHECKING = "checking"
    READY = "ready"
    APPLYING = "applying"
    FETCHING = "fetching"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_running(self) -> bool:
        return self in {ImportState.READING, ImportState.CHECKING, ImportState.APPLYING, ImportState.FETCHING}


class StoredIssue(StoredMap):
    """One sentence about a row and a column."""

    row = IntegerAttribute()
    column = UnicodeAttribute(default="")
    sentence = UnicodeAttribute()


class Counts(StoredMap):
    """Products by what becomes of them."""

    created = IntegerAttribute(default=0)
    changed = IntegerAttribute(default=0)
    skipped = IntegerAttribute(default=0)
    failed = IntegerAttribute(default=0)

    @property
    def total(self) -> int:
        return self.created + self.changed + self.skipped + self.failed

    def of(self, outcome: str) -> int:
        return int(getattr(self, outcome))


class ImportsByCreated(GlobalSecondaryIndex["Import"]):
    """All imports by age; read backwards, the newest first."""

    class Meta:
        index_name = "by_created"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    created_at = UTCDateTimeAttribute(range_key=True)


class Import(StoreModel):
    """One file on its way into the shop. The file, its pages and reports lie in S3 under `imports/<import_id>/`.

    `position` is the page that is next in the present state, `entry` the product in it whose pictures are
    next. `page_counts` has the four counts of each page of the dry run: lists by outcome are found by it.
    """

    class Meta:
        table = "imports"

    ALL = "imports"

    import_id = UnicodeAttribute(hash_key=True)
    listing = UnicodeAttribute(default=ALL)
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()
    created_by = UnicodeAttribute()
    file_name = UnicodeAttribute()
    takes_stock = BooleanAttribute(default=True)
    state = UnicodeAttribute(default=ImportState.READING)
    # The state whose report is in S3.
    reported = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(default="")
    reason = UnicodeAttribute(default="")
    page_count = IntegerAttribute(default=0)
    position = IntegerAttribute(default=0)
    entry = IntegerAttribute(default=0)
    product_count = IntegerAttribute(default=0)
    row_count = IntegerAttribute(default=0)
    planned = Counts(default=Counts)
    applied = Counts(default=Counts)
    page_counts: ListOfMaps[Counts] = ListOfMaps(of=Counts, default=list)
    picture_count = IntegerAttribute(default=0)
    fetched_count = IntegerAttribute(default=0)
    unfetched_count = IntegerAttribute(default=0)
    notes = list_of_texts()
    new_categories = list_of_texts()
    issues: ListOfMaps[StoredIssue] = ListOfMaps(of=StoredIssue, default=list)
    version = VersionAttribute()
    by_created = ImportsByCreated()

    @property
    def status(self) -> ImportState:
        return ImportState(self.state)

    @property
    def is_running(self) -> bool:
        return self.status.is_running

    @property
    def has_changes(self) -> bool:
        """Whether the dry run found anything to write."""
        return self.planned.created + self.planned.changed > 0

    @property
    def can_confirm(self) -> bool:
        return self.state == ImportState.READY and self.has_changes

    @property
    def can_cancel(self) -> bool:
        return self.is_running or self.state == ImportState.READY

    @property
    def was_applied(self) -> bool:
        """Whether anything was written, or is being written."""
        return self.applied.total > 0 or self.state in {ImportState.APPLYING, ImportState.FETCHING}


class Export(StoreModel):
    """All products on their way into a file in S3, sent in parts of at least 5 MB (S3's rule)."""

    class Meta:
        table = "exports"

    export_id = UnicodeAttribute(hash_key=True)
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()
    created_by = UnicodeAttribute()
    is_done = BooleanAttribute(default=False)
    product_count = IntegerAttribute(default=0)
    upload_id = UnicodeAttribute(null=True)
    # The tags of the parts that S3 has.
    parts = list_of_texts()
    # Where the scan goes on, as JSON.
    next_key = UnicodeAttribute(null=True)
    version = VersionAttribute()
