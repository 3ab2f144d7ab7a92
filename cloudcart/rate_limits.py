"""Limits on repeated attempts, counted in DynamoDB so that every process sees the same count."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from pynamodb.attributes import TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from cloudcart.dynamo import IntegerAttribute, StoreModel, is_condition_failure
from cloudcart.errors import TooManyAttempts
from cloudcart.network import client_address, network_of


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
            if not is_condition_failure(error):
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


@dataclass(frozen=True)
class Guard:
    """The two limits of one act: by where the visitor comes from, and by what the act is about.

    The address comes first, so that one visitor who is stopped uses up nobody's account.
    """

    by_address: RateLimit
    by_subject: RateLimit

    def check(self, request: HttpRequest, *, subject: str, now: datetime) -> None:
        """Count one attempt against both limits; two conditional writes.

        :param subject: an e-mail address that was typed, the id of a customer, the number of an order.
        :raises TooManyAttempts: if one of the limits is used up.
        """
        self.by_address.check(network_of(client_address(request)), now=now)
        self.by_subject.check(subject, now=now)

    def forgive(self, *, subject: str, now: datetime) -> None:
        """Forget the subject's attempts, because the last one was right."""
        self.by_subject.reset(subject, now=now)
