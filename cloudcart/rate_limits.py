"""Limits on repeated attempts, counted in DynamoDB so that every process sees the same count."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from pynamodb.attributes import TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from cloudcart.dynamo import IntegerAttribute, StoreModel, is_condition_failure
from cloudcart.errors import TooManyAttempts
from cloudcart.network import client_address, network_of
from cloudcart.transactions import Transaction, TransactionRefused


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
        try:
            AttemptCounter(self._key(value, now)).update(actions=self._counting(now), condition=self._condition)
        except UpdateError as error:
            if not is_condition_failure(error):
                raise
            raise TooManyAttempts(retry_after_seconds=self.seconds_left(now)) from error

    def add_to(self, transaction: Transaction, name: str, value: str, *, now: datetime) -> None:
        """Count one attempt in a transaction, whose action of this name is refused if the limit is used up."""
        counter = AttemptCounter(self._key(value, now))
        transaction.update(name, counter, self._counting(now), self._condition)

    def seconds_left(self, now: datetime) -> int:
        """How long this window lasts, in whole seconds."""
        return max(1, int((self._window_start(now) + self.window - now).total_seconds()))

    def reset(self, value: str, *, now: datetime) -> None:
        """Forget the attempts of this window. One write."""
        AttemptCounter(self._key(value, now)).delete()

    @property
    def _condition(self) -> Condition:
        condition: Condition = AttemptCounter.attempts.does_not_exist() | (AttemptCounter.attempts < self.attempts)
        return condition

    def _counting(self, now: datetime) -> list[Action]:
        ends_at = self._window_start(now) + self.window
        return [AttemptCounter.attempts.add(1), AttemptCounter.expires_at.set(ends_at)]

    def _window_start(self, now: datetime) -> datetime:
        seconds = int(self.window.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)

    def _key(self, value: str, now: datetime) -> str:
        # Keyed: there are few enough addresses to find one by trying all their plain hashes.
        digest = salted_hmac(self.name, value.strip().lower(), algorithm="sha256").hexdigest()[:32]
        return f"{self.name}:{digest}:{int(self._window_start(now).timestamp())}"


@dataclass(frozen=True)
class Attempts:
    """One attempt that several limits count, each for a value of its own, within a transaction of something else."""

    counted: tuple[tuple[RateLimit, str], ...] = ()

    def add_to(self, transaction: Transaction, *, now: datetime) -> None:
        """Have the transaction count the attempt, or be refused; one action for each limit."""
        for index, (limit, value) in enumerate(self.counted):
            limit.add_to(transaction, f"limit:{index}", value, now=now)

    def explain(self, refused: TransactionRefused, *, now: datetime) -> TooManyAttempts | None:
        """Give the error for a limit that has refused the transaction, or None if none has."""
        used_up = [
            self.counted[int(each.name.removeprefix("limit:"))][0]
            for each in refused.starting_with("limit:")
            if each.code == "ConditionalCheckFailed"
        ]
        if not used_up:
            return None
        return TooManyAttempts(retry_after_seconds=max(limit.seconds_left(now) for limit in used_up))


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
