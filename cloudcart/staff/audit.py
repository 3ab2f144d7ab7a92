"""Who of the staff did what; written in the transaction of what they did (docs/dynamo-admin.md)."""

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from cloudcart.dynamo import IntegerAttribute, StoreModel


class EntriesByUser(GlobalSecondaryIndex["AuditEntry"]):
    """What a member of staff did, by time."""

    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True)
    entry_key = UnicodeAttribute(range_key=True)


class AuditEntry(StoreModel):
    """One act of the staff on one object.

    ``object_key`` is ``catalog.product#<id>``, ``entry_key`` is ``<time>#<random>``.
    """

    class Meta:
        table = "audit"

    object_key = UnicodeAttribute(hash_key=True)
    entry_key = UnicodeAttribute(range_key=True)
    user_id = UnicodeAttribute()
    user_name = UnicodeAttribute()
    model = UnicodeAttribute()
    object_id = UnicodeAttribute()
    object_repr = UnicodeAttribute()
    # Django's flag: 1 added, 2 changed, 3 deleted.
    action = IntegerAttribute()
    # As Django's admin makes it: JSON that it can translate, or a sentence.
    message = UnicodeAttribute(default="")
    acted_at = UTCDateTimeAttribute()
    by_user = EntriesByUser()
