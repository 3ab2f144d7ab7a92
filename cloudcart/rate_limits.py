"""Limits on repeated attempts, counted in DynamoDB so that every process sees the same count."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pynamodb.attributes import TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from cloudcart.dynamo import IntegerAttribute, StoreModel
from cloudcart.errors import TooManyAttempts


class AttemptCounter(StoreModel):
    """How often something was tried in one window of time; the key is a hash, not an address."""

    class Meta:
        table = "rate-limits"

    key = UnicodeAttribute(hash_key=True)
    attempts = IntegerAttribute(default=0)
    expires_at = TTLAttribute()


@dataclass(frozen=True)
class RateLimit:
    """At most ``attempts`` within ``window``, for each value that it is asked about."""

    name: str
    attempts: int
    window: timedelta

    def check(self, value: str, *, now: datetime) -> None:
        """Count one attempt by ``value`` (an account, an address). One conditional write.

        :raises TooManyAttempts: if the limit of this window is used up.
        """
        seconds = int(self.window.total_seconds())
        window_start = int(now.timestamp()) // seconds * seconds
        ends_at = datetime.fromtimestamp(window_start + seconds, tz=UTC)
        counter = AttemptCounter(self._key(value, window_start))
        try:
            counter.update(
                actions=[AttemptCounter.attempts.add(1), AttemptCounter.expires_at.set(ends_at)],
                condition=AttemptCounter.attempts.does_not_exist() | (AttemptCounter.attempts < self.attempts),
            )
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            left = max(1, int(ends_at.timestamp() - now.timestamp()))
            raise TooManyAttempts(retry_after_seconds=left) from error

    def _key(self, value: str, window_start: int) -> str:
        digest = hashlib.sha256(value.strip().lower().encode()).hexdigest()[:32]
        return f"{self.name}:{digest}:{window_start}"
