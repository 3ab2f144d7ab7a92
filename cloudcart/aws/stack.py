"""A stage's stacks: base, which the functions need, edge, which needs the functions, and global in us-east-1.

`manage.py provision` shows what will change and asks; `make run` and the tests, whose AWS is embedded,
deploy the same base template by the same steps without asking.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cloudcart.aws import change_sets, tables
from cloudcart.aws.change_sets import ChangeSet, Event, StackFailed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

__all__ = ["Outputs", "StackFailed", "declared_tables", "deploy", "read_outputs"]

declared_tables = tables.declared

# Outputs of the base that the settings read, and the variables that they read them from.
VARIABLES = {
    "UserPoolId": "COGNITO_USER_POOL_ID",
    "UserPoolClientId": "COGNITO_CLIENT_ID",
    "TaskQueueUrl": "TASK_QUEUE_URL",
    "StreamDeadLettersUrl": "STREAM_DEAD_LETTERS_URL",
    "EventBusName": "EVENT_BUS_NAME",
    "EventTopicArn": "EVENT_TOPIC_ARN",
    "MediaBucketName": "MEDIA_BUCKET",
    "SpreadsheetBucketName": "SPREADSHEET_BUCKET",
    "InvoiceBucketName": "INVOICE_BUCKET",
}


@dataclass(frozen=True)
class Outputs:
    """What a deployed stack tells, by the names that its template gives."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """:raises StackFailed: if the stack has no such output."""
        if name not in self.values:
            raise StackFailed(f"The stack tells no {name}. Is it deployed from this version's template?")
        return self.values[name]

    @property
    def media_bucket(self) -> str:
        return self["MediaBucketName"]

    def as_environment(self) -> dict[str, str]:
        """Give the environment variables that the shop's settings read."""
        return {variable: self[name] for name, variable in VARIABLES.items()}


def client_of(part: str) -> "CloudFormationClient":
    """Give the CloudFormation of the region that a part belongs to: CloudFront has a region of its own."""
    return boto3.client("cloudformation", region_name="us-east-1" if part == "global" else None)


def tags_of(stage: str) -> dict[str, str]:
    """What CloudFormation writes on everything that it makes, for the bill and for who looks around."""
    return {"project": "cloudcart", "stage": stage}


def deploy(*, name: str, store_email: str, shop_origin: str, store_name: str = "CloudCart") -> Outputs:
    """Create an embedded AWS's base stack or bring it up to the template, then verify what may have been ignored.

    :raises StackFailed: if the stack does not reach a good state, or tables lack what they should have.
    """
    stage = name.removeprefix("cloudcart-")
    parameters = {"Stage": stage, "Embedded": "yes"}
    parameters |= {"StoreName": store_name, "StoreEmail": store_email, "ShopOrigin": shop_origin}
    try:
        client = boto3.client("cloudformation")
        change_set = change_sets.prepare(client, stack=name, part="base", parameters=parameters, tags=tags_of(stage))
        return finish(client, change_set, part="base")
    except (ClientError, BotoCoreError) as error:
        raise StackFailed(f"The stack {name} cannot be deployed: {error}") from error


def finish(
    client: "CloudFormationClient",
    change_set: ChangeSet,
    *,
    part: str,
    on_event: Callable[[Event], None] = lambda event: None,
) -> Outputs:
    """Make the changes, complete the tables and give the outputs.

    :raises StackFailed: if the stack does not reach a good state, or tables lack what they should have.
    """
    if change_set.changes:
        change_sets.apply(client, change_set, on_event)
    if part == "base":
        tables.complete(boto3.client("dynamodb"), change_set.stack)
    return read_outputs(change_set.stack, part=part)


def read_outputs(name: str, *, part: str = "base") -> Outputs:
    """:raises StackFailed: if there is no such stack."""
    found = _describe(name, part)
    return Outputs({output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])})


def read_parameters(name: str, *, part: str = "base") -> dict[str, str]:
    """Give the parameters of a deployed stack; nothing if there is none."""
    try:
        found = _describe(name, part)
    except StackFailed:
        return {}
    if found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return {}
    return {item["ParameterKey"]: item.get("ParameterValue", "") for item in found.get("Parameters", [])}


def _describe(name: str, part: str) -> "StackTypeDef":
    try:
        return client_of(part).describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise StackFailed(f"There is no stack {name} here. `manage.py provision` makes it.") from error
