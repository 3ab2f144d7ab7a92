"""Bring tables back under other names, and see whether everything came along."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from cloudcart.aws import change_sets, tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SUFFIX = "-drill"


@dataclass(frozen=True)
class Drill:
    """What came of bringing one table back.

    :param seconds: how long it took until the table could be used, without the comparison.
    :param missing: items that the shop has and the restored table has not, or otherwise.
    :param surplus: items that only the restored table has.
    """

    table: str
    items: int
    restored_items: int
    checksum: str
    restored_checksum: str
    missing: int
    surplus: int
    seconds: float

    @property
    def differences(self) -> int:
        return self.missing + self.surplus


def recoverable_tables() -> list[str]:
    """The tables that can be brought back to any second of the last 35 days, without the stack's prefix."""
    return sorted(name for name, table in tables.declared().items() if "PointInTimeRecoverySpecification" in table)


def rehearse(stack: str, name: str) -> Drill:
    """Restore a table to its latest moment, compare, and delete what was restored.

    Reads both tables once, in whole.
    """
    dynamodb, source = boto3.client("dynamodb"), f"{stack}-{name}"
    target = source + SUFFIX
    started = time.monotonic()
    try:
        _restore(dynamodb, source, target)
        seconds = time.monotonic() - started
        ours, restored = _digests(dynamodb, source), _digests(dynamodb, target)
    finally:
        _delete(dynamodb, target)
    return Drill(
        table=name,
        items=len(ours),
        restored_items=len(restored),
        checksum=_checksum(ours),
        restored_checksum=_checksum(restored),
        missing=len(ours - restored),
        surplus=len(restored - ours),
        seconds=seconds,
    )


def _restore(dynamodb: "DynamoDBClient", source: str, target: str) -> None:
    _delete(dynamodb, target)
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=source,
        TargetTableName=target,
        UseLatestRestorableTime=True,
        BillingModeOverride="PAY_PER_REQUEST",
    )
    for _ in change_sets.waiting(dynamodb):
        if dynamodb.describe_table(TableName=target)["Table"].get("TableStatus") == "ACTIVE":
            return


def _delete(dynamodb: "DynamoDBClient", table: str) -> None:
    # Of this drill, or of one that was broken off.
    try:
        dynamodb.delete_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return
    for _ in change_sets.waiting(dynamodb):
        try:
            dynamodb.describe_table(TableName=table)
        except dynamodb.exceptions.ResourceNotFoundException:
            return


def _digests(dynamodb: "DynamoDBClient", table: str) -> set[bytes]:
    """One digest an item: the keys are part of it, so that no two items of a table have the same."""
    return {hashlib.sha256(_canonical(item)).digest() for item in _items(dynamodb, table)}


def _items(dynamodb: "DynamoDBClient", table: str) -> Iterator[Any]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, default=_as_text).encode()


def _as_text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _checksum(digests: set[bytes]) -> str:
    # Scans have no order that two tables would share.
    total = hashlib.sha256()
    for digest in sorted(digests):
        total.update(digest)
    return total.hexdigest()[:16]
