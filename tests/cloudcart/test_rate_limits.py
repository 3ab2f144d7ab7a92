import threading
from datetime import datetime, timedelta

import pytest

from cloudcart.dynamo import count_calls
from cloudcart.errors import TooManyAttempts
from cloudcart.rate_limits import AttemptCounter, RateLimit
from tests.clock import NOW

LIMIT = RateLimit("guessing", 3, timedelta(minutes=15))


def test_attempts_up_to_the_limit_pass_and_the_next_is_told_how_long_to_wait() -> None:
    _use_up(LIMIT, "alice", now=NOW)
    with pytest.raises(TooManyAttempts) as caught:
        LIMIT.check("alice", now=NOW + timedelta(minutes=5))
    assert caught.value.retry_after_seconds == 10 * 60
    assert str(caught.value) == "There were too many attempts. Please wait 10 minutes and try again."


def test_a_new_window_starts_from_zero() -> None:
    _use_up(LIMIT, "alice", now=NOW)
    LIMIT.check("alice", now=NOW + timedelta(minutes=15))
    assert sorted(counter.attempts for counter in AttemptCounter.scan()) == [1, 3]


def test_the_last_second_still_has_to_wait() -> None:
    _use_up(LIMIT, "alice", now=NOW)
    with pytest.raises(TooManyAttempts) as caught:
        LIMIT.check("alice", now=NOW + timedelta(minutes=14, seconds=59, milliseconds=900))
    assert caught.value.retry_after_seconds == 1


def test_one_value_does_not_use_up_the_attempts_of_another_nor_one_limit_those_of_another() -> None:
    _use_up(LIMIT, "alice", now=NOW)
    LIMIT.check("bob", now=NOW)
    RateLimit("mailing", 3, timedelta(minutes=15)).check("alice", now=NOW)
    assert AttemptCounter.count() == 3


def test_case_and_blanks_make_no_other_value() -> None:
    _use_up(LIMIT, "alice@example.com", now=NOW)
    with pytest.raises(TooManyAttempts):
        LIMIT.check(" Alice@Example.com ", now=NOW)


def test_a_reset_forgets_the_attempts() -> None:
    _use_up(LIMIT, "alice", now=NOW)
    LIMIT.reset("alice", now=NOW)
    LIMIT.check("alice", now=NOW)
    assert [counter.attempts for counter in AttemptCounter.scan()] == [1]


def test_a_reset_of_what_was_never_counted_is_nothing() -> None:
    LIMIT.reset("alice", now=NOW)
    assert AttemptCounter.count() == 0


def test_the_table_names_nobody_and_forgets_in_time() -> None:
    LIMIT.check("alice@example.com", now=NOW)
    counter = next(iter(AttemptCounter.scan()))
    assert "alice" not in counter.key
    assert counter.expires_at == NOW + timedelta(minutes=15)


def test_an_attempt_costs_one_write() -> None:
    with count_calls() as log:
        LIMIT.check("alice", now=NOW)
    assert log.calls == [("UpdateItem", "rate-limits")]


def test_attempts_at_the_same_moment_are_all_counted() -> None:
    limit = RateLimit("guessing", 10, timedelta(minutes=15))
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            limit.check("alice", now=NOW)
            outcomes.append("passed")
        except TooManyAttempts:
            outcomes.append("stopped")

    threads = [threading.Thread(target=attempt) for _ in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("passed"), outcomes.count("stopped")) == (10, 15)


def _use_up(limit: RateLimit, value: str, *, now: datetime) -> None:
    for _ in range(limit.attempts):
        limit.check(value, now=now)
