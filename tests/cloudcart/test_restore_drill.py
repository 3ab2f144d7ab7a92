import io
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command

from catalog.models import Stock
from cloudcart.aws import restoring
from cloudcart.management.commands.restore_drill import Command
from tests.factories import make_product


def drill(**options: Any) -> str:
    told = io.StringIO()
    call_command("restore_drill", **{"stage": "local", "stdout": told, **options})
    return told.getvalue()


def restored_tables() -> list[str]:
    return [name for name in boto3.client("dynamodb").list_tables()["TableNames"] if name.endswith(restoring.SUFFIX)]


def test_each_table_that_is_kept_comes_back_whole_and_nothing_is_left_of_the_drill() -> None:
    make_product()
    told = drill()
    assert [line.split()[0] for line in told.splitlines()[:-1]] == restoring.recoverable_tables()
    assert "Everything came back." in told
    assert restored_tables() == []


def test_counts_and_checksums_are_told() -> None:
    Stock("mug", product_id="p1", available=3).save()
    Stock("cup", product_id="p2", available=1).save()
    [line, _] = drill(tables=["stock"]).splitlines()
    assert line.split()[:5] == ["stock", "2", "items", "2", "restored"]
    assert line.split()[5] == line.split()[6]


def test_what_carts_and_sessions_hold_is_not_kept() -> None:
    assert not {"carts", "sessions", "rate-limits"} & set(restoring.recoverable_tables())


def test_a_table_that_came_back_otherwise_fails_the_drill_unless_it_is_tolerated() -> None:
    other = restoring.Drill("orders", 3, 3, "a", "b", missing=1, surplus=1, seconds=2.0)
    told = io.StringIO()
    with pytest.raises(CommandError, match="Not everything came back: orders"):
        Command(stdout=told)._conclude([other], tolerated=1)
    Command(stdout=told)._conclude([other], tolerated=2)
    assert "The slowest table took 2.0 s." in told.getvalue()


def test_an_item_that_differs_in_one_number_has_another_checksum() -> None:
    client = boto3.client("dynamodb")
    Stock("mug", product_id="p1", available=3).save()
    before = restoring._digests(client, "cloudcart-local-stock")
    Stock("mug", product_id="p1", available=4).save()
    after = restoring._digests(client, "cloudcart-local-stock")
    assert len(before) == len(after) == 1
    assert restoring._checksum(before) != restoring._checksum(after)
