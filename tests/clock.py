"""The moment at which most tests happen."""

from datetime import UTC, datetime

# Later than every clock that they run by: the embedded AWS deletes what has expired, as DynamoDB does, and
# what a test has just stored must not be among it.
NOW = datetime(2099, 3, 2, 12, tzinfo=UTC)
