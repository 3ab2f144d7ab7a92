"""What the templates say about tables, and whether AWS did it."""

from typing import TYPE_CHECKING, Any

from cloudcart.aws import templates
from cloudcart.aws.change_sets import StackFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "${AWS::StackName}-"


def declared() -> dict[str, dict[str, Any]]:
    """The base template's tables: their properties by name without the stack's prefix."""
    tables = templates.resources("base", "AWS::DynamoDB::Table").values()
    return {table["TableName"]["Fn::Sub"].removeprefix(PREFIX): table for table in tables}


def logical_names() -> dict[str, str]:
    """The tables' names without the stack's prefix, by what the template calls them."""
    found = templates.resources("base", "AWS::DynamoDB::Table").items()
    return {logical: table["TableName"]["Fn::Sub"].removeprefix(PREFIX) for logical, table in found}


def complete(dynamodb: "DynamoDBClient", stack: str) -> None:
    """Set what CloudFormation left out (the embedded AWS ignores two properties), and check that it holds.

    :raises StackFailed: if a table lacks its time to live or its point-in-time recovery after all.
    """
    for name, properties in declared().items():
        table = f"{stack}-{name}"
        ttl = properties.get("TimeToLiveSpecification")
        if ttl is not None:
            _ensure_time_to_live(dynamodb, table, ttl["AttributeName"])
        if "PointInTimeRecoverySpecification" in properties:
            _ensure_recovery(dynamodb, table)


def _ensure_time_to_live(dynamodb: "DynamoDBClient", table: str, attribute: str) -> None:
    if _has_time_to_live(dynamodb, table, attribute):
        return
    specification: Any = {"Enabled": True, "AttributeName": attribute}
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
    if not _has_time_to_live(dynamodb, table, attribute):
        raise StackFailed(f"The table {table} has no time to live on {attribute}, though it was asked for.")


def _has_time_to_live(dynamodb: "DynamoDBClient", table: str, attribute: str) -> bool:
    found = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return found.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"} and found.get("AttributeName") == attribute


def _ensure_recovery(dynamodb: "DynamoDBClient", table: str) -> None:
    if _has_recovery(dynamodb, table):
        return
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    if not _has_recovery(dynamodb, table):
        raise StackFailed(f"The table {table} has no point-in-time recovery, though it was asked for.")


def _has_recovery(dynamodb: "DynamoDBClient", table: str) -> bool:
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    return backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED"
