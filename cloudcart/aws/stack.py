"""Deploy the template and make sure that AWS did what it says."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).with_name("base.yaml")


class StackFailed(Exception):
    """CloudFormation, or what came of it, is not what the template asks for."""


@dataclass(frozen=True)
class Outputs:
    """What the settings have to know of a deployed stack."""

    user_pool_id: str
    user_pool_client_id: str
    task_queue_url: str
    media_bucket: str

    def as_environment(self) -> dict[str, str]:
        return {
            "COGNITO_USER_POOL_ID": self.user_pool_id,
            "COGNITO_CLIENT_ID": self.user_pool_client_id,
            "TASK_QUEUE_URL": self.task_queue_url,
            "MEDIA_BUCKET": self.media_bucket,
        }


def deploy(*, name: str, store_email: str, shop_origin: str, store_name: str = "CloudCart") -> Outputs:
    """Create the stack or bring it up to the template, then verify what CloudFormation may ignore.

    :raises StackFailed: if the stack does not reach a good state, or tables lack what they should have.
    """
    cloudformation = boto3.client("cloudformation")
    parameters = [("StoreName", store_name), ("StoreEmail", store_email), ("ShopOrigin", shop_origin)]
    request: dict[str, Any] = {
        "StackName": name,
        "TemplateBody": TEMPLATE.read_text(),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters],
    }
    try:
        _create_or_update(cloudformation, request)
        _complete_tables(boto3.client("dynamodb"), name)
        return _outputs(cloudformation, name)
    except (ClientError, BotoCoreError) as error:
        raise StackFailed(f"The stack {name} cannot be deployed: {error}") from error


def declared_tables() -> dict[str, dict[str, Any]]:
    """The template's tables: their properties by name without the stack's prefix."""
    resources = yaml.load(TEMPLATE.read_text(), Loader=_TemplateLoader)["Resources"]  # noqa: S506 (a SafeLoader)
    tables = [item["Properties"] for item in resources.values() if item["Type"] == "AWS::DynamoDB::Table"]
    return {table["TableName"].removeprefix("${AWS::StackName}-"): table for table in tables}


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short functions (``!Ref x``) as their plain argument."""


_TemplateLoader.add_multi_constructor("!", lambda loader, suffix, node: _plain(loader, node))


def _plain(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


def _create_or_update(cloudformation: "CloudFormationClient", request: dict[str, Any]) -> None:
    try:
        cloudformation.create_stack(**request)
        waiter = "stack_create_complete"
    except cloudformation.exceptions.AlreadyExistsException:
        try:
            cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates" in str(error):
                return
            raise
        waiter = "stack_update_complete"
    try:
        cloudformation.get_waiter(waiter).wait(  # type: ignore[call-overload]
            StackName=request["StackName"], WaiterConfig={"Delay": 1, "MaxAttempts": 600}
        )
    except WaiterError as error:
        raise StackFailed(_failure(cloudformation, request["StackName"])) from error


def _failure(cloudformation: "CloudFormationClient", name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event.get("ResourceStatus", "").endswith("FAILED")]
    reasons = [f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}" for event in failed]
    return f"The stack {name} failed. " + ("; ".join(reasons) or "CloudFormation gives no reason.")


def _complete_tables(dynamodb: "DynamoDBClient", prefix: str) -> None:
    for name, properties in declared_tables().items():
        table = f"{prefix}-{name}"
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


def _outputs(cloudformation: "CloudFormationClient", name: str) -> Outputs:
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    values = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", output["OutputKey"]).lower(): output["OutputValue"]
        for output in stack.get("Outputs", [])
    }
    return Outputs(
        user_pool_id=values["user_pool_id"],
        user_pool_client_id=values["user_pool_client_id"],
        task_queue_url=values["task_queue_url"],
        media_bucket=values["media_bucket_name"],
    )
