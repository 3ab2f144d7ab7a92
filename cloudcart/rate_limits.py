"""Limits on repeated attempts, counted in DynamoDB so that every process sees the same count."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.crypto import salted_hmac
from pynamodb.attributes import TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from cloudcart.dynamo import IntegerAttribute, StoreModel
from cloudcart.errors import TooManyAttempts


class AttemptCounter(StoreModel):
    """How often something was tried in one window of time; the key is a keyed hash, not an address."""

    class Meta:
        table = "rate-limits"

    key = UnicodeAttribute(hash_key=True)
    attempts = IntegerAttribute(default=0)
    expires_at = TTLAttribute()


@dataclass(frozen=True)
class RateLimit:
    """At most ``attempts`` within ``window``, for each value that it is asked about.

    Windows follow one another without overlap, so around a boundary there may be twice as many
    attempts within the length of one window; the numbers have to bear that.
    """

    name: str
    attempts: int
    window: timedelta

    def check(self, value: str, *, now: datetime) -> None:
        """Count one attempt by ``value`` (an account, an address). One conditional write.

        :raises TooManyAttempts: if the limit of this window is used up.
        """
        ends_at = self._window_start(now) + self.window
        counter = AttemptCounter(self._key(value, now))
        try:
            counter.update(
                actions=[AttemptCounter.attempts.add(1), AttemptCounter.expires_at.set(ends_at)],
                condition=AttemptCounter.attempts.does_not_exist() | (AttemptCounter.attempts < self.attempts),
            )
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            left = max(1, int((ends_at - now).total_seconds()))
            raise TooManyAttempts(retry_after_seconds=left) from error

    def reset(self, value: str, *, now: datetime) -> None:
        """Forget the attempts of this window. One write."""
        AttemptCounter(self._key(value, now)).delete()

    def _window_start(self, now: datetime) -> datetime:
        seconds = int(self.window.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)

    def _key(self, value: str, now: datetime) -> str:
        # Keyed: there are few enough addresses to find one by trying all their plain hashes.
        digest = salted_hmac(self.name, value.strip().lower(), algorithm="sha256").hexdigest()[:32]
        return f"{self.name}:{digest}:{int(self._window_start(now).timestamp())}"
